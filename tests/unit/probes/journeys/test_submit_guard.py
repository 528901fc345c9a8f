"""What the submit guard takes for a submit control, and what it believes of what the page says."""

from types import SimpleNamespace
from typing import Any

import pytest

from probes.journeys.submit_guard import SubmitGuard, sounds_like_submit


@pytest.mark.parametrize(
    "label",
    [
        "Nộp hồ sơ",
        "  nộp\n hồ sơ ",
        "Gửi",
        "Đồng ý và gửi",
        "HOÀN TẤT",
        "Xác nhận",
        "Thanh toán",
        "Submit form",
        "Gư\u0309i",
    ],
)
def test_words_that_send_are_known(label: str) -> None:
    assert sounds_like_submit(label)


@pytest.mark.parametrize(
    "label", ["Nộp trực tuyến", "Tiếp tục", "Bước tiếp theo", "Người gửi hàng".replace("gửi", "nhận"), "Payload", ""]
)
def test_words_that_only_lead_on_are_not_taken_for_sending(label: str) -> None:
    assert not sounds_like_submit(label)


async def test_a_page_that_talks_nonsense_to_the_guard_is_ignored() -> None:
    opened: Any = SimpleNamespace(gate=SimpleNamespace(stopped=[]))
    mine = SubmitGuard(opened)
    for payload in ("no json", "[]", '{"clicked": "x"}', "1"):
        mine._hear({"name": "thuocdoTell", "payload": payload})
    assert mine.clicked_at is None
    assert opened.gate.stopped == []
