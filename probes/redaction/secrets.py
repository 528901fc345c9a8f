"""Takes known secrets out of what is stored: the values of a login session that a person supplied."""

import json
from collections.abc import Collection
from urllib.parse import quote, unquote

from probes.redaction.words import HIDDEN


def hide_secrets(document: bytes, secrets: Collection[str]) -> bytes:
    """Return a JSON document without known secrets, as they are and as JSON, addresses and forms write them."""
    text = document.decode()
    spellings = {spelt for secret in secrets for spelt in _spellings(secret)}
    for spelt in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelt, HIDDEN)
    return text.encode()


def _spellings(secret: str) -> set[str]:
    written = {secret, quote(secret, safe=""), quote(secret), unquote(secret)}
    return {
        form for text in written for form in (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
    }
