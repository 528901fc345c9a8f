"""
One look of the judge after the other: what is certain is judged once, the last minutes again and again.

Results come late: an agent that lost its line delivers when it is back, a probe that waits for an answer takes its deadline. So
the memory stands some minutes back, where nothing is expected any more, and each look judges from there on a copy of it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from thuocdo.core.model import Incident, Reading
from thuocdo.incidents.judge import judge
from thuocdo.incidents.judge_state import Memory, memory_of
from thuocdo.incidents.ledger import Ledger, bring_in_line
from thuocdo.incidents.rules import JudgingContext

LATE = timedelta(minutes=15)
"""Results that come later than this take part in availability, not in incidents: nobody is woken for what was."""

FIRST_LOOK = timedelta(hours=1)
LONGEST_LEAP = timedelta(hours=1)
"""After a long absence the judge goes on in leaps, so that what it finds is stored and it can be stopped in between."""

ReadingsBetween = Callable[[datetime, datetime], Iterable[Reading]]


class SessionStore(Ledger, Protocol):
    """What judging needs of the store of incidents."""

    def lasting(self) -> Sequence[Incident]:
        """Return the incidents that have not ended."""
        ...

    def judged_at(self) -> datetime | None:
        """Return when incidents were last judged."""
        ...

    def judge_memory(self) -> tuple[datetime, Mapping[str, Any]] | None:
        """Return what judging remembered, and up to which instant of the measurements."""
        ...


@dataclass(slots=True, kw_only=True)
class Judging:
    """
    A judge at work.

    readings: gives those with since <= scheduled_at < until, in order. memory: as of some minutes ago. seen_until: how far
    readings were judged, provisionally included.
    """

    incidents: SessionStore
    readings: ReadingsBetween
    memory: Memory
    seen_until: datetime

    @classmethod
    def resume(cls, incidents: SessionStore, readings: ReadingsBetween, until: datetime) -> "Judging":
        """Go on where the last judge stopped; where its memory is lost, from the incidents that last."""
        kept = incidents.judge_memory()
        judged_at = incidents.judged_at()
        memory = Memory.from_json(kept[1]) if kept else None
        if memory is None:
            memory = memory_of(incidents.lasting(), until - (LATE if judged_at else FIRST_LOOK))
        return cls(incidents=incidents, readings=readings, memory=memory, seen_until=judged_at or memory.at)

    def look(self, scene: JudgingContext, until: datetime, now: datetime) -> int:
        """
        Judge everything that is stored.

        Args:
            scene: targets, rules and maintenance in force.
            until: nothing scheduled later is judged.
            now: the instant that changes are stored with.

        Returns:
            How many changes of state were stored.
        """
        if (
            self.seen_until - until > LATE
        ):  # a clock that was far ahead was put right: what it remembers has not happened yet
            self.memory, self.seen_until = memory_of(self.incidents.lasting(), until - LATE), until
        if until < self.seen_until:  # set back a little: wait until it has caught up
            return 0
        changes = 0
        while self.memory.at + LONGEST_LEAP < until - LATE:
            changes += self._step(scene, self.memory.at + LONGEST_LEAP, until, now)
        return changes + self._step(scene, until - LATE, until, now)

    def _step(self, scene: JudgingContext, certain_until: datetime, until: datetime, now: datetime) -> int:
        """Move the memory on, judge the rest on a copy, and store both."""
        since = self.memory.at
        certain = self.memory.copied()
        cases = []
        if certain_until > since:
            cases += judge(certain, self.readings(since, certain_until), certain_until, scene)
        draft = certain.copied()
        seen_until = max(certain.at, min(until, certain_until + LATE))
        if seen_until > certain.at:
            cases += judge(draft, self.readings(certain.at, seen_until), seen_until, scene)
        cases += draft.cases.values()
        changes = bring_in_line(self.incidents, cases, since=since, until=seen_until, now=now)
        # Only now: a store that failed half-way is met again with all of it.
        self.memory, self.seen_until = certain, max(self.seen_until, seen_until)
        return changes
