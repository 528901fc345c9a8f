"""Who is told: a webhook and a mail server on loopback that keep whatever Alertmanager sends, with the instant."""

import email.policy
import json
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One webhook. who: last part of its address. told: Alertmanager's JSON. at: when it came."""

    who: str
    told: Mapping[str, Any]
    at: datetime

    def alerts(self, status: str) -> Iterator[Mapping[str, Any]]:
        """Yield its alerts of a status, firing or resolved."""
        yield from (alert for alert in self.told["alerts"] if alert["status"] == status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail. to: addresses of its recipients. text: its body."""

    to: tuple[str, ...]
    subject: str
    text: str
    at: datetime


class Receivers:
    """
    Both receivers; a context manager. calls, mails: what came, in order.

    url: of the webhooks, to which a name is added. smarthost: host:port of the mail server.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.mails: list[Mail] = []
        self._stack = ExitStack()
        self._web = _Web(("127.0.0.1", 0), _Webhook)
        self._web.calls = self.calls
        self._smtp = _Smtp(("127.0.0.1", 0), _Session)
        self._smtp.mails = self.mails
        self.url = f"http://127.0.0.1:{self._web.server_address[1]}"
        self.smarthost = f"127.0.0.1:{self._smtp.server_address[1]}"

    def __enter__(self) -> Self:
        for server in (self._web, self._smtp):
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            self._stack.callback(server.server_close)
            self._stack.callback(server.shutdown)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


class _Web(ThreadingHTTPServer):
    daemon_threads = True
    calls: list[Call]


class _Webhook(BaseHTTPRequestHandler):
    server: _Web

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.calls.append(Call(who=self.path.removeprefix("/"), told=told, at=datetime.now(UTC)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


class _Smtp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    mails: list[Mail]


class _Session(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs that has one mail and no secret. Source: RFC 5321."""

    server: _Smtp

    def handle(self) -> None:
        self._say("220 drill")
        recipients: list[str] = []
        while line := self.rfile.readline().decode("utf-8", "replace").strip():
            verb = line[:4].upper()
            if verb == "RCPT":
                recipients.append(line.partition("<")[2].partition(">")[0])
            elif verb == "DATA":
                self._say("354 go on")
                self._keep(tuple(recipients), self._body())
                recipients = []
            elif verb == "QUIT":
                self._say("221 bye")
                return
            self._say("250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _body(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _keep(self, recipients: tuple[str, ...], body: bytes) -> None:
        message = BytesParser(policy=email.policy.default).parsebytes(body)
        part = message.get_body(("plain",))
        text = part.get_content() if part else ""
        self.server.mails.append(Mail(to=recipients, subject=str(message["Subject"]), text=text, at=datetime.now(UTC)))
