"""
Typical times as data and for a terminal: who is faster than whom, as far as that can be told.

JSON keys are a public contract (tests/unit/reports/golden).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Any

from babel.dates import format_datetime
from babel.numbers import format_decimal, format_percent
from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from thuocdo.core.clock import HANOI, iso
from thuocdo.core.i18n import Translate
from thuocdo.core.model import Block
from thuocdo.core.portals import Registry
from thuocdo.reports.method_changes import MethodChange
from thuocdo.score.changes import FEWEST_AGENCIES, Changes, Turn
from thuocdo.score.rank_sets import CONFIDENCE, DRAWS, FEWEST_BLOCKS, FEWEST_DAYS_TOLD
from thuocdo.score.typical_times import NotCompared, TypicalTime, TypicalTimes

ABSENT = "–"

MOST_WITH_PAIRS = 400
"""Agencies of which all pairs are named: those of all communes would be a hundred megabytes."""

TIMES_METHOD_VERSION = 1
"""Changes with every change of how times are compared: figures of two versions are not to be held against each other."""

_ALWAYS = ("typical", "failed", "blocks")
_WHERE_ROOM = ("typical", "median", "failed", "blocks")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimesAsked:
    """What was compared: of which block, by which kind, value and profile, and when."""

    block: Block
    kind: str
    value: str
    profile: str
    since: datetime
    until: datetime
    round_label: str = ""
    seed: int = 1


def times_document(asked: TimesAsked, times: TypicalTimes, registry: Registry) -> dict[str, Any]:
    """Return a comparison as JSON values; null: half or more failed to reach a time; pairs of very many agencies."""
    names = [one.agency_id for one in times.agencies]
    return {
        "block": asked.block.value,
        "kind": asked.kind,
        "value": asked.value,
        "profile": asked.profile,
        "round": asked.round_label or None,
        "since": iso(asked.since),
        "until": iso(asked.until),
        "vantage_id": times.vantage_id or None,
        "blocks": times.blocks,
        "blocks_left_out": times.left_out,
        "days": times.days,
        "claims_order": times.tells_order,
        "confidence": CONFIDENCE,
        "draws": DRAWS,
        "seed": asked.seed,
        "method_version": TIMES_METHOD_VERSION,
        "smallest_ratio": _finite(times.smallest_ratio),
        "agencies": [
            {
                "agency_id": one.agency_id,
                "name_vi": registry.agencies[one.agency_id].full_name("vi"),
                "name_en": registry.agencies[one.agency_id].full_name("en"),
                "rank": one.first,
                "rank_to": one.last,
                "own_rank": one.own_first,
                "own_rank_to": one.own_last,
                "typical_seconds": _finite(one.seconds),
                "median_seconds": _finite(one.median_seconds),
                "among_first_five_ratio": _finite(one.among_first),
                "among_last_five_ratio": _finite(one.among_last),
                "blocks": one.cells,
                "failed_ratio": round(one.failed_ratio, 4),
                "faster_than": _chosen(names, row) if len(names) <= MOST_WITH_PAIRS else None,
            }
            for one, row in zip(times.agencies, times.is_before.tolist(), strict=True)
        ],
        "not_compared": {name: why.value for name, why in sorted(times.not_compared.items())},
    }


def changes_document(
    before: TimesAsked, now: TimesAsked, found: Changes, registry: Registry, otherwise: Sequence[MethodChange] = ()
) -> dict[str, Any]:
    """Return who became faster or slower as JSON values; otherwise: what was done otherwise in the round before."""
    return {
        "block": now.block.value,
        "kind": now.kind,
        "value": now.value,
        "profile": now.profile,
        "before": {"round": before.round_label or None, "since": iso(before.since), "until": iso(before.until)},
        "now": {"round": now.round_label or None, "since": iso(now.since), "until": iso(now.until)},
        "claims_changes": found.tells_any,
        "common_ratio": _finite(found.common_ratio),
        "least_ratio": _finite(found.least_ratio),
        "agencies": [
            {
                "agency_id": one.agency_id,
                "name_vi": registry.agencies[one.agency_id].full_name("vi"),
                "name_en": registry.agencies[one.agency_id].full_name("en"),
                "rank_before": one.first_before,
                "rank_before_to": one.last_before,
                "rank": one.first,
                "rank_to": one.last,
                "before_seconds": _finite(one.before_seconds),
                "seconds": _finite(one.seconds),
                "ratio": _finite(one.ratio),
                "ratio_low": _finite(one.low),
                "ratio_high": _finite(one.high),
                "turn": one.turn.value,
            }
            for one in found.agencies
        ],
        "compared_once": list(found.once),
        "merged": {name: list(whom) for name, whom in sorted(found.merged.items())},
        "method_changes": [
            {"part": one.part.value, "before": one.before or None, "now": one.now or None} for one in otherwise
        ],
    }


def times_to_json(documents: list[dict[str, Any]], *, simulated: bool) -> str:
    """Return comparisons as JSON."""
    return json.dumps({"simulated": simulated, "comparisons": documents}, ensure_ascii=False, indent=2) + "\n"


class TimesReport:
    """
    Rich renderables of comparisons.

    Args:
        translate: texts of the language.
        is_narrow: leave out what a terminal has no room for beside the names.
    """

    def __init__(self, translate: Translate, *, is_narrow: bool = False) -> None:
        self._ = translate
        self._columns = _ALWAYS if is_narrow else _WHERE_ROOM
        self._lang = translate("ranking.language")

    def shown(self, asked: TimesAsked, times: TypicalTimes, registry: Registry) -> RenderableType:
        """Return the table of one block, who is not in it, and how much it tells."""
        table = self._table(asked)
        table.add_column(self._("ranking.rank"), justify="right", no_wrap=True)
        table.add_column(self._("ranking.agency"))
        for name in self._columns:
            table.add_column(self._(f"times.{name}"), justify="right")
        for one in times.agencies:
            table.add_row(*self._cells(one, registry))
        return Group(table, "", *self._notes(asked, times, registry))

    def changed(
        self,
        before: TimesAsked,
        now: TimesAsked,
        found: Changes,
        registry: Registry,
        otherwise: Sequence[MethodChange] = (),
    ) -> RenderableType:
        """Return the table of who became slower and faster, the slowest first, and what was done otherwise before."""
        table = self._table(now)
        table.add_column(self._("ranking.agency"))
        for name in ("places_before", "places_now", "before", "now", "change", "interval"):
            table.add_column(self._(f"times.{name}"), justify="right")
        table.add_column(self._("times.turn"))
        for one in found.agencies:
            table.add_row(
                registry.agencies[one.agency_id].full_name(self._lang),
                _places(one.first_before, one.last_before),
                _places(one.first, one.last),
                self._seconds(one.before_seconds),
                self._seconds(one.seconds),
                self._change(one.ratio),
                self._("times.from_to").format(low=self._change(one.low), high=self._change(one.high)),
                self._(f"times.turn.{one.turn.value}"),
            )
        lines = [
            self._("times.changes").format(
                before=self._window(before), now=self._window(now), least=self._percent(found.least_ratio - 1)
            ),
            self._("times.common").format(change=self._change(found.common_ratio)),
        ]
        if not found.agencies:
            lines = [self._("times.nothing_compared")]
        elif not found.tells_any:
            lines.append(self._("times.too_little_to_tell").format(fewest=FEWEST_AGENCIES, days=FEWEST_DAYS_TOLD))
        elif all(one.turn is Turn.UNTOLD for one in found.agencies):
            lines.append(self._("times.none_changed"))
        if found.once:
            names = ", ".join(registry.agencies[name].full_name(self._lang) for name in found.once)
            lines.append(self._("times.compared_once").format(agencies=names))
        for name, whom in sorted(found.merged.items()):
            taken_in = ", ".join(registry.agencies[one].full_name(self._lang) for one in whom)
            agency = registry.agencies[name].full_name(self._lang)
            lines.append(self._("times.merged").format(agency=agency, agencies=taken_in))
        if otherwise:
            told = "; ".join(map(self._otherwise, otherwise))
            lines.append(self._("times.otherwise").format(changes=told))
        return Group(table, "", *map(Text, lines))

    def _otherwise(self, one: MethodChange) -> str:
        called = self._(f"method_part.{one.part.value}")
        return f"{called} ({one.before} → {one.now})" if one.before and one.now else called

    def _cells(self, one: TypicalTime, registry: Registry) -> list[str]:
        cells = {
            "typical": self._seconds(one.seconds),
            "median": self._seconds(one.median_seconds),
            "failed": self._percent(one.failed_ratio),
            "blocks": str(one.cells),
        }
        called = registry.agencies[one.agency_id].full_name(self._lang)
        return [_places(one.first, one.last), called, *(cells[name] for name in self._columns)]

    def _notes(self, asked: TimesAsked, times: TypicalTimes, registry: Registry) -> list[RenderableType]:
        lines = [
            self._("times.window").format(
                window=self._window(asked),
                blocks=times.blocks,
                days=times.days,
                vantage=times.vantage_id or ABSENT,
            )
        ]
        if times.left_out:
            lines.append(self._("times.left_out").format(blocks=times.left_out))
        if not times.tells_order:
            lines.append(self._("times.no_order").format(fewest=FEWEST_BLOCKS, days=FEWEST_DAYS_TOLD))
        else:
            lines.append(self._("times.places"))
        if times.smallest_ratio is not None:
            lines.append(
                self._("times.smallest_ratio").format(
                    ratio=format_decimal(times.smallest_ratio, format="0.00", locale=self._lang)
                )
            )
        for why in NotCompared:
            names = [
                registry.agencies[name].full_name(self._lang)
                for name, its in sorted(times.not_compared.items())
                if its is why
            ]
            if names:
                lines.append(self._(f"times.not_compared.{why.value}").format(agencies=", ".join(names)))
        return [Text(line) for line in lines]

    def _table(self, asked: TimesAsked) -> Table:
        return Table(
            title=self._("times.title").format(
                block=self._(f"block.{asked.block.value}"),
                value=self._(f"value.{asked.kind}.{asked.value}"),
                profile=self._(f"profile.{asked.profile}"),
            ),
            title_justify="left",
            title_style="bold",
            box=box.SIMPLE_HEAD,
            show_edge=False,
            collapse_padding=True,
        )

    def _window(self, asked: TimesAsked) -> str:
        first, last = (
            format_datetime(at, "dd/MM/yyyy HH:mm", tzinfo=HANOI, locale=self._lang)
            for at in (asked.since, asked.until)
        )
        when = self._("times.from_to").format(low=first, high=last)
        return f"{asked.round_label} ({when})" if asked.round_label else when

    def _change(self, ratio: float) -> str:
        """Return how much longer or shorter it takes, with its sign."""
        change = round(ratio - 1, 2) + 0.0  # no minus before a nought
        return format_percent(change, format="+0%;-0%" if change else "0%", locale=self._lang)

    def _seconds(self, seconds: float) -> str:
        return format_decimal(seconds, format="#,##0.00", locale=self._lang) if isfinite(seconds) else ABSENT

    def _percent(self, ratio: float) -> str:
        return format_percent(ratio, format="0%", locale=self._lang)


def _finite(number: float | None) -> float | None:
    """Return a number to six significant digits; None for what is none."""
    return float(f"{number:.6g}") if number is not None and isfinite(number) else None


def _chosen(names: Sequence[str], row: Sequence[bool]) -> list[str]:
    return [name for name, is_chosen in zip(names, row, strict=True) if is_chosen]


def _places(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first}–{last}"
