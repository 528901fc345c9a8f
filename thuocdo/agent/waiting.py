"""
Due jobs that wait, and which of them starts next. Pure: no clock, every instant is handed in.

While everybody starts punctually it is first come, first served. Once somebody has waited longer than is punctual there is more
to start than this process can: the same order would start everything as late as a job lives, and nothing near its time. So then

- punctual jobs go first, of these the one whose series was missed for the longest, then the newest: what starts is near its
  time, and who lost the last time wins the next, so that all series get about the same share of what can be done;
- late ones are left for moments in which no punctual job may start, the newest first, until their time is over: missed;
- a series that was missed for an hour goes before all, however late: a start that is late is better than none at all.

Plain last in, first out would start the same targets of each minute for ever: those whose phase comes last before a place is
free. A job of a round has no end and is never late: it waits for its turn, and goes before those that come long after it.

Each host has a list of its own, and only its first one stands in line while the host may be visited: so a choice costs the
logarithm of those that wait, whether they are of thousands of hosts or all of one.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from math import inf

from thuocdo.core.model import Job

STARVING = timedelta(hours=1)
"""Longer than fairness among punctual jobs lets anybody go without, unless not one start in sixty can be made."""

Series = tuple[str, str, str]
_Key = tuple[int, float, float, int]

_SPARE = 64
"""So many outdated places in line are not worth tidying."""


class _Waiting:
    """One job. number: the order in which they came. is_late: longer here than is punctual. is_here: not taken, not over."""

    __slots__ = ("is_here", "is_late", "job", "number")

    def __init__(self, job: Job, number: int) -> None:
        self.job = job
        self.number = number
        self.is_late = False
        self.is_here = True


class _Host:
    """
    The jobs of one host, in the order they came.

    place: of the one that stands in line, None while none does. version: of the place; others of this host are outdated.
    turn: when it may be visited again.
    """

    __slots__ = ("best", "place", "turn", "version", "waiting")

    def __init__(self) -> None:
        self.waiting: OrderedDict[int, _Waiting] = OrderedDict()
        self.best: _Waiting | None = None
        self.place: _Key | None = None
        self.version = 0
        self.turn = -inf


class WaitingRoom:
    """
    Jobs that are due.

    Args:
        punctual_seconds: a job that starts within this time is punctual; one that waits longer shows that not all can start.
    """

    def __init__(self, punctual_seconds: float) -> None:
        self._punctual = timedelta(seconds=punctual_seconds)
        self._hosts: dict[str, _Host] = {}
        self._turns: dict[str, float] = {}
        self._line: list[tuple[_Key, int, _Host]] = []
        self._resting: list[tuple[float, str]] = []
        self._ending: list[tuple[datetime, int, _Waiting]] = []
        self._ageing: list[tuple[datetime, int, _Waiting]] = []
        self._missed_since: dict[Series, datetime] = {}
        self._came = self._number = self._late = 0
        self._is_overloaded = False
        self._now: datetime | None = None

    def __len__(self) -> int:
        """Return how many wait."""
        return self._number

    @property
    def is_overloaded(self) -> bool:
        """Whether somebody waits longer than is punctual."""
        return self._is_overloaded

    def add(self, job: Job, monotonic: float) -> None:
        """Let a job wait; monotonic: now."""
        self._came += 1
        self._number += 1
        one = _Waiting(job, self._came)
        if job.expires_at is not None:
            heappush(self._ending, (job.expires_at, one.number, one))
            heappush(self._ageing, (job.scheduled_at + self._punctual, one.number, one))
        name = job.target.host
        host = self._hosts.get(name)
        if host is None:
            host = self._hosts[name] = _Host()
            self._send_to_rest(name, host, monotonic)
        host.waiting[one.number] = one
        if len(host.waiting) == 1 or self._is_overloaded:
            self._line_up(host)

    def look(self, now: datetime, monotonic: float) -> list[Job]:
        """
        Take note of the time.

        Args:
            now: of the wall clock, by which jobs are late and over.
            monotonic: now, by which the turns of hosts come.

        Returns:
            The jobs whose time is over, which are here no longer.
        """
        self._now = now
        while self._resting and self._resting[0][0] <= monotonic:
            host = self._hosts.get(heappop(self._resting)[1])
            if host is not None and -inf < host.turn <= monotonic:
                host.turn = -inf
                self._line_up(host)
        over = []
        while self._ending and self._ending[0][0] < now:
            one = heappop(self._ending)[2]
            if one.is_here:
                self._remove(one)
                self._missed_since.setdefault(_series(one.job), one.job.scheduled_at)
                over.append(one.job)
        while self._ageing and self._ageing[0][0] < now:
            one = heappop(self._ageing)[2]
            if one.is_here:
                one.is_late = True
                self._late += 1
                if self._is_overloaded:
                    self._line_up(self._hosts[one.job.target.host])
        self._choose_order()
        return over

    def may_start(self) -> bool:
        """Tell whether there is a job that may start now, as of the last look."""
        return self._first() is not None

    def take(self) -> Job | None:
        """Take out the job that starts now, None where none may, as of the last look."""
        first = self._first()
        if first is None:
            return None
        self._remove(first)
        self._missed_since.pop(_series(first.job), None)
        self._choose_order()
        return first.job

    def rest(self, host: str, until: float, monotonic: float) -> None:
        """Let no job of a host start until an instant of the monotonic clock."""
        self._turns[host] = until
        waiting = self._hosts.get(host)
        if waiting is not None:
            self._send_to_rest(host, waiting, monotonic)
            self._line_up(waiting)

    def next_turn(self) -> float | None:
        """Return when the next host that somebody waits for may be visited, by the monotonic clock; None = nobody waits so."""
        while self._resting:
            turn, name = self._resting[0]
            if name in self._hosts and self._hosts[name].turn == turn:
                return turn
            heappop(self._resting)
        return None

    def clear(self) -> list[Job]:
        """Send everybody away, and return who waited, in the order they came."""
        left = [one for host in self._hosts.values() for one in host.waiting.values()]
        for one in left:
            one.is_here = False
        for pile in (self._hosts, self._line, self._resting, self._ending, self._ageing):
            pile.clear()
        self._number = self._late = 0
        self._is_overloaded = False
        return [one.job for one in sorted(left, key=lambda one: one.number)]

    def _send_to_rest(self, name: str, host: _Host, monotonic: float) -> None:
        turn = self._turns.get(name, -inf)
        if turn > monotonic:
            host.turn = turn
            heappush(self._resting, (turn, name))

    def _remove(self, one: _Waiting) -> None:
        name = one.job.target.host
        host = self._hosts[name]
        del host.waiting[one.number]
        one.is_here = False
        self._number -= 1
        self._late -= one.is_late
        self._line_up(host)
        if not host.waiting:
            del self._hosts[name]

    def _choose_order(self) -> None:
        """Change the order where somebody is late for the first time, or nobody is any more."""
        if self._is_overloaded == (self._late > 0):
            return
        self._is_overloaded = self._late > 0
        for host in self._hosts.values():
            self._line_up(host)

    def _line_up(self, host: _Host) -> None:
        """Let the right one of a host stand in line, none where the host rests."""
        host.version += 1
        host.best = host.place = None
        if not host.waiting or host.turn > -inf:
            return
        if self._is_overloaded:
            host.best = min(host.waiting.values(), key=self._key)
        else:
            host.best = next(iter(host.waiting.values()))
        host.place = self._key(host.best)
        heappush(self._line, (host.place, host.version, host))
        if len(self._line) > 2 * len(self._hosts) + _SPARE:
            self._line = [(one.place, one.version, one) for one in self._hosts.values() if one.place is not None]
            heapify(self._line)

    def _key(self, one: _Waiting) -> _Key:
        """Return by what a job is chosen; the smallest goes first."""
        if not self._is_overloaded:
            return (0, 0.0, 0.0, one.number)
        newest = -one.job.scheduled_at.timestamp()
        if one.job.expires_at is None:
            return (0, -newest, newest, one.number)
        since = self._missed_since.get(_series(one.job))
        if one.is_late and (since is None or self._now is None or self._now - since < STARVING):
            return (1, 0.0, newest, one.number)
        return (0, inf if since is None else since.timestamp(), newest, one.number)

    def _first(self) -> _Waiting | None:
        while self._line:
            _, version, host = self._line[0]
            if host.version == version:
                return host.best
            heappop(self._line)
        return None


def _series(job: Job) -> Series:
    return (job.target.id, job.kind, job.profile)
