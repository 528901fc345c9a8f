"""Renders the templates of the simulated portals; the only place that knows Jinja."""

from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

_TEMPLATES = Environment(
    loader=PackageLoader("testbed"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, **context: Any) -> bytes:
    """Return a page as UTF-8; a name that the template wants and the context lacks is an error."""
    return _TEMPLATES.get_template(f"{template}.html.j2").render(**context).encode()


def asset(name: str) -> bytes:
    """Return a static file of the package's `assets` folder."""
    return files("testbed").joinpath("assets", name).read_bytes()
