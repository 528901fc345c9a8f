"""Communes are ranked over the country and within their province."""

from dataclasses import replace
from datetime import timedelta

import pytest

from thuocdo.core.config import bundled
from thuocdo.core.model import Agency, Block, Reason, Target, TargetRole
from thuocdo.core.portals import Registry
from thuocdo.score.criteria import load_criteria_set
from thuocdo.score.ranking import build_ranking, shown_blocks

SECONDS = {"a1": 1.5, "a2": 5.0, "a3": 9.0, "b1": 3.0, "b2": 5.0}
"""Load time of each commune's home page; the first letter is the province."""


@pytest.fixture
def country(registry: Registry) -> Registry:
    communes = {
        name: Agency(id=name, block=Block.COMMUNE, name_vi=f"Xã {name[1]}", name_en=f"C{name[1]}", parent_id=name[0])
        for name in (*SECONDS, "b3")
    }
    targets = {
        f"{name}.home": Target(
            id=f"{name}.home",
            role=TargetRole.HOMEPAGE,
            url=f"https://{name}.example/",
            agency_id=name,
            portal_id=name,
            block=Block.COMMUNE,
            parent_id=name[0],
        )
        for name in communes
    }
    return replace(registry, agencies={**registry.agencies, **communes}, targets={**registry.targets, **targets})


@pytest.fixture
def of_communes(criteria):
    return criteria.model_copy(update={"blocks": (Block.PROVINCE, Block.COMMUNE)})


@pytest.fixture
def measured(runs):
    def of(commune: str, seconds: float):
        return [replace(one, agency_id=commune) for one in runs(commune, [seconds] * 9)]

    return [one for commune, seconds in SECONDS.items() for one in of(commune, seconds)] + runs("a", [2.0] * 9)


def test_a_commune_has_a_place_in_the_country_and_one_in_its_province(stored, country, of_communes, measured, now):
    ranking = build_ranking(stored(measured), country, of_communes, now=now)
    places = {
        one.scorecard.agency_id: (one.rank, one.rank_to, one.rank_in_province, one.rank_in_province_to)
        for one in ranking.blocks[Block.COMMUNE]
    }
    assert places == {
        "a1": (1, 1, 1, 1),
        "b1": (2, 2, 1, 1),
        "a2": (3, 4, 2, 2),
        "b2": (3, 4, 2, 2),
        "a3": (5, 5, 3, 3),
        "b3": (None, None, None, None),
    }
    (province, *_) = ranking.blocks[Block.PROVINCE]
    assert (province.scorecard.agency_id, province.rank, province.rank_in_province) == ("a", 1, None)


def test_what_a_commune_hid_is_told_in_its_places_in_the_province_as_well(
    stored, country, of_communes, measured, runs, now
):
    others = [one for one in measured if one.agency_id != "a3"]
    hidden = [replace(one, agency_id="a3") for one in runs("a3", [0.5] * 5 + [Reason.CAPTCHA] * 20)]
    ranking = build_ranking(stored(others + hidden), country, of_communes, now=now)
    told = {one.scorecard.agency_id: one for one in ranking.blocks[Block.COMMUNE]}
    a3 = told["a3"]
    assert (a3.rank_in_province, a3.best_rank_in_province, a3.worst_rank_in_province) == (3, 1, 3)
    assert a3.may_move_in_province
    assert told["a1"].may_move_in_province
    assert (told["a1"].best_rank_in_province, told["a1"].worst_rank_in_province) == (1, 2)
    assert not told["b1"].may_move_in_province


def test_communes_take_no_part_where_the_set_does_not_rank_them(stored, country, criteria, measured, now):
    ranking = build_ranking(stored(measured), country, criteria, now=now)
    assert Block.COMMUNE not in ranking.blocks
    assert (ranking.measurements, ranking.runs) == (9, 9)
    assert shown_blocks(criteria) == (Block.MINISTRY, Block.PROVINCE, Block.NATIONAL)


def test_the_shipped_set_of_communes_is_that_of_websites_but_for_whom_it_ranks():
    of_all, of_communes = (load_criteria_set(bundled("criteria"), f"website-2025{end}") for end in ("", "-communes"))
    assert of_communes.blocks == (Block.COMMUNE,)
    assert of_communes.groups == of_all.groups
    assert not of_communes.fully_confirmed


def test_places_do_not_depend_on_what_else_is_in_the_window(stored, country, of_communes, measured, now):
    alone = [one for one in measured if one.agency_id.startswith("b")]
    whole = build_ranking(stored(measured), country, of_communes, now=now, since=now - timedelta(days=1))
    part = build_ranking(stored(alone), country, of_communes, now=now, since=now - timedelta(days=1))
    of_b = [
        {one.scorecard.agency_id: one.rank_in_province for one in ranking.blocks[Block.COMMUNE] if one.rank_in_province}
        for ranking in (whole, part)
    ]
    assert of_b[1] == {"b1": 1, "b2": 2}
    assert of_b[0].items() >= of_b[1].items()
