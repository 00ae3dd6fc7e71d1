"""Pictures for the documents, made by running the program: `make pictures`.

- `make.py`: which pictures there are, and what is shown on each.
- `drawing.py`: a terminal's text as SVG, still or as an animation, and as an asciinema cast.

What is small and the same on every machine is kept in `docs/pictures`, and a test holds it to what the program shows;
screenshots of the report, which need a browser, are made with the site.
"""
