"""Tells programs of others: JSON to the webhooks that the file of owners names."""

import http.client
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dashboards.owners import Webhook
from thuocdo.core.errors import ConfigurationError, MailAwayError

TIMEOUT_SECONDS = 30.0


def post(hook: Webhook, document: dict[str, Any]) -> None:
    """
    Post a document to a webhook; redirects are not followed, they would carry the token elsewhere.

    Raises:
        MailAwayError: it is not there, or does not take the document.
        ConfigurationError: the file with its token cannot be read.
    """
    parts = urlsplit(hook.url)
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if hook.token_file:
        headers["Authorization"] = f"Bearer {_token(hook.token_file)}"
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT_SECONDS)
    try:
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        connection.request("POST", path, json.dumps(document, ensure_ascii=False).encode(), headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as exc:
        raise MailAwayError(f"{hook.url}: the webhook does not answer ({type(exc).__name__})") from exc
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise MailAwayError(f"{hook.url}: the webhook does not take it, it answers with status {status}")


def _token(file: str) -> str:
    try:
        return Path(file).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigurationError(f"{file}: the webhook's token cannot be read; check the path and its rights") from exc
