"""Turns and back-offs per host, across processes."""

import asyncio
import fcntl
import json
import os
import struct
import subprocess
import sys
import time
from math import inf, nan
from types import SimpleNamespace

import pytest
import structlog

from probes.manners import refusals, turns
from probes.manners.politeness import LONGEST_RETRY_AFTER_SECONDS, Politeness, _digest, refusing_hosts
from probes.manners.refusals import WaitSource
from thuocdo.core.errors import StoreUnavailableError
from thuocdo.core.manners import HOST_GAP_SECONDS


async def test_two_probes_of_one_host_stay_apart(tmp_path):
    politeness = Politeness(tmp_path)
    starts = []
    for _ in range(3):
        await politeness.wait_turn("a.gov.test")
        starts.append(time.monotonic())
    gaps = [after - before for before, after in zip(starts, starts[1:], strict=False)]
    assert min(gaps) >= HOST_GAP_SECONDS - 0.2  # a busy machine may wake the first one late


async def test_other_hosts_need_not_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(turns, "HOST_GAP_SECONDS", 3600.0)
    politeness = Politeness(tmp_path)
    async with asyncio.timeout(60):
        for host in ("a.gov.test", "b.gov.test", "c.gov.test"):
            await politeness.wait_turn(host)


async def test_another_process_sees_the_turn_that_was_taken(tmp_path):
    script = f"import asyncio; from pathlib import Path; from probes.manners.politeness import Politeness; asyncio.run(Politeness(Path({str(tmp_path)!r})).wait_turn('a.gov.test'))"  # noqa: E501
    subprocess.run([sys.executable, "-c", script], check=True)
    politeness = Politeness(tmp_path)
    await politeness.wait_turn("a.gov.test")
    begin = time.monotonic()
    subprocess.run([sys.executable, "-c", script], check=True)
    assert time.monotonic() - begin >= HOST_GAP_SECONDS - 0.05


def test_a_host_that_refuses_is_left_alone_as_long_as_it_asks(tmp_path):
    politeness = Politeness(tmp_path)
    politeness.back_off("a.gov.test", 120.0)
    assert 118 < politeness.blocked_seconds("a.gov.test") <= 120
    assert politeness.blocked_seconds("b.gov.test") == 0


def test_without_retry_after_each_refusal_doubles_the_back_off_until_it_answers(tmp_path):
    politeness = Politeness(tmp_path)
    waits = []
    for _ in range(6):
        politeness.back_off("a.gov.test", None)
        waits.append(round(politeness.blocked_seconds("a.gov.test"), -1))
    assert waits == [300, 600, 1200, 2400, 3600, 3600]
    politeness.welcome("a.gov.test")
    politeness.back_off("a.gov.test", None)
    assert round(politeness.blocked_seconds("a.gov.test"), -1) == 300


async def test_a_file_cut_short_by_a_full_disk_is_forgotten(tmp_path):
    politeness = Politeness(tmp_path)
    politeness.back_off("a.gov.test", 120.0)
    for file in tmp_path.iterdir():
        file.write_text('{"blocked_un')
    assert politeness.blocked_seconds("a.gov.test") == 0


async def test_this_machine_needs_no_manners(tmp_path, monkeypatch):
    monkeypatch.setattr(turns, "HOST_GAP_SECONDS", 3600.0)
    politeness = Politeness(tmp_path)
    async with asyncio.timeout(60):
        for _ in range(3):
            await politeness.wait_turn("127.0.0.1")


async def test_a_host_that_never_refused_has_no_file_of_its_own(tmp_path):
    politeness = Politeness(tmp_path)
    await politeness.wait_turn("a.gov.test")
    politeness.welcome("a.gov.test")
    assert politeness.blocked_seconds("a.gov.test") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["turns"]


def test_hosts_that_refuse_are_told_by_names_that_can_be_printed_and_are_theirs(tmp_path):
    politeness = Politeness(tmp_path)
    politeness.back_off(HOST, 120.0)
    state = json.loads(file_of(tmp_path).read_text())
    for host in ("\ud800", "a\nb", "x" * 300, "\x1b[2J", "b.gov.test"):
        name = _digest("c.gov.test" if host == "b.gov.test" else host)
        (tmp_path / name).write_text(json.dumps(state | {"host": host}))
    assert list(refusing_hosts(tmp_path)) == [HOST]


def test_another_process_sees_a_refusal_and_its_end(tmp_path):
    here, there = Politeness(tmp_path), Politeness(tmp_path)
    here.back_off("a.gov.test", 120.0)
    assert there.blocked_seconds("a.gov.test") > 100
    here.back_off("a.gov.test", 0.0)
    there.welcome("a.gov.test")
    assert here.blocked_seconds("a.gov.test") == 0
    assert [path.stat().st_size for path in tmp_path.iterdir()] == [0]


def test_a_host_that_answers_somebody_else_is_still_left_alone_as_long_as_it_asked(tmp_path):
    politeness = Politeness(tmp_path)
    politeness.back_off("a.gov.test", 120.0)
    politeness.welcome("a.gov.test")
    assert politeness.blocked_seconds("a.gov.test") > 100


@pytest.mark.parametrize("noted", [struct.pack("<d", 1e12), struct.pack("<d", float("nan")), b"\xff" * 8, b""])
async def test_a_turn_from_before_the_machine_was_started_anew_is_forgotten(tmp_path, noted):
    (tmp_path / "turns").write_bytes(noted * 2**20)
    async with asyncio.timeout(60):
        await Politeness(tmp_path).wait_turn("a.gov.test")


async def test_a_table_that_cannot_be_used_is_said_so(tmp_path):
    (tmp_path / "turns").mkdir()
    with pytest.raises(StoreUnavailableError, match="turns"):
        await Politeness(tmp_path).wait_turn("a.gov.test")


HOST = "a.gov.test"
DAY = LONGEST_RETRY_AFTER_SECONDS


def file_of(folder, host=HOST):
    return folder / _digest(host)


@pytest.mark.parametrize(
    ("asked", "wait", "most"),
    [
        (120.0, WaitSource.ASKED, 120.0),
        (0.0, WaitSource.ASKED, 0.0),
        (-5.0, WaitSource.ASKED, 0.0),
        (DAY, WaitSource.ASKED, DAY),
        (31536000.0, WaitSource.CAPPED, DAY),
        (1e300, WaitSource.CAPPED, DAY),
        (inf, WaitSource.CAPPED, DAY),
        (nan, WaitSource.OWN, 300.0),
        (None, WaitSource.OWN, 300.0),
    ],
)
def test_nobody_is_left_alone_for_more_than_a_day(tmp_path, asked, wait, most):
    refusal = Politeness(tmp_path).back_off(HOST, asked)
    assert (refusal.wait, refusal.refusals) == (wait, 1)
    assert most - 5 <= refusal.left_seconds <= most
    assert 0 <= Politeness(tmp_path).blocked_seconds(HOST) <= most


def test_a_wish_for_more_than_a_day_is_told(tmp_path):
    with structlog.testing.capture_logs() as told:
        Politeness(tmp_path).back_off(HOST, 31536000.0)
    assert (told[0]["host"], told[0]["asked_seconds"]) == (HOST, 31536000.0)


VALUES = ["x", "", None, True, [], {}, -1, 10**400, 1e308, "²", [[1]], "NaN"]


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("name", list(refusals.RefusalState.__dataclass_fields__))
def test_a_field_that_cannot_be_right_is_as_if_it_were_not_there(tmp_path, name, value):
    politeness = Politeness(tmp_path)
    politeness.back_off(HOST, 120.0)
    state = json.loads(file_of(tmp_path).read_text()) | {name: value}
    file_of(tmp_path).write_text(json.dumps(state))
    assert 0 <= politeness.blocked_seconds(HOST) <= DAY
    politeness.welcome(HOST)
    assert 0 < politeness.back_off(HOST, None).left_seconds <= 3600


SPOILT = [
    b"{",
    b"[]",
    b"null",
    b"5",
    b'"x"',
    b"NaN",
    b"\xff\xfe",
    b"\0" * 99,
    b"[" * 10**5,
    b"9" * 5000,
    b'{"blocked_until": NaN}',
]


@pytest.mark.parametrize("content", SPOILT, ids=lambda content: repr(content[:12]))
def test_a_file_that_is_none_of_ours_is_forgotten_and_written_anew(tmp_path, content):
    file_of(tmp_path).write_bytes(content)
    politeness = Politeness(tmp_path)
    assert politeness.blocked_seconds(HOST) == 0
    politeness.back_off(HOST, 120.0)
    assert Politeness(tmp_path).blocked_seconds(HOST) > 100


@pytest.mark.parametrize("blocked_until", [4e9, 1e300, 1.7e308, 10**300])
def test_what_an_earlier_version_kept_for_ever_ends_after_a_day(tmp_path, blocked_until):
    file_of(tmp_path).write_text(json.dumps({"blocked_until": blocked_until, "refusals": 3}))
    assert DAY - 5 < Politeness(tmp_path).blocked_seconds(HOST) <= DAY
    kept = json.loads(file_of(tmp_path).read_text())
    assert kept["blocked_until"] <= time.time() + DAY
    assert kept["refusals"] == 3


def folder(path):
    path.mkdir()


def loop(path):
    path.symlink_to(path.name)


@pytest.mark.parametrize("put", [folder, os.mkfifo, loop])
def test_what_stands_in_the_place_of_a_file_costs_only_the_sharing(tmp_path, put):
    put(file_of(tmp_path))
    politeness = Politeness(tmp_path)
    with structlog.testing.capture_logs() as told:
        assert politeness.blocked_seconds(HOST) == 0
        politeness.back_off(HOST, 120.0)
        assert politeness.blocked_seconds(HOST) > 100
        politeness.welcome(HOST)
        politeness.back_off(HOST, 120.0)
    assert len(told) == 1
    assert str(file_of(tmp_path)) in told[0]["cause"]


@pytest.mark.parametrize("put", [folder, os.mkfifo, loop])
async def test_what_stands_in_the_place_of_the_table_is_said(tmp_path, put):
    put(tmp_path / "turns")
    with pytest.raises(StoreUnavailableError, match="turns"):
        await Politeness(tmp_path).wait_turn(HOST)


async def test_a_lock_that_nobody_gives_back_keeps_nobody_waiting_for_ever(tmp_path):
    politeness = Politeness(tmp_path)
    politeness.back_off(HOST, 120.0)
    held = [os.open(path, os.O_RDWR | os.O_CREAT) for path in (file_of(tmp_path), tmp_path / "turns")]
    for file in held:
        fcntl.flock(file, fcntl.LOCK_EX)
    assert politeness.blocked_seconds(HOST) == 0
    with pytest.raises(StoreUnavailableError, match="does not give its lock back"):
        await politeness.wait_turn(HOST)
    for file in held:
        os.close(file)
    assert politeness.blocked_seconds(HOST) > 100


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailableError, match="file"):
        Politeness(tmp_path / "file" / "politeness")


class Clocks:
    """Both clocks of a machine, moved by the test."""

    def __init__(self):
        self.wall, self.running = 1.8e9, 5000.0

    def time(self):
        return self.wall

    def monotonic(self):
        return self.running


@pytest.fixture
def clocks(monkeypatch):
    moved = Clocks()
    for module in (refusals, turns):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=moved.time, monotonic=moved.monotonic))
    return moved


@pytest.mark.parametrize("step_seconds", [-3600, 7200, -1e9, 1e9])
def test_a_step_of_the_wall_clock_neither_shortens_nor_lengthens_a_back_off(tmp_path, clocks, step_seconds):
    politeness = Politeness(tmp_path)
    politeness.back_off(HOST, 600.0)
    clocks.wall += step_seconds
    clocks.running += 100
    assert politeness.blocked_seconds(HOST) == 500


@pytest.mark.parametrize(("step_seconds", "left_seconds"), [(100, 500), (-1e6, 600), (1e6, 0)])
def test_after_a_start_of_the_machine_the_wall_clock_counts_but_never_for_more_than_was_asked(
    tmp_path, clocks, monkeypatch, step_seconds, left_seconds
):
    Politeness(tmp_path).back_off(HOST, 600.0)
    monkeypatch.setattr(refusals, "boot_id", lambda: "another boot")
    clocks.wall += step_seconds
    clocks.running = 7.0
    assert Politeness(tmp_path).blocked_seconds(HOST) == left_seconds


@pytest.mark.parametrize("ahead_seconds", [0.1, 60, 119, 500, 1e9])
async def test_a_turn_that_was_not_noted_by_us_is_repaired_at_once(tmp_path, ahead_seconds):
    (tmp_path / "turns").write_bytes(struct.pack("<d", time.monotonic() + ahead_seconds) * 2**20)
    assert turns.TurnTable(tmp_path / "turns").take(_digest(HOST)) == 0


def test_a_turn_of_another_boot_or_of_a_clock_that_began_anew_is_forgotten(tmp_path, clocks, monkeypatch):
    table = turns.TurnTable(tmp_path / "turns")
    assert table.take(_digest(HOST)) == 0
    assert table.take(_digest(HOST)) == pytest.approx(HOST_GAP_SECONDS, abs=0.002)
    clocks.running -= 200
    assert table.take(_digest(HOST)) == 0
    monkeypatch.setattr(turns, "boot_id", lambda: "another boot")
    assert table.take(_digest(HOST)) == 0


def test_many_at_once_are_each_given_a_turn(tmp_path, clocks):
    table = turns.TurnTable(tmp_path / "turns")
    waits = [table.take(_digest(HOST)) for _ in range(200)]
    assert all(after - before >= HOST_GAP_SECONDS - 1e-6 for before, after in zip(waits, waits[1:], strict=False))
