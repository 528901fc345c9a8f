"""What a page lacks: the words for it; pages that lack something stand in the gallery of verdicts."""

import errno
from types import SimpleNamespace

import pytest

from probes.chromium.ink import Ink
from probes.chromium.lacking import Lacking, _blank_by, _is_sign_of_loading, why_not_come
from probes.chromium.line import ConnectionFailure
from probes.chromium.shown import AllShown, ShownFrame
from probes.chromium.traffic import FrameAnswer, Traffic
from thuocdo.core.model import Reason


def shown(text="", **more):
    whole = {
        "own_characters": len(text),
        "links": 0,
        "controls": 0,
        "pictures_ratio": 0.0,
        "unreadable_ratio": 0.0,
        "frames": (),
    }
    return AllShown(text=text, **{**whole, **more})


def ink(ratio=0.01, text="", covered=0):
    return Ink(ratio=ratio, text=text, covered_characters=covered)


@pytest.mark.parametrize(
    "text", ["", " ", "Đang tải...", "LOADING", "Cổng dịch vụ công. Vui lòng chờ", "Xin vui lòng đợi!"]
)
def test_nothing_or_a_word_beside_a_wheel_is_a_sign_of_loading(text):
    assert _is_sign_of_loading(text, 0)


@pytest.mark.parametrize(
    ("text", "things"),
    [("Cổng dịch vụ công", 0), ("Đang tải", 1), ("đang tải " * 20, 0), ("Loadings", 0), ("Đăng tải văn bản", 0)],
)
def test_what_says_more_or_leads_on_is_none(text, things):
    assert not _is_sign_of_loading(text, things)


@pytest.mark.parametrize(
    ("seen", "page", "says"),
    [
        (ink(ratio=0.0), shown("Cổng " * 100), "blank"),
        (ink(text="Cổng"), shown("Cổng"), ""),
        (ink(text="Đang tải"), shown("Đang tải"), "sign of loading"),
        (ink(), shown(), "no text and no picture"),
        (ink(), shown(links=1), ""),
        (ink(), shown(controls=1), ""),
        (ink(ratio=0.3), shown(pictures_ratio=0.5), ""),
        (ink(ratio=0.001), shown(pictures_ratio=0.5), "no text and no picture"),
        (ink(ratio=0.3), shown(pictures_ratio=0.01), "no text and no picture"),
        (ink(covered=500), shown("Cổng " * 100), "lies over"),
        (ink(covered=500, ratio=0.3), shown("Cổng " * 100), ""),
        (ink(covered=50), shown("Cổng " * 100), ""),
    ],
)
def test_a_picture_decides_what_is_blank(seen, page, says):
    blank = _blank_by(seen, page)
    assert (says in blank) if says else not blank


def frames(*ratios, error=False):
    return tuple(ShownFrame(id=f"F{number}", ratio=ratio, is_error_page=error) for number, ratio in enumerate(ratios))


@pytest.mark.parametrize(
    ("answers", "page", "reason"),
    [
        ({"F0": FrameAnswer(host="a.test", status=500)}, shown(frames=frames(1.0)), Reason.HTTP_ERROR),
        ({"F0": FrameAnswer(host="a.test", error="net::ERR_NAME_NOT_RESOLVED")}, shown(frames=frames(1.0, error=True)),
            Reason.DNS_FAILURE),
        ({}, shown(frames=frames(1.0, error=True)), Reason.CONTENT_MISMATCH),
        ({"F0": FrameAnswer(host="a.test", status=200)}, shown(frames=frames(1.0)), None),
        ({"F1": FrameAnswer(host="a.test", status=404)}, shown(frames=frames(0.8, 0.2)), None),
        ({"F0": FrameAnswer(host="a.test", status=404), "F1": FrameAnswer(host="a.test", status=404)},
            shown(frames=frames(0.3, 0.3)), Reason.HTTP_ERROR),
        ({"F0": FrameAnswer(host="a.test", status=500)}, shown("Cổng " * 100, frames=frames(1.0)), None),
    ],
)  # fmt: skip
def test_a_frame_that_is_the_page_and_did_not_come_is_the_pages_fault(answers, page, reason):
    traffic = Traffic()
    traffic.frames.update(answers)
    lack = Lacking(SimpleNamespace(), traffic, SimpleNamespace(), None).broken_frame(page)
    assert (lack and lack[0]) == reason


def test_the_line_knows_better_why_a_document_did_not_come():
    refused = ConnectionFailure(
        host="a.test", port=1, error=ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
    )
    line = SimpleNamespace(failures=[refused])
    assert why_not_come("net::ERR_SOCKS_CONNECTION_FAILED", "a.test", line)[0] is Reason.CONNECTION_REFUSED
    assert why_not_come("net::ERR_SOCKS_CONNECTION_FAILED", "b.test", line)[0] is Reason.NO_CONNECTIVITY
    assert why_not_come("net::ERR_EMPTY_RESPONSE", "a.test", line)[0] is Reason.HTTP_ERROR
    assert why_not_come("", "a.test", None)[0] is Reason.INTERNAL_ERROR
