"""
What a page lacks of what a person came for, although it says nothing of itself: it shows nothing, it shows nothing but a sign of
loading, what it consists of did not come, or the text that is expected of it is not there.

Looked at only where the main document's own text would not do (probes.chromium.settling).
"""

from probes.chromium.cdp import CdpSession
from probes.chromium.ink import Ink, look_at_ink
from probes.chromium.line import LineProxy
from probes.chromium.neterrors import reason_of
from probes.chromium.shown import PDF, AllShown
from probes.chromium.traffic import FIRST_ERROR_STATUS, Traffic
from probes.page import lacks
from probes.page_parts import NOTICE_TEXT_CHARACTERS, PageParts
from probes.spelling import Phrases, folded
from thuocdo.core.model import Reason, Target

LITTLE_CHARACTERS = 200
"""A main document that says less may have its content elsewhere: in frames, in shadow roots, in a picture, or not yet."""

FEW_CHARACTERS = 100
"""A page that says no more than this, and leads nowhere, says who it is and nothing else."""

COVERED_CHARACTERS = 100
"""Of texts in the viewport of which nothing is to be seen."""

_PARSER_ERROR = "<parsererror"
_FRAME_RATIO = 0.5
_PICTURES_RATIO = 0.1
_LITTLE_INK_RATIO = 0.05
_PICTURE_INK_RATIO = 0.005  # the sign of a picture that did not come is less
_LOADING_CHARACTERS = 120
_LOADING = Phrases(
    (
        "đang tải",
        "đang xử lý",
        "đang khởi tạo",
        "đang kết nối",
        "đang chuẩn bị",
        "đang chuyển trang",
        "đang chuyển hướng",
        "đang lấy dữ liệu",
        "đang truy vấn",
        "vui lòng chờ",
        "vui lòng đợi",
        "xin chờ",
        "xin đợi",
        "chờ trong giây lát",
        "đợi trong giây lát",
        "loading",
        "initializing",
        "please wait",
        "redirecting",
    )
)


Lack = tuple[Reason, str]
"""Why a page is not what a person came for, and one line for people."""


def text_lack(target: Target) -> Lack:
    """Return what a page lacks that lacks the expected text."""
    return Reason.CONTENT_MISMATCH, f"the page lacks the text '{target.expected_text}'"


def broken_markup(parts: PageParts) -> Lack | None:
    """Return what a page lacks in whose place the browser shows that its XML is broken; None for any other."""
    if len(parts.text) < NOTICE_TEXT_CHARACTERS and _PARSER_ERROR in parts.source:
        return Reason.CONTENT_MISMATCH, "the browser shows an error of the document's markup in its place"
    return None


def why_not_come(error: str, host: str, line: LineProxy | None) -> Lack:
    """Return why a document of a host did not come; error: Chromium's, which does not know what the line met."""
    failed = next((one for one in reversed(line.failures) if one.host == host), None) if line else None
    if failed and error.removeprefix("net::").startswith("ERR_SOCKS_"):
        return failed.reason
    name = error.removeprefix("net::") or "ERR_FAILED"
    return reason_of(name), f"the browser says {name}"


class Lacking:
    """
    Finds what one page lacks.

    Args:
        session, traffic: of the page.
        target: what is expected of it.
        line: that the page's requests take.

    """

    def __init__(self, session: CdpSession, traffic: Traffic, target: Target, line: LineProxy | None) -> None:
        self._session, self._traffic, self._target, self._line = session, traffic, target, line

    async def lack(self, shown: AllShown, *, may_be_blank: bool, text: str) -> Lack | None:
        """Return what a page lacks; may_be_blank: its texts may not be seen. text: all that stands in it."""
        unreadable = self._is_unreadable(shown)
        if not unreadable and (may_be_blank or _is_sign_of_loading(shown.text, shown.links + shown.controls)):
            blank = await self._blank(shown)
            if blank:
                return blank
        if not unreadable and self._is_empty(shown):
            return Reason.CONTENT_MISMATCH, "the frame that is the page has nothing in it"
        if lacks(self._target.expected_text, text):
            if unreadable:
                return Reason.INTERNAL_ERROR, "the page is a PDF, for which this browser has no viewer"
            return text_lack(self._target)
        if not self._target.expected_text and self._is_left_without_data(shown):
            detail = f"the page shows next to nothing, and what it asked for {self._traffic.data_fault}"
            return Reason.CONTENT_MISMATCH, detail
        return None

    async def _blank(self, shown: AllShown) -> Lack | None:
        """Return why a page shows nothing, by a picture of it; None = it shows something."""
        ink = await look_at_ink(self._session)
        if ink:
            blank = _blank_by(ink, shown)
            return (Reason.CONTENT_MISMATCH, blank) if blank else None
        if len(shown.text) >= LITTLE_CHARACTERS:
            return None
        return Reason.TIMEOUT, "the page gave no picture of itself in time"

    def _is_left_without_data(self, shown: AllShown) -> bool:
        """Tell whether a page that says next to nothing did not get what its scripts asked its host for."""
        return _is_next_to_nothing(shown) and not shown.frames and bool(self._traffic.data_fault)

    def _is_empty(self, shown: AllShown) -> bool:
        """Tell whether a page that says next to nothing is for the most part frames with nothing in them."""
        return _is_next_to_nothing(shown) and sum(one.ratio for one in shown.frames if one.is_empty) >= _FRAME_RATIO

    def _is_unreadable(self, shown: AllShown) -> bool:
        """Tell whether most of the page is a PDF, for which this browser has no viewer."""
        media = {frame: answer.media for frame, answer in self._traffic.frames.items()}
        ratio = sum(frame.ratio for frame in shown.frames if media.get(frame.id) == PDF)
        return ratio + shown.unreadable_ratio >= _FRAME_RATIO

    def broken_frame(self, shown: AllShown) -> Lack | None:
        """Return why the frame that is the page did not come; None where it did, or where the page is more than that."""
        if shown.own_characters >= LITTLE_CHARACTERS:
            return None
        broken = [frame for frame in shown.frames if self._is_broken(frame.id, is_error_page=frame.is_error_page)]
        if not broken or sum(frame.ratio for frame in broken) < _FRAME_RATIO:
            return None
        answer = self._traffic.frames.get(max(broken, key=lambda frame: frame.ratio).id)
        if answer and answer.status >= FIRST_ERROR_STATUS:
            return Reason.HTTP_ERROR, f"the frame that is the page was answered with status {answer.status}"
        if answer and answer.error:
            reason, detail = why_not_come(answer.error, answer.host, self._line)
            return reason, f"the frame that is the page did not come: {detail}"
        return Reason.CONTENT_MISMATCH, "the frame that is the page shows an error page of the browser"

    def _is_broken(self, frame: str, *, is_error_page: bool) -> bool:
        answer = self._traffic.frames.get(frame)
        return is_error_page or (answer is not None and answer.status >= FIRST_ERROR_STATUS)


def _blank_by(ink: Ink, shown: AllShown) -> str:
    """Return why a page shows nothing; empty = it shows something."""
    if ink.is_plain:
        return "the page stayed blank"
    if not _is_sign_of_loading(ink.text, 0):
        return ""
    if ink.covered_characters >= COVERED_CHARACTERS and ink.ratio < _LITTLE_INK_RATIO:
        return "something lies over the whole page: nothing of its text is to be seen"
    if len(shown.text) >= LITTLE_CHARACTERS or shown.controls or shown.links:
        return ""
    if shown.pictures_ratio >= _PICTURES_RATIO and ink.ratio >= _PICTURE_INK_RATIO:
        return ""
    return "the page shows nothing but a sign of loading" if shown.text else "the page shows no text and no picture"


def _is_next_to_nothing(shown: AllShown) -> bool:
    """Tell whether a page has a few words and neither pictures nor anything to go on with."""
    few = len(shown.text) < FEW_CHARACTERS and not (shown.links or shown.controls)
    return few and shown.pictures_ratio < _PICTURES_RATIO


def _is_sign_of_loading(text: str, things: int) -> bool:
    """Tell whether a text is nothing, or no more than what stands beside a spinner; things: links and fields beside it."""
    said = folded(text)
    if not said:
        return True
    return things == 0 and len(said) < _LOADING_CHARACTERS and _LOADING.said_in(said) is not None
