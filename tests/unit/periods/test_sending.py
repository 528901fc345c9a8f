"""Letters go out by a real mail server on loopback, to each mailbox once."""

import socket
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from dashboards.owners import Owners
from thuocdo.core.errors import ConfigurationError, MailAwayError
from thuocdo.periods.period import period_named
from thuocdo.periods.sending import Recipient, is_due, recipients, send_report, unsent
from thuocdo.post import mail
from thuocdo.store import Store

NOW = datetime(2026, 12, 3, 2, tzinfo=UTC)
NOVEMBER = period_named("2026-11")
NOBODY = [{"url": "http://127.0.0.1:9095/"}]


class Mailbox:
    """Keeps what comes; refuses the addresses in `refused`."""

    def __init__(self):
        self.letters, self.refused = [], set()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.letters.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=default)))
        return "250 OK"


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def server(mailbox):
    """Start a mail server; its address."""
    started = []

    def start(**options):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
        controller.start()
        started.append(controller)
        return f"127.0.0.1:{port}"

    yield start
    for controller in started:
        controller.stop()


@pytest.fixture
def letters(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/letters.sqlite") as opened:
        yield opened


def owners(smarthost, **smtp):
    team = {"webhooks": NOBODY}
    return Owners.model_validate(
        {
            "smtp": {"smarthost": smarthost, "from": "thuocdo@example.vn", "require_tls": False} | smtp,
            "central": team | {"reports": [{"to": "trung-tam@example.vn"}]},
            "dead_man": team,
            "owners": {
                "dak-lak": team | {"reports": [{"to": "dak-lak@example.vn"}, {"to": "so@daklak.example.vn"}]},
                "bo-mau": team,
            },
        }
    )


def sent_to(mailbox):
    return sorted(address for addresses, _ in mailbox.letters for address in addresses)


def test_each_gets_its_own_and_nobody_what_is_anothers(letters, server, mailbox, november):
    who = owners(server())
    asked = recipients(who, {}, november)
    assert [(one.subject_id, one.address) for one in asked] == [
        ("", "trung-tam@example.vn"),
        ("dak-lak", "dak-lak@example.vn"),
        ("dak-lak", "so@daklak.example.vn"),
    ]
    assert send_report(letters, who, november, asked, None, NOW) == []
    by_address = {addresses[0]: message for addresses, message in mailbox.letters}
    own = by_address["dak-lak@example.vn"]
    assert own["Subject"] == "[SỐ LIỆU GIẢ LẬP] Đắk Lắk: hoạt động của cổng dịch vụ công trực tuyến tháng 11 năm 2026"
    assert [part.get_filename() for part in own.iter_attachments()] == ["dak-lak-2026-11.docx", "dak-lak-2026-11.xlsx"]
    body = own.get_body().get_content()
    assert "Đắk Lắk: mức sẵn sàng 99,17%, độ phủ 99,93%, 2 sự cố." in body
    assert "Đà Nẵng" not in body
    names = [part.get_filename() for part in by_address["trung-tam@example.vn"].iter_attachments()]
    assert names == ["bao-cao-2026-11.docx", "bao-cao-2026-11.xlsx"]
    assert all(content[:2] == b"PK" for content in (part.get_content() for part in own.iter_attachments()))


def test_nothing_goes_out_twice_and_what_was_refused_goes_out_later(letters, server, mailbox, november):
    who = owners(server())
    asked = recipients(who, {}, november)
    mailbox.refused = {"so@daklak.example.vn"}
    left = send_report(letters, who, november, asked, None, NOW)
    assert left == unsent(letters, NOVEMBER, asked) == [Recipient(subject_id="dak-lak", address="so@daklak.example.vn")]
    mailbox.refused = set()
    assert send_report(letters, who, november, left, None, NOW + timedelta(hours=1)) == []
    assert unsent(letters, NOVEMBER, asked) == []
    assert sent_to(mailbox) == ["dak-lak@example.vn", "so@daklak.example.vn", "trung-tam@example.vn"]


def test_a_letter_that_goes_out_twice_after_a_crash_is_seen_to_be_the_same(letters, server, mailbox, november):
    who = owners(server())
    for at in (NOW, NOW + timedelta(hours=1)):
        send_report(letters, who, november, [Recipient(subject_id="", address="trung-tam@example.vn")], None, at)
    first, second = (message["Message-ID"] for _, message in mailbox.letters)
    assert first == second
    assert len(letters.sent_letters.of()) == 1


def test_a_server_that_is_away_loses_nothing(letters, november):
    who = owners("127.0.0.1:1")
    with pytest.raises(
        MailAwayError, match=r"127.0.0.1:1: the mail server does not take letters just now \(Connection refused"
    ):
        send_report(letters, who, november, recipients(who, {}, november), None, NOW)
    assert letters.sent_letters.of() == []


def test_a_wrong_password_is_told_and_never_shown(letters, server, tmp_path, november):
    (tmp_path / "password").write_text("mat-khau\n")
    who = owners(
        server(authenticator=lambda *_: AuthResult(success=False, handled=False), auth_require_tls=False),
        username="thuocdo",
        password_file=str(tmp_path / "password"),
    )
    with pytest.raises(ConfigurationError, match="does not know this name and password") as told:
        send_report(letters, who, november, recipients(who, {}, november), None, NOW)
    assert "mat-khau" not in str(told.value)
    (tmp_path / "password").write_text("mật khẩu\n")
    with pytest.raises(ConfigurationError, match="plain letters, digits and signs"):
        send_report(letters, who, november, recipients(who, {}, november), None, NOW)
    with pytest.raises(ConfigurationError, match="password cannot be read"):
        send_report(
            letters, owners("127.0.0.1:1", password_file="/nowhere"), november, recipients(who, {}, november), None, NOW
        )


def test_encryption_is_insisted_on(letters, server, november):
    who = owners(server(), require_tls=True)
    with pytest.raises(ConfigurationError, match="offers no encryption"):
        send_report(letters, who, november, recipients(who, {}, november), None, NOW)


@pytest.fixture
def certificate(tmp_path):
    """A certificate for 127.0.0.1, and its key."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
         "/CN=mail", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return tmp_path / "cert.pem", tmp_path / "key.pem"


def test_letters_go_out_encrypted_and_a_stranger_gets_none(
    letters, server, mailbox, november, certificate, monkeypatch
):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    who = owners(server(tls_context=context, require_starttls=True), require_tls=True)
    asked = [Recipient(subject_id="", address="trung-tam@example.vn")]
    with pytest.raises(MailAwayError, match="does not take letters just now"):
        send_report(letters, who, november, asked, None, NOW)  # nobody we trust has signed this certificate
    monkeypatch.setattr(mail.ssl, "create_default_context", lambda: ssl._create_unverified_context())
    assert send_report(letters, who, november, asked, None, NOW) == []
    assert sent_to(mailbox) == ["trung-tam@example.vn"]


def test_what_is_not_over_is_not_sent(letters, server, read):
    who = owners(server())
    content = read("2026-12", NOW)
    with pytest.raises(ConfigurationError, match="is not over"):
        send_report(letters, who, content, recipients(who, {}, content), None, NOW)


def test_without_a_mail_server_nothing_is_sent(letters, november):
    team = {"webhooks": NOBODY}
    who = Owners.model_validate({"central": team, "dead_man": team})
    with pytest.raises(ConfigurationError, match="no mail server is named"):
        send_report(letters, who, november, [Recipient(subject_id="", address="a@example.vn")], None, NOW)


def test_reports_ask_for_a_mail_server():
    team = {"webhooks": NOBODY}
    with pytest.raises(ValueError, match="there is no mail server"):
        Owners.model_validate({"central": team | {"reports": [{"to": "a@example.vn"}]}, "dead_man": team})


def test_a_report_is_due_from_its_day_on_for_a_month():
    deadline = datetime(2026, 12, 4, 16, 59, tzinfo=UTC)
    day = timedelta(days=1)
    assert [is_due(NOVEMBER, 3, deadline, deadline + n * day) for n in (-1, 0, 31, 32)] == [False, True, True, False]
    assert not is_due(NOVEMBER, 0, deadline, deadline)
