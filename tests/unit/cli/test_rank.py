import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from thuocdo.core.errors import ConfigurationError
from thuocdo.store import Store
from thuocdo.store.evidence import EvidenceStore


def test_csv_ranks_blocks_apart_and_leaves_the_unmeasured_without_rank(call):
    result = call("rank", "--format", "csv")
    rows = {row["agency_id"]: row for row in csv.DictReader(io.StringIO(result.stdout))}
    assert result.exit_code == 0
    assert {name: row["rank"] for name, row in rows.items()} == {"nhanh": "1", "cham": "2", "hong": "2", "bo-mau": "1"}
    assert [rows["hong"][name] for name in ("rank_to", "score", "possible_score", "best_rank", "worst_rank")] == [
        "3", "0.0", "100.0", "1", "3"
    ]  # fmt: skip


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
        (("--round", "Đợt 11"), r"no round 'Đợt 11'; did you mean 'Đợt 1'? (there are: Đợt 1)"),
        (("--criteria", "website-2026"), "no criteria set 'website-2026'; did you mean 'website-2025'?"),
    ):
        result = call("rank", *arguments)
        assert isinstance(result.exception, ConfigurationError)
        assert message in str(result.exception)


def test_since_leaves_older_measurements_out(call):
    later = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%d")
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
