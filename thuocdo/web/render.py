"""Turns a template and values into a page in the reader's language."""

from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from probes.accessibility.advice import Text, all_advice
from thuocdo.core.clock import iso
from thuocdo.core.config import Settings
from thuocdo.core.formats import Formats
from thuocdo.core.i18n import LANGUAGES, translations
from thuocdo.core.model import Measurement, MeasurementKey
from thuocdo.core.retelling import reteller
from thuocdo.core.version import __version__


class PageLinks:
    """
    Addresses of our own pages, keeping the reader's language.

    Args:
        lang: the reader's.
        default: what a page has without `?lang=`.

    """

    def __init__(self, lang: str, default: str) -> None:
        self._lang = lang
        self._default = default

    def __call__(self, *parts: str, **query: object) -> str:
        """Return the address of a page: path parts as they are, query without what is empty."""
        given = {name: str(value) for name, value in query.items() if value not in (None, "")}
        if self._lang != self._default:
            given.setdefault("lang", self._lang)
        path = "/" + "/".join(quote(part, safe=":") for part in parts)
        return f"{path}?{urlencode(given)}" if given else path

    def measurement(self, measurement: Measurement) -> str:
        """Return the address of one raw measurement, by its natural key."""
        return self.key(measurement.key)

    def key(self, key: MeasurementKey) -> str:
        """Return the address of the raw measurement with this natural key."""
        return _address_of(key)


@lru_cache(maxsize=4096)
def _address_of(key: MeasurementKey) -> str:
    parts = ("measurements", key.target_id, key.kind, key.vantage_id, key.profile, iso(key.scheduled_at))
    return "/" + "/".join(quote(part, safe=":") for part in parts)


def language(request: Request, default: str) -> str:
    """Return the language that the request asks for, else the default."""
    asked = request.query_params.get("lang", "")
    return asked if asked in LANGUAGES else default


def render(request: Request, template: str, *, settings: Settings, status: int = 200, **values: Any) -> HTMLResponse:
    """
    Return a page.

    Args:
        request: decides the language and the address that the other language's page has.
        template: file name under templates/.
        settings: give the language without `?lang=`, and whether the figures are simulated.
        status: of the answer.
        values: what the template shows.

    """
    lang = language(request, settings.lang)
    text = _environment(lang).get_template(template)
    html = text.render(
        lang=lang,
        url=PageLinks(lang, settings.lang),
        other_lang=_other_language(request, lang),
        simulated=settings.simulated,
        **values,
    )
    return HTMLResponse(html, status_code=status, headers={"Content-Language": lang})


def _other_language(request: Request, lang: str) -> tuple[str, str]:
    """Return the other language and the query that shows this very page in it."""
    other = next(name for name in LANGUAGES if name != lang)
    return other, "?" + urlencode({**dict(request.query_params), "lang": other})


@cache
def _environment(lang: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("thuocdo.web"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    catalogue, retell = translations(lang), reteller(lang)
    environment.globals.update(_=catalogue.gettext, gettext=catalogue.gettext, ngettext=catalogue.ngettext)

    def advice_on(rule: str) -> Text | None:
        """Return what people are told about the barrier of an accessibility rule; None for one of another engine's version."""
        known = all_advice().get(rule)
        return getattr(known, lang) if known else None

    def not_played(told: str) -> str:
        """Return which acts came to no end and why; told: `act: why; act: why`, as a measurement has it."""
        acts = (one.partition(": ") for one in told.split("; "))
        return "; ".join(f"{catalogue.gettext(f'act.{act}')}: {retell(why)}" for act, _, why in acts)

    environment.filters["retold"] = retell
    environment.globals.update(
        format=Formats(lang),
        version=__version__,
        advice_on=advice_on,
        not_played=not_played,
    )
    return environment
