from typing import Any

import pytest

from probes.accessibility.pictures import hidden_outcome

HIDDEN = {"spoken": False, "marked": True, "inControl": False, "hint": "", "alone": False, "natural": 100, "tag": "img"}


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "passed"),
        ({"hint": "Sơ đồ các bước nộp hồ sơ"}, "failed"),
        ({"hint": "Sơ đồ các bước", "caption": "Sơ đồ các bước"}, "failed"),
        ({"hint": "x", "caption": "Sơ đồ bốn bước: chọn thủ tục, kê khai, nộp, nhận kết quả"}, "review"),
        ({"alone": True}, "failed"),
        ({"natural": 400_000}, "review"),
        ({"natural": 400_000, "tag": "svg"}, "passed"),
        ({"inControl": True, "hint": "Tìm"}, ""),
        ({"marked": False}, ""),
    ],
)
def test_a_hidden_picture_is_a_barrier_where_the_page_itself_says_that_it_tells(
    changes: dict[str, Any], outcome: str
) -> None:
    assert hidden_outcome(HIDDEN | changes) == outcome
