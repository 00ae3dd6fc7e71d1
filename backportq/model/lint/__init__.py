"""What `lint` says of a commit message, as values, and messages read with the number of each line."""
