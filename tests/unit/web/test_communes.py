"""The pages of communes: a page at a time, never a name without its province."""

import csv
import io
import re
from types import SimpleNamespace

import pytest

from testbed.communes import write_communes
from thuocdo.core.config import Settings
from thuocdo.processes.ranker import Ranker
from thuocdo.store import Store
from thuocdo.web.app import create_app


def text_of(served, address: str) -> str:
    answer = served.client.get(address)
    assert answer.status == 200, answer.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def rows_of(served, address: str, after: str = "<main") -> list[list[str]]:
    """Return the cells of the first table after a piece of the page, row by row."""
    table = served.client.get(address).text.partition(after)[2].partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [
            re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip()
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)
        ]
        for row in table.split("</tr>")[:-1]
    ]


def test_communes_are_listed_by_their_places_in_the_country_with_their_province(served):
    rows = rows_of(served, "/communes")
    assert [row[:4] for row in rows] == [
        ["1", "Xã Mẫu", "thành phố Đà Nẵng", "1"],
        ["2", "Xã Chậm", "thành phố Đà Nẵng", "2"],
        ["–", "Xã Mẫu", "thành phố Huế", "–"],
    ]
    assert "2 trong 3 xã, phường, đặc khu có thứ hạng." in text_of(served, "/communes")


def test_links_to_communes_of_one_name_are_told_apart_by_ear(served):
    labels = re.findall(r'aria-label="(Xã Mẫu[^"]*)"', served.client.get("/communes").text)
    assert labels == ["Xã Mẫu, thành phố Đà Nẵng", "Xã Mẫu, thành phố Huế"]


def test_the_communes_of_one_province_are_listed_by_their_places_there(served):
    assert [row[:3] for row in rows_of(served, "/communes?province=da-nang-2025")] == [
        ["1", "Xã Mẫu", "1"],
        ["2", "Xã Chậm", "2"],
    ]


def test_a_provinces_own_page_shows_the_ranking_of_its_communes(served):
    text = text_of(served, "/agencies/da-nang-2025?lang=en")
    assert "All 2 communes of this province" in text
    assert "Slow Commune" in text
    assert "All" not in text_of(served, "/agencies/can-tho-2025?lang=en").partition("Communes")[2]


def test_a_communes_own_page_says_its_province_its_code_and_both_places(served):
    text = text_of(served, "/agencies/da-nang-2025-xa-mau")
    assert "Xã Mẫu, thành phố Đà Nẵng" in text
    assert "Mã đơn vị hành chính 00001" in text
    assert "Hạng 1 trong số 2 xã, phường, đặc khu được xếp hạng cả nước. Hạng 1 trong số 2 đơn vị" in text


def test_other_pages_name_a_commune_with_its_province(served):
    assert "Xã Mẫu, thành phố Huế" in text_of(served, "/agencies/hue-2025-xa-mau/measurements")
    assert "Sample Commune, Hue" in text_of(served, "/incidents?agency=hue-2025-xa-mau&lang=en")


def test_lists_of_agencies_hold_provinces_and_no_communes(served):
    assert "Xã Mẫu" not in text_of(served, "/agencies")
    assert "Huế (1) Đà Nẵng (2)" in text_of(served, "/agencies")
    assert "Xã Mẫu" not in text_of(served, "/incidents")
    assert "Xã" not in text_of(served, "/")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/communes?province=da-nang", "no province 'da-nang' with communes; did you mean 'da-nang-2025'?"),
        ("/communes?province=can-tho-2025", "no province 'can-tho-2025' with communes"),
        ("/communes?criteria=website-2025", "that ranks communes; did you mean 'website-2025-communes'?"),
        ("/api/rankings.csv?province=nowhere", "no province 'nowhere'"),
    ],
)
def test_what_is_no_province_or_ranks_no_communes_is_not_found(served, address, said):
    answer = served.client.get(f"{address}&lang=en")
    assert answer.status == 404
    assert said.replace("'", "&#39;") in answer.text or said in answer.text


def test_the_rows_of_one_province_come_as_csv(served):
    text = served.client.get("/api/rankings.csv?criteria=website-2025-communes&province=da-nang-2025").text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["agency_id"], row["rank_in_province"], row["parent_id"]) for row in rows] == [
        ("da-nang-2025-xa-mau", "1", "da-nang-2025"),
        ("da-nang-2025-xa-cham", "2", "da-nang-2025"),
    ]
    assert "commune" not in served.client.get("/api/rankings.csv?criteria=website-2025").text


@pytest.fixture(scope="module")
def country(tmp_path_factory, served):
    """A site with 120 communes in three provinces, nothing measured."""
    folder = tmp_path_factory.mktemp("country")
    write_communes(folder / "registry", 120, provinces=3)
    settings = Settings(data_dir=folder / "data", registry_dir=folder / "registry")
    store = Store.open(settings.store_url)
    Ranker(settings, store).once()
    client = type(served.client)(create_app(settings, store=store, probe_now=None))
    yield SimpleNamespace(client=client)
    store.close()


def test_a_page_holds_fifty_communes_and_leads_to_the_others(country):
    seen = []
    address = "/communes"
    while address:
        page = country.client.get(address).text
        rows = rows_of(country, address)
        assert 0 < len(rows) <= 50
        seen += [tuple(row[1:3]) for row in rows]
        address = next(iter(re.findall(r'rel="next" href="([^"]+)"', page)), "").replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 120
    assert "Trang 3 trên 3." in text_of(country, "/communes?page=3")


def test_no_page_holds_all_communes(country):
    for address in ("/", "/?criteria=website-2025-communes", "/agencies", "/incidents", "/communes"):
        assert country.client.get(address).text.count("Mẫu 17") <= 6, address
        assert len(re.findall(r"/agencies/tinh-\d-mau-\d+", country.client.get(address).text)) <= 100, address
    assert len(rows_of(country, "/agencies/tinh-2", 'id="communes-of"')) == 40


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999"])
def test_a_page_that_is_none_is_refused(country, page):
    assert country.client.get(f"/communes?page={page}").status == 400
