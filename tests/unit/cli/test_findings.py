"""`thuocdo findings` and `thuocdo control` as people give them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from typer.testing import CliRunner

from thuocdo import cli
from thuocdo.core import clock
from thuocdo.core.config import load_settings
from thuocdo.core.errors import ConfigurationError, UnknownTargetError
from thuocdo.core.model import Measurement, Observation, PageKind, Round, TreatmentCause, TreatmentFinding
from thuocdo.store import Store
from thuocdo.treatment.files import visits_text
from thuocdo.treatment.visits import PageVisit, visit_of

NOW = datetime(2026, 12, 1, 2, tzinfo=UTC)
TARGET = "da-nang-2025.home"


@pytest.fixture
def given(folder, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    (folder / "data").mkdir(exist_ok=True)

    def run(*arguments, code=0):
        result = CliRunner().invoke(cli.app, arguments)
        if isinstance(result.exception, ConfigurationError | UnknownTargetError):
            raise result.exception
        assert result.exit_code == code, (result.output, result.exception)
        return result.output

    return run


@pytest.fixture
def store(given):
    with Store.open(load_settings().store_url) as opened:
        yield opened


def visited(make_measurement, at, vantage="local", **values):
    one = make_measurement(0)
    shown = Observation.ended(
        None, "", page_kind=PageKind.PORTAL, values=values, attributes={"final_url": "https://a.example/"}
    )
    natural = replace(
        one.key, target_id=TARGET, kind="homepage", profile="desktop", vantage_id=vantage, scheduled_at=at
    )
    return Measurement(
        key=natural,
        agency_id="da-nang-2025",
        started_at=at,
        duration_seconds=1.0,
        observation=shown,
        conditions=one.conditions,
    )


def light_round(store, make_measurement):
    begin = NOW - timedelta(days=12)
    store.rounds.begin(Round(id="r1", label="Quý 4", started_at=begin, settings={"type": "official"}))
    store.rounds.end("r1", begin + timedelta(days=7))
    batch = []
    for day in range(-20, 12):
        for hour in (0, 6):
            weight = 0.4 if 0 <= day < 7 else 1.0
            at = begin + timedelta(days=day, hours=hour)
            batch.append(visited(make_measurement, at, transferred_bytes=1e6 * weight, requests=50.0, elements=900.0))
    store.measurements.write(batch)


def test_a_page_that_was_light_in_a_round_is_found_decided_and_answered(given, store, make_measurement):
    light_round(store, make_measurement)
    assert "trang chỉ còn 40%" in " ".join(given("findings", "look", "--round", "Quý 4").split())
    assert "trong đó mới: 0" in given("findings", "look", "--round", "Quý 4")
    assert "Nhẹ đi trong đợt đo" in " ".join(given("findings", "list").split())
    given("findings", "answer", "1", "--text", "Trang gỡ banner", "--by", "Sở")
    given("findings", "decide", "1", "explained", "--reason", "Có thông báo trước", "--by", "An")
    shown = given("findings", "show", "1")
    assert "Trang gỡ banner" in shown
    assert "Có lý do chính đáng: Có thông báo trước" in shown
    (document,) = json.loads(given("findings", "list", "--json"))
    assert (document["cause"], document["state"], len(document["notes"])) == ("lighter_in_round", "explained", 2)


def test_a_har_is_compared_with_our_visits(folder, given, store, make_measurement):
    store.measurements.write(
        [
            visited(make_measurement, NOW - timedelta(hours=n), transferred_bytes=2e6, load_seconds=1.5)
            for n in range(1, 4)
        ]
    )
    entry = {
        "request": {"url": "https://a.example/"},
        "response": {"status": 200, "_transferSize": 5e6},
        "timings": {"wait": 40},
    }
    log = {"pages": [{"id": "p", "pageTimings": {"onLoad": 4000}}], "entries": [entry]}
    (folder / "a.har").write_text(json.dumps({"log": log}))
    told = given("findings", "har", "a.har", "--target", TARGET)
    assert "5 MB" in told
    assert "2 MB" in told
    assert "4,00 giây" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("findings", "look"), "say what is looked at"),
        (("findings", "look", "--control", "none.json"), "cannot be read"),
        (("findings", "show", "7"), "there is no finding 7"),
        (("findings", "decide", "7", "new", "--reason", "x", "--by", "An"), "new is what nobody has decided"),
        (("findings", "har", "thuocdo.yaml", "--target", TARGET), "is no HAR"),
        (("control", "write", "--out", "x.json"), "is no control"),
        (("control", "measure", "thuocdo.yaml"), "give its file unchanged"),
        (("control", "plan", "--out", "thuocdo.yaml", "--days", "1"), "is there already"),
    ],
)
def test_bad_input_is_told_with_the_mend(given, arguments, told):
    with pytest.raises(ConfigurationError, match=told):
        given(*arguments)


def as_control(folder):
    settings = yaml.safe_load((folder / "thuocdo.yaml").read_text())
    control = settings | {"data_dir": "control", "vantage": {"id": "control-x"}}
    (folder / "control.yaml").write_text(yaml.safe_dump(control))
    (folder / "control").mkdir()


def test_a_plan_is_drawn_measured_by_a_control_alone_and_its_visits_come_back(
    folder, given, make_measurement, monkeypatch
):
    as_control(folder)
    assert "trang chủ" in given("control", "plan", "--out", "plan.json", "--days", "2")
    assert (folder / "plan.json").stat().st_mode & 0o077 == 0
    plan = json.loads((folder / "plan.json").read_text())
    assert plan["visits"]
    with pytest.raises(ConfigurationError, match="'local' is no control"):
        given("control", "measure", "plan.json")
    with pytest.raises(ConfigurationError, match="this machine is the control itself"):
        given("--config", "control.yaml", "control", "plan", "--out", "y.json")
    measured = []
    monkeypatch.setattr("thuocdo.processes.control.run_control", lambda settings, jobs: measured.extend(jobs))
    settings = yaml.safe_load((folder / "control.yaml").read_text())
    (folder / "control.yaml").write_text(yaml.safe_dump(settings | {"contact": "https://example.vn/do"}))
    given("--config", "control.yaml", "control", "measure", "plan.json")
    assert {job.vantage_id for job in measured} == {"control-x"}
    assert len(measured) == len(plan["visits"])
    with Store.open(f"sqlite:///{folder}/control/thuocdo.sqlite") as own:
        own.measurements.write([visited(make_measurement, NOW, vantage="control-x", load_seconds=2.0)])
    assert "1 lượt đo" in given("--config", "control.yaml", "control", "write", "--out", "visits.json")
    assert "Phát hiện: 0" in given("findings", "look", "--control", "visits.json")


def test_another_registry_than_the_plans_is_refused(folder, given):
    as_control(folder)
    given("control", "plan", "--out", "plan.json", "--days", "1")
    (folder / "portals" / "more.yaml").write_text("agencies: []\n")
    with pytest.raises(ConfigurationError, match="another registry than that of the plan"):
        given("--config", "control.yaml", "control", "measure", "plan.json")


def test_a_control_runs_no_agent_that_counts(folder, given):
    as_control(folder)
    with pytest.raises(ConfigurationError, match="measures by `thuocdo control measure` alone"):
        given("--config", "control.yaml", "agent", "http")


def test_a_finding_of_a_target_that_is_gone_is_shown_by_its_id(given, store):
    finding = TreatmentFinding(
        target_id="gone.home", agency_id="gone", cause=TreatmentCause.LIGHTER_FOR_US, occasion="o", first_at=NOW, last_at=NOW,
        numbers={"ratio": 2.0, "same_side": 10.0, "pairs": 12.0}, found_at=NOW,
    )  # fmt: skip
    store.treatment.add(finding)
    assert "gone.home: từ 01/12/2026" in given("findings", "show", "1")


def test_what_a_control_brought_is_read_as_it_was(folder, given, store, make_measurement):
    one = visit_of(visited(make_measurement, NOW, load_seconds=1.0))
    assert isinstance(one, PageVisit)
    (folder / "v.json").write_text(visits_text([one], "control-x"))
    assert "Phát hiện: 0" in given("findings", "look", "--control", "v.json")
