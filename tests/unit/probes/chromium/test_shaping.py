"""The line's model in a time of its own: exact figures, no clock, no sockets."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.chromium.shaping import (
    FULL_BYTES,
    INITIAL_WINDOW_BYTES,
    LARGEST_WINDOW_BYTES,
    SEGMENT_BYTES,
    Flow,
    Lane,
    LineClock,
)
from thuocdo.core.profiles import Line

LATENCY = 0.085
RATE = 9e6
BYTE_SECONDS = 8 * 1500 / 1460 / RATE


class Receiver:
    """Notes what arrives, and when; `now` is set by whoever runs the lane."""

    def __init__(self):
        self.now = 0.0
        self.bytes = bytearray()
        self.times = []
        self.events = []

    def take(self, data):
        self.bytes += data
        self.times.append(self.now)

    def note(self, event):
        return lambda: self.events.append((event, len(self.bytes)))


def run(lane, *receivers, late=lambda: 0.0):
    """Wake the lane whenever it asks for it, so much too late; returns the time of the last wake."""
    now = 0.0
    for _ in range(200_000):
        due = lane.next_due()
        if due == math.inf:
            break
        now = max(now, due) + late()
        for receiver in receivers:
            receiver.now = now
        lane.run(now)
    else:
        pytest.fail("the lane never comes to rest")
    return now


def sending_seconds(size, window=INITIAL_WINDOW_BYTES, byte_seconds=BYTE_SECONDS, latency=LATENCY, piece=2190):
    """Slow start by hand: each window full begins when the first piece of the one before is confirmed, or when that has left."""
    began = 0.0
    while size > window:
        began += max(2 * latency + piece * byte_seconds, window * byte_seconds)
        size -= window
        window *= 2
    return began + size * byte_seconds


def flow_to(receiver, lane, on_room=lambda: None):
    return Flow(lane, receiver.take, on_room)


def test_a_small_message_takes_latency_and_its_bytes_at_the_rate():
    lane, receiver = Lane(LATENCY, RATE), Receiver()
    flow_to(receiver, lane).push(b"x" * 1000, 0.0)
    assert run(lane, receiver) == pytest.approx(LATENCY + 1000 * BYTE_SECONDS)


@pytest.mark.parametrize("size", [10_000, 14_600, 14_601, 60_000, 350_000, 3_000_000])
def test_slow_start_delays_a_download_by_whole_round_trips(size):
    lane, receiver = Lane(LATENCY, RATE), Receiver()
    flow_to(receiver, lane).push(bytes(size), 0.0)
    assert run(lane, receiver) == pytest.approx(LATENCY + sending_seconds(size), rel=0.01)
    assert len(receiver.bytes) == size


def test_an_unlimited_lane_adds_latency_only():
    lane, receiver = Lane(LATENCY, None), Receiver()
    flow_to(receiver, lane).push(bytes(INITIAL_WINDOW_BYTES), 0.0)
    assert run(lane, receiver) == pytest.approx(LATENCY)


@given(late=st.lists(st.floats(min_value=0.0, max_value=0.05), min_size=1, max_size=20))
def test_a_late_loop_delays_by_its_own_lateness_and_adds_up_to_nothing(late):
    lane, receiver = Lane(LATENCY, RATE), Receiver()
    flow_to(receiver, lane).push(bytes(200_000), 0.0)
    turns = iter(range(10**6))
    ended = run(lane, receiver, late=lambda: late[next(turns) % len(late)])
    exact = LATENCY + sending_seconds(200_000)
    assert exact * 0.99 <= ended <= exact * 1.01 + max(late)


def test_connections_share_the_rate_fairly():
    lane, first, second = Lane(LATENCY, RATE), Receiver(), Receiver()
    flow_to(first, lane).push(bytes(14_000), 0.0)
    flow_to(second, lane).push(bytes(14_000), 0.0)
    run(lane, first, second)
    assert first.times[-1] == pytest.approx(LATENCY + 28_000 * BYTE_SECONDS, rel=0.03)
    assert second.times[-1] == pytest.approx(LATENCY + 28_000 * BYTE_SECONDS, rel=0.03)
    assert abs(len(first.times) - len(second.times)) <= 1


def test_a_small_answer_overtakes_a_large_download():
    lane, large, small = Lane(LATENCY, 400e3), Receiver(), Receiver()
    flow_to(large, lane).push(bytes(14_000), 0.0)
    flow_to(small, lane).push(bytes(1000), 0.0)
    run(lane, large, small)
    assert small.times[-1] < large.times[-1] / 2


def test_a_signal_takes_latency_only_and_never_overtakes_bytes_that_left_before():
    lane, receiver = Lane(LATENCY, 400e3), Receiver()
    flow_to(receiver, lane).push(bytes(1000), 0.0)
    lane.run(0.0)
    lane.signal(receiver.note("signal"), 0.0)
    run(lane, receiver)
    assert receiver.events == [("signal", 1000)]


def test_an_end_comes_behind_all_bytes():
    lane, receiver = Lane(LATENCY, RATE), Receiver()
    flow = flow_to(receiver, lane)
    flow.push(bytes(40_000), 0.0)
    flow.finish(receiver.note("end"), 0.0)
    run(lane, receiver)
    assert receiver.events == [("end", 40_000)]


@given(
    pieces=st.lists(st.binary(max_size=5000), max_size=30),
    rate=st.none() | st.floats(min_value=1e4, max_value=1e9),
    latency=st.floats(min_value=0.0, max_value=1.0),
)
def test_bytes_arrive_in_order_and_complete_whatever_their_pieces(pieces, rate, latency):
    lane, receiver = Lane(latency, rate), Receiver()
    flow = flow_to(receiver, lane)
    for at, piece in enumerate(pieces):
        lane.run(at * 0.01)
        if piece:
            flow.push(piece, at * 0.01)
    flow.finish(receiver.note("end"), len(pieces) * 0.01)
    run(lane, receiver)
    assert receiver.bytes == b"".join(pieces)
    assert receiver.events == [("end", len(receiver.bytes))]


@pytest.mark.parametrize(("latency", "rate"), [(0.085, 9e6), (0.150, 1.6e6), (0.200, 400e3), (0.300, 100e6)])
def test_a_source_that_pauses_when_told_keeps_the_line_busy(latency, rate):
    lane, receiver, room = Lane(latency, rate), Receiver(), []
    flow = flow_to(receiver, lane, on_room=lambda: room.append(True))
    warm_up_bytes, size = 8_000_000, 2_000_000
    flow.push(bytes(warm_up_bytes), 0.0)
    began = now = run(lane, receiver)
    left = size
    while True:
        while left and not flow.full:
            flow.push(bytes(min(left, 20_000)), now)
            left -= min(left, 20_000)
            assert flow._waiting_bytes < FULL_BYTES + 20_000
        room.clear()
        if lane.next_due() == math.inf:
            break
        now = max(now, lane.next_due())
        lane.run(now)
    assert len(receiver.bytes) == warm_up_bytes + size
    assert now - began == pytest.approx(latency + size * 8 * 1500 / 1460 / rate, rel=0.001)


def test_a_receiver_that_takes_no_more_stops_its_own_flow_only():
    lane, held, other = Lane(LATENCY, RATE), Receiver(), Receiver()
    flow = flow_to(held, lane)
    flow.push(bytes(5000), 0.0)
    flow.hold()
    flow_to(other, lane).push(bytes(5000), 0.0)
    run(lane, held, other)
    assert (len(held.bytes), len(other.bytes)) == (0, 5000)
    flow.release(1.0)
    run(lane, held, other)
    assert len(held.bytes) == 5000


def test_bytes_for_a_receiver_that_takes_no_more_are_dropped_and_the_reset_still_comes():
    lane, receiver = Lane(LATENCY, RATE), Receiver()
    flow = flow_to(receiver, lane)
    flow.push(bytes(5000), 0.0)
    flow.hold()
    flow.drop_if_held()
    flow.finish(receiver.note("reset"), 0.0)
    run(lane, receiver)
    assert receiver.events == [("reset", 0)]


def test_no_more_is_on_the_way_than_the_largest_window():
    lane, receiver = Lane(LATENCY, None), Receiver()
    flow = flow_to(receiver, lane)
    flow.push(bytes(3 * LARGEST_WINDOW_BYTES), 0.0)
    now = run(lane, receiver)  # the window has grown as far as it may
    flow.push(bytes(2 * LARGEST_WINDOW_BYTES), now + 1)
    lane.run(now + 1)
    assert flow._waiting_bytes == LARGEST_WINDOW_BYTES


def test_a_lane_at_rest_asks_for_no_wake():
    lane, receiver = Lane(LATENCY, RATE), Receiver()
    assert lane.next_due() == math.inf
    flow_to(receiver, lane).push(bytes(3 * SEGMENT_BYTES), 0.0)
    run(lane, receiver)
    assert lane.next_due() == math.inf


STALLING = Line(name="stalling", stall_every_seconds=10.0, stall_seconds=2.0)


@pytest.mark.parametrize(
    ("now", "line_time"),
    [(0, 0), (9, 9), (10, 10), (11, 10), (12, 10), (13, 11), (20, 18), (21, 18), (22, 18), (25, 21)],
)
def test_the_clock_stands_still_in_stalls(now, line_time):
    assert LineClock(STALLING, 100.0).at(100.0 + now) == pytest.approx(line_time)


@given(seconds=st.floats(min_value=0.0, max_value=1000.0), now=st.floats(min_value=0.0, max_value=1000.0))
def test_after_the_wait_it_is_as_late_as_was_wanted(seconds, now):
    clock = LineClock(STALLING, 0.0)
    due = clock.at(now) + seconds
    assert clock.at(now + clock.seconds_until(due, now)) == pytest.approx(due, abs=1e-6)


def test_the_clock_stands_still_while_cut_and_nothing_is_ever_due():
    clock = LineClock(STALLING, 0.0)
    clock.cut(4.0)
    clock.cut(5.0)
    assert clock.at(100.0) == 4.0
    assert clock.seconds_until(4.5, 100.0) == math.inf
    clock.restore(100.0)
    assert clock.at(101.0) == 5.0
    assert clock.seconds_until(6.0, 101.0) == pytest.approx(1.0)
