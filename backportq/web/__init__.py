"""The report as web pages: what `services/reports` gathered, laid out with Jinja2 into a folder.

- `site` says which pages there are, `rows` what the script filters, `charts` draws figures over time.
- `rendering` and `addresses` serve the templates; `folder` and `publish` write only what is new, `serve` shows it.
- `feed` is the Atom feed and the badge.

Adding a page:

1. A template in `templates/` that extends `page.html`; every value in it is escaped by itself.
2. A `Page` in `site.py`: its path, all that it depends on (`inputs`), and what renders it. A page whose inputs are
   those of the last run is not rendered again, so whatever is costly to find out belongs into the rendering.
3. A figure that a page shows is counted in `services/reports/`, never in a template.

A template asks neither git nor the queue, and no page asks the network.
"""
