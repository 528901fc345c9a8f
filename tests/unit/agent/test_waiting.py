"""Which of the due jobs starts next: order, turns of hosts, overload, fairness; every instant is handed in."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from thuocdo.agent import waiting
from thuocdo.agent.waiting import WaitingRoom
from thuocdo.core.model import Block, Job, Target, TargetRole

START = datetime(2026, 3, 1, tzinfo=UTC)


def at(seconds):
    return START + timedelta(seconds=seconds)


def job(name, due=0.0, host=None, lives=30.0):
    return Job(
        target=Target(
            id=name,
            role=TargetRole.HOMEPAGE,
            url=f"https://{host or name + '.test'}/",
            agency_id="a",
            portal_id="p",
            block=Block.PROVINCE,
        ),
        kind="http",
        vantage_id="v",
        profile="desktop",
        scheduled_at=at(due),
        deadline_seconds=1.0,
        expires_at=None if lives is None else at(due + lives),
    )


def room_of(*jobs, now=0.0):
    room = WaitingRoom(1.0)
    for one in jobs:
        room.add(one, now)
    room.look(at(now), now)
    return room


def names(room):
    taken = []
    while (one := room.take()) is not None:
        taken.append(one.target.id)
    return taken


def test_while_all_are_punctual_it_is_first_come_first_served():
    room = room_of(*(job(f"t{n}", due=0.9 - n / 10) for n in range(9)), now=1.0)
    assert not room.is_overloaded
    assert names(room) == [f"t{n}" for n in range(9)]


def test_once_somebody_waits_longer_the_newest_go_first_and_late_ones_when_nobody_punctual_may_start():
    jobs = [job("old", 0.0), job("older", -3.0), job("new", 4.5), job("newest", 4.9), job("newer", 4.7)]
    room = room_of(*jobs, now=5.0)
    assert room.is_overloaded
    assert names(room) == ["newest", "newer", "new", "old", "older"]
    assert not room.is_overloaded


def test_of_the_punctual_ones_the_series_that_was_missed_for_the_longest_goes_first():
    room = room_of(job("b", -10.0, lives=5.0), job("a", -20.0, lives=5.0))
    assert len(room) == 0
    for one in (job("late", 50.0), job("a", 59.2), job("b", 59.4), job("c", 59.9)):
        room.add(one, 60.0)
    room.look(at(60.0), 60.0)
    assert names(room) == ["a", "b", "c", "late"]
    room.look(at(200.0), 200.0)
    for one in (job("late", 190.0), job("a", 199.2), job("c", 199.9)):
        room.add(one, 200.0)
    room.look(at(200.0), 200.0)
    assert room.take().target.id == "c", "it was started since, so it was missed for no time"


def test_a_series_that_was_missed_for_an_hour_goes_before_all_however_late():
    room = room_of(job("daily", -4000.0))
    for one in (job("daily", -20.0), job("new", -0.1)):
        room.add(one, 0.0)
    room.look(at(0.0), 0.0)
    assert names(room) == ["daily", "new"]


def test_jobs_of_a_round_are_never_late_and_keep_their_order():
    room = room_of(*(job(f"t{n}", due=n, lives=None) for n in range(5)), now=5000.0)
    assert not room.is_overloaded
    assert names(room) == [f"t{n}" for n in range(5)]


def test_a_job_of_a_round_gets_its_turn_among_jobs_of_the_plan_that_are_too_many():
    room = room_of(job("round", 0.0, lives=None), job("late", -5.0), job("new", 0.0))
    assert names(room) == ["round", "new", "late"]


def test_jobs_of_a_host_that_rests_let_others_pass_and_come_one_at_a_time():
    room = room_of(*(job(f"a{n}", host="a.test") for n in range(3)), job("b"))
    room.rest("a.test", 0.5, 0.0)
    assert room.take().target.id == "b"
    assert room.take() is None
    assert room.next_turn() == 0.5
    room.look(at(0.5), 0.5)
    assert room.take().target.id == "a0"
    room.rest("a.test", 1.0, 0.5)
    assert room.take() is None
    room.look(at(0.99), 0.99)
    assert not room.may_start()
    room.look(at(1.0), 1.0)
    assert room.may_start()


def test_a_turn_is_remembered_while_nobody_waits_for_the_host():
    room = room_of()
    room.rest("a.test", 0.5, 0.0)
    assert room.next_turn() is None
    room.add(job("a", host="a.test"), 0.2)
    assert (room.take(), room.next_turn()) == (None, 0.5)
    room.look(at(0.5), 0.5)
    assert room.take().target.id == "a"


def test_a_job_whose_time_is_over_is_given_back_once_although_its_host_rests():
    room = room_of(job("a"), job("b", host="a.test", lives=60.0))
    room.rest("a.test", 500.0, 0.0)
    room.rest("a", 500.0, 0.0)
    assert room.look(at(30.0), 30.0) == []
    assert [one.target.id for one in room.look(at(30.1), 30.1)] == ["a"]
    assert room.look(at(30.2), 30.2) == []
    assert len(room) == 1


def test_whoever_waits_at_the_end_is_given_back_in_order():
    room = room_of(job("b", 0.0), job("a", -5.0), job("c", 0.0))
    room.take()
    assert [one.target.id for one in room.clear()] == ["a", "c"]
    assert (len(room), room.take(), room.look(at(100.0), 100.0)) == (0, None, [])


def test_a_choice_looks_at_few_of_those_that_wait(monkeypatch):
    """Of 3,000 that wait for as many hosts, or for one, a start looks at about as many as of 30: work is counted, not time."""
    looks = Counter()
    real = WaitingRoom._key

    def counted(self, one):
        looks[self.is_overloaded] += 1
        return real(self, one)

    monkeypatch.setattr(WaitingRoom, "_key", counted)
    for lives in (None, 10_000.0):
        looks.clear()
        room = room_of(*(job(f"t{n}", due=n / 1000, lives=lives) for n in range(3000)), now=3.0)
        coming = sum(looks.values())
        assert coming <= 3 * 3000
        for n in range(3000):
            room.rest(f"{room.take().target.id}.test", 3.5 + n / 1000, 3.0 + n / 1000)
            room.look(at(3.0), 3.0 + n / 1000)
        assert sum(looks.values()) - coming <= 2 * 3000
    looks.clear()
    room = room_of(*(job(f"t{n}", host="one.test", lives=None) for n in range(3000)))
    for n in range(3000):
        room.look(at(0.0), float(n))
        assert room.take().target.id == f"t{n}"
        room.rest("one.test", n + 1.0, float(n))
    assert sum(looks.values()) <= 3 * 3000


def test_places_in_line_that_are_outdated_are_tidied_away():
    room = WaitingRoom(1.0)
    for n in range(5000):
        room.add(job(f"t{n}", due=n / 10), n / 10)
        room.look(at(n / 10), n / 10)
        if n % 10 == 0:
            room.take()
    assert room.is_overloaded
    assert len(room._line) <= 2 * len(room._hosts) + waiting._SPARE


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("due"), st.integers(0, 5), st.integers(0, 2), st.sampled_from([None, 0.5, 5.0, 30.0])),
        st.tuples(st.just("pass"), st.sampled_from([0.01, 0.3, 0.6, 2.0, 20.0, 4000.0])),
        st.tuples(st.just("start")),
    ),
    max_size=60,
)


@given(STEPS)
@settings(max_examples=100, deadline=None)
def test_every_job_is_exactly_one_of_started_missed_or_still_waiting(steps):
    room, now = WaitingRoom(1.0), 0.0
    due, started, missed, last = [], [], [], {}
    for what, *details in steps:
        if what == "due":
            name, host, lives = details
            due.append(job(f"t{name}-{len(due)}", due=now, host=f"h{host}.test", lives=lives))
            room.add(due[-1], now)
        elif what == "pass":
            now += details[0]
        missed += room.look(at(now), now)
        if what == "start":
            free = [one for one in due if one not in started + missed and last.get(one.target.host, -1.0) <= now]
            one = room.take()
            assert (one is None) == (not free), "whoever may start does"
            if one is not None:
                assert one in free
                started.append(one)
                last[one.target.host] = now + 0.5
                room.rest(one.target.host, now + 0.5, now)
    left = room.clear()
    assert Counter(id(one) for one in due) == Counter(id(one) for one in (*started, *missed, *left))
    assert all(one.expires_at < at(now) for one in missed)
    assert all(one.expires_at is None or one.expires_at >= at(now) for one in left)
