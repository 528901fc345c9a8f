"""The provisioning folder: parses, refers to what exists, wakes nobody twice."""

from io import StringIO
from pathlib import Path

import pytest
import yaml
from rich.console import Console
from typer.testing import CliRunner

from dashboards.alerts import ALERTS
from dashboards.owners import Email, Owners, Smtp, Team, Telegram, Webhook
from dashboards.provisioning import DASHBOARDS_ON_SERVER, Servers, provisioning_files
from dashboards.rules import PublicAddresses
from dashboards.variables import DATA_SOURCE_UID
from thuocdo.cli.context import CliContext, Language
from thuocdo.cli.grafana import app

ROOT = Path(__file__).resolve().parents[3]
GENERATED = ROOT / "dashboards" / "grafana"
OWNERS = Owners(
    smtp=Smtp(smarthost="mail.example.vn:587", **{"from": "thuocdo@example.vn"}),
    central=Team(webhooks=(Webhook(url="http://127.0.0.1:9095/alerts", token_file="/run/secrets/hook"),)),
    dead_man=Team(webhooks=(Webhook(url="http://127.0.0.1:9095/watchdog"),)),
    owners={
        "hue-2025": Team(
            emails=(Email(to="truc-ban@hue.example.vn"),),
            telegram=(Telegram(chat_id=-1001234567890, token_file="/run/secrets/telegram"),),
        )
    },
)


def files(*, alerts_by_grafana=False):
    made = provisioning_files(OWNERS, PublicAddresses(), Servers(), alerts_by_grafana=alerts_by_grafana)
    return {name: yaml.safe_load(text) for name, text in made}


def rules(found):
    return [rule for group in found["alerting/rules.yaml"]["groups"] for rule in group["rules"]]


def test_committed_files_are_those_that_are_generated(monkeypatch):
    monkeypatch.chdir(ROOT)
    context = CliContext(config_file=None, lang=Language.EN, log_level="info")
    context.console = Console(file=StringIO(), width=200)
    done = CliRunner().invoke(
        app, ["write", "--check", "--out", "dashboards/grafana"], obj=context, catch_exceptions=False
    )
    assert (done.exit_code, context.console.file.getvalue()) == (0, ""), "run `make golden`"


def test_nothing_lies_there_that_is_not_generated_any_more():
    from dashboards.files import dashboard_files

    generated = {name for name, _ in dashboard_files(PublicAddresses().site)}
    assert {
        str(path.relative_to(GENERATED / "dashboards")) for path in GENERATED.glob("dashboards/**/*.json")
    } == generated


def test_providers_refer_to_folders_that_exist():
    for provider in files()["dashboards/thuocdo.yaml"]["providers"]:
        below = Path(provider["options"]["path"]).relative_to(DASHBOARDS_ON_SERVER)
        assert list((GENERATED / "dashboards" / below).glob("*.json"))


def test_the_data_source_is_the_one_that_dashboards_and_rules_name():
    found = files()
    uids = {source["uid"] for source in found["datasources/thuocdo.yaml"]["datasources"]}
    asked = {query["datasourceUid"] for rule in rules(found) for query in rule["data"]}
    assert asked == {DATA_SOURCE_UID, "__expr__"}
    assert DATA_SOURCE_UID in uids


def test_every_alert_is_a_rule_with_the_same_query_and_severity():
    found = {rule["title"]: rule for rule in rules(files())}
    assert list(found) == [alert.name for alert in ALERTS]
    for alert in ALERTS:
        rule = found[alert.name]
        assert rule["data"][0]["model"]["expr"] == alert.expr
        assert rule["labels"] == {"severity": alert.severity.value}
        assert rule["for"] == alert.hold
        assert len(rule["uid"]) <= 40


def test_a_prometheus_that_does_not_answer_is_told_once_and_ends_nothing():
    found = {rule["title"]: rule["execErrState"] for rule in rules(files())}
    assert found.pop("ProberAbsent") == "Alerting"
    assert found.pop("Watchdog") == "OK", "it stays away, and so its receiver makes noise"
    assert set(found.values()) == {"KeepLast"}


def test_what_keeps_firing_is_obeyed_by_the_grafana_that_is_pinned():
    assert [rule["title"] for rule in rules(files()) if rule.get("keepFiringFor")]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    _, _, version = compose["services"]["grafana"]["image"].partition(":")
    assert tuple(map(int, version.split("."))) >= (12, 1, 2), "older ones leave keepFiringFor in files unread"


def test_texts_use_what_grafana_calls_the_value():
    for rule in rules(files()):
        for text in rule["annotations"].values():
            assert "$value " not in text
            assert "| query" not in text


@pytest.mark.parametrize("by_grafana", [True, False])
def test_rules_are_paused_unless_grafana_is_to_tell_people(by_grafana):
    assert {rule["isPaused"] for rule in rules(files(alerts_by_grafana=by_grafana))} == {not by_grafana}


def test_owners_get_their_own_alerts_and_secrets_stay_in_files():
    found = files()
    points = {point["name"]: point["receivers"] for point in found["alerting/contact_points.yaml"]["contactPoints"]}
    [policy] = found["alerting/policies.yaml"]["policies"]
    assert {policy["receiver"], *(route["receiver"] for route in policy["routes"])} == set(points)
    assert [receiver["type"] for receiver in points["owner-hue-2025"]] == ["email", "telegram"]
    assert points["owner-hue-2025"][1]["settings"]["bottoken"] == "$__file{/run/secrets/telegram}"
    assert points["central"][0]["settings"]["authorization_credentials"] == "$__file{/run/secrets/hook}"
    uids = [receiver["uid"] for receivers in points.values() for receiver in receivers]
    assert len(uids) == len(set(uids))
    assert all(len(uid) <= 40 for uid in uids)
