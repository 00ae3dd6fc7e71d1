"""How Sphinx makes a site of these pages: `make site`.

A page may ask for a picture that not every machine can make, with `<!-- picture: FILE | what is on it -->`. It is shown
where the file is there, and left out where it is not.
"""

import re
from pathlib import Path

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

_PICTURE = re.compile(r"<!-- picture: (?P<file>\S+) \| (?P<words>.*?) -->")


def _show_pictures(_app: object, _page: str, source: list[str]) -> None:
    """Turn what asks for a picture into the picture, if it was made."""

    def shown(asked: re.Match[str]) -> str:
        return f"![{asked['words']}]({asked['file']})" if (Path(__file__).parent / asked["file"]).is_file() else ""

    source[0] = _PICTURE.sub(shown, source[0])


def setup(app: object) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _show_pictures)  # type: ignore[attr-defined]
