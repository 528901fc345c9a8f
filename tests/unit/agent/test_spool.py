"""Measurements that outlive the process that took them."""

import os

import pytest

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
