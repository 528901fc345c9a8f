"""Measurements that outlive the process that took them."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from thuocdo.agent import spool as spool_module
from thuocdo.agent.spool import Spool


@pytest.fixture
def left_behind(tmp_path, make_measurement):
    """What a process that has died left: three measurements."""
    spool = Spool(tmp_path, "http")
    spool.keep([make_measurement(n) for n in range(3)])
    spool.close()
    return next(tmp_path.iterdir())


def test_the_next_process_finds_them_once(tmp_path, left_behind, make_measurement):
    following = Spool(tmp_path, "http")
    assert following.take_over() == [make_measurement(n) for n in range(3)]
    assert Spool(tmp_path, "http").take_over() == []  # another one beside it
    following.clear()
    assert not left_behind.exists()


def test_those_of_a_process_that_lives_are_its_own(tmp_path, make_measurement):
    living = Spool(tmp_path, "http")
    living.keep([make_measurement()])
    assert Spool(tmp_path, "http").take_over() == []
    living.clear()
    assert list(tmp_path.iterdir()) == []


def test_another_engine_leaves_them_alone(tmp_path, left_behind):
    assert Spool(tmp_path, "browser").take_over() == []


@pytest.mark.parametrize("tail", [b'{"key": {"targ', b"\xff\xfe\n", b"null\n", b"[" * 100_000])
def test_a_line_that_was_cut_short_costs_no_other(tmp_path, left_behind, tail):
    with left_behind.open("ab") as file:
        file.write(tail)
    assert len(Spool(tmp_path, "http").take_over()) == 3


def test_what_is_not_delivered_stays(tmp_path, left_behind):
    following = Spool(tmp_path, "http")
    following.take_over()
    following.close()
    assert len(Spool(tmp_path, "http").take_over()) == 3


@pytest.mark.parametrize("in_the_way", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_passed_by(tmp_path, left_behind, in_the_way):
    in_the_way(tmp_path / "http-1.jsonl")
    assert len(Spool(tmp_path, "http").take_over()) == 3


def all_of(spool):
    """Hand out everything, as a store that takes all of it would."""
    found = []
    while spool.has_more:
        found += spool.take_over()
        spool.clear()
    return found


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def test_the_next_process_may_have_the_same_pid_as_it_does_in_a_container(tmp_path, left_behind, make_measurement):
    following = Spool(tmp_path, "http")
    assert len(following.take_over()) == 3
    following.keep([make_measurement(7)])
    following.close()
    assert len(all_of(Spool(tmp_path, "http"))) == 4
    assert list(tmp_path.iterdir()) == []


def test_thousands_of_files_take_few_descriptors(tmp_path, left_behind):
    text = left_behind.read_bytes()
    for number in range(300):
        (tmp_path / f"http-{number}.jsonl").write_bytes(text)
    before = open_files()
    following = Spool(tmp_path, "http")
    assert following.take_over()
    assert open_files() <= before + spool_module.MOST_FILES
    following.close()
    assert len(all_of(Spool(tmp_path, "http"))) == 301 * 3
    assert open_files() <= before
    assert list(tmp_path.iterdir()) == []


def test_a_file_beyond_all_memory_is_handed_out_in_pieces(tmp_path, left_behind, monkeypatch):
    left_behind.write_bytes(left_behind.read_bytes() * 20)
    monkeypatch.setattr(spool_module, "MOST_AT_ONCE", 7)
    following, sizes = Spool(tmp_path, "http"), []
    while following.has_more:
        sizes.append(len(following.take_over()))
        following.clear()
    assert max(sizes) == 7
    assert sum(sizes) == 60


def test_a_file_that_was_handed_out_in_part_stays_whole(tmp_path, left_behind, monkeypatch):
    monkeypatch.setattr(spool_module, "MOST_AT_ONCE", 2)
    following = Spool(tmp_path, "http")
    following.take_over()
    following.clear()
    following.close()
    assert len(all_of(Spool(tmp_path, "http"))) == 3


@pytest.mark.parametrize("line", [b'{"of": "another version"}\n', b"\0" * 10_000_000, b"x" * 10_000_000 + b"\n", b"\n"])
def test_what_cannot_be_read_is_kept_for_people(tmp_path, left_behind, line):
    text = line + left_behind.read_bytes()
    left_behind.write_bytes(text)
    assert len(all_of(Spool(tmp_path, "http"))) >= 2  # zeroes swallow the line they stand in
    [kept] = tmp_path.iterdir()
    assert kept.suffix == ".refused"
    assert kept.read_bytes() == text
    assert all_of(Spool(tmp_path, "http")) == []


def test_the_end_of_a_line_that_a_kill_cut_short_is_no_reason_to_keep_the_file(tmp_path, left_behind):
    with left_behind.open("ab") as file:
        file.write(b'{"key": {"targ')
    assert len(all_of(Spool(tmp_path, "http"))) == 3
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_locks_keeps_and_delivers_all_the_same(
    tmp_path, left_behind, make_measurement, monkeypatch
):
    def no_locks(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    following = Spool(tmp_path, "http")
    following.keep([make_measurement(9)])
    assert len(following.take_over()) == 3
    following.close()
    assert len(all_of(Spool(tmp_path, "http"))) == 4


def test_a_link_leads_nowhere(tmp_path, left_behind):
    elsewhere = left_behind.rename(tmp_path / "of somebody else")
    (tmp_path / "http-1.jsonl").symlink_to(elsewhere)
    assert all_of(Spool(tmp_path, "http")) == []
    assert elsewhere.exists()


def test_what_memory_has_no_room_for_is_handed_out_again(tmp_path, left_behind, make_measurement):
    spool = Spool(tmp_path, "http")
    handed = spool.take_over()
    spool.keep([make_measurement(n) for n in range(5, 8)])
    spool.turn_over()
    spool.keep([make_measurement(9)])
    assert spool.take_over() == [*handed, *(make_measurement(n) for n in range(5, 8))]
    spool.clear()
    assert list(tmp_path.iterdir()) == []
