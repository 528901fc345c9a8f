from copy import deepcopy

import pytest
import yaml

from dashboards.alerts import ALERTS
from dashboards.owners import load_owners
from dashboards.routes import INHIBITIONS, alertmanager_file
from thuocdo.core.errors import ConfigurationError

HOOK = {"webhooks": [{"url": "http://127.0.0.1:9095/"}]}
GOOD = {"central": HOOK, "dead_man": deepcopy(HOOK)}  # one object twice is written as an anchor, which is refused


@pytest.fixture
def load(tmp_path):
    def read(values):
        file = tmp_path / "owners.yaml"
        file.write_text(yaml.safe_dump(values), encoding="utf-8")
        return load_owners(file, frozenset({"da-nang-2025"}))

    return read


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"central": HOOK}, "'dead_man' is missing"),
        (GOOD | {"central": {}}, "nobody would be told"),
        (GOOD | {"central": {"emails": [{"to": "a@example.vn"}]}}, "add smtp"),
        (GOOD | {"central": {"webhoks": []}}, "did you mean 'webhooks'"),
        (GOOD | {"central": {"webhooks": [{"url": "https://u:secret@x/"}]}}, "a secret goes into token_file"),
        (GOOD | {"owners": {"da-nag-2025": deepcopy(HOOK)}}, "owners.yaml:8: .*did you mean 'da-nang-2025'"),
        (
            GOOD | {"owners": {"so-khac": deepcopy(HOOK)}},
            "owners.yaml:8: .*`thuocdo portals list` shows what is registered",
        ),
    ],
)
def test_a_mistake_is_named_with_what_to_do(load, values, words):
    with pytest.raises(ConfigurationError, match=words):
        load(values)


def test_secrets_are_named_by_file_only(load):
    mail = {"smarthost": "mail.example.vn:587", "from": "a@example.vn", "username": "a", "password_file": "/s/smtp"}
    team = {"emails": [{"to": "b@example.vn"}], "telegram": [{"chat_id": -1, "token_file": "/s/telegram"}]}
    hook = {"webhooks": [{"url": "http://127.0.0.1:9096/", "token_file": "/s/hook"}]}
    config = yaml.safe_load(alertmanager_file(load({"smtp": mail, "central": team, "dead_man": hook})))
    central, dead_man = config["receivers"]
    assert config["global"]["smtp_auth_password_file"] == "/s/smtp"
    assert central["telegram_configs"][0]["bot_token_file"] == "/s/telegram"
    assert dead_man["webhook_configs"][0]["http_config"] == {"authorization": {"credentials_file": "/s/hook"}}


def test_an_owner_without_a_team_is_the_central_teams_business(load):
    config = yaml.safe_load(alertmanager_file(load(GOOD)))
    assert config["route"]["receiver"] == "central"
    assert [route["receiver"] for route in config["route"]["routes"]] == ["dead-man", "central", "central"]


def test_an_owner_gets_one_mail_whatever_its_portals_are_made_with_and_a_platform_one_of_its_own(load):
    route = yaml.safe_load(alertmanager_file(load(GOOD)))["route"]
    assert route["group_by"] == ["alertname", "owner", "vantage"]
    [family] = [one for one in route["routes"] if one["matchers"] == ['alertname="FamilyDown"']]
    assert (family["receiver"], family["group_by"]) == ("central", ["alertname", "family"])


def test_inhibitions_name_alerts_that_exist_and_labels_that_both_have():
    labels = {alert.name: set(alert.labels) for alert in ALERTS}
    for source, targets, equal in INHIBITIONS:
        assert source in labels
        for target in targets.replace("Certificate.+", "CertificateExpiresSoon").split("|"):
            assert target in labels
            assert set(equal) <= labels[source] & labels[target], (source, target)


def test_nothing_keeps_the_watchdog_quiet():
    assert not any("Watchdog" in targets for _, targets, _ in INHIBITIONS)


def test_what_is_about_a_day_is_told_once_a_day(load):
    routes = yaml.safe_load(alertmanager_file(load(GOOD)))["route"]["routes"]
    everywhere = [*routes, *(child for one in routes for child in one.get("routes", ()))]
    slow = [one for one in everywhere if one["matchers"] == ['alertname="ErrorBudgetBurnSlow"']]
    owners = [one for one in routes if one["receiver"].startswith("owner-")]
    assert [one["repeat_interval"] for one in slow] == ["24h"] * (1 + len(owners))
