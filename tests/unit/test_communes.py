"""Communes: the block below provinces."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from testbed.communes import simulated_communes, write_communes
from thuocdo.core import yamltext
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Block
from thuocdo.core.portals import RegistryFiles, load_registry, read_registry

TODAY = date(2026, 11, 22)
PROVINCES = """\
agencies:
  - {id: a, block: province, name_vi: Một, name_en: One, region: Bắc Bộ}
  - {id: b, block: province, name_vi: Hai, name_en: Two, city: true, owner: so-khcn-hai}
  - {id: hcm, block: province, name_vi: Thành phố Ba, name_en: Three City, city: true}
  - {id: old, block: province, name_vi: Cũ, name_en: Old, valid_to: 2025-06-30}
  - {id: new, block: province, name_vi: Mới, name_en: New, valid_from: 2025-07-01}
  - {id: bo, block: ministry, name_vi: Bộ, name_en: Ministry}
"""


def registry_of(folder: Path, *communes: str) -> RegistryFiles:
    (folder / "provinces.yaml").write_text(PROVINCES, encoding="utf-8")
    (folder / "communes").mkdir(exist_ok=True)
    text = "agencies:\n" + "".join(f"  - {{block: commune, name_en: X, {one}}}\n" for one in communes)
    (folder / "communes" / "a.yaml").write_text(text, encoding="utf-8")
    return read_registry(folder)


def problems_of(folder: Path, *communes: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        registry_of(folder, *communes)
    return [problem.replace(f"{folder}/", "") for problem in caught.value.problems]


def test_two_communes_of_one_name_in_two_provinces_are_two(tmp_path: Path) -> None:
    files = registry_of(
        tmp_path,
        "id: a-x, parent: a, name_vi: Xã Tân Mẫu, valid_from: 2025-07-01",
        "id: b-x, parent: b, name_vi: Xã Tân Mẫu, valid_from: 2025-07-01",
        "id: c-x, parent: hcm, name_vi: Xã Tân Mẫu, valid_from: 2025-07-01",
    )
    agencies = files.at(TODAY).agencies
    assert agencies["a-x"].full_name("vi") == "Xã Tân Mẫu, tỉnh Một"
    assert agencies["b-x"].full_name("vi") == "Xã Tân Mẫu, thành phố Hai"
    assert agencies["c-x"].full_name("vi") == "Xã Tân Mẫu, thành phố Ba"
    assert agencies["a-x"].full_name("en") == "X, One"
    assert agencies["a"].full_name("vi") == "Một"


def test_two_communes_of_one_name_in_one_province_are_a_mistake(tmp_path: Path) -> None:
    problems = problems_of(
        tmp_path,
        "id: a-x, parent: a, name_vi: Xã Tân Mẫu, valid_from: 2025-07-01",
        "id: a-y, parent: a, name_vi: xã Tân Mẫu, valid_from: 2026-07-01",
    )
    assert problems == [
        "communes/a.yaml:3: agency 'a-y': this name is also that of agency 'a-x' (communes/a.yaml:2), valid 2025-07-01 to …, "
        "while this one is valid 2026-07-01 to …; end one before the other begins, or remove one"
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    communes=st.lists(
        st.tuples(
            st.sampled_from(["a", "b"]),
            st.sampled_from(["Xã Một", "xã MỘT", "Xã Mốt", "Phường Một"]),
            st.sampled_from([2020, 2021, 2022]),
            st.integers(0, 2),
        ),
        max_size=7,
    )
)
def test_a_name_is_unique_within_its_province_at_any_time(
    tmp_path: Path, communes: list[tuple[str, str, int, int]]
) -> None:
    lines = [
        f"id: c{index}, parent: {parent}, name_vi: {name}, valid_from: {first}-01-01, valid_to: {first + years}-12-31"
        for index, (parent, name, first, years) in enumerate(communes)
    ]
    days = [
        {(parent, name.casefold(), year) for year in range(first, first + years + 1)}
        for parent, name, first, years in communes
    ]
    clash = any(one & other for index, one in enumerate(days) for other in days[:index])
    if clash:
        assert all("this name is also that of" in problem for problem in problems_of(tmp_path, *lines))
    else:
        assert len(registry_of(tmp_path, *lines).agencies) == 6 + len(communes)


@pytest.mark.parametrize(
    ("commune", "problem"),
    [
        ("id: x, name_vi: X, valid_from: 2025-07-01", "a commune has a province; add `parent: <id of the province>`"),
        ("id: x, name_vi: X, parent: a", "a commune is one from a day on; add `valid_from` (2025-07-01 for the units"),
        ("id: x, name_vi: X, parent: aa, valid_from: 2025-07-01", "unknown province 'aa'; did you mean 'a'?"),
        ("id: x, name_vi: X, parent: zzzz, valid_from: 2025-07-01", "unknown province 'zzzz'; add the province first"),
        ("id: x, name_vi: X, parent: bo, valid_from: 2025-07-01", "agency 'bo' is a ministry, not a province"),
        (
            "id: x, name_vi: X, parent: new, valid_from: 2025-06-30",
            "valid 2025-06-30 to …, but its province 'new' only 2025-07-01 to …; correct one of them",
        ),
        (
            "id: x, name_vi: X, parent: old, valid_from: 2020-01-01",
            "valid 2020-01-01 to …, but its province 'old' only … to 2025-06-30; correct one of them",
        ),
        ("id: x, name_vi: X, parent: a, valid_from: 2025-07-01, code: 00004", "put it in quotes"),
        ('id: x, name_vi: X, parent: a, valid_from: 2025-07-01, code: "004"', 'five digits, in quotes: "00004"'),
        ("id: x, name_vi: X, parent: a, valid_from: 2025-07-01, city: true", "city is for provinces"),
    ],
)
def test_a_mistake_of_a_commune_is_told_with_its_place(tmp_path: Path, commune: str, problem: str) -> None:
    (told,) = problems_of(tmp_path, commune)
    assert told.startswith("communes/a.yaml:2: agency 'x': ")
    assert problem in told


@pytest.mark.parametrize("key", ["parent: a", 'code: "00004"'])
def test_what_is_of_communes_is_refused_elsewhere(tmp_path: Path, key: str) -> None:
    (tmp_path / "m.yaml").write_text(f"agencies:\n  - {{id: m, block: ministry, name_vi: M, name_en: M, {key}}}\n")
    with pytest.raises(ConfigurationError, match="is for communes; remove it, or write `block: commune`"):
        read_registry(tmp_path)


def test_a_code_is_one_communes_at_a_time(tmp_path: Path) -> None:
    both = [f'id: {id_}, parent: a, name_vi: Xã {id_}, valid_from: 2025-07-01, code: "00004"' for id_ in ("x", "y")]
    (told,) = problems_of(tmp_path, *both)
    assert told.startswith("communes/a.yaml:3: agency 'y': this code is also that of agency 'x'")


def test_region_and_alerts_of_a_commune_are_its_provinces_unless_it_says_otherwise(tmp_path: Path) -> None:
    portal = "portals: [{id: %s, homepage_url: 'https://%s.example/', confidence: high}]"
    files = registry_of(
        tmp_path,
        "id: a-x, parent: a, name_vi: Xã X, valid_from: 2025-07-01, " + portal % ("a-x", "ax"),
        "id: b-x, parent: b, name_vi: Xã X, valid_from: 2025-07-01, region: Đảo, " + portal % ("b-x", "bx"),
        "id: b-y, parent: b, name_vi: Xã Y, owner: xa-y, valid_from: 2025-07-01, " + portal % ("b-y", "by"),
    )
    targets = files.at(TODAY).targets
    assert [(one.region, one.owner, one.parent_id) for one in targets.values()] == [
        ("Bắc Bộ", "a", "a"),
        ("Đảo", "so-khcn-hai", "b"),
        ("", "xa-y", "b"),
    ]


def test_the_digest_follows_the_files_of_communes(tmp_path: Path) -> None:
    first = registry_of(tmp_path, "id: x, parent: a, name_vi: Xã X, valid_from: 2025-07-01").digest
    second = registry_of(tmp_path, "id: x, parent: a, name_vi: Xã Y, valid_from: 2025-07-01").digest
    assert first != second


def test_no_commune_is_shipped() -> None:
    shipped = read_registry(Path(__file__).parents[2] / "portals")
    assert not [agency.id for agency in shipped.agencies if agency.block is Block.COMMUNE]
    cities = {
        agency.full_name("vi") for agency in shipped.at(TODAY).agencies.values() if agency.block is Block.PROVINCE
    }
    assert len(cities) == 34


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count what reading a registry does: events of files, nodes, and entries held against each other."""
    counts = {"events": 0, "nodes": 0, "compared": 0}
    events = yamltext.events

    def counted_events(text: str) -> Iterator[Any]:
        for event in events(text):
            counts["events"] += 1
            yield event

    def counted(name: str, function: Any) -> Any:
        def count(*arguments: Any, **named: Any) -> Any:
            counts[name] += 1
            return function(*arguments, **named)

        return count

    monkeypatch.setattr(yamltext, "events", counted_events)
    monkeypatch.setattr(yamltext.YamlText, "nodes", counted("nodes", yamltext.YamlText.nodes))
    for name in ("thuocdo.core.portals.checks", "thuocdo.core.portals.sheets"):
        module = __import__(name, fromlist=["is_in_order"])
        monkeypatch.setattr(module, "is_in_order", counted("compared", module.is_in_order))
    return counts


def test_the_work_of_loading_grows_with_the_registry_and_no_faster(tmp_path: Path, work: dict[str, int]) -> None:
    told = []
    for number in (200, 400):
        write_communes(tmp_path / str(number), number, provinces=4)
        work.update(events=0, nodes=0, compared=0)
        assert len(load_registry(tmp_path / str(number), at=TODAY).targets) == 2 * (number + 4)
        told.append(dict(work))
    small, large = told
    assert small["nodes"] == large["nodes"] == 0  # lines are for messages
    assert 0 < large["events"] < 2.1 * small["events"]
    assert 0 < large["compared"] < 2.1 * small["compared"]


def test_the_simulated_communes_share_names_and_nothing_else() -> None:
    communes = list(simulated_communes(340))
    assert len({one.id for one in communes}) == len({one.code for one in communes}) == 340
    assert len({one.name_vi for one in communes}) == 10
