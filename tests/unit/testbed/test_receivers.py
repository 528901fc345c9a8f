"""What Alertmanager sends arrives as it was sent."""

import json
import smtplib
import urllib.request
from email.message import EmailMessage

from testbed.receivers import Receivers


def test_a_webhook_is_kept_with_whom_it_was_for():
    body = {"alerts": [{"status": "firing", "labels": {"alertname": "A"}}, {"status": "resolved", "labels": {}}]}
    with Receivers() as receivers:
        request = urllib.request.Request(f"{receivers.url}/so-01", json.dumps(body).encode())
        urllib.request.urlopen(request, timeout=10).close()
        [call] = receivers.calls
    assert (call.who, call.told) == ("so-01", body)
    assert [alert["labels"] for alert in call.alerts("firing")] == [{"alertname": "A"}]


def test_a_mail_is_kept_with_its_recipients_subject_and_text():
    message = EmailMessage()
    message["Subject"] = "[CẢNH BÁO] Hà Nội: cổng ngừng hoạt động"
    message["To"] = "so-01@drill.test"
    message.set_content("Nguyên nhân: quá thời gian\n.một dòng bắt đầu bằng dấu chấm\n" + "chữ " * 400)
    message.add_alternative("<p>khác</p>", subtype="html")
    with Receivers() as receivers:
        host, _, port = receivers.smarthost.partition(":")
        for recipient in ("so-01@drill.test", "so-02@drill.test"):
            with smtplib.SMTP(host, int(port), timeout=10) as client:
                client.send_message(message, "thuocdo@drill.test", [recipient])
        first, second = receivers.mails
    assert (first.to, second.to) == (("so-01@drill.test",), ("so-02@drill.test",))
    assert first.subject == "[CẢNH BÁO] Hà Nội: cổng ngừng hoạt động"
    assert first.text.splitlines()[:2] == ["Nguyên nhân: quá thời gian", ".một dòng bắt đầu bằng dấu chấm"]
    assert "khác" not in first.text
