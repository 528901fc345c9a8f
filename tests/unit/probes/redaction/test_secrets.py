"""Known secrets are taken out in every spelling."""

import json
from urllib.parse import quote

from probes.redaction import HIDDEN, hide_secrets


def test_a_secret_goes_in_every_spelling() -> None:
    secret = 'mật "khẩu"/1'
    document = json.dumps({"a": secret, "b": quote(secret), "c": quote(secret, safe="")}).encode()
    assert json.loads(hide_secrets(document, [secret])) == {"a": HIDDEN, "b": HIDDEN, "c": HIDDEN}
