"""Asks a Prometheus the queries of a board as Grafana would: variables filled, at one instant or over a stretch of time."""

import json
import math
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from thuocdo.core.errors import ThuocdoError

_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)(?::\w+)?\}?")
_LABEL = re.compile(r"\{\{\s*(\w+)\s*\}\}")

BUILT_IN: Mapping[str, str] = {"__rate_interval": "10m", "__interval": "1m", "__range": "6h"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Labels, and (Unix time, value) pairs, oldest first; what is not a number is left out."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


def filled(text: str, variables: Mapping[str, str]) -> str:
    """
    Fill the variables of a query.

    Raises:
        KeyError: a variable that the board does not have.
    """
    known = {**BUILT_IN, **variables}
    return _VARIABLE.sub(lambda found: known[found.group(1)], text)


def legend(form: str, labels: Mapping[str, str]) -> str:
    """Return what a series is called: {{label}} is filled; without a form, its labels."""
    if not form:
        return " ".join(value for name, value in labels.items() if name != "__name__")
    return _LABEL.sub(lambda found: labels.get(found.group(1), ""), form)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prometheus:
    """A Prometheus server. url: its address, without a slash at the end."""

    url: str

    def instant(self, query: str, at: datetime) -> list[Series]:
        """Return the values of one instant."""
        found = self._ask("query", query=query, time=at.timestamp())
        if found["resultType"] == "scalar":
            return [_series({}, [found["result"]])]
        return [_series(one["metric"], [one["value"]]) for one in found["result"]]

    def stretch(self, query: str, start: datetime, end: datetime, step_seconds: float) -> list[Series]:
        """Return the values from start to end."""
        found = self._ask("query_range", query=query, start=start.timestamp(), end=end.timestamp(), step=step_seconds)
        return [_series(one["metric"], one["values"]) for one in found["result"]]

    def _ask(self, way: str, **given: object) -> Any:
        address = f"{self.url}/api/v1/{way}?{urllib.parse.urlencode(given)}"
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - given by who draws
                return json.loads(answer.read())["data"]
        except urllib.error.HTTPError as exc:
            said = exc.read().decode(errors="replace")[:300]
            raise ThuocdoError(f"{self.url}: Prometheus refuses the query `{given['query']}`: {said}") from exc
        except OSError as exc:
            raise ThuocdoError(f"{self.url}: no answer ({exc}); is that a Prometheus?") from exc


def _series(labels: Mapping[str, str], values: list[Any]) -> Series:
    points = ((float(at), float(value)) for at, value in values)
    return Series(labels=labels, points=tuple(point for point in points if math.isfinite(point[1])))
