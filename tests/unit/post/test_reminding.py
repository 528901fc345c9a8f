"""Reminders reach each agency's team by mail and webhook, each place once."""

from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from dashboards.owners import Owners, Webhook
from testbed.receivers import Receivers
from thuocdo.core.errors import ConfigurationError, MailAwayError
from thuocdo.core.model import Agency, Block, Round
from thuocdo.core.portals import Registry
from thuocdo.post.reminding import Reminded, send_reminders
from thuocdo.post.webhook import post
from thuocdo.rounds.reminders import Reminder, ReminderKind
from thuocdo.store import Store

NOW = datetime(2026, 12, 3, 2, tzinfo=UTC)
NAMES = {"hue": "Huế", "da-nang": "Đà Nẵng", "la": "Không ai phụ trách"}
REGISTRY = Registry(
    agencies={name: Agency(id=name, block=Block.PROVINCE, name_vi=vi, name_en=name) for name, vi in NAMES.items()},
    portals={},
    procedures={},
    targets={},
    digest="",
)
ROUND = Round(id="q4", label="Quý IV", started_at=NOW)
REMINDER = Reminder(
    kind=ReminderKind.HALF, at=NOW, deadline=datetime(2026, 12, 10, 16, 59, tzinfo=UTC), agencies=tuple(NAMES)
)


@pytest.fixture
def receivers():
    with Receivers() as running:
        yield running


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/s.sqlite") as opened:
        yield opened


def owners(receivers, smarthost=None):
    team = {"webhooks": [{"url": "http://127.0.0.1:9095/"}]}
    return Owners.model_validate(
        {
            "smtp": {"smarthost": smarthost or receivers.smarthost, "from": "t@example.vn", "require_tls": False},
            "central": team,
            "dead_man": team,
            "owners": {
                "hue": {"emails": [{"to": "truc@hue.vn"}], "reports": [{"to": "lanh-dao@hue.vn"}]},
                "so": {"emails": [{"to": "so@danang.vn"}], "webhooks": [{"url": f"{receivers.url}/danang"}]},
            },
        }
    )


def send(store, who, now=NOW):
    return send_reminders(store, ROUND, REMINDER, who, {"da-nang": "so"}, REGISTRY, now)


def test_each_place_of_a_team_is_told_once_and_who_has_none_is_named(store, receivers):
    assert send(store, owners(receivers)) == Reminded(told=("hue", "da-nang"), unknown=("la",), unreached=())
    assert sorted(one.to[0] for one in receivers.mails) == ["lanh-dao@hue.vn", "so@danang.vn"]
    (call,) = receivers.calls
    assert (call.who, [one["id"] for one in call.told["agencies"]]) == ("danang", ["da-nang"])
    send(store, owners(receivers), NOW + timedelta(hours=1))
    assert (len(receivers.mails), len(receivers.calls)) == (2, 1)


def test_a_letter_says_until_when_and_what_silence_means(store, receivers):
    send(store, owners(receivers))
    mail = next(one for one in receivers.mails if one.to == ("lanh-dao@hue.vn",))
    assert mail.subject == "Nhắc: ý kiến về dự thảo kết quả “Quý IV”, hạn 10/12/2026 23:59"
    assert "Kính gửi Huế," in mail.text
    assert "không coi là đồng ý" in mail.text


def test_who_was_not_reached_is_reached_later(store, receivers):
    away = owners(receivers, "127.0.0.1:1")
    assert send(store, away).unreached == ("hue", "da-nang")
    assert len(receivers.calls) == 1  # the webhook was there
    assert send(store, owners(receivers)).unreached == ()
    assert (len(receivers.mails), len(receivers.calls)) == (2, 1)


class Refuses(BaseHTTPRequestHandler):
    """Sends everybody elsewhere."""

    def do_POST(self):
        self.send_response(302)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_a_webhook_that_leads_elsewhere_gets_no_second_request():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refuses)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        with pytest.raises(MailAwayError, match="answers with status 302"):
            post(Webhook(url=f"http://127.0.0.1:{server.server_address[1]}/x"), {})
    finally:
        server.shutdown()
        server.server_close()


def test_a_webhook_that_is_away_or_whose_token_is_gone_is_told(tmp_path):
    with pytest.raises(MailAwayError, match="does not answer"):
        post(Webhook(url="http://127.0.0.1:1/"), {})
    with pytest.raises(ConfigurationError, match="token cannot be read"):
        post(Webhook(url="http://127.0.0.1:1/", token_file=str(tmp_path / "none")), {})
