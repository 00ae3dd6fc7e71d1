"""Between the values of the queue and its TOML files."""
