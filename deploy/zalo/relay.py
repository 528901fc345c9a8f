"""
Alertmanager's webhook on one side, a Zalo official account on the other: every notice becomes one text for somebody on duty.

    python3 relay.py --user 1234567890 --token-file /etc/zalo/access_token

An example for Python 3 alone, beside Alertmanager on its machine; it was never run against Zalo. Zalo's access token must be
renewed by other means. What cannot be sent is an error to Alertmanager, which tries again.
"""

import argparse
import json
import urllib.request
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

ADDRESS = "https://openapi.zalo.me/v3.0/oa/message/cs"
"""Look up the one that is in force for your account."""

LONGEST = 2000
"""Characters that Zalo takes in one text."""

ROOM_FOR_THE_REST = 40

HEADS = {"maintenance": "TẠM NGƯNG BÁO", "withdrawn": "RÚT LẠI", "removed": "THÔI THEO DÕI", "moved": "CHUYỂN"}
"""Of a notice that is no alarm any more, by its annotation `ending`; else it is over."""


def message(told: Mapping[str, Any]) -> str:
    """Return the text of what Alertmanager tells: as many alerts as there is room for, and how many there are besides."""
    texts = [said(alert) for alert in told["alerts"]]
    text = texts[0][:LONGEST]
    for number, one in enumerate(texts[1:], start=1):
        longer = f"{text}\n\n{one}"
        is_last = number == len(texts) - 1
        if len(longer) > (LONGEST if is_last else LONGEST - ROOM_FOR_THE_REST):
            return f"{text[: LONGEST - ROOM_FOR_THE_REST]}\n\n… và {len(texts) - number} cảnh báo khác"
        text = longer
    return text


def said(alert: Mapping[str, Any]) -> str:
    """Return what one alert says: whose portal with its address, why, since when, what to do first, where to look."""
    told: Mapping[str, str] = alert["annotations"]

    def of(name: str) -> str:
        return told.get(name, "")

    is_over = alert["status"] == "resolved"
    head = HEADS.get(of("ending"), "ĐÃ HẾT") if is_over else "CẢNH BÁO"
    lines = [
        f"[{head}] {of('summary')}",
        of("cause") and f"Nguyên nhân: {of('cause')}",
        of("began") and f"Bắt đầu: {of('began')} (giờ Hà Nội)",
        of("ended") and f"Kết thúc: {of('ended')}, kéo dài {of('length')}",
        "" if is_over else f"Việc cần làm trước: {of('step')}",
        of("page_url"),
    ]
    return "\n".join(line for line in lines if line)


def server(port: int, address: str, user: str, token_file: Path) -> HTTPServer:
    """Return the relay's server, on this machine alone. address: of Zalo. user: who is told. token_file: read each time."""

    class Relay(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps({"recipient": {"user_id": user}, "message": {"text": message(told)}}).encode()
            headers = {
                "access_token": token_file.read_text(encoding="utf-8").strip(),
                "Content-Type": "application/json",
            }
            try:
                asked = urllib.request.Request(address, body, headers)  # noqa: S310 - given by whoever starts it
                urllib.request.urlopen(asked, timeout=10).close()  # noqa: S310
            except OSError as exc:
                self.send_error(502, f"Zalo: {type(exc).__name__}")
                return
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    return HTTPServer(("127.0.0.1", port), Relay)


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--user", required=True, help="id of somebody on duty who follows the account")
    parser.add_argument("--token-file", type=Path, required=True, help="file with the account's access token")
    parser.add_argument("--port", type=int, default=9096, help="for Alertmanager's webhook")
    parser.add_argument("--address", default=ADDRESS, help="of Zalo's message API")
    chosen = parser.parse_args()
    server(chosen.port, chosen.address, chosen.user, chosen.token_file).serve_forever()


if __name__ == "__main__":
    main()
