import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from thuocdo import cli
from thuocdo.core import clock
from thuocdo.store import Store

NOW = datetime(2026, 12, 1, 2, tzinfo=UTC)
PLAN = """\
id: 2026-q4
label: Quý IV năm 2026
type: official
from: 2026-12-07
vantages: [local]
criteria: qd473-2024
loads: {http: 1, homepage: 1}
"""


@pytest.fixture
def run(folder, monkeypatch):
    """Return a function that runs a command and gives what it printed."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setenv("THUOCDO_CONTACT", "centre@example.vn")
    (folder / "2026-q4.yaml").write_text(PLAN, encoding="utf-8")

    def run_(*arguments, lang="en"):
        result = CliRunner().invoke(
            cli.app, ["--lang", lang, *arguments], env={"COLUMNS": "160"}, catch_exceptions=False
        )
        assert result.exit_code == 0, result.output
        return result.output

    return run_


def test_a_plan_says_whom_it_visits_how_often_and_what_it_will_tell(run, folder):
    told = run("round", "plan", "2026-q4.yaml")
    assert "7 days, 9 blocks of two hours a day (02–04, 06–08" in told
    assert "as assumed: too little is stored" in told
    assert "have no eForm" not in told  # none is asked for
    assert (
        not (folder / "data" / "thuocdo.sqlite").exists()
        or not Store.open(f"sqlite:///{folder}/data/thuocdo.sqlite").rounds.all()
    )
    found = json.loads(run("round", "plan", "2026-q4.yaml", "--json"))
    assert found["runs"]["http"] == found["targets"] * 63
    assert found["runs_without_instant"] == 0
    assert len(found["blocks"]) == 63
    ministries = next(one for one in found["expected"] if one["block"] == "ministry")
    assert 1 < ministries["rank_set_width"] < ministries["agencies"]
    assert ministries["claims_order"] is True


def test_a_burst_of_blocks_claims_no_order(run, folder):
    (folder / "2026-q4.yaml").write_text(PLAN + 'days: 1\nhours: ["08:00", "10:00"]\n', encoding="utf-8")
    assert "this round will claim no order" in run("round", "plan", "2026-q4.yaml")


def test_a_plan_is_told_in_vietnamese(run):
    told = run("round", "plan", "2026-q4.yaml", lang="vi")
    assert "Quý IV năm 2026 (chính thức)" in told
    assert "Giờ cao điểm" in told


def test_forms_that_are_asked_for_and_not_registered_are_told(run, folder):
    (folder / "2026-q4.yaml").write_text(PLAN.replace("homepage: 1}", "homepage: 1, eform: 1}"), encoding="utf-8")
    assert "chưa có biểu mẫu điện tử nào" in run("round", "plan", "2026-q4.yaml", lang="vi")


def test_a_round_is_opened_followed_and_extended(run):
    told = run("round", "open", "2026-q4.yaml")
    assert "from 02:00 07/12/2026 to 22:00 13/12/2026" in told
    status = json.loads(run("round", "status", "2026-q4", "--json"))
    assert {(one["done"], one["due"], one["reachable_ratio"]) for one in status["agencies"]} == {(0, 0, 1.0)}
    assert "Ministry of Finance" in run("round", "status", "Quý IV năm 2026")
    told = run("round", "extend", "2026-q4", "--days", "2", "--by", "An", "--reason", "mất điện hai ngày")
    assert "until 22:00 15/12/2026" in told
    longer = json.loads(run("round", "status", "2026-q4", "--json"))
    assert longer["agencies"][0]["planned"] == status["agencies"][0]["planned"] // 7 * 9
    with Store.open("sqlite:///data/thuocdo.sqlite") as store:
        (found,) = store.rounds.all()
    (extended,) = json.loads(found.settings["extended"])
    assert (extended["by"], extended["days"], extended["reason"]) == ("An", 2, "mất điện hai ngày")
    assert json.loads(found.settings["runs"]) == {"homepage": 81, "http": 81}


def test_what_nobody_measured_in_time_is_out_of_reach(run, monkeypatch):
    run("round", "open", "2026-q4.yaml")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=9, hours=2))  # the 10th, 11 o'clock in Hanoi
    status = json.loads(run("round", "status", "2026-q4", "--json"))
    blocks = 3 * 9 + 3  # of three days, then 02, 06 and 08 o'clock
    for one in status["agencies"]:
        assert one["due"] == one["planned"] // 63 * blocks
        assert one["planned"] - one["to_come"] == one["due"]
        assert one["reachable_ratio"] == round(33 / 63, 4)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("round", "status", "2026-q5"), "did you mean '2026-q4'"),
        (("round", "extend", "2026-q4", "--days", "30", "--by", "An", "--reason", "x"), "the round would last 37 days"),
        (("round", "extend", "2026-q4", "--days", "1", "--by", " ", "--reason", "x"), "--by is empty"),
        (("round", "extend", "2026-q4", "--days", "1", "--by", "An", "--reason", "a\nb\x07"), "--reason"),
        (("round", "open", "2026-q4.yaml"), "is there already"),
        (("round", "plan", "nowhere.yaml"), "nowhere.yaml"),
    ],
)
def test_a_mistake_is_told_and_nothing_changes(run, said, monkeypatch, arguments, told):
    run("round", "open", "2026-q4.yaml")
    with Store.open("sqlite:///data/thuocdo.sqlite") as store:
        before = store.rounds.all()
    assert told in "\n".join(said("--lang", "en", *arguments))
    with Store.open("sqlite:///data/thuocdo.sqlite") as store:
        assert store.rounds.all() == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("agencies: {without: [bo-cong-ann]}\n", "did you mean 'bo-cong-an'"),
        ("", "nobody measures from 'locall'; did you mean 'local'"),
    ],
)
def test_a_plan_that_nobody_could_hold_is_not_opened(run, said, folder, change, told):
    text = PLAN + change if change else PLAN.replace("[local]", "[locall]")
    (folder / "2026-q4.yaml").write_text(text, encoding="utf-8")
    assert told in "\n".join(said("--lang", "en", "round", "open", "2026-q4.yaml"))


def test_days_that_are_over_are_not_added(run, said, monkeypatch):
    run("round", "open", "2026-q4.yaml")
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=20))
    told = said("--lang", "en", "round", "extend", "2026-q4", "--days", "2", "--by", "An", "--reason", "x")
    assert "have begun" in "\n".join(told)


def test_what_is_no_longer_probed_is_out_of_reach(run, folder):
    run("round", "open", "2026-q4.yaml")
    file = folder / "portals" / "ministries.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("https://dichvucong.bocongan.gov.vn", "https://moved.example"), encoding="utf-8")
    status = json.loads(run("round", "status", "2026-q4", "--json"))
    assert status["targets_moved"] == ["bo-cong-an.home"]
    reachable = {one["agency_id"]: one["reachable_ratio"] for one in status["agencies"]}
    assert reachable.pop("bo-cong-an") == 0.0
    assert set(reachable.values()) == {1.0}


def test_portals_of_others_are_not_visited_in_nobodys_name(run, said, monkeypatch):
    monkeypatch.delenv("THUOCDO_CONTACT")
    assert "contact" in "\n".join(said("--lang", "en", "round", "open", "2026-q4.yaml"))
