"""Missed starts, counted by series and hour."""

from datetime import UTC, datetime, timedelta

from thuocdo.agent.missing import MissedCounter
from thuocdo.core.model import Block, Job, Target, TargetRole

AT = datetime(2026, 3, 1, 10, 20, tzinfo=UTC)


def job(at=AT, target="hue.home", kind="http"):
    return Job(
        target=Target(
            id=target,
            role=TargetRole.HOMEPAGE,
            url="https://a.test/",
            agency_id="hue",
            portal_id="p",
            block=Block.PROVINCE,
        ),
        kind=kind,
        vantage_id="v",
        profile="desktop",
        scheduled_at=at,
        deadline_seconds=1.0,
    )


def told(counter):
    return {(one.target_id, one.kind, one.hour.hour): one.missed for one in counter.take_changed()}


def test_counts_grow_and_only_what_changed_is_told():
    counter = MissedCounter("v")
    for one in (job(), job(AT + timedelta(minutes=1)), job(target="da-nang.home"), job(AT + timedelta(hours=1))):
        counter.count(one)
    assert told(counter) == {("hue.home", "http", 10): 2, ("da-nang.home", "http", 10): 1, ("hue.home", "http", 11): 1}
    assert told(counter) == {}
    counter.count(job())
    assert told(counter) == {("hue.home", "http", 10): 3}


def test_each_process_counts_for_itself():
    first, second = MissedCounter("v"), MissedCounter("v")
    first.count(job())
    second.count(job())
    assert first.take_changed()[0].key != second.take_changed()[0].key


def test_hours_that_are_long_over_are_forgotten_once_they_were_told_and_all_others_go_on():
    counter, heard = MissedCounter("v"), {}
    for hours in range(200):
        counter.count(job(AT + timedelta(hours=hours)))
        counter.count(job(AT + timedelta(hours=hours - 1)))
        if hours % 20 == 0:
            heard |= {one.hour: one.missed for one in counter.take_changed()}
    heard |= {one.hour: one.missed for one in counter.take_changed()}
    assert len(counter._counts) <= 28
    assert sorted(heard.values()) == [1, 1, *[2] * 199]
