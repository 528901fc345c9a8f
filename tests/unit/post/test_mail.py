from datetime import UTC, datetime

import pytest

from thuocdo.core.errors import ConfigurationError
from thuocdo.post import mail
from thuocdo.post.mail import Letter, message_of

NOW = datetime(2026, 12, 3, 2, tzinfo=UTC)


def test_a_letter_that_no_server_takes_is_refused_before_it_is_sent(monkeypatch):
    monkeypatch.setattr(mail, "MOST_BYTES", 10)
    letter = Letter(
        matter="x", subject_id="", to="a@example.vn", subject="s", text="t", attachments=[("a.pdf", b"x" * 11)]
    )
    with pytest.raises(ConfigurationError, match="send it by other means"):
        message_of(letter, "b@example.vn", NOW)


def test_a_subject_never_adds_a_header():
    letter = Letter(matter="x", subject_id="", to="a@example.vn", subject="một\nBcc: ai@example.vn", text="t")
    assert message_of(letter, "b@example.vn", NOW)["Subject"] == "một Bcc: ai@example.vn"
    assert "Bcc" not in message_of(letter, "b@example.vn", NOW)
