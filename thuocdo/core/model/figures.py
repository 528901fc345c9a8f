"""The figures of an incident: what an answer was, or how slow it is; written into its one line of detail, and read from there."""

import re
from dataclasses import dataclass

from thuocdo.core.model.incident import Incident
from thuocdo.core.model.measurement import Reason

_STATUS = re.compile(r"\bstatus ([1-5]\d\d)\b")
_ANSWERED = (Reason.HTTP_ERROR, Reason.MAINTENANCE_PAGE)
_SLOW = re.compile(r"\b(\d+\.\d) s, (?:usually (\d+\.\d) s|which is poor for anybody)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """
    What tells people more than a reason; None = it has none.

    status: of the HTTP answer, 100 to 599. seconds, usual_seconds: of a slow target, when it became slow, and of the days before.
    """

    status: int | None = None
    seconds: float | None = None
    usual_seconds: float | None = None


def slow_detail(kind: str, vantage_id: str, seconds: float, usual_seconds: float) -> str:
    """Return the detail of a slowdown; usual_seconds: 0 = nothing is usual yet."""
    usual = f"usually {usual_seconds:.1f} s" if usual_seconds else "which is poor for anybody"
    return f"{kind} from {vantage_id}: {seconds:.1f} s, {usual}"


def figures_of(incident: Incident) -> Figures:
    """Return the figures of an incident."""
    slow = _SLOW.search(incident.detail)
    if slow:
        return Figures(seconds=float(slow[1]), usual_seconds=float(slow[2]) if slow[2] else None)
    status = _STATUS.search(incident.detail) if incident.reason in _ANSWERED else None
    return Figures(status=int(status[1]) if status else None)
