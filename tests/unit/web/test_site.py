from datetime import UTC, datetime, timedelta

from thuocdo.web import site
from thuocdo.web.site import MOST_KEPT, STEADY_SECONDS, Cache

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Machine:
    """A clock that stands still unless computing moves it."""

    def __init__(self, monkeypatch) -> None:
        self.seconds = 0.0
        self.computed = 0
        monkeypatch.setattr(site.time, "monotonic", lambda: self.seconds)

    def compute(self) -> int:
        self.seconds += 2.0
        self.computed += 1
        return self.computed


def test_the_same_data_is_computed_once(monkeypatch):
    machine, cache = Machine(monkeypatch), Cache()
    assert [cache.get("a", NOON, machine.compute) for _ in range(3)] == [1, 1, 1]


def test_newer_data_is_computed_anew_but_at_most_a_tenth_of_the_time(monkeypatch):
    machine, cache = Machine(monkeypatch), Cache()
    cache.get("a", NOON, machine.compute)
    machine.seconds += 19.0
    assert cache.get("a", NOON + timedelta(seconds=1), machine.compute) == 1
    machine.seconds += 1.5
    assert cache.get("a", NOON + timedelta(seconds=1), machine.compute) == 2


def test_late_results_that_do_not_move_the_newest_instant_appear_in_time(monkeypatch):
    machine, cache = Machine(monkeypatch), Cache()
    cache.get("a", NOON, machine.compute)
    machine.seconds += STEADY_SECONDS
    assert cache.get("a", NOON, machine.compute) == 2


def test_keys_are_apart_and_the_oldest_is_forgotten(monkeypatch):
    machine, cache = Machine(monkeypatch), Cache()
    for number in range(MOST_KEPT + 1):
        assert cache.get(str(number), NOON, machine.compute) == number + 1
    assert cache.get(str(MOST_KEPT), NOON, machine.compute) == MOST_KEPT + 1
    assert cache.get("0", NOON, machine.compute) == MOST_KEPT + 2
