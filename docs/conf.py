"""How Sphinx makes a site of these pages: `make site`."""

project = "backportq"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = "backportq"
html_copy_source = False
exclude_patterns = ["man/*", "completion/*", "examples/*"]
myst_heading_anchors = 3
# Commands and configuration are shown as they are; what looks like TOML may be a part of a file.
suppress_warnings = ["misc.highlighting_failure"]
