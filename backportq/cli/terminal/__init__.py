"""The terminal: the only way to print, tables, pager, progress, and cleaning of untrusted text."""
