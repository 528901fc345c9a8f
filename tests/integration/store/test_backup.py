"""Backups of both engines: made while others write, put back whole or not at all."""

import json
import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy
from alembic import command
from alembic.config import Config

from thuocdo.backup import putting_back
from thuocdo.backup.making import back_up
from thuocdo.backup.putting_back import finish, put_back
from thuocdo.core.config import Settings
from thuocdo.core.errors import ConfigurationError, StoreError
from thuocdo.core.model import Acknowledgement, AgentState, Incident, IncidentScope, IncidentState
from thuocdo.store import Store, copies, database
from thuocdo.store.schema import SCHEMA_REVISION

pytestmark = pytest.mark.turns(share=0.5)

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ROWS, AT_ONCE = 6253, 13
BATCHES = ROWS // AT_ONCE


@pytest.fixture
def settings(tmp_path, store_url):
    return Settings(data_dir=tmp_path / "data", store_url=store_url)


@pytest.fixture
def elsewhere(tmp_path, store_url, request):
    """Give settings of other installations on the same engine, each with a database of its own."""
    made = []

    def make():
        folder = tmp_path / f"elsewhere-{len(made)}"
        url = f"sqlite:///{folder}/other.sqlite"
        if store_url.startswith("postgresql"):
            base, _, name = store_url.rpartition("/")
            engine = sqlalchemy.create_engine(
                f"{base}/postgres".replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
            )
            with engine.connect() as connection:
                connection.exec_driver_sql(f'CREATE DATABASE "{name}_{len(made)}"')
            engine.dispose()
            url = f"{store_url}_{len(made)}"
        made.append(Settings(data_dir=folder, store_url=url))
        return made[-1]

    return make


@pytest.fixture
def batches(make_measurement):
    """6,253 measurements in transactions of 13: of which none is half in a copy."""
    start = make_measurement().started_at
    return [
        [
            make_measurement(
                batch,
                target_id=f"t{place}.home",
                scheduled_at=start + timedelta(minutes=batch),
                started_at=start + timedelta(minutes=batch),
            )
            for place in range(AT_ONCE)
        ]
        for batch in range(BATCHES)
    ]


def make_old(url, revision):
    """An empty database of a revision."""
    engine = database.connect(database.parse(url))
    config = Config()
    config.set_main_option("script_location", "thuocdo.store:migrations")
    with database.writing(engine).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def keys_in(settings):
    with Store.open(settings.store_url) as store:
        return store.measurements.keys()


def fill(settings, batches, word):
    """A small installation: measurements, an incident that somebody took notice of, a known page, a session."""
    with Store.open(settings.store_url) as store:
        for batch in batches:
            store.measurements.write(batch)
        one = Incident(
            id=f"incident-{word}",
            scope=IncidentScope.TARGET,
            subject_id="t0.home",
            state=IncidentState.DOWN,
            worst=IncidentState.DOWN,
            started_at=NOW,
            confirmed_at=NOW,
        )
        store.incidents.save(one, None)
        store.incidents.acknowledge(Acknowledgement(incident_id=one.id, at=NOW, by="Lan"))
    for name in ("identity", "sessions"):
        folder = settings.data_dir / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{word}.json").write_text(json.dumps({"of": word}))


def state_of(settings):
    """What can be told apart: the rows, the incident, the folders."""
    with Store.open(settings.store_url) as store:
        found = (frozenset(store.measurements.keys()), tuple(store.incidents.ids()))
    folders = (settings.data_dir / name for name in ("identity", "sessions"))
    return found, *(tuple(sorted(path.name for path in folder.iterdir())) for folder in folders)


@pytest.mark.sampled(share=0.5)
def test_of_what_is_written_meanwhile_each_transaction_is_in_the_backup_or_after_it(
    settings, elsewhere, batches, tmp_path
):
    written, made = [], []
    with Store.open(settings.store_url) as store:
        store.measurements.write(batches[0])
        written.append(0)

        def write():
            for number, batch in enumerate(batches[1:], start=1):
                store.measurements.write(batch)
                written.append(number)

        writer = threading.Thread(target=write)
        writer.start()
        while writer.is_alive():
            before = len(written)
            file = tmp_path / f"{len(made)}.tar.gz"
            back_up(settings, file, NOW)
            made.append((file, before, len(written)))
        writer.join()
    assert len(written) == BATCHES
    assert len(keys_in(settings)) == ROWS, "the backup took nothing from those who wrote"
    amid = [one for one in made if one[1] < BATCHES and one[2] > one[1]]
    assert amid, "nothing was written while a backup was made"
    for file, before, after in amid[:: max(1, len(amid) // 3)]:
        other = elsewhere()
        put_back(other, file, NOW)
        found = keys_in(other)
        assert len(found) % AT_ONCE == 0
        whole = len(found) // AT_ONCE
        assert found == {one.key for batch in batches[:whole] for one in batch}, "whole transactions, in their order"
        assert before <= whole <= after + 1


def test_everything_comes_back_and_measuring_goes_on_in_it(settings, elsewhere, batches, make_measurement, tmp_path):
    fill(settings, batches[:20], "old")
    made = back_up(settings, tmp_path / "b.tar.zst", NOW, sessions=True)
    assert (made.file.stat().st_mode & 0o777, made.manifest.schema_revision) == (0o600, SCHEMA_REVISION)
    other = elsewhere()
    done = put_back(other, made.file, NOW)
    assert (state_of(other), done.differing) == (state_of(settings), ())
    with Store.open(other.store_url) as store:
        assert store.incidents.acknowledgements(["incident-old"])["incident-old"][0].by == "Lan"
        newest = store.measurements.newest()
        assert store.measurements.write([make_measurement(9, target_id="new.home")]) == 1
        assert store.measurements.newest() == newest + 1, "numbers go on where they stood"
    assert sorted(path.name for path in other.data_dir.iterdir() if path.name.startswith((".", "restore."))) == [
        "restore.lock"
    ]


def test_what_is_here_is_replaced_only_by_force_and_without_a_trace(settings, elsewhere, batches, tmp_path):
    fill(settings, batches[:3], "old")
    file = back_up(settings, tmp_path / "b.tar.gz", NOW, sessions=True).file
    other = elsewhere()
    fill(other, batches[5:9], "new")
    before = state_of(other)
    with pytest.raises(ConfigurationError, match="something is there, which a restore replaces") as told:
        put_back(other, file, NOW)
    assert str(other.data_dir / "identity") in str(told.value)
    assert state_of(other) == before
    put_back(other, file, NOW, force=True)
    assert state_of(other) == state_of(settings)


def test_a_backup_of_an_older_revision_is_put_over_a_newer_store_and_brought_forward(settings, elsewhere, tmp_path):
    make_old(settings.store_url, "0006")
    file = back_up(settings, tmp_path / "b.tar.gz", NOW).file
    other = elsewhere()
    fill(other, [], "new")  # its acknowledgements refer to a table that the copy replaces
    put_back(other, file, NOW, force=True)
    assert copies.Copies(other.store_url).revision() == SCHEMA_REVISION
    with Store.open(other.store_url) as store:
        assert (store.incidents.all(), store.incidents.acknowledgements(["incident-new"])) == ([], {})


def test_going_back_to_an_older_program(settings, elsewhere, batches, tmp_path):
    """What docs/operations.md says: over a newer file of SQLite by force, for PostgreSQL into an empty database."""
    fill(settings, batches[:3], "old")
    file = back_up(settings, tmp_path / "b.tar.gz", NOW).file
    other = elsewhere()
    fill(other, batches[:5], "new")
    engine = database.connect(database.parse(other.store_url))
    with database.writing(engine).begin() as connection:
        connection.execute(sqlalchemy.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match=f"revision 9999, this program knows up to {SCHEMA_REVISION}; update thuocdo"):
        Store.open(other.store_url)
    if other.store_url.startswith("sqlite"):
        put_back(other, file, NOW, force=True)
    else:
        with pytest.raises(ConfigurationError, match="make an empty database and let store_url name it"):
            put_back(other, file, NOW, force=True)
        other = elsewhere()
        put_back(other, file, NOW)
    assert keys_in(other) == keys_in(settings)


@pytest.mark.sampled(share=0.5)
def test_whenever_it_is_killed_the_old_or_the_new_is_there_and_whole(settings, elsewhere, batches, tmp_path):
    fill(settings, batches[:40], "new")
    file = back_up(settings, tmp_path / "b.tar.gz", NOW, sessions=True).file
    new, other = state_of(settings), elsewhere()
    fill(other, batches[100:140], "old")
    old = state_of(other)
    spare = back_up(other, tmp_path / "spare.tar.gz", NOW, sessions=True).file
    seen, step = [], 0
    while not seen or seen[-1] != "ended":
        step += 1 if settings.store_url.startswith("sqlite") else 3  # each start of psql takes its time
        killed = killed_at(step, lambda: put_back(other, file, NOW, force=True))
        finish(other)
        state = state_of(other)
        assert state in (old, new), f"killed at step {step}"
        seen.append(("new" if state == new else "old") if killed else "ended")
        assert not (other.data_dir / putting_back.NOTE).exists()
        assert list(other.data_dir.glob(".restore-*")) == []
        put_back(other, spare, NOW, force=True)
        assert state_of(other) == old
    assert {*seen} == {"old", "new", "ended"}, seen


@pytest.mark.sampled(share=0.5)
def test_killed_at_any_moment_of_the_copying_nothing_is_half_there(settings, elsewhere, batches, tmp_path):
    fill(settings, batches[:300], "new")
    file = back_up(settings, tmp_path / "b.tar.gz", NOW, sessions=True).file
    new, other = state_of(settings), elsewhere()
    fill(other, batches[300:], "old")
    old = state_of(other)
    began = time.monotonic()
    put_back(elsewhere(), file, NOW)
    whole = time.monotonic() - began
    for part in range(1, 8):
        child = forked(lambda: put_back(other, file, NOW, force=True))
        time.sleep(whole * part / 8)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        finish(other)
        assert state_of(other) in (old, new)


def forked(work):
    """Run work in a process of its own; returns its number."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001
            os._exit(1)
        os._exit(0)
    return child


def killed_at(step, work):
    """Kill the process that does the work at its n-th change of the disk; returns False where it came to its end."""

    def work_until():
        count = 0

        def counting(real):
            def call(*arguments, **named):
                nonlocal count
                count += 1
                if count == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments, **named)

            return call

        for owner, names in ((Path, ("rename", "replace", "unlink")), (os, ("fsync",)), (putting_back, ("_swap",))):
            for name in names:
                setattr(owner, name, counting(getattr(owner, name)))
        copy_in = copies.Copies.copy_in
        copies.Copies.copy_in = counting(copy_in)
        copies.Copies.forget = counting(copies.Copies.forget)
        # What is put back has no files of registry and criteria to synchronise here: a hundred steps of one kind.
        putting_back._synchronise = counting(lambda folder: None)
        work()

    _, status = os.waitpid(forked(work_until), 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.waitstatus_to_exitcode(status) == 0
    return False


def test_the_other_engine_is_refused(settings, tmp_path, request):
    fill(settings, [], "old")
    file = back_up(settings, tmp_path / "b.tar.gz", NOW).file
    other = settings.model_copy(update={"data_dir": tmp_path / "other", "store_url": f"sqlite:///{tmp_path}/x.sqlite"})
    if settings.store_url.startswith("sqlite"):
        other = other.model_copy(update={"store_url": request.getfixturevalue("postgresql_url")})
    with pytest.raises(ConfigurationError, match="set store_url to one of the same kind"):
        put_back(other, file, NOW)
    assert not (tmp_path / "x.sqlite").exists()


def test_agents_of_other_machines_must_be_stopped(postgresql_url, tmp_path):
    settings = Settings(data_dir=tmp_path / "data", store_url=postgresql_url)
    fill(settings, [], "old")
    file = back_up(settings, tmp_path / "b.tar.gz", NOW).file
    state = AgentState(agent="agent-http", vantage_id="hue", pid=1, seen_at=NOW, started_at=NOW)
    with Store.open(postgresql_url) as store:
        store.agents.save(state)
    with pytest.raises(ConfigurationError, match=r"agent-http \(hue\); stop them"):
        put_back(settings, file, NOW + timedelta(seconds=30), force=True)
    put_back(settings, file, NOW + timedelta(seconds=61), force=True)


def test_without_the_client_of_postgresql_it_is_said_what_to_install(postgresql_url, tmp_path, monkeypatch):
    settings = Settings(data_dir=tmp_path / "data", store_url=postgresql_url)
    fill(settings, [], "old")
    monkeypatch.setattr(copies.shutil, "which", lambda name: None)
    monkeypatch.setattr(copies.Path, "glob", lambda path, pattern: iter(()))
    with pytest.raises(StoreError, match=r"pg_dump is not installed.*apt-get install postgresql-client"):
        copies.Copies(postgresql_url).copy_out(tmp_path / "x")


def test_a_server_that_is_away_is_told_without_the_password(own_postgresql, tmp_path):
    url = f"{own_postgresql.url}/nowhere"
    with pytest.raises(StoreError) as told:
        copies.Copies(url).copy_out(tmp_path / "x")
    assert "not-a-secret" not in str(told.value)
