"""Closed days as Parquet files: written whole, told alike by DuckDB and pandas, and put back so that nothing counts twice."""

import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thuocdo.core.config import Settings
from thuocdo.core.errors import StoreError, StoreUnavailableError
from thuocdo.core.model import Evidence, Finding, FindingOutcome, Outcome, Reason
from thuocdo.core.setting_groups import KeepSettings
from thuocdo.processes.keep import Keeping, Kept
from thuocdo.store import Store, months
from thuocdo.store.archive import Archive, day_number
from thuocdo.store.archive_columns import measurements_of, table_of
from thuocdo.store.restoring import RESTORED_FOR

pytestmark = pytest.mark.turns(share=0.5)

NOW = datetime(2026, 11, 29, 5, tzinfo=UTC)
DAY = date(2026, 10, 2)
OLD = datetime(2026, 10, 1, 17, tzinfo=UTC)
"""The beginning of this day in Hanoi."""

NAMES = {"http": ("total_seconds",), "homepage": ("load_seconds",)}


@pytest.fixture
def day(make_measurement):
    """A day's measurements of two kinds and three targets; every fifth has all that a measurement can have."""

    def make(number=60, since=OLD, **changes):
        made = []
        for index in range(number):
            at = since + timedelta(minutes=20 * index, microseconds=index)
            rich = {
                "outcome": Outcome.FAILED,
                "reason": Reason.TIMEOUT,
                "detail": "quá lâu",
                "attributes": {"server": "nginx", "address": "192.0.2.1"},
                "evidence": (Evidence(kind="har", sha256="b" * 64, media_type="application/json", size_bytes=7),),
                "findings": (
                    Finding(
                        rule="image-alt", layer="engine", outcome=FindingOutcome.FAILED, impact="critical", help="ảnh"
                    ),
                ),
                "tested": ("image-alt",),
            }
            own = {
                "kind": ["http", "http", "homepage"][index % 3],
                "target_id": f"t{index % 3}.home",
                "scheduled_at": at,
                "started_at": at,
                **{name: value for name, value in changes.items() if name in ("target_id", "kind")},
                "values": {["total_seconds", "total_seconds", "load_seconds"][index % 3]: 0.1 + index / 1000},
            }
            made.append(make_measurement(index, **own, **(rich if index % 5 == 0 else {})))
        return made

    return make


def write(store, made, *, rolled=True):
    store.measurements.write(made)
    while rolled and store.rollups.roll(NAMES, NOW):
        pass


def runs(store):
    """What all measurements amount to, by series: how many, and their times."""
    told = {}
    for group in store.rollups.between(OLD - timedelta(days=60), NOW + timedelta(days=9), NAMES):
        number, times = told.get(group.key, (0, []))
        values = [float(value) for some in group.values.values() for value in some]
        told[group.key] = number + group.runs, sorted([*times, *values])
    return told


def let_go(store, archive_dir=None, now=NOW):
    kept = Kept()
    keeping = Keeping(Settings(archive_dir=archive_dir, keep=KeepSettings(raw_days=35)), store)
    for _ in keeping.slices(now, kept):
        pass
    return kept


def everything(store):
    return {one.key: one for one in store.measurements.find()}


@given(st.data())
@settings(max_examples=30)
def test_whatever_a_measurement_holds_comes_back(any_measurement, data):
    made = data.draw(st.lists(any_measurement, min_size=1, max_size=4))
    assert list(measurements_of(table_of(made))) == made


def test_closed_days_are_written_once_one_file_a_day_and_kind(store, day, tmp_path):
    write(store, day())
    write(store, day(since=NOW - timedelta(days=1)))
    archiving = store.archiving(tmp_path / "archive")
    written = list(archiving.write_closed(NOW))
    assert [(one.file.path.name, one.rows) for one in written] == [
        ("2026-10-02.homepage.parquet", 20),
        ("2026-10-02.http.parquet", 40),
    ]
    assert list(archiving.write_closed(NOW)) == []
    names = sorted(path.name for path in (tmp_path / "archive").iterdir())
    assert len(names) == 4
    done = subprocess.run(["sha256sum", "-c", *names[1::2]], cwd=tmp_path / "archive", capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    # A day is closed 48 hours after its end.
    assert [one.file.date for one in archiving.write_closed(datetime(2026, 12, 1, 16, 59, tzinfo=UTC))] == [
        date(2026, 11, 28)
    ] * 2


def test_duckdb_and_pandas_tell_what_the_store_tells(store, day, tmp_path):
    import duckdb
    import pandas as pd

    made = day()
    write(store, made)
    list(store.archiving(tmp_path).write_closed(NOW))
    files = f"{tmp_path}/*.parquet"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        rows = connection.execute(
            "SELECT kind, outcome, reason, count(*), sum(values['total_seconds']), max(scheduled_at), "
            "any_value(attributes['server']), any_value(evidence[1].sha256), any_value(findings->>'$[0].rule') "
            f"FROM '{files}' WHERE kind = 'http' GROUP BY ALL ORDER BY outcome"
        ).fetchall()
    http = [one for one in made if one.key.kind == "http"]
    for kind, outcome, reason, number, seconds, newest, server, sha256, rule in rows:
        of_outcome = [one for one in http if one.observation.outcome.value == outcome]
        assert (kind, number) == ("http", len(of_outcome))
        assert seconds == pytest.approx(sum(one.observation.values["total_seconds"] for one in of_outcome))
        assert newest == max(one.key.scheduled_at for one in of_outcome)
        failed = outcome == "failed"
        assert (reason, server, sha256, rule) == (
            ("timeout", "nginx", "b" * 64, "image-alt") if failed else (None, None, None, None)
        )
    assert len(rows) == 2
    frame = pd.concat([pd.read_parquet(path) for path in sorted(tmp_path.glob("*.parquet"))])
    stored = {(one.key.target_id, one.key.scheduled_at): one for one in store.measurements.find()}
    assert len(frame) == len(stored) == 60
    for row in frame.itertuples():
        one = stored[row.target_id, row.scheduled_at.to_pydatetime()]
        assert (row.kind, row.agency_id, row.outcome) == (one.key.kind, one.agency_id, one.observation.outcome.value)
        assert (row.detail, dict(row.values)) == (one.observation.detail, dict(one.observation.values))
        assert [found["rule"] for found in json.loads(row.findings)] == [one.rule for one in one.observation.findings]


@pytest.mark.parametrize("page", ["archive.md", "archive.vi.md"])
def test_what_the_page_tells_to_ask_is_answered(tmp_path, day, page):
    import duckdb

    text = (Path(__file__).parents[3] / "docs" / page).read_text(encoding="utf-8")
    [asked] = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
    [program] = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    with Store.open(f"sqlite:///{tmp_path}/thuocdo.sqlite") as store:
        write(store, day())
        write(store, day(since=OLD - timedelta(days=1), target_id="u.home", kind="accessibility"))
        list(store.archiving(tmp_path).write_closed(NOW))
    medians, rules = (
        duckdb.sql(one.replace("data/archive", str(tmp_path))).fetchall() for one in asked.split(";") if one.strip()
    )
    assert {row[2] for row in medians} <= {16, 48}
    assert rules == [("image-alt", 12)]
    told = {}
    exec(program.replace("data/archive/2026-10-01.http", f"{tmp_path}/2026-10-02.http"), told)
    assert sorted(told["day"]["seconds"]) == sorted(
        one.observation.values["total_seconds"] for one in day() if one.key.kind == "http"
    )


def test_what_goes_is_archived_before_and_comes_back_whole(store, day, tmp_path):
    made = day()
    write(store, made)
    before, told = everything(store), runs(store)
    kept = let_go(store, tmp_path)
    assert (kept.measurements, kept.archived) == (60, 60)
    assert everything(store) == {}
    assert runs(store) == told
    archiving = store.archiving(tmp_path)
    done = archiving.restore(day_number(DAY), NOW)
    assert (done.known, done.counted, done.new) == (0, 60, 0)
    assert everything(store) == before
    done = archiving.restore(day_number(DAY), NOW)
    assert (done.known, done.counted, done.new) == (60, 0, 0)


def test_what_was_put_back_is_counted_once_by_roll_ups_and_stays_for_some_days(store, day, tmp_path):
    write(store, day())
    told = runs(store)
    let_go(store, tmp_path)
    archiving = store.archiving(tmp_path)
    archiving.restore(day_number(DAY), NOW)
    assert store.rollups.waiting() == 0
    assert store.rollups.roll(NAMES, NOW) == 0
    assert runs(store) == told
    write(store, day(3, since=NOW - timedelta(days=1)))  # what is written next is numbered as before, and rolled up
    assert sum(number for number, _ in runs(store).values()) == 63
    assert let_go(store, tmp_path, NOW + RESTORED_FOR / 2).measurements == 0
    late = let_go(store, tmp_path, NOW + RESTORED_FOR + timedelta(seconds=1))
    assert (late.measurements, late.archived) == (60, 0)
    assert store.measurements.count() == 3
    assert sum(number for number, _ in runs(store).values()) == 63


def test_in_a_store_that_is_new_what_is_put_back_is_rolled_up(store, day, tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/old.sqlite") as old:
        write(old, day())
        list(old.archiving(tmp_path / "archive").write_closed(NOW))
        told, stored = runs(old), everything(old)
    archiving = store.archiving(tmp_path / "archive")
    done = archiving.restore(day_number(DAY), NOW)
    assert (done.known, done.counted, done.new) == (0, 0, 60)
    assert everything(store) == stored
    assert runs(store) == told
    store.rollups.roll(NAMES, NOW, most=25)
    assert archiving.restore(day_number(DAY), NOW).known == 60
    while store.rollups.roll(NAMES, NOW):
        pass
    assert runs(store) == told


def test_what_came_after_its_day_was_archived_is_archived_before_it_goes(store, day, tmp_path):
    made = day()
    write(store, made[:30])
    list(store.archiving(tmp_path).write_closed(NOW))
    write(store, made[30:])
    told, stored = runs(store), everything(store)
    assert let_go(store, tmp_path).archived == 30
    assert sorted(path.name for path in tmp_path.glob("*.parquet")) == [
        "2026-10-02.homepage.2.parquet",
        "2026-10-02.homepage.parquet",
        "2026-10-02.http.2.parquet",
        "2026-10-02.http.parquet",
    ]
    assert store.archiving(tmp_path).restore(day_number(DAY), NOW).counted == 60
    assert (everything(store), runs(store)) == (stored, told)


@pytest.mark.parametrize("harm", ["changed", "cut short", "without its sum"])
def test_a_file_that_is_not_what_was_written_is_refused_and_keeps_its_measurements(store, day, tmp_path, harm):
    write(store, day())
    archiving = store.archiving(tmp_path)
    list(archiving.write_closed(NOW))
    path = tmp_path / "2026-10-02.http.parquet"
    content = path.read_bytes()
    if harm == "changed":
        path.write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])
    elif harm == "cut short":
        path.write_bytes(content[:-9])
    else:
        path.with_name(f"{path.name}.sha256").unlink()
    with pytest.raises(StoreError, match=r"2026-10-02\.http\.parquet: .*put it back from a copy"):
        archiving.restore(day_number(DAY), NOW)
    with pytest.raises(StoreError, match="put it back from a copy"):
        let_go(store, tmp_path)
    assert {one.kind for one in everything(store)} >= {"http"}
    assert sum(1 for key in everything(store) if key.kind == "http") == 40


def test_a_full_disk_leaves_no_half_file_and_keeps_the_measurements(store, day, tiny_disk):
    folder = tiny_disk("16k")
    write(store, day())
    (folder / "other").write_bytes(b"x" * 8_000)
    with pytest.raises(StoreUnavailableError, match="free space"):
        let_go(store, folder)
    assert [path.name for path in folder.iterdir() if ".tmp-" in path.name] == []
    assert Archive(folder).files() == [] or len(everything(store)) < 60
    left, archived = everything(store), sum(file.rows() for file in Archive(folder).files())
    assert len(left) + archived >= 60
    (folder / "other").unlink()
    subprocess.run(["mount", "-o", "remount,size=1m", folder], check=True)
    let_go(store, folder)
    assert everything(store) == {}
    assert sum(file.rows() for file in Archive(folder).files()) == 60


KILLED = """
import os, sys
from datetime import datetime
from pathlib import Path
from thuocdo.store import Store, months
from thuocdo.store import archive
store = Store.open(sys.argv[1])
replace, left = Path.replace, [int(sys.argv[4])]
def dying(self, target):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), 9)
    return replace(self, target)
Path.replace = dying
list(store.archiving(Path(sys.argv[2])).write_closed(datetime.fromisoformat(sys.argv[3])))
"""


@pytest.mark.parametrize("renaming", [1, 2, 3, 4])
def test_killed_at_any_renaming_the_next_writing_makes_it_whole(store, store_url, day, tmp_path, renaming):
    write(store, day())
    command = [sys.executable, "-c", KILLED, store_url, tmp_path / "a", NOW.isoformat(), str(renaming)]
    done = subprocess.run(list(map(str, command)), check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    archive = Archive(tmp_path / "a")
    for file in archive.files():
        assert sum(map(len, archive.read(file))) == file.rows()
    list(store.archiving(tmp_path / "a").write_closed(NOW))
    assert sum(file.rows() for file in archive.files()) == 60
    assert [path.name for path in (tmp_path / "a").iterdir() if path.name.startswith(".")] == []
    let_go(store, tmp_path / "a")
    assert store.archiving(tmp_path / "a").restore(day_number(DAY), NOW).counted == 60


def test_two_writers_never_meet_in_the_folder(store, day, tmp_path, monkeypatch):
    write(store, day())
    refused, written = [], Archive.write

    def writing(self, *arguments):
        folder = os.open(tmp_path, os.O_RDONLY)
        with pytest.raises(BlockingIOError):
            flock(folder, LOCK_EX | LOCK_NB)
        os.close(folder)
        refused.append(arguments[1])
        return written(self, *arguments)

    monkeypatch.setattr(Archive, "write", writing)
    list(store.archiving(tmp_path).write_closed(NOW))
    assert sorted(refused) == ["homepage", "http"]
    folder = os.open(tmp_path, os.O_RDONLY)
    flock(folder, LOCK_EX | LOCK_NB)  # it is free again
    os.close(folder)


def test_a_month_that_goes_at_once_is_archived_before(postgresql_url, day, tmp_path):
    with Store.open(postgresql_url) as store:
        made = [*day(since=OLD - timedelta(days=20)), *day(since=OLD - timedelta(days=10))]
        write(store, made)
        told, stored = runs(store), everything(store)
        kept = let_go(store, tmp_path)
        assert (kept.measurements, kept.archived) == (120, 120)
        assert len(Archive(tmp_path).files()) == 4
        with store._database.reading() as connection:
            assert months.tables(connection) == []
        for file in Archive(tmp_path).files():
            store.archiving(tmp_path).restore(file.day, NOW)
        assert (everything(store), runs(store)) == (stored, told)
