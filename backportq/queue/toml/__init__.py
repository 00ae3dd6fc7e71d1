"""TOML read strictly and written canonically, with the place of every key."""
