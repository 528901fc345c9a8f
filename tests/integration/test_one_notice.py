"""What one cause does to an owner's portals is one notice, although two looks of the judge, and two scrapes, bring it."""

import json
import time
import urllib.request

import pytest

from dashboards.notice import template_file
from dashboards.owners import load_owners
from dashboards.routes import alertmanager_file
from testbed.monitoring import alertmanager_command
from testbed.receivers import Receivers

APART_SECONDS = 15.0
"""The second look is seen by the next scrape."""

WAITED_SECONDS = 19.0
"""Alertmanager's group_wait."""


@pytest.fixture
def stage(debian, product, background, tmp_path):
    """A real Alertmanager with our routes: stage(alerts...) sends it some; stage.receivers keeps what it tells."""
    with Receivers() as receivers:
        team = {"webhooks": [{"url": f"{receivers.url}/owner"}]}
        owners = {"central": team, "dead_man": team, "owners": {"so-13": team}}
        (tmp_path / "owners.yaml").write_text(json.dumps(owners), encoding="utf-8")
        config = alertmanager_file(load_owners(tmp_path / "owners.yaml", frozenset({"so-13"})))
        (tmp_path / "alertmanager.yml").write_text(config, encoding="utf-8")
        (tmp_path / "thuocdo.tmpl").write_text(template_file(), encoding="utf-8")
        port = product.free_port()
        program = debian("prometheus-alertmanager", "prometheus-alertmanager")
        background(alertmanager_command(program, tmp_path, port), tmp_path / "alertmanager.log")

        def send(*alerts):
            body = json.dumps([{"labels": labels, "annotations": {"summary": labels["target"]}} for labels in alerts])
            asked = urllib.request.Request(
                f"http://127.0.0.1:{port}/api/v2/alerts", body.encode(), {"Content-Type": "application/json"}
            )
            urllib.request.urlopen(asked, timeout=10).close()

        def is_up():
            try:
                send()
            except OSError:
                return False
            return True

        product.wait_until(is_up, "Alertmanager")
        send.receivers = receivers
        yield send


def down(target, alertname):
    return {"alertname": alertname, "owner": "so-13", "target": target, "severity": "critical"}


def test_two_portals_of_an_owner_that_two_looks_confirm_are_one_notice(stage, product):
    # Groups of different names do not know of each other: where this machine stood still between both, it is tried with another.
    for name in ("PortalDown", "PortalReplaced", "PortalFlapping"):
        began = time.monotonic()
        stage(down("p13.home", name))
        time.sleep(APART_SECONDS)
        stage(down("p14.home", name))
        if time.monotonic() - began < WAITED_SECONDS:
            break

    def calls():
        return [call for call in stage.receivers.calls if call.told["groupLabels"]["alertname"] == name]

    product.wait_until(calls, "the notice")
    [call] = calls()
    assert sorted(alert["labels"]["target"] for alert in call.alerts("firing")) == ["p13.home", "p14.home"]
