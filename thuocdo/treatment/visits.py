"""Visits of home pages as what is compared of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from urllib.parse import urlsplit

from thuocdo.core.clock import hanoi_day
from thuocdo.core.kinds import homepage
from thuocdo.core.model import PASSING_REASONS, Block, Measurement, Outcome, PageKind, Reason
from thuocdo.core.profiles import PLAIN_PROFILE

TIMES = ("ttfb_seconds", "load_seconds")
SIZES = ("transferred_bytes", "requests", "elements", "text_words", "links")
KIND, PROFILE = homepage.KIND.name, PLAIN_PROFILE
"""What is compared: home pages on a desktop, which every portal has."""

BLOCKS = frozenset({Block.MINISTRY, Block.PROVINCE, Block.NATIONAL})
"""Whose pages are compared; of thousands of communes a control would be a second fleet."""

_OURS = PASSING_REASONS | {Reason.MANDATE_MISSING, Reason.INTERNAL_ERROR}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVisit:
    """
    One visit of a home page.

    values: of TIMES and SIZES, those that are there. host: where it ended, empty = not known. sketch: of its text. picture:
    SHA-256 of a screenshot, empty = none was taken.
    """

    target_id: str
    at: datetime
    outcome: Outcome
    reason: Reason | None = None
    page_kind: PageKind | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    host: str = ""
    sketch: str = ""
    picture: str = ""

    @property
    def is_ours(self) -> bool:
        """Tell whether it says nothing of the portal, for something at us."""
        return self.reason in _OURS

    @property
    def is_whole(self) -> bool:
        """Tell whether the portal's page was shown, whose size and times can be compared."""
        return self.outcome is Outcome.OK and self.page_kind is PageKind.PORTAL


def visit_of(measurement: Measurement) -> PageVisit:
    """Return what is compared of a measurement; times of a saturated prober are left out."""
    seen = measurement.observation
    names = SIZES if measurement.conditions.saturated else (*TIMES, *SIZES)
    picture = next((one.sha256 for one in seen.evidence if one.kind == "screenshot"), "")
    return PageVisit(
        target_id=measurement.key.target_id,
        at=measurement.key.scheduled_at,
        outcome=seen.outcome,
        reason=seen.reason,
        page_kind=seen.page_kind,
        values={name: seen.values[name] for name in names if name in seen.values},
        host=urlsplit(seen.attributes.get("final_url", "")).hostname or "",
        sketch=seen.attributes.get("text_sketch", ""),
        picture=picture,
    )


def is_compared(measurement: Measurement) -> bool:
    """Tell whether a measurement is a visit that is compared."""
    return measurement.key.kind == KIND and measurement.key.profile == PROFILE


def by_day(visits: Iterable[PageVisit], value: str) -> Mapping[int, float]:
    """Return the median of a value by day in Hanoi (its ordinal), of whole visits alone."""
    found: dict[int, list[float]] = {}
    for one in visits:
        if one.is_whole and value in one.values:
            found.setdefault(hanoi_day(one.at).toordinal(), []).append(one.values[value])
    return {day: median(some) for day, some in sorted(found.items())}
