"""Who is reminded, and when."""

from datetime import datetime

from tests.unit.rounds.conftest import SEALER
from tests.unit.rounds.test_objections import receive
from thuocdo.core.clock import HANOI
from thuocdo.core.model import RoundStep
from thuocdo.rounds.documents import reminder_document
from thuocdo.rounds.reminders import ReminderKind, due_reminders


def due(world, at):
    log = world.store.round_log.of("r1")
    return list(due_reminders(log, world.proceedings.silent_agencies(), world.calendar, at))


def hanoi(day, hour):
    return datetime(2026, 11, day, hour, tzinfo=HANOI)


def test_silent_agencies_are_reminded_at_half_of_the_window_and_one_working_day_before_its_end(in_reply):
    """Opened on Monday the 9th for ten working days: until Monday the 23rd."""
    assert due(in_reply, hanoi(13, 23)) == []
    receive(in_reply)
    (half,) = due(in_reply, hanoi(16, 0))
    assert (half.kind, half.agencies) == (ReminderKind.HALF, ("an", "binh"))
    in_reply.proceedings.do(in_reply.proceedings.prepare(RoundStep.REMIND, SEALER, hanoi(16, 1), subject="half"))
    assert due(in_reply, hanoi(19, 23)) == []
    (last,) = due(in_reply, hanoi(20, 1))
    assert (last.kind, last.deadline) == (ReminderKind.DAY_BEFORE, in_reply.proceedings.facts(in_reply.now).deadline)
    assert due(in_reply, hanoi(24, 9)) == []


def test_nobody_is_reminded_before_the_window_opens(world):
    assert due(world, world.now) == []


def test_a_reminder_says_whom_by_name(in_reply):
    document = reminder_document(due(in_reply, hanoi(16, 9))[0], in_reply.proceedings.round, in_reply.registry)
    assert document["agencies"][0] == {"id": "an", "name_vi": "Tỉnh an", "name_en": "Province an"}
    assert (document["label"], document["kind"]) == ("2026-Q4", "half")
