"""The gallery holds what it promises, and its sample reaches every trap."""

import re
from collections import Counter

from testbed.traps.gallery import SAMPLED, TRAPS, sample, table
from testbed.traps.trap import Probe

FIRST_LIST = {f"g{number:02}" for number in range(1, 90)}


def test_the_first_list_of_attacks_is_there_and_at_least_sixty_more():
    names = {one.id for one in TRAPS}
    assert names >= FIRST_LIST
    assert len(names - FIRST_LIST) >= 60


def test_every_trap_has_a_name_of_its_own_that_can_be_a_host():
    assert [name for name, times in Counter(one.id for one in TRAPS).items() if times > 1] == []
    assert [one.id for one in TRAPS if not re.fullmatch(r"[a-z0-9]{2,30}", one.id)] == []


def test_every_trap_has_a_deed():
    deed = r"@(d|ws|udp|tcp)@|/d/|canhtay|luu-tam|x\.png"
    assert [one.id for one in TRAPS if not re.search(deed, one.text)] == []


def test_few_traps_are_unproved():
    assert sum(bool(one.unproved) for one in TRAPS) <= 10


def test_a_seed_gives_the_same_sample_of_every_kind_of_probe():
    assert sample("1") == sample("1")
    assert sample("1") != sample("2")
    assert Counter(one.probe for one in sample("1")) == Counter(SAMPLED)
    assert set(SAMPLED) == set(Probe)


def test_every_trap_is_in_a_sample_some_day():
    taken = {one.id for number in range(400) for one in sample(str(number))}
    assert taken == {one.id for one in TRAPS}


def test_the_list_for_people_has_a_line_for_each():
    assert len(table().splitlines()) == len(TRAPS) + 2
