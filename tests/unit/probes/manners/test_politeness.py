"""Turns and back-offs per host, across processes."""

import subprocess
import sys
import time

from probes.manners.politeness import HOST_GAP_SECONDS, Politeness


async def test_two_probes_of_one_host_stay_apart(tmp_path):
    politeness = Politeness(tmp_path)
    starts = []
    for _ in range(3):
        await politeness.wait_turn("a.gov.test")
        starts.append(time.monotonic())
    gaps = [after - before for before, after in zip(starts, starts[1:], strict=False)]
    assert min(gaps) >= HOST_GAP_SECONDS - 0.01


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
