"""Rankings of communes: never three thousand lines, never a name without its province."""

import csv
import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from testbed.communes import simulated_communes
from thuocdo.core.i18n import translator
from thuocdo.core.model import Agency, Block
from thuocdo.core.portals import Registry
from thuocdo.reports.ranking import communes_of_province, not_measured, ranking_rows, ranking_to_csv, ranking_to_json
from thuocdo.reports.terminal import MOST_COMMUNES, print_ranking
from thuocdo.score.ranking import rank_communes

NUMBER = 200


@pytest.fixture
def country():
    communes = {
        one.id: Agency(
            id=one.id,
            block=Block.COMMUNE,
            name_vi=one.name_vi,
            name_en=one.name_en,
            parent_id=one.province_id,
            within_vi=f"tỉnh {one.province_vi}",
            within_en=one.province_vi,
            code=one.code,
        )
        for one in simulated_communes(NUMBER, provinces=2)
    }
    provinces = {
        f"tinh-{n}": Agency(id=f"tinh-{n}", block=Block.PROVINCE, name_vi=f"Mẫu {n}", name_en=f"Sample {n}")
        for n in (1, 2)
    }
    return Registry(agencies={**provinces, **communes}, portals={}, procedures={}, targets={}, digest="3" * 64)


@pytest.fixture
def ranked(ranking, country):
    """Every commune has a place of its own, in the order of the codes; the last of all has none."""
    (model, *_) = ranking.blocks[Block.PROVINCE]
    communes = [one for one in country.agencies.values() if one.block is Block.COMMUNE]
    cards = [
        replace(
            model.scorecard,
            agency_id=one.id,
            block=Block.COMMUNE,
            total_ratio=ratio,
            ci_low=ratio,
            ci_high=ratio,
            possible_high=ratio,
            **rest,
        )
        for index, one in enumerate(communes)
        for ratio, rest in [(1 - index / 1000, {} if index < NUMBER - 1 else {"runs": 0, "reached_ratio": 0.0})]
    ]
    criteria = ranking.criteria.model_copy(update={"blocks": (Block.COMMUNE,)})
    blocks = {Block.COMMUNE: rank_communes(cards, criteria, probed=[], agencies=country.agencies)}
    return replace(ranking, criteria=criteria, blocks=blocks)


def printed(ranked, country, lang="vi", **rest):
    console = Console(file=io.StringIO(), width=120)
    print_ranking(console, ranked, country, translator(lang), **rest)
    return console.file.getvalue()


def test_of_the_country_the_first_are_printed_each_with_its_province(ranked, country):
    text = printed(ranked, country)
    places = [line.split()[0] for line in text.splitlines() if ", tỉnh Mẫu" in line and "99,9%" in line]
    assert places == [str(place) for place in range(1, MOST_COMMUNES + 1)]
    assert f"và {NUMBER - MOST_COMMUNES} xã, phường, đặc khu nữa" in text
    assert "`thuocdo rank --province MÃ`" in text


def test_of_one_province_all_are_printed_by_their_places_there(ranked, country):
    text = printed(ranked, country, province_id="tinh-2")
    places = [line.split()[0] for line in text.splitlines() if "tỉnh Mẫu 2" in line and "99,9%" in line]
    assert places == [*(str(place) for place in range(1, 100)), "–"]
    assert "tỉnh Mẫu 1" not in text
    assert "Xã, phường, đặc khu: Mẫu 2" in text


def test_tables_for_machines_hold_all_communes_with_province_and_both_places(ranked, country):
    rows = ranking_rows(ranked, country, translator("vi"))
    cells = {row["agency_id"]: row for row in csv.DictReader(io.StringIO(ranking_to_csv(rows)))}
    assert len(cells) == NUMBER
    second = cells["tinh-2-mau-1"]
    assert (second["rank"], second["rank_in_province"], second["rank_in_province_to"]) == ("2", "1", "1")
    assert (second["name_vi"], second["parent_id"], second["parent_vi"]) == ("Xã Mẫu 1", "tinh-2", "tỉnh Mẫu 2")
    assert second["code"] == "00002"
    document = json.loads(ranking_to_json(ranked, rows))
    assert document["blocks"]["commune"][1]["rank_in_province"] == 1
    assert document["blocks"]["commune"][-1]["rank_in_province"] is None


def test_a_ranking_of_one_province_holds_its_communes_in_the_order_of_their_places(ranked, country):
    local = communes_of_province(ranked, country, "tinh-2")
    rows = ranking_rows(local, country, translator("vi"))
    assert {row.parent_id for row in rows} == {"tinh-2"}
    assert [row.rank_in_province for row in rows] == [*range(1, 100), None]
    assert [one.agencies for one in not_measured(local).unranked] == [("tinh-2-mau-100",)]


def test_a_row_without_province_goes_by_its_name_alone(ranking, registry):
    (row, *_) = ranking_rows(ranking, registry, translator("vi"), [Block.PROVINCE])
    assert (row.full_name("vi"), row.full_name("en")) == ("Cần Thơ", "Can Tho")
