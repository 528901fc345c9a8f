"""
Nothing that is looked at costs more as history grows: work over ten days ÷ work over the last of them, for every page and look.

Work is counted by the databases themselves (benchmarks/scale/work.py), not timed. The last day alone fills every page, and the
running month has begun with it, so that ten days show no more than one. What grows today is marked with its cause: whoever mends
it is told by a failure to take the mark away.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from unittest.mock import Mock, patch

import psycopg
import pytest

from benchmarks.scale.fill import Filler
from benchmarks.scale.fleet import Fleet
from benchmarks.scale.judging import virtual_judge
from benchmarks.scale.pages import SHOWN_ROWS, Examples, Page, ask, every_page
from benchmarks.scale.rows import Rows
from benchmarks.scale.work import Work, counted_work
from thuocdo.core.config import Settings
from thuocdo.core.model import Incident, IncidentScope, IncidentState, StateChange
from thuocdo.incidents.availability import month_of
from thuocdo.processes.ranker import Ranker
from thuocdo.store import Store
from thuocdo.store.measurements import ROWS_PER_FETCH
from thuocdo.web import watch
from thuocdo.web.app import create_app

NOW = datetime(2026, 11, 1, 17, tzinfo=UTC)  # midnight in Hanoi: the running month is one day old
DAY = timedelta(days=1)
LONG, SHORT = 10, 1
MOST = 1.5

LEAST = {"sqlite": 1_000, "postgresql": 100}
"""Less work than this is not worth a ratio: steps of SQLite's machine, rows visited by PostgreSQL."""

FLEET = Fleet(
    portals=3, all_day=True, every_seconds={"http": 240, "homepage": 900, "eform": 900, "accessibility": 1_800}
)
"""
Even a single day has more of every series than a page shows, and more of every agency than the store reads at once.
"""

INCIDENTS = 210
LATER_INCIDENTS = 40
"""On the last day more than a page shows, on each day before it so many more."""

LATEST, JUDGE = "the newest of every series", "a look of the judge"


def one_day(_now: datetime) -> Mapping[str, datetime]:
    """Windows as long as the short history: over thirty days there is rightly more to add up than over one."""
    return dict.fromkeys(("1d", "30d", "month"), NOW - SHORT * DAY)


def every_name() -> list[str]:
    """Return what is looked at: all pages, walked from the routes, and what processes look at."""
    with patch("thuocdo.web.app.Site"):  # it would read a registry and a store, which are not there yet
        app = create_app(Settings(), store=Mock(), probe_now=None)
    return [LATEST, JUDGE, *(page.name for page in every_page(app.routes))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A store, and how much it is asked to do."""

    settings: Settings
    store: Store
    examples: Examples
    work: Work

    def spent(self, name: str) -> int:
        """Return the work that one look costs a process that has just started."""
        if name == JUDGE:
            return self._judged()
        if name == LATEST:
            return self._counted(lambda: self.store.measurements.latest(NOW))
        with patch.object(watch, "windows", one_day):
            return self._of_page(name)

    def _of_page(self, name: str) -> int:
        app = create_app(self.settings, store=self.store, probe_now=None, clock=lambda: NOW)
        (page,) = (page for page in every_page(app.routes) if page.name == name)
        return self._counted(lambda: self._asked(app, page))

    def _asked(self, app: object, page: Page) -> None:
        status, _, body = ask(app, page.address(self.examples, 0))
        assert status == 200, body[:500]

    def _judged(self) -> int:
        """Return the work of the second look: the first one finds out where the last judge stopped."""
        with virtual_judge(self.settings, self.store, NOW) as judge:
            judge.look(NOW)
            return self._counted(lambda: judge.look(NOW + timedelta(seconds=30)))

    def _counted(self, look: Callable[[], object]) -> int:
        self.work.taken()
        look()
        return self.work.taken()


def fill(store: Store, settings: Settings, days: int) -> None:
    """Store so many days, the last of which ends now."""
    Filler(store, Rows(settings, NOW)).fill(NOW - days * DAY, NOW)
    for day in range(days):
        for number in range(LATER_INCIDENTS if day else INCIDENTS):
            save_incident(store, f"{day}-{number}", NOW - day * DAY - number * timedelta(minutes=5))
    Ranker(settings, store, lambda: NOW).once()  # rolls up and ranks, as it does before anybody looks


def save_incident(store: Store, name: str, ended_at: datetime) -> None:
    began, target_id = ended_at - timedelta(minutes=4), "bo-00.home"
    incident = Incident(
        id=name,
        scope=IncidentScope.TARGET,
        subject_id=target_id,
        agency_id="bo-00",
        state=IncidentState.ENDED,
        worst=IncidentState.DOWN,
        started_at=began,
        confirmed_at=began,
        ended_at=ended_at,
        target_ids=(target_id,),
    )
    store.incidents.save(incident, StateChange(incident_id=name, changed_at=ended_at, state=IncidentState.ENDED))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stores(request, tmp_path_factory) -> Iterator[tuple[str, Filled, Filled]]:
    """The name of the database, a store of a long time and one of a short time."""
    folder, engine = tmp_path_factory.mktemp("growth"), request.param
    with counted_work() as work:
        filled = []
        for days in (LONG, SHORT):
            url = f"sqlite:///{folder}/{days}.sqlite"
            if engine == "postgresql":
                url = new_database(request.getfixturevalue("postgresql_server"), f"growth_{days}")
            settings = FLEET.write(folder / str(days), url)
            store = Store.open(url)
            fill(store, settings, days)
            if engine == "postgresql":
                settle(url)
            examples = Examples.of(store, NOW - timedelta(hours=6))
            filled.append(Filled(settings=settings, store=store, examples=examples, work=work))
        yield engine, *filled
        for one in filled:
            one.store.close()


def new_database(server: str, name: str) -> str:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


def settle(url: str) -> None:
    """Let the server know what it holds, as it does by itself after a while: until then its plans are guesses."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize("name", every_name())
def test_work_does_not_grow_with_history(stores, name):
    engine, long, short = stores
    much, little = long.spent(name), short.spent(name)
    ratio = much / max(little, LEAST[engine])
    print(f"{engine} | {name} | {much} | {little} | {ratio:.2f}")  # pytest -rPx shows the table
    assert ratio <= MOST, f"{much:,} over {LONG} days, {little:,} over {SHORT}: {ratio:.1f} times, at most {MOST}"


def test_every_page_is_looked_at(stores):
    _, _, short = stores
    app = create_app(short.settings, store=short.store, probe_now=None, clock=lambda: NOW)
    assert [LATEST, JUDGE, *(page.name for page in every_page(app.routes))] == every_name()


def test_growth_is_seen(stores):
    """What reads everything there is costs ten times as much over ten days, by the same counting."""
    _, long, short = stores
    much, little = (one._counted(lambda one=one: list(one.store.measurements.find())) for one in (long, short))
    assert 8 < much / little < 12


def test_the_running_month_is_as_old_as_the_short_history():
    """Else what is told of the month would rightly be more over the long one."""
    assert month_of(NOW)[0] == NOW - SHORT * DAY


def test_the_short_history_fills_every_page(stores):
    _, _, short = stores
    stored = Counter((one.key.target_id, one.key.kind) for one in short.store.measurements.find())
    assert min(count for (_, kind), count in stored.items() if kind != "accessibility") > SHOWN_ROWS
    by_agency = Counter(one.agency_id for one in short.store.measurements.find())
    assert min(by_agency.values()) > ROWS_PER_FETCH
