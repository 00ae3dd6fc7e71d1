"""What strangers may put into a repository, through the real program."""
