from typing import Any

import pytest

from probes.accessibility.media import captions_outcome, has_text, lasts, silent_outcome

TOLD = "Lời thoại của video: " + "người dân nộp hồ sơ tại bộ phận một cửa, cán bộ tiếp nhận và trả giấy hẹn " * 2


def media(**changes: Any) -> dict[str, Any]:
    bare = {"texts": [], "links": [], "captions": 0, "file": "/phim.mp4", "autoplay": False, "controls": True}
    return bare | {"loop": False, "seconds": 60.0} | changes


@pytest.mark.parametrize(
    ("changes", "there"),
    [
        ({}, False),
        ({"texts": [TOLD]}, True),
        ({"texts": ["Xem video"]}, False),
        ({"texts": ["Thủ tục này làm tại bộ phận một cửa " * 5]}, False),
        ({"links": ["Bản chép lời"]}, True),
    ],
)
def test_a_text_version_speaks_of_the_film_at_some_length_or_is_linked_to(changes: dict[str, Any], there: bool) -> None:
    assert has_text(media(**changes)) is there


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "failed"),
        ({"captions": 1}, "passed"),
        ({"file": "/phim-vietsub.mp4"}, "review"),
        ({"texts": ["Phụ đề có sẵn trong phim"]}, "review"),
        ({"texts": ["Video này nói lại nội dung trên bằng hình, nội dung tương tự như trên."]}, "passed"),
    ],
)
def test_captions_may_be_a_track_or_stand_in_the_picture(changes: dict[str, Any], outcome: str) -> None:
    assert captions_outcome(media(**changes)) == outcome


def test_a_silent_film_that_only_decorates_is_for_review() -> None:
    assert silent_outcome(media()) == "failed"
    assert silent_outcome(media(autoplay=True, controls=False)) == "review"
    assert silent_outcome(media(texts=[TOLD])) == "passed"


@pytest.mark.parametrize(
    ("changes", "long"),
    [
        ({}, True),
        ({"seconds": 2.0}, False),
        ({"seconds": 2.0, "loop": True}, True),
        ({"seconds": None}, True),
        ({"file": "/nhac.mp3#t=8,10"}, False),
        ({"file": "/nhac.mp3#t=,10"}, True),
    ],
)
def test_sound_lasts_where_it_goes_on_for_more_than_three_seconds(changes: dict[str, Any], long: bool) -> None:
    assert lasts(media(**changes)) is long


@pytest.mark.parametrize("end", ["1.2.3", "..", ".", "1" * 5000, "٣"])
def test_an_address_that_tells_no_time_is_no_error(end: str) -> None:
    assert lasts(media(file=f"a.mp4#t=0,{end}")) in (True, False)
