"""What tests of several rooms share: loud skips, sample measurements, and stores on both databases."""

import gc
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from hypothesis import strategies as st

from testbed.postgresql import PostgreSQL, find_programs
from tests.sampled import kept
from thuocdo.core.model import (
    Conditions,
    Evidence,
    Finding,
    FindingOutcome,
    Measurement,
    MeasurementKey,
    Observation,
    Outcome,
    Reason,
)
from thuocdo.core.wire import measurement_to_dict
from thuocdo.store import Store

START = datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC)
SEED = "SAMPLE_SEED"
ROOT = Path(__file__).resolve().parents[1]

# Without a deadline: else an example of more than 200 ms would be a failure.
settings.register_profile("shared machine", deadline=None, max_examples=40)
settings.load_profile("shared machine")

# As `thuocdo` does (thuocdo.cli): the default paints every traceback, which takes longer than most tests.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
    ]
)
_MISSING = pytest.StashKey[dict[str, str]]()

Require = Callable[[object, str, str], None]


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what was imported and collected: it stays, and took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def require(request: pytest.FixtureRequest) -> Require:
    """
    Skip a test loudly where the machine lacks something; with CI=true the lack is a failure.

    require(found, "a real PostgreSQL", "apt-get install postgresql")
    """

    def check(found: object, what: str, remedy: str) -> None:
        if found:
            return
        if os.environ.get("CI") == "true":
            pytest.fail(f"{what} is missing, and CI must have it: {remedy}")
        request.config.stash.setdefault(_MISSING, {})[what] = remedy
        pytest.skip(f"{what} is missing: {remedy}")

    return check


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--whole",
        action="store_true",
        help="whole galleries and long lives, where an ordinary run takes a sample (`make test-long`)",
    )
    parser.addoption(
        "--renew-golden", action="store_true", help="write golden files anew instead of comparing (`make golden`)"
    )


@pytest.hookimpl(trylast=True)  # of what -k and -m chose
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run a part of what is sampled, unless the run is whole; with --renew-golden the tests that hold a golden file alone."""
    stay = set(items) if config.getoption("--whole") else kept(items, os.environ[SEED])
    if config.getoption("--renew-golden"):
        stay = {item for item in items if "golden" in getattr(item, "fixturenames", ())}
    config.hook.pytest_deselected(items=[item for item in items if item not in stay])
    items[:] = [item for item in items if item in stay]


@pytest.fixture(scope="session")
def is_whole(request: pytest.FixtureRequest) -> bool:
    """Whether this run takes all the time it needs (`make test-long`), not a sample."""
    return bool(request.config.getoption("--whole"))


@pytest.fixture(scope="session")
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """
    Compare a text with the committed file that pins it; `make golden` writes all of them anew.

    golden("docs/kinds.md", text): the path is below the project.
    """

    def compare(name: str, text: str) -> None:
        path = ROOT / name
        committed = path.read_bytes().decode("utf-8") if path.exists() else ""
        if committed != text and request.config.getoption("--renew-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8"))
        else:
            assert text == committed, f"{name} is not what the code gives; `make golden` writes it, look at the diff"

    return compare


def pytest_configure(config: pytest.Config) -> None:
    """Settle the seed of samples once, for all workers: another one for every day and commit, where nobody gave one."""
    if SEED not in os.environ:
        asked = ["git", "rev-parse", "--short", "HEAD"]
        commit = subprocess.run(asked, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
        os.environ[SEED] = f"{datetime.now(UTC):%Y-%m-%d}-{commit.stdout.strip()}"


def pytest_report_header(config: pytest.Config) -> str:
    taken = "whole" if config.getoption("--whole") else f"sampled with {SEED}={os.environ[SEED]}"
    return f"galleries: {taken}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for what, remedy in config.stash.get(_MISSING, {}).items():
        terminalreporter.write_line(f"!!! NOT TESTED: {what} is missing here. {remedy}", red=True, bold=True)


def _measurement(number: int = 0, **changes: object) -> Measurement:
    """Measurement `number` seconds after START. Changes go to the key, the observation or the measurement, by name."""
    at = START + timedelta(seconds=number)
    key = {
        "target_id": "da-nang-2025.home",
        "kind": "http",
        "vantage_id": "local",
        "profile": "desktop",
        "scheduled_at": at,
    }
    observation: dict[str, object] = {"outcome": Outcome.OK, "values": {"total_seconds": 0.25}}
    whole: dict[str, object] = {
        "agency_id": "da-nang-2025",
        "started_at": at,
        "duration_seconds": 0.5,
        "conditions": Conditions(),
    }
    for name, value in changes.items():
        part = key if name in key else observation if name in Observation.__dataclass_fields__ else whole
        part[name] = value
    return Measurement(key=MeasurementKey(**key), observation=Observation(**observation), **whole)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def make_measurement() -> Callable[..., Measurement]:
    return _measurement


@pytest.fixture(scope="session")
def any_measurement() -> st.SearchStrategy[Measurement]:
    """Every measurement whose texts a database can keep."""
    text = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
    number = st.floats(allow_nan=False, allow_infinity=False)
    count = st.integers(min_value=0, max_value=2**40)
    zones = st.sampled_from([UTC, timezone(timedelta(hours=7))])
    instant = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=zones)  # noqa: DTZ001
    texts = st.lists(text, max_size=3).map(tuple)
    finding = st.builds(
        Finding,
        rule=text,
        layer=text,
        outcome=st.sampled_from(FindingOutcome),
        impact=text,
        help=text,
        wcag=texts,
        act=texts,
        count=count,
        help_url=text,
    )
    evidence = st.builds(Evidence, kind=text, sha256=text, media_type=text, size_bytes=count)
    reason = st.none() | st.sampled_from(Reason)
    observation = reason.flatmap(
        lambda reason: st.builds(
            Observation,
            outcome=st.just(reason.outcome if reason else Outcome.OK),
            reason=st.just(reason),
            detail=text,
            values=st.dictionaries(text, number, max_size=3),
            attributes=st.dictionaries(text, text, max_size=3),
            findings=st.lists(finding, max_size=2).map(tuple),
            tested=texts,
            not_testable=texts,
            evidence=st.lists(evidence, max_size=2).map(tuple),
        )
    )
    conditions = st.builds(
        Conditions,
        loop_lag_seconds=number,
        cpu_pressure_ratio=number,
        in_flight=count,
        lateness_seconds=number,
        saturated=st.booleans(),
        versions=st.dictionaries(text, text, max_size=2),
    )
    key = st.builds(MeasurementKey, target_id=text, kind=text, vantage_id=text, profile=text, scheduled_at=instant)
    return st.builds(
        Measurement,
        key=key,
        agency_id=text,
        started_at=instant,
        duration_seconds=number,
        observation=observation,
        conditions=conditions,
        round_id=st.none() | text,
    )


@pytest.fixture(scope="session")
def as_record() -> Callable[[Measurement], dict[str, object]]:
    """Turn a measurement into the record that a store gives of it."""

    def record(measurement: Measurement) -> dict[str, object]:
        key, whole = measurement.key, measurement_to_dict(measurement)
        told = {
            name: whole["observation"][name]
            for name in ("outcome", "reason", "detail", "page_kind", "values", "evidence")
        }
        own = {name: getattr(measurement, name) for name in ("agency_id", "round_id", "started_at", "duration_seconds")}
        return {**{f.name: getattr(key, f.name) for f in fields(key)}, **own, **told, "conditions": whole["conditions"]}

    return record


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database, once per engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store/thuocdo.sqlite"
    return request.getfixturevalue("postgresql_url")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store.open(store_url)
    yield opened
    opened.close()


@pytest.fixture
def postgresql_url(postgresql_server: str, request: pytest.FixtureRequest) -> str:
    """Address of an empty database on the private server."""
    import psycopg

    name = f"test_{abs(hash(request.node.nodeid))}"
    with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
    return f"{postgresql_server}/{name}"


@pytest.fixture(scope="session")
def postgresql_server(require: Require) -> Iterator[str]:
    """Address (without database) of a private PostgreSQL that lives as long as the tests."""
    server = _postgresql(require)
    try:
        server.start()
        yield server.url
    finally:
        server.remove()


@pytest.fixture
def own_postgresql(require: Require) -> Iterator[PostgreSQL]:
    """A private PostgreSQL of one test, which is not started yet."""
    server = _postgresql(require)
    yield server
    server.remove()


def _postgresql(require: Require) -> PostgreSQL:
    programs = find_programs()
    require(programs, "a real PostgreSQL", "install it (Debian: apt-get install postgresql), then run the tests again")
    assert programs is not None
    return PostgreSQL(programs)
