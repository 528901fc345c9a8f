"""Reports go out by themselves on their working day, once, and only where somebody is to get them."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from testbed.receivers import Receivers
from thuocdo.core.config import Settings
from thuocdo.core.errors import MailAwayError
from thuocdo.core.model import HourTally
from thuocdo.periods.period import period_named
from thuocdo.processes import sending
from thuocdo.processes.sending import SendingReports, due_periods
from thuocdo.store import Store

REGISTRY = """
agencies:
  - {id: hue, block: province, name_vi: Huế, name_en: Hue, source: test, portals: [
      {id: hue, homepage_url: "https://hue.example/", confidence: high, source: test}]}
"""
OWNERS = """
smtp: {{smarthost: "{smarthost}", from: thuocdo@example.vn, require_tls: false}}
central: {{webhooks: [{{url: "http://127.0.0.1:9095/"}}], reports: [{{to: trung-tam@example.vn}}]}}
dead_man: {{webhooks: [{{url: "http://127.0.0.1:9095/"}}]}}
owners:
  hue: {{webhooks: [{{url: "http://127.0.0.1:9095/"}}], reports: [{{to: hue@example.vn}}]}}
"""
FIRST_OF_DECEMBER = datetime(2026, 12, 1, 1, tzinfo=UTC)  # a Tuesday


@pytest.fixture
def receivers():
    with Receivers() as running:
        yield running


@pytest.fixture
def settings(tmp_path, receivers, monkeypatch):
    monkeypatch.setattr(sending, "_printer", lambda _: nullcontext())
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "a.yaml").write_text(REGISTRY, encoding="utf-8")
    (tmp_path / "owners.yaml").write_text(OWNERS.format(smarthost=receivers.smarthost), encoding="utf-8")
    return Settings(
        data_dir=tmp_path / "data",
        registry_dir=tmp_path / "portals",
        owners=tmp_path / "owners.yaml",
        report={"monthly_on_working_day": 3, "quarterly_on_working_day": 5},
    )


@pytest.fixture
def store(settings):
    with Store.open(settings.store_url) as opened:
        opened.incidents.save_tallies(
            [HourTally(target_id="hue.home", vantage_id="x", hour=period_named("2026-11").start, ok=60)]
        )
        yield opened


def test_the_third_working_day_after_november_is_the_third_of_december(settings):
    days = [due_periods(settings, FIRST_OF_DECEMBER + timedelta(days=n)) for n in range(4)]
    assert [[one.name for one in some] for some in days] == [[], [], ["2026-11"], ["2026-11"]]


def test_a_quarter_goes_out_beside_its_month(settings):
    assert [one.name for one in due_periods(settings, datetime(2027, 1, 12, tzinfo=UTC))] == ["2026-12", "2026-Q4"]


def test_without_a_day_or_a_file_of_owners_nothing_is_due(settings):
    late = FIRST_OF_DECEMBER + timedelta(days=9)
    assert due_periods(settings.model_copy(update={"owners": None}), late) == []
    assert due_periods(settings.model_copy(update={"report": Settings().report}), late) == []


def test_each_gets_its_letter_once_however_often_it_is_looked(settings, store, receivers):
    third = FIRST_OF_DECEMBER + timedelta(days=2)
    reports = SendingReports(settings, store)
    assert reports.once(FIRST_OF_DECEMBER) == 0
    assert [reports.once(third + timedelta(hours=n)) for n in range(3)] == [2, 0, 0]
    assert SendingReports(settings, store).once(third + timedelta(hours=4)) == 0  # nor after a restart
    assert sorted(one.to[0] for one in receivers.mails) == ["hue@example.vn", "trung-tam@example.vn"]


def test_a_server_that_is_away_is_tried_again(settings, store, receivers, tmp_path):
    third = FIRST_OF_DECEMBER + timedelta(days=2)
    reports = SendingReports(settings, store)
    (tmp_path / "owners.yaml").write_text(OWNERS.format(smarthost="127.0.0.1:1"), encoding="utf-8")
    with pytest.raises(MailAwayError):
        reports.once(third)
    (tmp_path / "owners.yaml").write_text(OWNERS.format(smarthost=receivers.smarthost), encoding="utf-8")
    assert reports.once(third + timedelta(hours=1)) == 2


def test_a_report_that_all_have_is_not_read_again(settings, store, monkeypatch):
    third = FIRST_OF_DECEMBER + timedelta(days=2)
    reports = SendingReports(settings, store)
    reports.once(third)
    monkeypatch.setattr(sending, "_sent", None)
    assert reports.once(third + timedelta(hours=1)) == 0
