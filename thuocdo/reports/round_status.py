"""How far a planned round is, by agency: what was measured of what is due by now, and what can still be reached."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from schedules.phases import Entry
from schedules.round_plan import RoundPlan
from thuocdo.store import RunGroup, block_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyStatus:
    """
    How far an agency is measured; numbers of runs.

    planned: in the whole round. due: in blocks that are over. done: of those of all blocks until now, at most as many as were
    planned in each. to_come: in blocks that are not over and lack them.
    """

    agency_id: str
    planned: int
    due: int
    done: int
    to_come: int

    @property
    def coverage(self) -> float:
        """Share of what is planned in the whole round that is measured, 0..1."""
        return self.done / self.planned if self.planned else 0.0

    @property
    def reachable(self) -> float:
        """Share that can be measured at the end, if nothing more is lost."""
        return (self.done + self.to_come) / self.planned if self.planned else 0.0


def round_status(
    plan: RoundPlan, entries: Sequence[Entry], groups: Iterable[RunGroup], now: datetime, still: Collection[str]
) -> list[AgencyStatus]:
    """
    Return how far each agency is, by id.

    Args:
        plan: of the round.
        entries: all that it measures, see `schedules.drawing.entries_of`.
        groups: of the round, each of one block.
        now: the present instant.
        still: ids of the targets that are still measured for it.
    """
    taken: Counter[tuple[str, str, str, str, int]] = Counter()
    for group in groups:
        target, kind, vantage, profile = group.key
        if not group.ended.is_lost_by_us:
            taken[target, kind, vantage, profile, group.block] += group.runs
    starts = {block_of((block.start - _EPOCH) // _MICROSECOND): block.end for block in plan.blocks}
    planned: Counter[str] = Counter()
    due: Counter[str] = Counter()
    done: Counter[str] = Counter()
    to_come: Counter[str] = Counter()
    for entry in entries:
        agency, loads = entry.target.agency_id, plan.loads[entry.cadence.kind]
        for vantage in plan.vantage_ids:
            for number, end in starts.items():
                has = min(taken[entry.target.id, entry.cadence.kind, vantage, entry.profile, number], loads)
                planned[agency] += loads
                done[agency] += has
                if end <= now:
                    due[agency] += loads
                elif entry.target.id in still:
                    to_come[agency] += loads - has
    return [
        AgencyStatus(agency_id=one, planned=planned[one], due=due[one], done=done[one], to_come=to_come[one])
        for one in sorted(planned)
    ]
