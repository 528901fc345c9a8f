"""
One look of the judge after the other: each takes what arrived since the last one, and nothing is read twice.

Results come late: an agent that lost its line delivers when it is back, a probe that waits for an answer takes its deadline. So
there are two memories. The certain one stands some minutes back, where nothing is expected any more; the provisional one is as
far as the looks are. What arrives in order moves both on, each once. Only what came late makes the last minutes be judged again,
on a copy of the certain memory, and not at every look: an agent that is always late costs no more than one copy a minute.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from thuocdo.core.model import Incident, Reading
from thuocdo.incidents.case import Case
from thuocdo.incidents.docket import AHEAD, Docket, in_order
from thuocdo.incidents.judge import judge
from thuocdo.incidents.judge_state import Memory
from thuocdo.incidents.ledger import Ledger, bring_in_line
from thuocdo.incidents.remembering import memory_of
from thuocdo.incidents.rules import JudgingContext

LATE = timedelta(minutes=15)
"""Results that come later than this take part in availability, not in incidents: nobody is woken for what was."""

AGAIN = timedelta(minutes=1)
"""What came late waits so long since the last time that the last minutes were judged again for such a reason."""

FIRST_LOOK = timedelta(hours=1)
LONGEST_LEAP = timedelta(hours=1)
"""After a long absence the judge goes on in leaps, so that what it finds is stored and it need not hold all of it in hand."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_FOREVER = datetime(9000, 1, 1, tzinfo=UTC)


class ReadingSource(Protocol):
    """Where readings come from, by the instant they were scheduled for or by the number under which they arrived."""

    def newest(self) -> int:
        """Return the number of the measurement that arrived last; 0 = there is none."""
        ...

    def between(self, since: datetime, until: datetime, up_to: int | None = None) -> Iterable[Reading]:
        """Return readings with since <= scheduled_at < until in order of scheduled_at; up_to: the last number among them."""
        ...

    def arrived(self, after: int, since: datetime) -> tuple[int, Sequence[Reading]]:
        """
        Return what arrived after a number, in any order, and the number of the measurement that arrived last.

        That is below `after` where the store was put back from a copy. since: what is scheduled earlier is left out.
        """
        ...


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

    memory: as of some minutes ago, certain. seen_until: how far readings were judged, provisionally included. is_sound: False =
    the store failed while the memory moved on; another judge must `resume`.
    """

    incidents: SessionStore
    readings: ReadingSource
    memory: Memory
    seen_until: datetime
    is_sound: bool = True
    _docket: Docket | None = None
    _draft: Memory | None = None
    _ended: list[Case] = field(default_factory=list)
    _scene: JudgingContext | None = None
    _again_at: datetime = _NEVER

    @classmethod
    def resume(cls, incidents: SessionStore, readings: ReadingSource, until: datetime) -> "Judging":
        """Go on where the last judge stopped; where its memory is lost, from the incidents that last."""
        kept = incidents.judge_memory()
        judged_at = incidents.judged_at()
        memory = Memory.from_json(kept[1]) if kept else None
        if memory is None:
            at = min(judged_at, until) - LATE if judged_at else until - FIRST_LOOK
            memory = memory_of(incidents.lasting(), at, until)
        return cls(incidents=incidents, readings=readings, memory=memory, seen_until=judged_at or memory.at)

    def look(self, scene: JudgingContext, until: datetime, now: datetime) -> int:
        """
        Judge everything that arrived.

        Args:
            scene: targets, rules and maintenance in force; another one than last time has the last minutes judged again.
            until: nothing scheduled later is judged.
            now: the instant that changes are stored with.

        Returns:
            How many changes of state were stored.
        """
        if (
            self.seen_until - until > LATE
        ):  # a clock that was far ahead was put right: what it remembers has not happened yet
            self.memory, self.seen_until = memory_of(self.incidents.lasting(), until - LATE, until), until
            self._docket = None
        if until < self.seen_until:  # set back a little: wait until it has caught up
            return 0
        changes = 0
        while self.memory.at + LONGEST_LEAP < until - LATE:
            changes += self._leap(scene, now)
        docket, seen_until = self._heard(until), max(self.memory.at, until)
        draft = self._judged(docket, scene, seen_until, now)
        cases = [*self._ended, *draft.cases.values()]
        changes += bring_in_line(
            self.incidents, cases, since=self.memory.at, until=seen_until, now=now, registered=scene.targets
        )
        # Only now: a store that failed half-way is met again with all of it.
        self.seen_until = max(self.seen_until, seen_until)
        docket.open_since = max(docket.open_since, until - LATE)
        if not docket.has_late:
            self._make_certain(docket, scene, docket.open_since)
        return changes

    def _leap(self, scene: JudgingContext, now: datetime) -> int:
        """Move the memory on by an hour that has long passed, and look as far beyond it as what is certain needs."""
        since, until = self.memory.at, self.memory.at + LONGEST_LEAP
        self._docket = None
        certain = self.memory.copied()
        cases = judge(certain, in_order(self.readings.between(since, until)), until, scene)
        draft = certain.copied()
        cases += judge(draft, in_order(self.readings.between(until, until + LATE)), until + LATE, scene)
        cases += draft.cases.values()
        changes = bring_in_line(
            self.incidents, cases, since=since, until=until + LATE, now=now, registered=scene.targets
        )
        self.memory, self.seen_until = certain, max(self.seen_until, until + LATE)
        return changes

    def _heard(self, until: datetime) -> Docket:
        """Return the readings in hand, with what arrived since the last look."""
        docket = self._docket
        if docket is not None and not (docket.is_cut and until >= docket.horizon):
            newest, readings = self.readings.arrived(docket.mark, docket.open_since)
            if newest >= docket.mark:
                if not docket.is_cut:
                    docket.horizon = max(docket.horizon, until + AHEAD)
                docket.add(readings)
                docket.mark = newest
                return docket
        self._draft = None
        since = self.memory.at
        docket = Docket(
            mark=self.readings.newest(), open_since=since, taken_until=since, horizon=max(since, until) + AHEAD
        )
        for reading in self.readings.between(since, _FOREVER, docket.mark):
            docket.add((reading,))
            if docket.is_cut:
                break
        self._docket = docket
        return docket

    def _judged(self, docket: Docket, scene: JudgingContext, until: datetime, now: datetime) -> Memory:
        """Return the provisional memory, moved on to an instant."""
        draft, self._draft = self._draft, None  # until it is whole: the store may fail half-way
        is_due = docket.has_late and not timedelta(0) <= now - self._again_at < AGAIN
        if draft is None or scene is not self._scene or is_due:
            if docket.has_late:
                self._again_at = now
            draft = self.memory.copied()
            ended = judge(draft, docket.take_again(until), until, scene)
            self._ended, self._scene = ended, scene
        else:
            self._ended += judge(draft, docket.take(until), until, scene)
        self._draft = draft
        return draft

    def _make_certain(self, docket: Docket, scene: JudgingContext, until: datetime) -> None:
        """Move the certain memory on by what the provisional one took before: it comes to the same."""
        if until <= self.memory.at:
            return
        self.is_sound = False
        judge(self.memory, docket.close(until), until, scene)
        self.is_sound = True
        self._ended = [case for case in self._ended if case.steps[-1].at >= until]
