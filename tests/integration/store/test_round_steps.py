"""The log of rounds, objections and versions on both engines: what only grows, who comes second, and what a backup holds."""

import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from thuocdo.core.errors import StoreUnavailableError
from thuocdo.core.model import (
    Evidence,
    Objection,
    ObjectionKind,
    Retest,
    Round,
    RoundNote,
    RoundStep,
    Ruling,
    hash_of,
)
from thuocdo.store import Store, database
from thuocdo.store.copies import NAMES, Copies
from thuocdo.store.ranking_versions import version_of

AT = datetime(2026, 12, 1, 1, 2, 3, 456789, tzinfo=UTC)
FILE = Evidence(kind="objection", sha256="f" * 64, media_type="application/pdf", size_bytes=9)


def note(step=RoundStep.SEAL, round_id="r1", **more):
    return RoundNote(at=AT, round_id=round_id, step=step, by="Trần Thị Lan", **more)


def objection(number=1, **more):
    return Objection(
        round_id="r1",
        number=number,
        kind=ObjectionKind.BLOCKED,
        agency_id="a",
        claim="bị chặn \x00 thật",
        evidence=(FILE,),
        received_at=AT,
        taken_by="Lan",
        **more,
    )


def version(number=1, body=b"ranking"):
    made = version_of(
        body, round_id="r1", criteria_set_id="s", version=number, computed_at=AT, cause="", registry="d" * 64
    )
    return made, body


@pytest.fixture
def filled(store):
    store.round_log.append(note(reason="lý do \ud800", digest="d" * 64, signature="một\nhai"), seen=0)
    store.ranking_versions.save([version()], note(RoundStep.DRAFT), seen=1)
    store.objections.add(objection(), note(RoundStep.OBJECT), seen=2)
    return store


def execute(store_url, statement):
    engine = database.connect(database.parse(store_url))
    try:
        with database.writing(engine).begin() as connection:
            return connection.execute(text(statement)).rowcount
    finally:
        engine.dispose()


def test_entries_are_numbered_over_all_rounds_and_each_holds_the_hash_of_the_one_before(filled):
    filled.round_log.append(note(round_id="r2"), note(RoundStep.DRAFT, "r2"), seen=0)
    log = filled.round_log.all()
    assert [one.number for one in log] == [1, 2, 3, 4, 5]
    assert [one.previous for one in log[1:]] == [one.hash for one in log[:-1]]
    assert [hash_of(one.note, one.number, one.previous) for one in log] == [one.hash for one in log]
    assert filled.round_log.of("r2") == log[3:]
    assert (log[0].note.at, log[0].note.reason, log[0].note.signature) == (AT, "lý do \ufffd", "một\nhai")


def test_who_has_not_seen_the_last_entry_comes_second(filled):
    for seen in (0, 2, 4):
        with pytest.raises(StoreUnavailableError, match="somebody did another step of this round meanwhile"):
            filled.round_log.append(note(), seen=seen)
    assert len(filled.round_log.all()) == 3


@pytest.mark.parametrize("table", ["round_log", "ranking_versions"])
@pytest.mark.parametrize("act", ["UPDATE {} SET digest = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_engine_refuses_to_change_what_only_grows(filled, store_url, table, act):
    if store_url.startswith("sqlite") and act.startswith("TRUNCATE"):
        pytest.skip("SQLite knows no TRUNCATE")
    before = (filled.round_log.all(), filled.ranking_versions.of("r1"))
    with pytest.raises(DBAPIError, match=f"{table} only grows"):
        execute(store_url, act.format(table))
    assert (filled.round_log.all(), filled.ranking_versions.of("r1")) == before


def test_an_objection_comes_back_as_it_was_and_changes_once_with_its_note(filled):
    (before,) = filled.objections.of("r1")
    assert before == replace(objection(), claim="bị chặn \ufffd thật")
    tested = replace(before, retests=(Retest(target_id="a.home", measured_as="r2", at=AT, by="Lan"),))
    filled.objections.amend(before, tested, note(RoundStep.RETEST), seen=3)
    decided = tested.decided(Ruling.PARTLY, "một phần", "Anh", AT + timedelta(days=1), leaves_out=True)
    made = filled.objections.amend(
        tested, decided, note(RoundStep.DECIDE), note(RoundStep.VERSION), versions=[version(2)], seen=4
    )
    assert [one.number for one in made] == [5, 6]
    assert filled.objections.of("r1") == [decided]
    assert decided.digest == filled.objections.of("r1")[0].digest
    assert [one.version for one in filled.ranking_versions.of("r1")] == [1, 2]
    with pytest.raises(StoreUnavailableError, match="it was changed meanwhile"):
        filled.objections.amend(tested, decided, note(RoundStep.DECIDE), seen=6)
    assert len(filled.round_log.all()) == 6


def test_numbers_of_objections_have_no_gap(filled):
    for number in (1, 3):
        with pytest.raises(StoreUnavailableError, match="its number was taken meanwhile"):
            filled.objections.add(objection(number), note(RoundStep.OBJECT), seen=3)
    filled.objections.add(objection(2), note(RoundStep.OBJECT), seen=3)


def test_a_version_stays_beside_the_next_one(filled):
    filled.ranking_versions.save([version(2, b"other")], note(RoundStep.VERSION), seen=3)
    one, two = filled.ranking_versions.of("r1")
    assert (filled.ranking_versions.body(one), filled.ranking_versions.body(two)) == (b"ranking", b"other")
    assert one.digest != two.digest


def test_what_is_published_is_published_with_its_entry(filled):
    filled.rounds.begin(Round(id="r1", label="một", started_at=AT))
    filled.rounds.end("r1", AT)
    filled.round_log.append(note(RoundStep.PUBLISH), seen=3)
    found = filled.rounds.get("r1")
    assert (found.published_at, found.published_by) == (AT, "Trần Thị Lan")


def test_files_of_agencies_never_expire(filled):
    assert filled.measurements.protected_evidence() == {"f" * 64}


APPEND = """
import sys
sys.path.insert(0, "")
from datetime import UTC, datetime
from thuocdo.core.model import RoundNote, RoundStep
from thuocdo.store import Store

store = Store.open(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    note = RoundNote(at=datetime(2026, 12, 1, tzinfo=UTC), round_id=sys.argv[2], step=RoundStep.REMIND, by=str(number))
    seen = max((one.number for one in store.round_log.of(sys.argv[2])), default=0)
    store.round_log.append(note, seen=seen)
"""


def test_processes_that_write_at_once_make_one_chain(store, store_url, spawn):
    started = [spawn([sys.executable, "-c", APPEND, store_url, f"r{number}"]) for number in range(3)]
    for process in started:
        assert process.stdout.readline() == "ready\n", process.communicate()
    for process in started:
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.wait(timeout=300) for process in started] == [0, 0, 0], [one.stderr.read() for one in started]
    log = store.round_log.all()
    assert [one.number for one in log] == list(range(1, 61))
    assert [one.previous for one in log[1:]] == [one.hash for one in log[:-1]]


def test_a_backup_that_is_put_back_holds_all_of_it_and_its_guards(filled, store_url, tmp_path):
    before = (filled.round_log.all(), filled.objections.of("r1"), filled.ranking_versions.of("r1"))
    copies = Copies(store_url)
    assert not copies.is_empty()
    file = tmp_path / NAMES[copies.engine]
    copies.copy_out(file)
    filled.round_log.append(note(RoundStep.REMIND), seen=3)
    filled.close()
    if copies.engine == "postgresql":  # a server that never had the function of the guards
        execute(store_url, "DROP FUNCTION thuocdo_only_grows() CASCADE")
    copies.copy_in(file, "restore1")
    with closing(Store.open(store_url)) as store:
        assert (store.round_log.all(), store.objections.of("r1"), store.ranking_versions.of("r1")) == before
        with pytest.raises(DBAPIError, match="round_log only grows"):
            execute(store_url, "DELETE FROM round_log")
        store.round_log.append(note(RoundStep.REMIND), seen=3)
