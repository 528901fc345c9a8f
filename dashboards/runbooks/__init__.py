"""Runbooks: what each alert means and what to do, in both languages; our own pages, the documents and the notices show them."""

from collections.abc import Mapping
from functools import cache

from pydantic import Field

from thuocdo.core.config import bundled
from thuocdo.core.shapes import FilledLine
from thuocdo.core.yamlfile import Strict, load


class Runbook(Strict):
    """Of one alert. steps: one after the other; the first stands in the notice itself. `…` in the texts is set as code."""

    meaning: FilledLine
    steps: tuple[FilledLine, ...] = Field(min_length=1)


class _File(Strict):
    runbooks: Mapping[str, Runbook]


@cache
def runbooks(language: str) -> Mapping[str, Runbook]:
    """
    Return the runbooks by the names of their alerts, in the order in which they are shown.

    language: one of thuocdo.core.i18n.LANGUAGES.
    """
    return load(bundled("dashboards") / "runbooks" / f"{language}.yaml", _File).runbooks


def first_step(name: str, language: str) -> str:
    """Return what to do first about an alert, in plain text."""
    return runbooks(language)[name].steps[0].replace("`", "")
