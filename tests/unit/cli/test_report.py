"""`thuocdo report` as people give it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from testbed.receivers import Receivers
from thuocdo import cli
from thuocdo.cli import report as command
from thuocdo.core import clock
from thuocdo.core.config import load_settings
from thuocdo.core.errors import ConfigurationError, MailAwayError
from thuocdo.core.model import HourTally
from thuocdo.periods.period import period_named
from thuocdo.store import Store

REGISTRY = """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "https://hue.example/", confidence: high, source: test}]}
"""
OWNERS = """
smtp: {{smarthost: "{smarthost}", from: thuocdo@example.vn, require_tls: false}}
central: {{webhooks: [{{url: "http://127.0.0.1:9095/"}}]}}
dead_man: {{webhooks: [{{url: "http://127.0.0.1:9095/"}}]}}
owners:
  hue: {{webhooks: [{{url: "http://127.0.0.1:9095/"}}], reports: [{{to: hue@example.vn}}]}}
"""
NOW = datetime(2026, 12, 3, 2, tzinfo=UTC)


@pytest.fixture
def receivers():
    with Receivers() as running:
        yield running


@pytest.fixture
def call(tmp_path, receivers, monkeypatch, make_measurement):
    """Give a command over a store with one hour of November."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(command, "page_printer", NoPrinter)
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "a.yaml").write_text(REGISTRY, encoding="utf-8")
    (tmp_path / "owners.yaml").write_text(OWNERS.format(smarthost=receivers.smarthost), encoding="utf-8")
    (tmp_path / "thuocdo.yaml").write_text("data_dir: data\nregistry_dir: portals\nowners: owners.yaml\n")
    with Store.open(load_settings(tmp_path / "thuocdo.yaml").store_url) as store:
        hour = period_named("2026-11").start + timedelta(days=16)
        one = make_measurement(0)
        key = replace(one.key, target_id="hue.home", vantage_id="x", scheduled_at=hour)
        store.measurements.write([replace(one, key=key, agency_id="hue", started_at=hour)])
        store.incidents.save_tallies([HourTally(target_id="hue.home", vantage_id="x", hour=hour, ok=59, failed=1)])

    def give(*arguments, lang="en"):
        return CliRunner().invoke(
            cli.app,
            ["--lang", lang, "--config", str(tmp_path / "thuocdo.yaml"), "report", *map(str, arguments)],
            env={"COLUMNS": "200"},
        )

    return give


class NoPrinter:
    def __init__(self, *_):
        pass

    def __enter__(self):
        return None

    def __exit__(self, *_):
        return None


def test_a_report_is_written_into_a_new_folder(call, tmp_path):
    told = call("write", "2026-11", "--out", tmp_path / "out")
    assert told.exit_code == 0, told.output
    assert "Report of 2026-11: 7 files in" in told.output
    assert "It was measured from" in told.output
    assert (tmp_path / "out" / "co-quan" / "hue.docx").is_file()
    again = call("write", "2026-11", "--out", tmp_path / "out")
    assert isinstance(again.exception, ConfigurationError)


def test_one_agency_gets_its_sheet_alone(call, tmp_path):
    assert call("write", "2026-11", "--out", tmp_path / "out", "--agency", "hue").exit_code == 0
    assert sorted(path.name for path in (tmp_path / "out").rglob("*.*")) == ["hue.docx", "hue.xlsx"]


def test_json_is_told_without_a_folder(call):
    document = json.loads(call("write", "2026-11", "--json").output)
    assert document["co-quan"][0]["agency_id"] == "hue"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("write", "2026-13", "--json"), "'2026-13' is no period"),
        (("write", "2027-01", "--json"), "lies ahead"),
        (("write", "2026-11"), "--out: say into which folder"),
        (
            ("write", "2026-11", "--json", "--agency", "hues"),
            "in 2026-11 no agency 'hues' was measured; did you mean 'hue'",
        ),
        (("send", "2026-12"), "is not over"),
        (("write", "2026-11", "--json", "--issuer", "ai-do"), "no issuing body 'ai-do'"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_mend(call, arguments, told):
    result = call(*arguments)
    assert isinstance(result.exception, ConfigurationError)
    assert told in str(result.exception)


def test_a_period_that_is_under_way_says_so(call):
    told = call("write", "2026-12", "--json")
    assert json.loads(told.output)["unfinished"] is True


def test_it_is_sent_once_and_listed(call, receivers):
    assert "not yet" in call("send", "2026-11", "--dry-run").output
    assert receivers.mails == []
    assert "sent 1, not taken 0, already sent 0" in call("send", "2026-11").output
    assert [one.to for one in receivers.mails] == [("hue@example.vn",)]
    assert "yes" in call("send", "2026-11").output
    assert len(receivers.mails) == 1
    assert "hue@example.vn" in call("sent").output
    assert "Chưa gửi báo cáo nào" in call("sent", "2026-10", lang="vi").output


def test_a_server_that_is_away_is_said(call, tmp_path):
    (tmp_path / "owners.yaml").write_text(OWNERS.format(smarthost="127.0.0.1:1"), encoding="utf-8")
    assert isinstance(call("send", "2026-11").exception, MailAwayError)


def test_without_anybody_to_get_it_what_to_write_is_said(call, tmp_path):
    text = OWNERS.format(smarthost="127.0.0.1:1").replace(", reports: [{to: hue@example.vn}]", "")
    (tmp_path / "owners.yaml").write_text(text, encoding="utf-8")
    assert "add reports" in str(call("send", "2026-11").exception)
