"""
Sends mail: one letter at a time to one address, by the mail server that alerts go by as well.

A letter's id follows from what it brings and to whom: who gets one twice, since we died between sending and writing that down,
sees that it is the same.
"""

import smtplib
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

from dashboards.owners import Smtp
from thuocdo.core.clock import HANOI
from thuocdo.core.errors import ConfigurationError, MailAwayError

TIMEOUT_SECONDS = 60.0
IMPLICIT_TLS_PORT = 465
MOST_BYTES = 20 << 20
"""Of all attachments together: more no common mail server takes."""

_TYPES = {
    ".pdf": ("application", "pdf"),
    ".docx": ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ".xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """
    A letter to one address.

    matter, subject_id: what it brings, and of whom; see SentLetter. attachments: names and contents.
    """

    matter: str
    subject_id: str
    to: str
    subject: str
    text: str
    attachments: Sequence[tuple[str, bytes]] = ()


def message_of(letter: Letter, sender: str, now: datetime) -> EmailMessage:
    """
    Return a letter as it goes out.

    Raises:
        ConfigurationError: an address is none, or the attachments are too large.
    """
    size = sum(len(content) for _, content in letter.attachments)
    if size > MOST_BYTES:
        raise ConfigurationError(
            f"mail to {letter.to}: its attachments have {size} bytes, mail servers take {MOST_BYTES}; send it by other means"
        )
    message = EmailMessage()
    try:
        message["From"] = Address(addr_spec=sender)
        message["To"] = Address(addr_spec=letter.to)
    except (ValueError, IndexError) as exc:
        raise ConfigurationError(f"mail from {sender} to {letter.to}: this is no address ({exc}); correct it") from exc
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(now.astimezone(HANOI))
    told = "\n".join((letter.matter, letter.subject_id, letter.to)).encode()
    message["Message-ID"] = f"<{sha256(told).hexdigest()[:32]}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    for name, content in letter.attachments:
        main, sub = _TYPES.get(Path(name).suffix, ("application", "octet-stream"))
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message


@contextmanager
def mail_server(smtp: Smtp) -> Iterator[smtplib.SMTP]:
    """
    Give a connection over which letters go out.

    Raises:
        MailAwayError: the server is not there, or offers no encryption although it must.
        ConfigurationError: it does not know this name and password, or the file with the password cannot be read.
    """
    password = _password(smtp)
    host, _, port = smtp.smarthost.rpartition(":")
    tls = ssl.create_default_context()
    try:
        connection: smtplib.SMTP = (
            smtplib.SMTP_SSL(host, int(port), timeout=TIMEOUT_SECONDS, context=tls)
            if int(port) == IMPLICIT_TLS_PORT
            else smtplib.SMTP(host, int(port), timeout=TIMEOUT_SECONDS)
        )
        with connection:
            if smtp.require_tls and int(port) != IMPLICIT_TLS_PORT:
                connection.starttls(context=tls)
            if smtp.username:
                connection.login(smtp.username, password)
            yield connection
    except smtplib.SMTPAuthenticationError as exc:
        raise ConfigurationError(
            f"{smtp.smarthost}: the mail server does not know this name and password ({exc.smtp_code}); correct smtp in the "
            "file of owners"
        ) from exc
    except smtplib.SMTPNotSupportedError as exc:
        raise ConfigurationError(
            f"{smtp.smarthost}: the mail server offers no encryption; give one that does, or set require_tls: false"
        ) from exc
    except (OSError, smtplib.SMTPException) as exc:
        raise MailAwayError(f"{smtp.smarthost}: the mail server does not take letters just now ({_why(exc)})") from exc


def send(connection: smtplib.SMTP, letter: Letter, sender: str, now: datetime) -> None:
    """
    Send a letter; when this returns the server has taken it.

    Raises:
        MailAwayError: it was not taken.
        ConfigurationError: see `message_of`.
    """
    message = message_of(letter, sender, now)
    try:
        connection.send_message(message)
    except (OSError, smtplib.SMTPException) as exc:
        raise MailAwayError(f"mail to {letter.to}: the mail server does not take it ({_why(exc)})") from exc


def _password(smtp: Smtp) -> str:
    if not smtp.password_file:
        return ""
    try:
        password = Path(smtp.password_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError(
            f"{smtp.password_file}: the mail server's password cannot be read ({exc}); check the path and its rights"
        ) from exc
    if not password.isascii():
        raise ConfigurationError(
            f"{smtp.password_file}: mail servers take passwords of plain letters, digits and signs; set such a one"
        )
    return password


def _why(error: Exception) -> str:
    """Return what a mail server, or the line to it, said: a code and a word, never a whole letter."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = sorted({str(code) for code, _ in error.recipients.values()})
            return f"it refuses the address, {', '.join(codes)}"
        case smtplib.SMTPResponseException():
            return str(error.smtp_code)
        case socket.gaierror():
            return "its name is not known"
        case TimeoutError():
            return "it does not answer"
        case OSError() if error.strerror:
            return error.strerror
    return type(error).__name__
