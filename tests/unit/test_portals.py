import hashlib
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from thuocdo.core.config import bundled
from thuocdo.core.errors import ConfigurationError, UnknownTargetError
from thuocdo.core.model import Block, Confidence, TargetRole
from thuocdo.core.portals import Registry, RegistryFiles, load_registry, read_registry
from thuocdo.core.portals.sheets import Placed

TODAY = date(2026, 11, 22)
SURVEY = date(2023, 8, 1)

GOOD = """\
agencies:
  - id: old
    block: province
    name_vi: Tỉnh
    name_en: Province
    region: Đông Nam Bộ
    valid_to: 2025-06-30
    successor: new
    portals:
      - id: old
        homepage_url: https://dvc.tinh.example/
        confidence: high
        successor: new
  - id: new
    block: province
    name_vi: Tỉnh
    name_en: Province
    region: Đông Nam Bộ
    valid_from: 2025-07-01
    portals:
      - id: new
        homepage_url: https://dvc.tinh.example/
        confidence: medium
        family: igate-new
        expected_text: Dịch vụ công
        eforms:
          - procedure: "1.001193"
            url: https://dvc.tinh.example/apply
            journey: testbed-spa
            variables: {agency_code: H17}
      - id: new-second
        homepage_url: http://second.tinh.example:8080/
        confidence: low
procedures:
  - {code: "1.001193", name_vi: Đăng ký khai sinh, name_en: Birth registration, level: toàn trình}
mandates:
  - id: m1
    portal: new
    granted_by: Tỉnh
    document: 12/VB
    valid_from: 2026-01-01
    valid_to: 2026-12-31
    robots_exempt: true
    browser_interval_seconds: 5
"""


@pytest.fixture(scope="module")
def shipped() -> RegistryFiles:
    return read_registry(bundled("portals"))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    (tmp_path / "all.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_registry(folder)
    return [problem.replace(f"{folder}/", "") for problem in caught.value.problems]


def blocks(registry: Registry) -> Counter[Block]:
    return Counter(agency.block for agency in registry.agencies.values())


# The registry that ships.


def test_every_row_of_the_look_up_is_there(shipped: RegistryFiles) -> None:
    assert len(shipped.agencies) == 115  # 124 rows; nine are further hosts of an agency that has a row of its own
    assert len(shipped.portals) == 122  # two agencies have no known address
    assert len(shipped.procedures) == 11
    assert Counter(portal.confidence for portal in shipped.portals) == {
        Confidence.HIGH: 40,
        Confidence.MEDIUM: 32,
        Confidence.LOW: 50,
    }
    assert all(portal.source for portal in shipped.portals)
    assert not any(portal.confirmed for portal in shipped.portals)


def test_34_provinces_today_and_63_in_the_survey_of_2023(shipped: RegistryFiles) -> None:
    assert blocks(shipped.at(TODAY)) == {Block.PROVINCE: 34, Block.MINISTRY: 18, Block.NATIONAL: 3}
    assert blocks(shipped.at(SURVEY)) == {Block.PROVINCE: 63, Block.MINISTRY: 23, Block.NATIONAL: 3}
    assert blocks(shipped.at(date(2025, 6, 30)))[Block.PROVINCE] == 63
    assert blocks(shipped.at(date(2025, 7, 1)))[Block.PROVINCE] == 34


def test_hue_follows_thua_thien_hue_on_the_first_of_2025(shipped: RegistryFiles) -> None:
    assert {"thua-thien-hue", "hue"} & set(shipped.at(date(2024, 12, 31)).agencies) == {"thua-thien-hue"}
    assert {"thua-thien-hue", "hue"} & set(shipped.at(date(2025, 1, 1)).agencies) == {"hue"}
    assert shipped.at(SURVEY).agencies["thua-thien-hue"].successor_id == "hue"


def test_ministries_of_before_march_2025_end_with_february(shipped: RegistryFiles) -> None:
    merged = {
        "bo-gtvt",
        "bo-ke-hoach-dau-tu",
        "bo-thong-tin-truyen-thong",
        "bo-ldtbxh",
        "bo-nnptnt",
        "bo-tnmt",
        "uy-ban-dan-toc",
    }
    assert merged <= set(shipped.at(date(2025, 2, 28)).agencies)
    assert not merged & set(shipped.at(date(2025, 3, 1)).agencies)
    ever = shipped.at(None).agencies
    assert ever["bo-gtvt"].successor_id == "bo-xay-dung"
    assert ever["bo-thong-tin-truyen-thong"].successor_id == "bo-khoa-hoc-cong-nghe"


def test_a_ministry_that_changed_its_host_is_one_agency(shipped: RegistryFiles) -> None:
    february, march = shipped.at(date(2025, 2, 28)), shipped.at(date(2025, 3, 1))
    assert {portal.host for portal in february.portals.values() if portal.agency_id == "bo-xay-dung"} == {
        "dichvucong.moc.gov.vn"
    }
    assert {portal.host for portal in march.portals.values() if portal.agency_id == "bo-xay-dung"} == {"dvc.moc.gov.vn"}
    assert march.targets["bo-xay-dung.home"].own_hosts == {"dvc.moc.gov.vn", "dichvucong.moc.gov.vn"}
    older = {portal.id: portal.agency_id for portal in shipped.portals if portal.id.endswith("-old")}
    assert older == {
        "bo-tu-phap-old": "bo-tu-phap",
        "bo-cong-thuong-old": "bo-cong-thuong",
        "bo-noi-vu-old": "bo-noi-vu",
        "bo-xay-dung-old": "bo-xay-dung",
        "bo-gddt-old": "bo-giao-duc-dao-tao",
        "bo-y-te-old": "bo-y-te",
    }


def test_agencies_without_a_known_address_have_no_portal(shipped: RegistryFiles) -> None:
    with_portal = {portal.agency_id for portal in shipped.portals}
    assert {agency.id for agency in shipped.agencies} - with_portal == {"thanh-tra-chinh-phu", "van-phong-chinh-phu"}


def test_low_confidence_is_not_probed(shipped: RegistryFiles) -> None:
    today = shipped.at(TODAY)
    assert len(today.targets) == 60
    probed = {target.portal_id for target in today.probed_targets()}
    assert probed == {portal.id for portal in today.portals.values() if portal.confidence is not Confidence.LOW}
    assert len(probed) == 46
    assert {"ha-noi", "da-nang-2025", "bo-cong-an", "national"} <= probed
    assert not {"dien-bien", "gia-lai-2025", "ngan-hang-nha-nuoc", "bo-dan-toc-ton-giao"} & probed


def test_facts_of_a_row_are_kept(shipped: RegistryFiles) -> None:
    portals = {portal.id: portal for portal in shipped.portals}
    assert portals["ca-mau"].homepage_url == "https://dichvucong.camau.gov.vn/"
    assert (portals["ca-mau"].valid_from, portals["ca-mau"].valid_to) == (None, date(2025, 6, 30))
    assert portals["ca-mau"].successor_id == "ca-mau-2025"
    assert portals["ca-mau"].source == "naming pattern only"
    assert portals["national"].valid_from == date(2019, 12, 9)
    assert portals["national-vpcp"].successor_id == "national"
    assert portals["bo-noi-vu-old"].valid_to == date(2025, 2, 28)
    region = shipped.at(TODAY).agencies["lam-dong-2025"].region
    assert region == "Duyên hải Nam Trung Bộ và Tây Nguyên"
    assert {procedure.level for procedure in shipped.procedures} == {None}


def test_targets_share_their_sets_of_hosts(shipped: RegistryFiles) -> None:
    targets = shipped.at(TODAY).targets.values()
    assert len({id(target.elsewhere_hosts) for target in targets}) == 1
    assert "dichvucong.danang.gov.vn" in shipped.at(TODAY).target("ha-noi.home").elsewhere_hosts
    assert shipped.at(TODAY).target("ha-noi.home").own_hosts == {"dichvucong.hanoi.gov.vn"}


# What a registry gives.


def test_validity_is_inclusive_at_both_ends(good: Path) -> None:
    assert set(load_registry(good, at=date(2025, 6, 30)).agencies) == {"old"}
    assert set(load_registry(good, at=date(2025, 7, 1)).agencies) == {"new"}
    assert set(load_registry(good, at=date(2025, 6, 30)).targets) == {"old.home"}


def test_a_portal_becomes_targets(good: Path) -> None:
    registry = load_registry(good, at=TODAY)
    assert list(registry.targets) == ["new.home", "new-second.home", "new.eform-1.001193"]
    home, eform = registry.target("new.home"), registry.target("new.eform-1.001193")
    assert (home.role, home.url, home.expected_text) == (
        TargetRole.HOMEPAGE,
        "https://dvc.tinh.example/",
        "Dịch vụ công",
    )
    assert (home.agency_id, home.block, home.region, home.family) == ("new", Block.PROVINCE, "Đông Nam Bộ", "igate-new")
    assert (eform.role, eform.url, eform.expected_text) == (TargetRole.EFORM, "https://dvc.tinh.example/apply", "")
    assert (eform.procedure_code, eform.journey, eform.variables) == ("1.001193", "testbed-spa", {"agency_code": "H17"})
    assert eform.own_hosts == {"dvc.tinh.example", "second.tinh.example"}


def test_a_target_is_called_by_its_portal_or_its_agency_and_a_form_by_its_procedure(good: Path) -> None:
    registry = load_registry(good, at=TODAY)
    home, form = registry.targets["new.home"], registry.targets["new.eform-1.001193"]
    assert (registry.called(home, "vi"), registry.called(home, "en")) == ("Tỉnh", "Province")
    assert registry.called(form, "vi") == "Tỉnh: Đăng ký khai sinh"
    assert registry.called(form, "en") == "Province: Birth registration"


def test_a_portal_is_asked_over_the_ip_version_that_its_entry_says(good: Path) -> None:
    path = next(path for path in sorted(good.glob("*.yaml")) if "family: igate-new" in path.read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("family: igate-new", "family: igate-new\n        ip_version: 6"), encoding="utf-8")
    registry = load_registry(good, at=TODAY)
    versions = {target_id: registry.target(target_id).ip_version for target_id in registry.targets}
    assert versions == {"new.home": 6, "new.eform-1.001193": 6, "new-second.home": 4}


@pytest.mark.parametrize("version", ["5", "both", '"4"'])
def test_any_other_ip_version_is_refused(good: Path, version: str) -> None:
    path = next(path for path in sorted(good.glob("*.yaml")) if "family: igate-new" in path.read_text(encoding="utf-8"))
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("family: igate-new", f"family: igate-new\n        ip_version: {version}"), encoding="utf-8"
    )
    with pytest.raises(ConfigurationError, match="ip_version"):
        load_registry(good, at=TODAY)


def test_low_confidence_is_probed_once_confirmed(good: Path) -> None:
    assert [target.id for target in load_registry(good, at=TODAY).probed_targets()] == [
        "new.home",
        "new.eform-1.001193",
    ]
    file = good / "all.yaml"
    file.write_text(GOOD.replace("confidence: low", "confidence: low\n        confirmed: true"), encoding="utf-8")
    assert len(load_registry(good, at=TODAY).probed_targets()) == 3


def test_a_mandate_is_attached_while_it_is_valid(good: Path) -> None:
    mandate = load_registry(good, at=TODAY).target("new.eform-1.001193").mandate
    assert mandate is not None
    assert (mandate.id, mandate.browser_interval_seconds, mandate.robots_exempt) == ("m1", 5.0, True)
    assert load_registry(good, at=TODAY).target("new-second.home").mandate is None
    assert load_registry(good, at=date(2025, 12, 31)).target("new.home").mandate is None
    assert load_registry(good, at=date(2026, 12, 31)).target("new.home").mandate is not None


def test_the_digest_follows_the_content(good: Path) -> None:
    first = load_registry(good, at=TODAY).digest
    assert first == load_registry(good, at=SURVEY).digest
    assert len(first) == len(hashlib.sha256().hexdigest())
    (good / "more.yaml").write_text("agencies: []\n", encoding="utf-8")
    assert load_registry(good, at=TODAY).digest != first


def test_an_unknown_target_names_the_nearest(good: Path) -> None:
    with pytest.raises(UnknownTargetError, match=r"'new\.hom' is not in the registry; did you mean 'new\.home'\?"):
        load_registry(good, at=TODAY).target("new.hom")
    with pytest.raises(UnknownTargetError, match="portals list"):
        load_registry(good, at=TODAY).target("zzzzzz")


def test_entries_of_several_files_are_merged(tmp_path: Path) -> None:
    agencies, rest = GOOD.split("procedures:")
    (tmp_path / "a.yaml").write_text(agencies, encoding="utf-8")
    (tmp_path / "b.yaml").write_text("procedures:" + rest, encoding="utf-8")
    assert len(load_registry(tmp_path, at=TODAY).targets) == 3


# Mistakes.

MISTAKES = {
    "unknown key of a portal": (
        "homepage_url: http://second.tinh.example:8080/",
        "homepage_ur1: http://second.tinh.example:8080/",
        [
            "all.yaml:31: portal 'new-second': key 'homepage_url' is missing; add it",
            "all.yaml:32: portal 'new-second': unknown key 'homepage_ur1'; did you mean 'homepage_url'?",
        ],
    ),
    "unknown key of the file": (
        "mandates:",
        "mandate:",
        ["all.yaml:36: mandate: unknown key 'mandate'; did you mean 'mandates'?"],
    ),
    "unknown key of an agency": (
        "    region: Đông Nam Bộ\n    valid_to",
        "    regoin: Đông Nam Bộ\n    valid_to",
        ["all.yaml:6: agency 'old': unknown key 'regoin'; did you mean 'region'?"],
    ),
    "unknown key of an eform": (
        "            journey:",
        "            jorney:",
        [
            "all.yaml:27: eform '1.001193': key 'journey' is missing; add it",
            "all.yaml:29: eform '1.001193': unknown key 'jorney'; did you mean 'journey'?",
        ],
    ),
    "missing key": (
        "        confidence: low\n",
        "",
        ["all.yaml:31: portal 'new-second': key 'confidence' is missing; add it"],
    ),
    "no id": (
        "  - id: m1\n    portal",
        "  - portal",
        ["all.yaml:37: mandates.0.id: key 'id' is missing; add it"],
    ),
    "bad confidence": (
        "confidence: medium",
        "confidence: mediun",
        [
            "all.yaml:23: portal 'new': confidence: Input should be 'high', 'medium' or 'low' (given: 'mediun'); "
            "did you mean 'medium'?"
        ],
    ),
    "bad id": (
        "- id: new-second",
        "- id: New_Second",
        [
            "all.yaml:31: portal 'New_Second': id: an id is made of lowercase letters, digits and single hyphens between them "
            "(given: 'New_Second')"
        ],
    ),
    "duplicate id": (
        "- id: new-second",
        "- id: old",
        ["all.yaml:31: portal 'old': this id is taken by all.yaml:10; give each portal its own"],
    ),
    "valid_from after valid_to": (
        "    valid_from: 2025-07-01",
        "    valid_from: 2025-07-01\n    valid_to: 2025-06-01",
        ["all.yaml:14: agency 'new': valid_from 2025-07-01 is after valid_to 2025-06-01; swap or correct them"],
    ),
    "impossible day": (
        "valid_to: 2025-06-30",
        "valid_to: 2025-06-31",
        [
            "all.yaml:7: agency 'old': valid_to: Input should be a valid date or datetime, day value is outside expected range"
        ],
    ),
    "unknown successor of an agency": (
        "    successor: new\n    portals",
        "    successor: neww\n    portals",
        ["all.yaml:8: agency 'old': unknown agency 'neww'; did you mean 'new'?"],
    ),
    "unknown successor of a portal": (
        "        successor: new",
        "        successor: new-secnd",
        ["all.yaml:13: portal 'old': unknown portal 'new-secnd'; did you mean 'new-second'?"],
    ),
    "circle of successors": (
        "    valid_from: 2025-07-01",
        "    valid_from: 2025-07-01\n    successor: old",
        ["all.yaml:8: agency 'old': successors run in a circle: old → new → old; the last of them has no successor"],
    ),
    "own successor": (
        "    successor: new\n    portals",
        "    successor: old\n    portals",
        ["all.yaml:8: agency 'old': successors run in a circle: old → old; the last of them has no successor"],
    ),
    "successor begins too early": (
        "valid_from: 2025-07-01",
        "valid_from: 2025-06-30",
        [
            "all.yaml:8: agency 'old': successor 'new' begins on 2025-06-30, before old ends on 2025-06-30; "
            "correct one of the dates",
            "all.yaml:13: portal 'old': successor 'new' begins on 2025-06-30, before old ends on 2025-06-30; "
            "correct one of the dates",
            "all.yaml:16: agency 'new': this name is also that of agency 'old' (all.yaml:2), valid … to 2025-06-30, "
            "while this one is valid 2025-06-30 to …; end one before the other begins, or remove one",
            "all.yaml:22: portal 'new': this host is also that of portal 'old' (all.yaml:10), valid … to 2025-06-30, "
            "while this one is valid 2025-06-30 to …; end one before the other begins, or remove one",
        ],
    ),
    "same host twice at a time": (
        "http://second.tinh.example:8080/",
        "http://DVC.tinh.example:80/other",
        [
            "all.yaml:32: portal 'new-second': this host is also that of portal 'new' (all.yaml:21), valid 2025-07-01 to …, "
            "while this one is valid 2025-07-01 to …; end one before the other begins, or remove one"
        ],
    ),
    "portal outlives its agency": (
        "        successor: new",
        "        successor: new\n        valid_to: 2025-07-01",
        [
            "all.yaml:13: portal 'old': successor 'new' begins on 2025-07-01, before old ends on 2025-07-01; "
            "correct one of the dates",
            "all.yaml:14: portal 'old': valid … to 2025-07-01, but its agency 'old' only … to 2025-06-30; correct one of them",
            "all.yaml:23: portal 'new': this host is also that of portal 'old' (all.yaml:10), valid … to 2025-07-01, "
            "while this one is valid 2025-07-01 to …; end one before the other begins, or remove one",
        ],
    ),
    "unknown procedure": (
        'procedure: "1.001193"',
        'procedure: "1.001194"',
        ["all.yaml:27: eform '1.001194': unknown procedure '1.001194'; did you mean '1.001193'?"],
    ),
    "procedure not in quotes": (
        'procedure: "1.001193"',
        "procedure: 1.001193",
        [
            "all.yaml:27: agencies.1.portals.0.eforms.0.procedure: Input should be a valid string "
            "(given: 1.001193); put it in quotes"
        ],
    ),
    "bad procedure code": (
        'code: "1.001193"',
        'code: "1.00119"',
        [
            "all.yaml:27: eform '1.001193': unknown procedure '1.001193'; did you mean '1.00119'?",
            "all.yaml:35: procedure '1.00119': code: a procedure code is one digit, a dot and six digits, in quotes: "
            "\"1.001193\" (given: '1.00119')",
        ],
    ),
    "bad level": (
        "level: toàn trình",
        "level: toàn trinh",
        [
            "all.yaml:35: procedure '1.001193': level: Input should be 'toàn trình' or 'một phần' (given: 'toàn trinh'); "
            "did you mean 'toàn trình'?"
        ],
    ),
    "unknown portal in a mandate": (
        "portal: new\n",
        "portal: new-secon\n",
        ["all.yaml:38: mandate 'm1': unknown portal 'new-secon'; did you mean 'new-second'?"],
    ),
    "open-ended mandate": (
        "    valid_to: 2026-12-31\n",
        "",
        ["all.yaml:37: mandate 'm1': key 'valid_to' is missing; add it"],
    ),
    "two mandates at a time": (
        "mandates:\n",
        "mandates:\n  - {id: m0, portal: new, granted_by: x, document: y, valid_from: 2026-12-31, valid_to: 2027-12-31}\n",
        [
            "all.yaml:39: mandate 'm1': this portal is also that of mandate 'm0' (all.yaml:37), valid 2026-12-31 to 2027-12-31, "
            "while this one is valid 2026-01-01 to 2026-12-31; end one before the other begins, or remove one"
        ],
    ),
    "same procedure twice on a portal": (
        "        eforms:\n",
        '        eforms:\n          - {procedure: "1.001193", url: https://a.example/, journey: j}\n',
        [
            "all.yaml:28: eform '1.001193': this procedure on this portal is also that of eform '1.001193' (all.yaml:27), "
            "valid 2025-07-01 to …, while this one is valid 2025-07-01 to …; end one before the other begins, or remove one"
        ],
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_place(good: Path, old: str, new: str, expected: list[str]) -> None:
    assert old in GOOD
    (good / "all.yaml").write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    problems = problems_of(good)
    assert len(problems) == len(expected)
    assert all(problem.startswith(start) for problem, start in zip(problems, expected, strict=True)), problems


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://a.example/", "begins with http:// or https://"),
        ("dichvucong.example", "begins with http:// or https://"),
        ("https:///path", "host name of the address is missing"),
        ("https://a..example/", "host name of the address is missing or no valid name"),
        ("https://user:secret@a.example/", "no user name or password"),
        ("https://a.example/a b", "no spaces"),
        ("https://a.example:99999/", "no valid address"),
        ("https://[::1/", "no valid address"),
    ],
)
def test_a_bad_address_is_a_mistake(good: Path, url: str, reason: str) -> None:
    text = GOOD.replace("https://dvc.tinh.example/apply", f'"{url}"').replace(
        "http://second.tinh.example:8080/", f'"{url}"'
    )
    (good / "all.yaml").write_text(text, encoding="utf-8")
    first, second = problems_of(good)
    assert first.startswith("all.yaml:28: eform '1.001193': url: ")
    assert second.startswith("all.yaml:32: portal 'new-second': homepage_url: ")
    assert reason in first
    assert reason in second


def test_mistakes_of_several_files_and_sorts_come_together(tmp_path: Path) -> None:
    agencies, rest = GOOD.split("procedures:")
    (tmp_path / "a.yaml").write_text(
        agencies.replace("family:", "famly:").replace("successor: new\n    p", "successor: nev\n    p")
    )
    (tmp_path / "b.yaml").write_text("procedures:" + rest.replace("portal: new", "portal: nwe"))
    (tmp_path / "c.yaml").write_text("agencies:\n  - {id: old, block: city, name_vi: a, name_en: b}\n")
    assert problems_of(tmp_path) == [
        "a.yaml:8: agency 'old': unknown agency 'nev'; did you mean 'new'?",
        "a.yaml:24: portal 'new': unknown key 'famly'; did you mean 'family'?",
        "b.yaml:5: mandate 'm1': unknown portal 'nwe'; did you mean 'new'?",
        "c.yaml:2: agency 'old': block: Input should be 'ministry', 'province', 'commune' or 'national' (given: 'city')",
        "c.yaml:2: agency 'old': this id is taken by a.yaml:2; give each agency its own",
    ]


def test_a_broken_agency_does_not_make_its_portals_seem_to_overlap(good: Path) -> None:
    text = GOOD.replace(
        "    name_en: Province\n    region: Đông Nam Bộ\n    valid_to", "    region: Đông Nam Bộ\n    valid_to"
    )
    (good / "all.yaml").write_text(text, encoding="utf-8")
    assert problems_of(good) == ["all.yaml:2: agency 'old': key 'name_en' is missing; add it"]


def test_a_file_that_is_no_yaml_does_not_hide_mistakes_of_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("agencies: [\n")
    (tmp_path / "b.yaml").write_text("agency: []\n")
    first, second = problems_of(tmp_path)
    assert first.startswith("a.yaml:2: no valid YAML (column 1: ")
    assert second == "b.yaml:1: agency: unknown key 'agency'; did you mean 'agencies'?"


@pytest.mark.parametrize(
    "content", ["- a list\n", "agencies: {id: a}\n", "agencies: [text]\n", "agencies:\n  - portals: [1]\n"]
)
def test_a_wrong_shape_is_a_mistake_and_no_crash(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.yaml").write_text(content)
    assert problems_of(tmp_path)


def test_a_key_without_entries_is_an_empty_list(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("agencies:\nmandates:\n")
    assert load_registry(tmp_path, at=TODAY).targets == {}


def test_a_folder_without_files_is_a_mistake(tmp_path: Path) -> None:
    assert "holds no *.yaml file" in problems_of(tmp_path)[0]


def test_alerts_of_an_agencys_targets_go_to_the_agency_or_to_its_owner(tmp_path):
    owned = GOOD.replace("    valid_from: 2025-07-01\n", "    valid_from: 2025-07-01\n    owner: so-khcn\n", 1)
    for text, owner in ((GOOD, "new"), (owned, "so-khcn")):
        (tmp_path / "fleet.yaml").write_text(text, encoding="utf-8")
        targets = load_registry(tmp_path, at=TODAY).targets.values()
        assert {target.owner for target in targets} == {owner}


def test_entries_that_overlap_are_found_in_one_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    overlaps = Placed.overlaps
    monkeypatch.setattr(Placed, "overlaps", lambda one, other: asked.append(1) or overlaps(one, other))
    lines = [f"  - {{id: a{number}, block: province, name_vi: Một, name_en: One}}" for number in range(300)]
    (tmp_path / "a.yaml").write_text("agencies:\n" + "\n".join(lines) + "\n", encoding="utf-8")
    assert len(problems_of(tmp_path)) == 299
    assert len(asked) < 600


def test_the_shipped_registry_names_no_networks(shipped: RegistryFiles) -> None:
    assert not any(dated.target.networks for dated in shipped.dated_targets)


def test_networks_of_a_portal_are_those_of_all_its_targets(good: Path) -> None:
    text = GOOD.replace("family: igate-new", "family: igate-new\n        networks: [10.1.0.0/16, 'fd00:1::/32']")
    (good / "all.yaml").write_text(text, encoding="utf-8")
    targets = load_registry(good, at=TODAY).targets
    assert targets["new.home"].networks == ("10.1.0.0/16", "fd00:1::/32")
    assert targets["new.eform-1.001193"].networks == targets["new.home"].networks
    assert targets["new-second.home"].networks == ()


@pytest.mark.parametrize(
    "value", ["[10.1.0.1/16]", "[10.1.0.0/33]", "[lab]", "[10]", "10.1.0.0/16", "[null]", "[1.5]", "[fe80::1%eth0/64]"]
)
def test_a_network_that_is_none_is_refused_with_its_line_and_a_remedy(good: Path, value: str) -> None:
    text = GOOD.replace("family: igate-new", f"family: igate-new\n        networks: {value}")
    (good / "all.yaml").write_text(text, encoding="utf-8")
    problems = problems_of(good)
    assert len(problems) == 1
    assert "10.1.0.0/16" in problems[0]
    assert all(problem.startswith("all.yaml:25: portal 'new': networks") for problem in problems), problems
