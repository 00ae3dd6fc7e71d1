"""Mail as values: the letters that we write, and the requests that people send."""
