import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from typer.testing import CliRunner

from thuocdo.cli import app
from thuocdo.core import clock
from thuocdo.core.errors import ConfigurationError, UnknownTargetError
from thuocdo.core.model import (
    Evidence,
    HourTally,
    Incident,
    IncidentScope,
    IncidentState,
    MeasurementKey,
    Reason,
    StateChange,
)
from thuocdo.store import Store

NOW = datetime(2026, 11, 22, 7, 5, tzinfo=UTC)
REGISTRY = """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "https://hue.example/", confidence: high, source: test}]}
  - {id: can-tho, block: province, name_vi: Cần Thơ, name_en: Can Tho, source: test, portals: [
      {id: can-tho, homepage_url: "https://can-tho.example/", confidence: high, source: test}]}
"""
KEY = MeasurementKey(
    target_id="hue.home", kind="http", vantage_id="ha-noi", profile="desktop", scheduled_at=NOW - timedelta(hours=1)
)
OPEN = Incident(
    id="target-hue.home-1",
    scope=IncidentScope.TARGET,
    subject_id="hue.home",
    agency_id="hue",
    state=IncidentState.DOWN,
    worst=IncidentState.DOWN,
    reason=Reason.TIMEOUT,
    detail="no answer within 10 s",
    started_at=KEY.scheduled_at,
    confirmed_at=KEY.scheduled_at + timedelta(minutes=2),
    target_ids=("hue.home",),
    measurements=(KEY,),
    evidence=(Evidence(kind="headers", sha256="ab" * 32, media_type="text/plain", size_bytes=5),),
)
OVER = replace(
    OPEN,
    id="vantage-ha-noi-1",
    scope=IncidentScope.VANTAGE,
    subject_id="ha-noi",
    agency_id="",
    state=IncidentState.ENDED,
    started_at=NOW - timedelta(days=3),
    ended_at=NOW - timedelta(days=3) + timedelta(minutes=12),
    target_ids=("hue.home", "can-tho.home"),
)


@pytest.fixture
def call(tmp_path, monkeypatch):
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "all.yaml").write_text(REGISTRY, encoding="utf-8")
    file = tmp_path / "thuocdo.yaml"
    file.write_text("data_dir: data\nregistry_dir: portals\n", encoding="utf-8")
    store = Store.open(f"sqlite:///{tmp_path}/data/thuocdo.sqlite")
    for one in (OPEN, OVER):
        store.incidents.save(one, StateChange(incident_id=one.id, changed_at=NOW, state=one.state, reason=one.reason))
    hour = NOW.replace(minute=0)
    tallies = [
        HourTally(target_id="hue.home", vantage_id="ha-noi", hour=hour, ok=95, failed=5, inconclusive=25, missed=75)
    ]
    tallies.append(
        replace(tallies[0], hour=hour - timedelta(hours=5), ok=0, failed=0, inconclusive=0, missed=0, excluded=60)
    )
    tallies.append(HourTally(target_id="can-tho.home", vantage_id="ha-noi", hour=hour, missed=7))
    store.incidents.save_tallies(tallies)
    store.close()
    monkeypatch.setattr(clock, "now", lambda: NOW)

    def run(*arguments: str, lang: str = "en"):
        return CliRunner(env={"COLUMNS": "220"}).invoke(app, ["--config", str(file), "--lang", lang, *arguments])

    yield run
    structlog.reset_defaults()


def test_the_newest_are_enough_where_so_many_are_asked_for(call):
    assert [one["id"] for one in json.loads(call("incidents", "--limit", "1", "--json").output)] == [OPEN.id]
    assert call("incidents", "--limit", "0").exit_code == 2


def test_the_list_names_what_is_down_and_what_was(call):
    text = call("incidents").stdout
    assert "Hue cannot be reached" in text
    assert "Vantage point ha-noi had lost 2 targets at once" in text
    assert "12 minutes" in text
    assert "Huế không truy cập được" in call("incidents", lang="vi").stdout


def test_open_and_since_leave_the_others_out(call):
    def ids(*arguments):
        return [one["id"] for one in json.loads(call("incidents", *arguments, "--json").stdout)]

    assert ids() == [OPEN.id, OVER.id]
    assert ids("--open") == ids("--since", "2026-11-20") == [OPEN.id]


def test_show_tells_all_of_one(call):
    text = call("incidents", "show", OPEN.id).stdout
    for words in (
        "Hue cannot be reached",
        "no answer within 10 s",
        "Began: 22/11/2026 13:05:00",
        "Hue, HTTP, 22/11/2026 13:05:00  /measurements/hue.home/http/ha-noi/desktop/2026-11-22T06:05:00Z",
        f"/evidence/{'ab' * 32}",
    ):
        assert words in text
    document = json.loads(call("incidents", "show", OPEN.id, "--json").stdout)
    assert [change["state"] for change in document["changes"]] == ["down"]
    assert document["measurements"][0]["target_id"] == "hue.home"


def test_show_tells_a_vietnamese_reader_in_words_and_by_names(call):
    text = call("incidents", "show", OPEN.id, lang="vi").stdout
    for words in (
        "Huế không truy cập được",
        "Chi tiết: máy chủ không trả lời trong 10 giây",
        "Huế, Kết nối HTTP, 22/11/2026 13:05:00  /measurements/hue.home/",
        "Tiêu đề HTTP  /evidence/",
    ):
        assert words in text, words
    assert "Huế (hue.home); Cần Thơ (can-tho.home)" in call("incidents", "show", OVER.id, lang="vi").stdout


def test_an_outage_is_told_by_ids_where_the_registry_has_mistakes(call, tmp_path):
    (tmp_path / "portals" / "all.yaml").write_text("agencies: nothing", encoding="utf-8")
    assert "hue.home không truy cập được" in call("incidents", lang="vi").stdout
    assert "Chi tiết: máy chủ không trả lời trong 10 giây" in call("incidents", "show", OPEN.id, lang="vi").stdout


def test_a_person_takes_notice_and_everybody_sees_who(call):
    assert json.loads(call("incidents", "--json").stdout)[0]["acknowledgements"] == []
    done = call("incidents", "ack", OPEN.id, "--by", "Lan  Anh", "--note", "đã gọi nhà mạng")
    assert (done.exit_code, done.stdout) == (0, f"Noted: Lan Anh took notice of {OPEN.id}.\n")
    assert call("incidents", "ack", OPEN.id, "--by", "Minh", lang="vi").stdout.startswith("Đã ghi nhận: Minh tiếp nhận")
    expected = [{"at": "2026-11-22T07:05:00Z", "by": "Lan Anh", "note": "đã gọi nhà mạng"}]
    listed = json.loads(call("incidents", "--json").stdout)
    assert [one["acknowledgements"] for one in listed] == [expected, []], "one at the same instant is the first one"
    assert json.loads(call("incidents", "show", OPEN.id, "--json").stdout)["acknowledgements"] == expected
    assert "22/11/2026 14:05:00  Lan Anh: đã gọi nhà mạng" in call("incidents", "show", OPEN.id).stdout
    assert "noticed by Lan Anh" in call("incidents").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((OPEN.id, "--by", "  "), "--by is empty"),
        ((OPEN.id, "--by", "a\x1b[2J"), "--by: the text holds"),
        ((OPEN.id, "--by", "Lan", "--note", "x" * 501), "--note: the text has more than 500 characters"),
        (("target-hue.home-2", "--by", "Lan"), "did you mean 'target-hue.home-1'?"),
    ],
)
def test_nobody_takes_notice_of_nothing(call, arguments, message):
    result = call("incidents", "ack", *arguments)
    assert isinstance(result.exception, ConfigurationError)
    assert message in str(result.exception)


def test_an_unknown_incident_names_the_nearest(call):
    result = call("incidents", "show", "target-hue.home-2")
    assert isinstance(result.exception, ConfigurationError)
    assert "did you mean 'target-hue.home-1'?" in str(result.exception)


def test_availability_has_its_rule_beside_it(call):
    text = " ".join(call("availability").stdout.split())
    assert "95.00%" in text
    assert "50.00%" in text  # coverage
    assert "Hue (hue.home) │ 95.00% │ 50.00% │ 95 │ 5 │ 25 │ 75 │ 60 │" in text
    assert "Can Tho (can-tho.home) │ – │ 0.00% │ 0 │ 0 │ 0 │ 7 │ 0 │" in text, "missed altogether"
    assert "Availability = ok / (ok + failed)" in text
    assert "no official text has confirmed it" in text
    assert "bo-tu-phap.home" not in text  # nothing was due


def test_availability_as_json_by_agency_target_and_period(call):
    def targets(*arguments):
        document = json.loads(call("availability", *arguments, "--json").stdout)
        return document["since"], document["targets"]

    since, [row] = targets("--agency", "hue")
    assert since == "2026-11-01T00:00:00+07:00"
    assert tuple(row[name] for name in ("ok", "failed", "inconclusive", "missed", "excluded")) == (95, 5, 25, 75, 60)
    assert row["availability_ratio"] == 0.95
    _, [row] = targets("--target", "hue.home", "--since", "2026-11-22 06:00", "--until", "2026-11-22 14:00")
    assert (row["availability_ratio"], row["excluded"]) == (None, 60)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("--agency", "huế"), ConfigurationError, "did you mean 'hue'?"),
        (("--target", "hue.hom"), UnknownTargetError, "did you mean 'hue.home'?"),
        (("--since", "2026-11-22", "--until", "2026-11-21"), ConfigurationError, "give a later hour"),
    ],
)
def test_a_mistake_is_told(call, arguments, error, message):
    result = call("availability", *arguments)
    assert isinstance(result.exception, error)
    assert message in str(result.exception)


@pytest.mark.parametrize("command", ["incidents", "availability", "export measurements", "export ranking"])
@pytest.mark.parametrize("instant", ["0001-01-01", "0001-01-01T00:00:00", "9999-12-31T23:59:59"])
def test_an_instant_that_no_time_zone_can_hold_is_named(call, command, instant):
    result = call(*command.split(), "--since", instant)
    assert isinstance(result.exception, ConfigurationError)
    assert "the year is not between 1945 and 2999" in str(result.exception)
