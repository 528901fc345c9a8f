"""When a control visits: one block of ten, near to a visit of ours, never nearer than manners allow."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from schedules.controls import BLOCK, FARTHEST, draw_controls
from thuocdo.core.model import Block, Job, Target, TargetRole

START = datetime(2026, 11, 30, 17, tzinfo=UTC)
APART = timedelta(seconds=300)


def target(name):
    return Target(
        id=f"{name}.home", role=TargetRole.HOMEPAGE, url=f"https://{name}.example/", agency_id=name, portal_id=name,
        block=Block.PROVINCE,
    )  # fmt: skip


def jobs(names="ab", every=900, days=14, kinds=(("homepage", "desktop"),), shift=0):
    found = []
    for name in names:
        for number in range(int(days * 86_400 / every)):
            kind, profile = kinds[number % len(kinds)]
            at = START + timedelta(seconds=number * every + shift)
            found.append(
                Job(
                    target=target(name),
                    kind=kind,
                    vantage_id="hn",
                    profile=profile,
                    scheduled_at=at,
                    deadline_seconds=60.0,
                )
            )
    return found


def drawn(planned, seed="s"):
    return draw_controls(planned, "homepage", "desktop", seed, START)


def test_one_block_of_ten_has_one_visit():
    found = drawn(jobs())
    tens = Counter((one.target_id, (one.at - START) // (10 * BLOCK)) for one in found)
    assert len(found) == 2 * 17  # 168 blocks of two weeks
    assert set(tens.values()) <= {1, 2}  # a visit beside one of ours may lie past the end of its block


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_it_is_near_to_ours_and_never_too_near_to_any(seed):
    planned = jobs(kinds=(("homepage", "desktop"), ("homepage", "mobile")))
    by_target = {name: [one.scheduled_at for one in planned if one.target.id == name] for name in ("a.home", "b.home")}
    desktop = {(one.target.id, one.scheduled_at) for one in planned if one.profile == "desktop"}
    for one in drawn(planned, seed):
        assert (one.target_id, one.beside) in desktop
        assert abs(one.at - one.beside) <= FARTHEST
        assert min(abs(one.at - other) for other in by_target[one.target_id]) >= APART


def test_where_there_is_no_polite_instant_there_is_no_visit():
    assert drawn(jobs(every=500)) == []


def test_a_mandate_says_how_near_is_polite():
    from datetime import date

    from thuocdo.core.model import Mandate

    granted = Mandate(
        id="m", portal_id="a", granted_by="x", document="x", valid_from=date(2026, 1, 1), valid_to=date(2027, 1, 1),
        browser_interval_seconds=60.0,
    )  # fmt: skip
    planned = [replace(one, target=replace(one.target, mandate=granted)) for one in jobs("a", every=500)]
    assert len(drawn(planned)) == 17


def test_another_seed_gives_other_visits_and_the_same_the_same():
    planned = jobs()
    assert drawn(planned) == drawn(planned)
    assert drawn(planned) == draw_controls(planned[::-1], "homepage", "desktop", "s", START)
    assert {one.at for one in drawn(planned)} != {one.at for one in drawn(planned, "other")}


def test_what_is_not_compared_has_no_visit():
    assert drawn(jobs(kinds=(("eform", "desktop"), ("homepage", "mobile")))) == []


def test_both_sides_of_our_visits_are_taken():
    assert {one.at > one.beside for one in drawn(jobs("abcdefgh"))} == {True, False}
