"""What must hold for every alert, and that the committed files are what the list gives."""

import re
from pathlib import Path

import pytest
import yaml

from dashboards.alert import Severity
from dashboards.alerts import ALERTS, alert
from dashboards.first_steps import FIRST_STEPS
from dashboards.recording import RECORDING
from dashboards.rules import PublicAddresses, annotations, rule_files
from dashboards.runbooks import runbooks
from exporters.process import ProcessMetrics
from exporters.text import text_of
from thuocdo.cli.alerts import generated
from thuocdo.core.i18n import LANGUAGES, translator
from thuocdo.core.model import Outcome, Reason

ROOT = Path(__file__).resolve().parents[3]
METRIC = re.compile(r"\b(?:thuocdo|probe)_[a-z0-9_]+")
RECORDED = re.compile(r"\b[a-z]+:[a-z0-9_]+:[a-z0-9_]+")
IN_TEXT = re.compile(r"\$labels\.(\w+)")
QUERY = re.compile(r'printf "([^"]+)" [^|]*\| query|query "([^"]+)"')
SELECTOR = re.compile(r"\bthuocdo_[a-z0-9_]+(?:\{[^}]*\})?")
SINGLE = ("thuocdo_build_info", "thuocdo_config_problem")
VIETNAMESE = re.compile(r"[ăâđêôơưáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ]", re.IGNORECASE)


def exported() -> set[str]:
    lines = (ROOT / "tests/unit/exporters/golden/metrics.txt").read_text(encoding="utf-8").splitlines()
    lines += text_of(ProcessMetrics().render({"judge": 1})).decode().splitlines()
    return {line.partition("{")[0] for line in lines if not line.startswith("#")}


def test_the_committed_files_are_what_the_list_gives(golden):
    for name, text in generated(PublicAddresses(), ROOT / "dashboards/owners.yaml", frozenset()):
        golden(f"dashboards/{name}", text)


def test_names_are_unique():
    assert len({alert.name for alert in ALERTS}) == len(ALERTS)
    assert len({recording.name for recording in RECORDING}) == len(RECORDING)


@pytest.mark.parametrize("recording", RECORDING, ids=lambda one: one.name)
def test_a_recorded_query_is_named_level_metric_operation_and_asks_for_known_metrics(recording):
    assert RECORDED.fullmatch(recording.name)
    assert set(METRIC.findall(recording.expr)) <= exported()


@pytest.mark.parametrize("alert", ALERTS, ids=lambda one: one.name)
class TestEveryAlert:
    def test_asks_for_metrics_that_are_exported_or_recorded(self, alert):
        recorded = set(RECORDED.findall(alert.expr))
        assert recorded <= {recording.name for recording in RECORDING}
        assert set(METRIC.findall(RECORDED.sub("", alert.expr))) <= exported()

    def test_names_only_labels_that_its_series_have(self, alert):
        everything = " ".join(annotations(alert, PublicAddresses()).values())
        assert set(IN_TEXT.findall(everything)) <= set(alert.labels)
        assert set(alert.variables) <= set(alert.labels)

    def test_asks_in_its_texts_for_few_series_however_many_targets_there_are(self, alert):
        # A text is made anew at each evaluation for each that stands: what reads all of a metric is quadratic.
        for text in annotations(alert, PublicAddresses()).values():
            asked = [query for pair in QUERY.findall(text) for query in pair if query]
            for selector in (one for query in asked for one in SELECTOR.findall(query)):
                name, _, matchers = selector.partition("{")
                assert name in SINGLE or "='%s'" in matchers, selector

    def test_speaks_both_languages(self, alert):
        for text in (alert.vi.summary, alert.vi.description):
            assert VIETNAMESE.search(text)
        for text in (alert.en.summary, alert.en.description):
            assert text
            assert not VIETNAMESE.search(text.replace("Thước Đo", ""))

    def test_leads_to_page_dashboard_and_runbook(self, alert):
        told = annotations(alert, PublicAddresses(site="http://s", grafana="http://g", runbook="http://r"))
        assert re.match(r"http://s(/|\{\{ with .*/incidents/)", told["page_url"])
        assert told["dashboard_url"].startswith(f"http://g/d/{alert.dashboard}")
        assert told["runbook_url"] == f"http://r#{alert.name.lower()}"
        assert annotations(alert, PublicAddresses(grafana=""))["dashboard_url"] == "", "where there is no Grafana"
        own = annotations(alert, PublicAddresses(site="http://s"))
        assert own["runbook_url"] == f"http://s/runbooks#{alert.name.lower()}"

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_stands_in_the_runbook_with_a_first_step(self, alert, language):
        book = runbooks(language)[alert.name]
        assert bool(VIETNAMESE.search(book.meaning.replace("Thước Đo", ""))) is (language == "vi")
        assert len(book.steps[0]) <= 200

    def test_names_its_portal_first_and_has_no_figure_as_go_writes_it(self, alert):
        texts = (alert.vi.summary, alert.en.summary, alert.vi.description, alert.en.description)
        if "target" in alert.labels:
            assert all(text.startswith("<portal>") for text in texts[:2])
        assert not any("$value" in text or "$labels.target" in text for text in texts)

    def test_asks_only_for_known_metrics_in_its_texts(self, alert):
        everything = " ".join(annotations(alert, PublicAddresses()).values())
        assert set(METRIC.findall(everything)) <= exported()

    def test_is_not_told_as_over_where_its_target_has_left_the_registry(self, alert):
        told = annotations(alert, PublicAddresses())
        assert ("}}removed{{" in told.get("ending", "")) is ("target" in alert.labels)
        assert ("}}moved{{" in told.get("ending", "")) is ("owner" in alert.labels)
        assert ("thuocdo_target_info offset" in alert.expr) is ("target" in alert.labels)

    def test_asks_nothing_where_nothing_can_be_asked(self, alert):
        everything = " ".join(annotations(alert, PublicAddresses(), asks=False).values())
        assert "query" not in everything
        assert "<" not in everything


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_runbooks_have_no_alert_that_there_is_not(language):
    assert set(runbooks(language)) == {alert.name for alert in ALERTS}


def test_every_reason_that_can_be_an_outage_has_a_first_step():
    assert {reason for reason in Reason if reason.outcome is Outcome.FAILED} <= set(FIRST_STEPS)
    for texts in FIRST_STEPS.values():
        assert set(texts) == set(LANGUAGES)
        assert VIETNAMESE.search(texts["vi"])
        assert not VIETNAMESE.search(texts["en"])


def test_what_wakes_somebody_is_told_at_once_or_within_ten_minutes():
    critical = [alert for alert in ALERTS if alert.severity is Severity.CRITICAL]
    assert {alert.hold for alert in critical} <= {"0s", "1m", "2m", "5m", "10m"}


def test_reasons_and_numbers_are_no_labels_of_an_alert():
    rules = [
        rule
        for group in yaml.safe_load(rule_files(PublicAddresses())["alerts.yml"])["groups"]
        for rule in group["rules"]
    ]
    assert {tuple(rule["labels"]) for rule in rules} == {("severity",)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words_in_the_annotations(language):
    suffix = "" if language == "vi" else "_en"
    failures = {reason for reason in Reason if reason.outcome is Outcome.FAILED}
    for name, reasons in (
        ("PortalDown", failures),
        ("FamilyDown", failures),
        ("VantageDown", failures | {Reason.NO_CONNECTIVITY}),
        ("PortalReplaced", {Reason.NOT_THE_PORTAL}),
        ("PortalUnseen", set(Reason) - failures),
    ):
        told = annotations(alert(name), PublicAddresses())
        for reason in reasons:
            words = translator(language)(f"reason.{reason}")
            assert told[f"cause{suffix}"].count(f'eq .Labels.reason "{reason}" }}}}{words}') == 1
    for reason, texts in FIRST_STEPS.items():
        told = annotations(
            alert("PortalReplaced" if reason is Reason.NOT_THE_PORTAL else "PortalDown"), PublicAddresses()
        )
        assert told[f"step{suffix}"].count(f'eq .Labels.reason "{reason}" }}}}{texts[language]}') == 1
