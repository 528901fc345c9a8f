import json
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console
from typer.testing import CliRunner

from thuocdo.cli.portals import app
from thuocdo.core.config import bundled
from thuocdo.core.errors import ConfigurationError, UnknownTargetError
from thuocdo.core.i18n import translator

REGISTRY = """\
agencies:
  - id: old
    block: province
    name_vi: Tỉnh Cũ
    name_en: Old Province
    valid_to: 2025-06-30
    successor: new
    portals:
      - {id: old, homepage_url: "https://old.example/", confidence: high, successor: new}
  - id: new
    block: province
    name_vi: Tỉnh Mới
    name_en: New Province
    region: Đông Nam Bộ
    valid_from: 2025-07-01
    portals:
      - id: new
        homepage_url: https://new.example/
        confidence: medium
        source: a newspaper
        eforms:
          - {procedure: "1.001193", url: "https://new.example/apply", journey: spa, variables: {agency_code: H17}}
      - {id: new-guess, homepage_url: "https://guess.example/", confidence: low}
  - {id: office, block: ministry, name_vi: Văn phòng, name_en: Office}
procedures:
  - {code: "1.001193", name_vi: Đăng ký khai sinh, name_en: Birth registration}
mandates:
  - {id: m1, portal: new, granted_by: Tỉnh, document: 12/VB, valid_from: 2025-07-01, valid_to: 2099-12-31}
"""


@dataclass
class Outcome:
    text: str
    exit_code: int
    exception: BaseException | None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "all.yaml").write_text(REGISTRY, encoding="utf-8")
    return tmp_path


def run(folder: Path, *arguments: str, lang: str = "en") -> Outcome:
    page = StringIO()
    context = SimpleNamespace(
        settings=SimpleNamespace(registry_dir=folder),
        lang=lang,
        translate=translator(lang),
        console=Console(file=page, width=200),
    )
    result = CliRunner().invoke(app, list(arguments), obj=context)
    return Outcome(page.getvalue() + result.output, result.exit_code, result.exception)


def row(text: str, host: str) -> str:
    (line,) = [line for line in text.splitlines() if host in line]
    return line


def test_list_tells_what_is_probed_and_why_the_rest_is_not(folder: Path) -> None:
    outcome = run(folder, "list", "--at", "2026-01-01")
    assert outcome.exit_code == 0
    assert "yes" in row(outcome.text, "new.example")
    assert "no, low confidence, not confirmed" in row(outcome.text, "guess.example")
    assert "no, no known address" in row(outcome.text, "office")
    assert "old.example" not in outcome.text


def test_list_speaks_vietnamese(folder: Path) -> None:
    outcome = run(folder, "list", "--at", "2026-01-01", lang="vi")
    assert "Tỉnh Mới" in row(outcome.text, "new.example")
    assert "không, độ tin cậy thấp, chưa được xác nhận" in row(outcome.text, "guess.example")
    assert "Tên miền" in outcome.text


def test_list_shows_what_was_valid_on_a_day(folder: Path) -> None:
    outcome = run(folder, "list", "--at", "2025-06-30")
    assert "yes" in row(outcome.text, "old.example")
    assert "new.example" not in outcome.text


def test_list_all_shows_every_day(folder: Path) -> None:
    outcome = run(folder, "list", "--all", "--at", "2026-01-01")
    assert "no, not valid on that day" in row(outcome.text, "old.example")
    assert "… – 2025-06-30" in row(outcome.text, "old.example")
    assert "yes" in row(outcome.text, "new.example")


def test_list_of_a_block_as_json(folder: Path) -> None:
    rows = json.loads(run(folder, "list", "--at", "2026-01-01", "--block", "province", "--json").text)
    assert [(row["id"], row["probed"], row["why_not_probed"]) for row in rows] == [
        ("new", True, None),
        ("new-guess", False, "low confidence, not confirmed"),
    ]
    assert sorted(rows[0]) == [
        "agency_id", "block", "code", "confidence", "confirmed", "homepage_url", "host", "id", "name_en", "name_vi", "parent_en",
        "parent_id", "parent_vi", "probed", "region", "source", "successor_id", "valid_from", "valid_to", "why_not_probed",
    ]  # fmt: skip


def test_list_of_the_shipped_registry_has_a_row_for_every_portal() -> None:
    rows = json.loads(run(bundled("portals"), "list", "--all", "--json").text)
    assert len(rows) == 124
    assert len({row["id"] for row in rows}) == 124


def test_show_an_agency_with_portals_targets_and_mandate(folder: Path) -> None:
    agency = json.loads(run(folder, "show", "new", "--json").text)["agency"]
    assert (agency["valid_from"], agency["valid_today"]) == ("2025-07-01", True)
    assert [portal["id"] for portal in agency["portals"]] == ["new", "new-guess"]
    targets = agency["portals"][0]["targets"]
    assert [target["id"] for target in targets] == ["new.home", "new.eform-1.001193"]
    assert targets[1]["variables"] == {"agency_code": "H17"}
    assert targets[0]["mandate"]["valid_to"] == "2099-12-31"
    assert "elsewhere_hosts" not in targets[0]


def test_show_text_names_successor_source_and_targets(folder: Path) -> None:
    assert "successor_id: new" in run(folder, "show", "old").text
    text = run(folder, "show", "new-guess").text
    assert "portal:\n  id: new-guess" in text
    assert "confidence: low" in text
    assert "    id: new-guess.home" in text
    assert "    probed: False" in text
    assert "source: a newspaper" in run(folder, "show", "new").text
    assert run(folder, "show", "new.home").text.startswith("target:\n  id: new.home")


def test_show_of_an_unknown_id_names_the_nearest(folder: Path) -> None:
    outcome = run(folder, "show", "new-gues")
    assert isinstance(outcome.exception, UnknownTargetError)
    assert "did you mean 'new-guess'?" in str(outcome.exception)


def test_check_counts_what_it_found(folder: Path) -> None:
    assert run(folder, "check").text == "3 agencies, 3 portals, 4 targets; no mistakes\n"
    assert "3 cơ quan, 3 cổng dịch vụ công, 4 đối tượng đo; không có lỗi" in run(folder, "check", lang="vi").text


def test_check_of_another_folder_reports_all_its_mistakes(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "all.yaml").write_text(
        REGISTRY.replace("block: ministry", "block: x").replace("portal: new", "portal: nwe")
    )
    outcome = run(folder, "check", str(other))
    assert isinstance(outcome.exception, ConfigurationError)
    assert len(outcome.exception.problems) == 2
