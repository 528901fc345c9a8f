"""Goes through the drill: lets each trouble befall its portal, and ourselves, when it is due, and keeps what was seen."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.drill.cases import (
    ADDED,
    ALERTMANAGER_BEGINS,
    ALERTMANAGER_ENDS,
    CALM,
    CASES,
    CLOCK_AHEAD,
    CLOCK_RIGHT,
    END,
    FROZEN,
    KILLED,
    LINE_BACK,
    LINE_CUT,
    MENDED,
    MISTAKE,
    PROMETHEUS_RESTARTS,
    REMOVED,
    STARTED_AGAIN,
    USUAL_SECONDS,
    agency_of,
    places,
)
from benchmarks.drill.files import (
    SITE,
    VANTAGE,
    write_maintenance,
    write_notices,
    write_portals,
    write_prometheus,
    write_registry,
    write_settings,
)
from benchmarks.drill.network import Portals
from benchmarks.drill.programs import Programs, answers, thuocdo, wait_until
from testbed.drill.troubles import Trouble
from testbed.receivers import Call, Mail, Receivers
from thuocdo.core import clock
from thuocdo.core.clock import HANOI
from thuocdo.core.model import (
    Conditions,
    Incident,
    Measurement,
    MeasurementKey,
    Observation,
    Outcome,
)
from thuocdo.store import MeasurementQuery, Store

START_SECONDS = 120.0
AHEAD_SECONDS = 7200
SEEDED = 40
MISTAKEN = "agencies.yaml"
"""File of the registry in which a key is misspelt."""

REMOVED_PORTAL = "p15"
IN_A_MOMENT = 25.0
"""Within which a reload has reached the agents, and a probe that was under way then has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """What a `thuocdo reload` said."""

    code: int
    text: str


@dataclass(slots=True, kw_only=True)
class Seen:
    """
    What was seen in the drill. zero: its beginning.

    incidents: all of them, as stored in the end. links: pages of incidents that answered. frozen_for: seconds until the agent
    that stood still was at work again; None = it never was. requests_after: how often the removed portal was asked for after
    the reload had reached the agents. first_of_added: seconds from the reload to the first probe of the portal that was added.
    reloads: by what was done. clock: how many measurements an agent with a wrong clock had stored, by seconds; empty = there
    was none. targets_measured_after_mistake: of which something was measured after the reload with a mistake. looks: when a look
    of the judge confirmed an incident, by its id.
    """

    zero: datetime
    calls: Sequence[Call] = ()
    mails: Sequence[Mail] = ()
    incidents: Sequence[Incident] = ()
    links: set[str] = field(default_factory=set)
    frozen_for: float | None = None
    requests_after: int = 0
    first_of_added: float | None = None
    reloads: dict[str, Reloaded] = field(default_factory=dict)
    clock: dict[float, int] = field(default_factory=dict)
    targets_measured_after_mistake: int = 0
    looks: dict[str, datetime] = field(default_factory=dict)

    def seconds(self, at: datetime) -> float:
        """Return an instant as seconds since the beginning."""
        return (at - self.zero).total_seconds()


def run(folder: Path, say: Callable[[str], None], beside: Callable[[], object]) -> Seen:
    """
    Run the drill over an empty folder, in a network of its own.

    Args:
        folder: gets all files and logs.
        say: told what happens.
        beside: begun when the machine may be busy; it must not wait for what it begins.

    Raises:
        TimeoutError: the programs did not come up.
        SystemExit: a program is missing.
    """
    write_portals(folder)
    with Receivers() as receivers, Portals(folder) as portals:
        write_settings(folder, receivers)
        _seed(folder)
        subprocess.run(thuocdo(folder, "config", "check"), check=True, stdout=subprocess.DEVNULL)
        subprocess.run(
            thuocdo(folder, "alerts", "write", "--out", folder, "--owners", folder / "owners.yaml", "--site-url", SITE),
            check=True, capture_output=True,
        )  # fmt: skip
        for name in ("alertmanager.yml", "thuocdo.tmpl"):
            (folder / "alertmanager" / name).rename(folder / name)
        write_prometheus(folder)
        with Programs(folder, portals) as programs, Store.open(f"sqlite:///{folder}/data/thuocdo.sqlite") as store:
            programs.check_files()
            drill = _Drill(folder, portals, programs, store, receivers, say, beside)
            drill.begin()
            drill.go_through()
            write_notices(folder, receivers)
            return drill.seen


class _Drill:
    def __init__(
        self,
        folder: Path,
        portals: Portals,
        programs: Programs,
        store: Store,
        receivers: Receivers,
        say: Callable[[str], None],
        beside: Callable[[], object],
    ) -> None:
        self._folder, self._portals, self._programs = folder, portals, programs
        self._store, self._receivers, self._say, self._begin_beside = store, receivers, say, beside
        self._threads: list[threading.Thread] = []
        self._began = 0.0
        self.seen = Seen(zero=datetime.now(UTC))

    def begin(self) -> None:
        """Start everything, and wait until all portals were seen twice and the watchdog has called."""
        self._programs.start_nginx()
        self._programs.start_alertmanager()
        self._programs.start_prometheus()  # what it sends in its first seconds is lost, and sent again after a minute
        self._programs.start_service()
        wait_until("the pages", lambda: answers(f"{SITE}/-/ready") is not None, START_SECONDS)
        self._programs.start_clock_agent()
        enough = SEEDED + 2 * len(places())
        wait_until("two probes of each portal", lambda: self._store.measurements.count() > enough, START_SECONDS)
        wait_until("the watchdog", lambda: any(one.who == "watchdog" for one in self._receivers.calls), START_SECONDS)
        self._began, self.seen.zero = time.monotonic(), datetime.now(UTC)
        write_maintenance(self._folder, self.seen.zero)
        self._reload("maintenance")

    def go_through(self) -> None:
        """Do what is due when it is due, then look at what came of it."""
        for at, what, act in sorted(self._events(), key=lambda event: event[0]):
            time.sleep(max(0.0, self._began + at - time.monotonic()))
            self._say(f"{at:4.0f} s  {what}")
            act()
        for thread in self._threads:
            thread.join()
        self._look()

    def _events(self) -> Sequence[tuple[float, str, Callable[[], object]]]:
        programs, portals = self._programs, self._portals
        events: list[tuple[float, str, Callable[[], object]]] = []

        def befall(portal: str, trouble: Trouble) -> Callable[[], None]:
            return lambda: portals.befall(portal, trouble.value)

        for case in CASES:
            events.append(
                (case.begins, f"{case.number}: {case.portal} {case.trouble}", befall(case.portal, case.trouble))
            )
            if case.ends is not None:
                events.append((case.ends, f"{case.number}: {case.portal} is well", befall(case.portal, Trouble.NONE)))
        return [
            *events,
            (PROMETHEUS_RESTARTS, "15: Prometheus is restarted", self._restart_prometheus),
            (KILLED, "17: the supervisor is killed by -9", lambda: programs.kill("thuocdo")),
            (STARTED_AGAIN, "17: thuocdo is started again", programs.start_service),
            (REMOVED, "21: an agency is removed, another added", self._change_registry),
            (REMOVED + IN_A_MOMENT, "21: who is still asked", self._count_removed),
            (MISTAKE, "22: a mistake, then a reload", self._make_mistake),
            (MENDED, "22: mended, then SIGHUP", self._mend),
            (ALERTMANAGER_ENDS, "16: Alertmanager ends", lambda: programs.stop("alertmanager")),
            (ALERTMANAGER_BEGINS, "16: Alertmanager is back", programs.start_alertmanager),
            (LINE_CUT, "13: our own line is cut", portals.cut_line),
            (LINE_BACK, "13: our own line is back", portals.mend_line),
            (FROZEN, "14: our agent is frozen", self._freeze),
            (CLOCK_AHEAD, "18: a clock goes two hours ahead", lambda: self._set_clock(CLOCK_AHEAD, AHEAD_SECONDS)),
            (CLOCK_RIGHT, "18: it is put right", lambda: self._set_clock(CLOCK_RIGHT, 0)),
            *((at, "18: what was measured", lambda at=at: self._count_clock(at)) for at in CLOCK_COUNTED),
            (CALM, "a day in virtual time begins beside it", self._begin_beside),
            (END, "the end", lambda: None),
        ]

    def _reload(self, name: str) -> None:
        done = subprocess.run(thuocdo(self._folder, "reload"), check=False, capture_output=True, text=True)
        self.seen.reloads[name] = Reloaded(code=done.returncode, text=done.stdout + done.stderr)

    def _aside(self, work: Callable[[], None]) -> None:
        """Do it beside the timeline, which does not wait for it."""
        thread = threading.Thread(target=work)
        thread.start()
        self._threads.append(thread)

    def _restart_prometheus(self) -> None:
        def restart() -> None:
            self._programs.stop("prometheus")
            self._programs.start_prometheus()

        self._aside(restart)

    def _change_registry(self) -> None:
        write_registry(self._folder, (one for one in places() if one.id != REMOVED_PORTAL))
        self._aside(lambda: self._reload("changed"))

    def _count_removed(self) -> None:
        self.seen.requests_after = -self._portals.requests(REMOVED_PORTAL)
        # It answers again, so that a probe would be seen.
        self._portals.befall(REMOVED_PORTAL, Trouble.NONE.value)

    def _make_mistake(self) -> None:
        file = self._folder / "registry" / MISTAKEN
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("homepage_url:", "homepage_ur1:", 1), encoding="utf-8")
        self._aside(lambda: self._reload("mistake"))

    def _mend(self) -> None:
        since = self.seen.zero + timedelta(seconds=MISTAKE + 5)
        query = MeasurementQuery(kind="http", since=since)
        self.seen.targets_measured_after_mistake = len(
            {one.key.target_id for one in self._store.measurements.find(query)}
        )
        write_registry(self._folder, (one for one in places() if one.id != REMOVED_PORTAL))
        self._programs.signal_service(signal.SIGHUP)

    def _freeze(self) -> None:
        frozen, began = self._programs.child("agent", "http"), time.monotonic()
        if frozen is None:
            return
        frozen.suspend()

        def watch() -> None:
            while time.monotonic() < self._began + END:
                another = self._programs.child("agent", "http")
                if another is not None and another.pid != frozen.pid:
                    self.seen.frozen_for = time.monotonic() - began
                    return
                time.sleep(1)

        self._aside(watch)

    def _set_clock(self, at: float, ahead_seconds: int) -> None:
        self._count_clock(at)
        self._programs.set_clock(ahead_seconds)

    def _count_clock(self, at: float) -> None:
        file = self._folder / "clock" / "data" / "thuocdo.sqlite"
        if file.exists():
            with Store.open(f"sqlite:///{file}") as store:
                self.seen.clock[at] = store.measurements.count()

    def _look(self) -> None:
        """Keep what came of it."""
        seen = self.seen
        seen.requests_after += self._portals.requests(REMOVED_PORTAL)
        seen.calls, seen.mails = tuple(self._receivers.calls), tuple(self._receivers.mails)
        seen.incidents = tuple(self._store.incidents.all())
        added = next(iter(self._store.measurements.find(MeasurementQuery(agency_id=agency_of(ADDED), limit=1))), None)
        if added is not None:
            seen.first_of_added = seen.seconds(added.started_at) - REMOVED
        changes = {one.id: self._store.incidents.changes(one.id) for one in seen.incidents}
        seen.looks = {name: min(one.changed_at for one in some) for name, some in changes.items() if some}
        seen.links = {one.id for one in seen.incidents if answers(f"{SITE}/incidents/{one.id}") is not None}


CLOCK_COUNTED = (CLOCK_AHEAD + 45, CLOCK_RIGHT + 45)


def _seed(folder: Path) -> None:
    """Store what the portal that becomes slow took yesterday: only then it is known what is usual."""
    (folder / "data").mkdir()
    midnight = clock.now().astimezone(HANOI).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    seen = Observation(outcome=Outcome.OK, values={"total_seconds": USUAL_SECONDS})
    instants = [midnight - timedelta(minutes=10 + number) for number in range(SEEDED)]
    with Store.open(f"sqlite:///{folder}/data/thuocdo.sqlite") as store:
        store.measurements.write(
            [
                Measurement(
                    key=MeasurementKey(
                        target_id="p03.home", kind="http", vantage_id=VANTAGE, profile="desktop", scheduled_at=at
                    ),
                    agency_id=agency_of("p03"),
                    started_at=at,
                    duration_seconds=USUAL_SECONDS,
                    observation=seen,
                    conditions=Conditions(),
                )
                for at in instants
            ]
        )
