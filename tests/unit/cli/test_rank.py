import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from thuocdo.cli import app
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Conditions, Measurement, MeasurementKey, Observation, Outcome, PageKind, Reason, Round
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore

REGISTRY = """
agencies:
{agencies}
"""
AGENCY = """
  - id: {id}
    block: {block}
    name_vi: {name}
    name_en: {name}
    source: test
    portals:
      - {{id: {id}, homepage_url: "https://{id}.example/", family: unknown, confidence: high, source: test}}
"""
AGENCIES = {
    "nhanh": ("province", 1.0),
    "cham": ("province", 9.0),
    "hong": ("province", None),
    "bo-mau": ("ministry", 2.0),
}
NOW = datetime.now(UTC)


def measurement(agency: str, index: int, seconds: float | None) -> Measurement:
    at = NOW - timedelta(hours=1) + timedelta(seconds=index)
    key = MeasurementKey(
        target_id=f"{agency}.home", kind="homepage", vantage_id="local", profile="desktop", scheduled_at=at
    )
    reason = None if seconds else Reason.CAPTCHA
    times = dict.fromkeys(("fcp_seconds", "lcp_seconds", "load_seconds", "longest_task_seconds"), seconds or 0.0)
    return Measurement(
        key=key,
        agency_id=agency,
        started_at=at,
        duration_seconds=1.0,
        observation=Observation(
            outcome=reason.outcome if reason else Outcome.OK,
            reason=reason,
            page_kind=None if reason else PageKind.PORTAL,
            values={} if reason else times,
        ),
        conditions=Conditions(),
        round_id="r1",
    )


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A settings file with a registry of four agencies and a store that holds one round."""
    portals = tmp_path / "portals"
    portals.mkdir()
    text = "".join(AGENCY.format(id=name, block=block, name=name) for name, (block, _) in AGENCIES.items())
    (portals / "all.yaml").write_text(REGISTRY.format(agencies=text), encoding="utf-8")
    file = tmp_path / "thuocdo.yaml"
    file.write_text("data_dir: data\nregistry_dir: portals\ncriteria_set: website-2025\nlang: en\n", encoding="utf-8")
    (tmp_path / "data").mkdir()
    store = Store.open(f"sqlite:///{tmp_path}/data/thuocdo.sqlite")
    store.rounds.begin(Round(id="r1", label="r1", started_at=NOW - timedelta(hours=1)))
    store.measurements.write(
        [measurement(name, index, seconds) for name, (_, seconds) in AGENCIES.items() for index in range(6)]
    )
    store.close()
    return file


@pytest.fixture
def call(config: Path):
    def run(*arguments: str):
        return CliRunner().invoke(app, ["--config", str(config), *arguments])

    yield run
    structlog.reset_defaults()  # the command line set logging up for the runner's own standard error, which is closed now


def test_csv_ranks_blocks_apart_and_leaves_the_unmeasured_without_rank(call):
    result = call("rank", "--format", "csv")
    rows = {row["agency_id"]: row for row in csv.DictReader(io.StringIO(result.stdout))}
    assert result.exit_code == 0
    assert {name: row["rank"] for name, row in rows.items()} == {"nhanh": "1", "cham": "2", "hong": "", "bo-mau": "1"}
    assert rows["hong"]["unranked_reason"] == "nothing_measured"


def test_json_names_criteria_and_block(call):
    document = json.loads(call("rank", "--format", "json", "--block", "ministry", "--round", "r1").stdout)
    assert list(document["blocks"]) == ["ministry"]
    assert (document["criteria"]["id"], document["round_id"], document["simulated"]) == ("website-2025", "r1", False)


def test_table_is_the_default(call):
    result = call("rank")
    assert result.exit_code == 0
    assert "Provinces" in result.stdout


def test_unknown_round_and_criteria_name_the_nearest_and_what_exists(call):
    for arguments, message in (
        (("--round", "r11"), r"no round 'r11'; did you mean 'r1'? (there are: r1)"),
        (("--criteria", "website-2026"), "no criteria set 'website-2026'; did you mean 'website-2025'?"),
    ):
        result = call("rank", *arguments)
        assert isinstance(result.exception, ConfigurationError)
        assert message in str(result.exception)


def test_since_leaves_older_measurements_out(call):
    later = (NOW + timedelta(days=2)).strftime("%Y-%m-%d")
    document = json.loads(call("rank", "--format", "json", "--since", later).stdout)
    assert document["measurements"] == 0


@pytest.mark.parametrize("since", ["0001-01-01", "1944-12-31", "3000-01-01", "9999-12-31T23:59:59"])
def test_a_day_that_no_time_zone_holds_is_a_mistake(call, since):
    result = call("rank", "--since", since)
    assert isinstance(result.exception, ConfigurationError)
    assert "--since" in str(result.exception)


def test_assessment_is_stored_with_its_evidence(call, config, tmp_path):
    shown = tmp_path / "shown.png"
    shown.write_bytes(b"\x89PNG")
    result = call(
        "assess", "nhanh", "structure-by-hand", "4", "--by", "Lan", "--evidence", str(shown), "--criteria", "qd473-2024"
    )
    assert result.exit_code == 0, result.exception
    store = Store.open(f"sqlite:///{tmp_path}/data/thuocdo.sqlite")
    entries = store.assessments.all()
    store.close()
    assert [(one.agency_id, one.criteria_set_id, one.criterion_id, one.points, one.entered_by) for one in entries] == [
        ("nhanh", "qd473-2024", "structure-by-hand", 4.0, "Lan")
    ]
    kept = EvidenceStore(tmp_path / "data" / "evidence").path(entries[0].evidence_sha256)
    assert kept is not None
    assert kept.read_bytes() == b"\x89PNG"


@pytest.mark.parametrize(
    ("agency", "criterion", "points", "message"),
    [
        ("nhan", "structure-by-hand", "4", "agency 'nhan' is not in the registry; did you mean 'nhanh'?"),
        ("nhanh", "structure-by-hnd", "4", "did you mean 'structure-by-hand'?"),
        ("nhanh", "homepage-load", "4", "is measured by probes"),
        ("nhanh", "structure-by-hand", "5.1", "outside 0 to 5"),
    ],
)
def test_wrong_assessment_is_refused_and_nothing_stored(call, config, tmp_path, agency, criterion, points, message):
    result = call(
        "assess", agency, criterion, points, "--by", "Lan", "--evidence", str(config), "--criteria", "qd473-2024"
    )
    assert isinstance(result.exception, ConfigurationError)
    assert message in str(result.exception)
    store = Store.open(f"sqlite:///{tmp_path}/data/thuocdo.sqlite")
    assert store.assessments.all() == []
    store.close()


COMMUNES = """\
agencies:
  - {id: xa-a, block: commune, parent: nhanh, name_vi: Xã A, name_en: A, valid_from: 2025-07-01}
"""


def test_the_communes_of_one_province_are_ranked_by_the_set_that_ranks_communes(call, config):
    (config.parent / "portals" / "communes").mkdir()
    (config.parent / "portals" / "communes" / "nhanh.yaml").write_text(COMMUNES, encoding="utf-8")
    asked = ("rank", "--criteria", "website-2025-communes", "--province", "nhanh")
    result = call(*asked)
    assert result.exit_code == 0
    assert "Communes: nhanh" in result.stdout
    (row,) = csv.DictReader(io.StringIO(call(*asked, "--format", "csv").stdout))
    assert (row["agency_id"], row["parent_id"], row["unranked_reason"]) == ("xa-a", "nhanh", "not_probed")
    rows = csv.DictReader(io.StringIO(call("rank", "--format", "csv").stdout))
    assert "commune" not in {row["block"] for row in rows}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--province", "nhan"), "no province 'nhan'; did you mean 'nhanh'?"),
        (("--province", "bo-mau"), "no province 'bo-mau'"),
        (
            ("--province", "cham"),
            "the registry holds no commune of 'cham'; `thuocdo portals import-communes` brings them in",
        ),
        (("--province", "nhanh"), "ranks no communes; give one that does (--criteria website-2025-communes)"),
    ],
)
def test_a_province_that_has_no_ranking_of_communes_is_refused_with_a_remedy(call, config, arguments, said):
    (config.parent / "portals" / "communes").mkdir()
    (config.parent / "portals" / "communes" / "nhanh.yaml").write_text(COMMUNES, encoding="utf-8")
    result = call("rank", *arguments)
    assert said in str(result.exception)
