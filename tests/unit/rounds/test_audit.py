"""The log finds whatever is changed, taken out or put in, in it or past it."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from tests.unit.rounds.conftest import DECIDER
from tests.unit.rounds.test_objections import decide, receive
from thuocdo.core.clock import HANOI
from thuocdo.core.model import NOTHING_BEFORE, RoundNote, RoundStep, entered
from thuocdo.rounds.audit import broken_links, broken_record

NOTES = st.builds(
    RoundNote,
    at=st.datetimes(timezones=st.timezones()),
    round_id=st.text(max_size=4),
    step=st.sampled_from(RoundStep),
    by=st.text(max_size=4),
    subject=st.text(max_size=4),
    reason=st.text(max_size=4),
    digest=st.text(max_size=4),
    signature=st.text(max_size=4),
)


def chained(notes):
    made, previous = [], NOTHING_BEFORE
    for number, note in enumerate(notes, start=1):
        made.append(entered(note, number, previous))
        previous = made[-1].hash
    return made


@given(st.lists(NOTES, max_size=6))
def test_a_log_as_it_was_written_is_whole(notes):
    log = chained(notes)
    assert broken_links(log, log[-1].hash if log else "") == []


@given(st.lists(NOTES, min_size=2, max_size=6), st.data())
def test_any_change_but_at_the_end_is_found_without_help(notes, data):
    log = chained(notes)
    place = data.draw(st.integers(0, len(log) - 2))
    other = data.draw(NOTES)
    act = data.draw(st.sampled_from(["change", "take", "put", "swap", "rewrite"]))
    changed = list(log)
    if act == "take":
        del changed[place]
    elif act == "put":
        changed.insert(place, entered(other, place + 1, log[place].previous))
    elif act == "swap":
        changed[place], changed[place + 1] = changed[place + 1], changed[place]
    else:
        hashed = entered(other, place + 1, log[place].previous)
        if hashed.hash == log[place].hash:
            return
        changed[place] = hashed if act == "rewrite" else replace(log[place], note=other)
    assert broken_links(changed) != []


@given(st.lists(NOTES, min_size=1, max_size=6), st.data())
def test_a_change_at_the_end_is_found_by_whoever_noted_a_hash(notes, data):
    log = chained(notes)
    noted = log[-1].hash
    kept = data.draw(st.integers(0, len(log) - 1))
    assert broken_links(log[:kept]) == []
    assert "entries at its end were taken away" in broken_links(log[:kept], noted)[0]


@pytest.fixture
def decided(in_reply):
    receive(in_reply)
    receive(in_reply)
    decide(in_reply, leaves_out=True)
    return in_reply


def found(world):
    return broken_links(world.store.round_log.all()) + broken_record(world.store, world.proceedings.round)


def past_the_log(world, *statements):
    """Do what somebody could who has the file: take the guards away first."""
    path = world.store._database._engine.url.database
    with sqlite3.connect(path) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in names:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert connection.execute(statement).rowcount > 0, statement


def test_what_was_done_by_the_rules_is_whole(decided):
    assert found(decided) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE round_log SET reason = 'khác' WHERE number = 4",
            "entry 4 of the log was changed after it was written",
        ),
        ("UPDATE round_log SET at = '2026-11-09 03:00:00.000000' WHERE number = 1", "entry 1 of the log was changed"),
        ("DELETE FROM round_log WHERE number = 2", "entry 2 of the log is missing"),
        ("UPDATE objections SET claim = 'khác' WHERE number = 1", "objection 2026-Q4/001 is not as the log has it"),
        ("UPDATE objections SET late = 1 WHERE number = 2", "objection 2026-Q4/002 is not as the log has it"),
        (
            "UPDATE objections SET ruling = 'rejected' WHERE number = 1",
            "objection 2026-Q4/001 is not as the log has it",
        ),
        (
            "UPDATE objections SET decided_at = '2026-11-30 01:00:00.000000' WHERE number = 1",
            "objection 2026-Q4/001 is not as the log has it",
        ),
        ("DELETE FROM objections WHERE number = 2", "objection 2026-Q4/002 is in the log and not in the store"),
        (
            "INSERT INTO objections SELECT round_id, 9, kind, agency_id, target_id, claim, evidence, received_at, taken_by, "
            "late, ruling, ruling_reason, decided_by, decided_at, leaves_out, retests FROM objections WHERE number = 1",
            "objection 2026-Q4/009 is in the store and not in the log",
        ),
        (
            "UPDATE ranking_versions SET body = x'00' WHERE version = 1",
            "version 1 of the ranking is not as the log has it",
        ),
        ("DELETE FROM ranking_versions WHERE version = 2", "version 2 of the ranking is not as the log has it"),
        (
            "UPDATE ranking_versions SET version = 3 WHERE version = 2",
            "version 2 of the ranking is not as the log has it",
        ),
    ],
)
def test_what_is_changed_past_the_log_is_found(decided, statement, said):
    past_the_log(decided, statement)
    assert any(said in one for one in found(decided)), found(decided)


def test_a_whole_chain_that_was_written_anew_is_found_by_its_signatures(decided):
    """Whoever owns the file can make all hashes fit; keys they do not have."""
    log = decided.store.round_log.all()
    notes = [
        replace(one.note, reason="bịa", signature=one.note.signature) if one.note.step is RoundStep.DECIDE else one.note
        for one in log
    ]
    forged = chained(notes)
    statements = [
        f"UPDATE round_log SET reason = '{one.note.reason}', previous = '{one.previous}', hash = '{one.hash}' "
        f"WHERE number = {one.number}"
        for one in forged
    ]
    past_the_log(decided, *statements)
    assert broken_links(decided.store.round_log.all()) == []
    assert f"is not signed by the key of '{DECIDER}'" in found(decided)[0]


@pytest.mark.parametrize("table", ["round_log", "ranking_versions"])
@pytest.mark.parametrize("act", ["UPDATE {} SET digest = 'x'", "DELETE FROM {}"])
def test_the_engine_refuses_to_change_what_only_grows(decided, table, act):
    with (
        pytest.raises(IntegrityError, match=f"{table} only grows"),
        decided.store._database._engine.begin() as connection,
    ):
        connection.exec_driver_sql(act.format(table))
    assert found(decided) == []


def test_an_entry_is_hashed_by_its_instant_and_not_by_its_time_zone():
    at = datetime(2026, 12, 1, tzinfo=UTC)
    here, there = (
        RoundNote(at=at.astimezone(zone), round_id="r", step=RoundStep.SEAL, by="a") for zone in (UTC, HANOI)
    )
    assert entered(here, 1, NOTHING_BEFORE).hash == entered(there, 1, NOTHING_BEFORE).hash
