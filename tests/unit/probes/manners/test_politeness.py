"""Turns and back-offs per host, across processes."""

import struct
import subprocess
import sys
import time

import pytest

from probes.manners.politeness import HOST_GAP_SECONDS, Politeness
from thuocdo.errors import StoreUnavailableError


async def test_two_probes_of_one_host_stay_apart(tmp_path):
    politeness = Politeness(tmp_path)
    starts = []
    for _ in range(3):
        await politeness.wait_turn("a.gov.test")
        starts.append(time.monotonic())
    gaps = [after - before for before, after in zip(starts, starts[1:], strict=False)]
    assert min(gaps) >= HOST_GAP_SECONDS - 0.2  # a busy machine may wake the first one late


async def test_other_hosts_need_not_wait(tmp_path):
    politeness = Politeness(tmp_path)
    begin = time.monotonic()
    for host in ("a.gov.test", "b.gov.test", "c.gov.test"):
        await politeness.wait_turn(host)
    assert time.monotonic() - begin < HOST_GAP_SECONDS


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


async def test_this_machine_needs_no_manners(tmp_path):
    politeness = Politeness(tmp_path)
    begin = time.monotonic()
    for _ in range(3):
        await politeness.wait_turn("127.0.0.1")
    assert time.monotonic() - begin < HOST_GAP_SECONDS


async def test_a_host_that_never_refused_has_no_file_of_its_own(tmp_path):
    politeness = Politeness(tmp_path)
    await politeness.wait_turn("a.gov.test")
    politeness.welcome("a.gov.test")
    assert politeness.blocked_seconds("a.gov.test") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["turns"]


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
    begin = time.monotonic()
    await Politeness(tmp_path).wait_turn("a.gov.test")
    assert time.monotonic() - begin < HOST_GAP_SECONDS


async def test_a_table_that_cannot_be_used_is_said_so(tmp_path):
    (tmp_path / "turns").mkdir()
    with pytest.raises(StoreUnavailableError, match="turns"):
        await Politeness(tmp_path).wait_turn("a.gov.test")
