"""
What a journey meets on its way: the form, or what stands before it.

Judged from a page's address, text and the signs that the journey names; a login or a captcha is never passed, only told.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from probes.journeys.journey_file import Journey, Signs
from probes.page_signs import bare, is_bare
from probes.spelling import Phrases, folded
from thuocdo.core.model import PageKind, Reason


class JourneyEnd(StrEnum):
    """What ended a journey; stored as the attribute `met` of a measurement."""

    FORM = "form"
    LOGIN_VNEID = "login_vneid"
    LOGIN_OWN = "login_own"
    CAPTCHA = "captcha"
    MAINTENANCE = "maintenance"
    BLOCKED = "blocked"
    NOTICE = "notice"
    EXPIRED = "expired_procedure"
    NOT_ONLINE = "not_online"


REASONS: Mapping[JourneyEnd, Reason] = {
    JourneyEnd.LOGIN_VNEID: Reason.LOGIN_REQUIRED,
    JourneyEnd.LOGIN_OWN: Reason.LOGIN_REQUIRED,
    JourneyEnd.CAPTCHA: Reason.CAPTCHA,
    JourneyEnd.MAINTENANCE: Reason.MAINTENANCE_PAGE,
    JourneyEnd.BLOCKED: Reason.BLOCKED,
    JourneyEnd.NOTICE: Reason.REDIRECTED_ELSEWHERE,
    JourneyEnd.EXPIRED: Reason.PROCEDURE_EXPIRED,
    JourneyEnd.NOT_ONLINE: Reason.NOT_ONLINE,
}
"""What a journey that ends so says; a form has no reason."""

_BY_REASON: Mapping[Reason, JourneyEnd] = {
    reason: met for met, reason in REASONS.items() if reason is not Reason.LOGIN_REQUIRED
}

_WORD = re.compile("[^\\W\\d_]+")


class _Sayings:
    """A pattern of words, groups and alternatives, looked for in folded texts; one without accents is compared without them."""

    def __init__(self, pattern: str) -> None:
        self._marked = re.compile(_WORD.sub(lambda word: folded(word[0]), pattern))
        self._bare = re.compile(_WORD.sub(lambda word: bare(folded(word[0])), pattern))

    def stand_in(self, text: str) -> bool:
        """Tell whether one of them stands in a folded text."""
        return bool(self._bare.search(bare(text)) if is_bare(text) else self._marked.search(text))


# Said of the procedure itself, or of its form: "hết hiệu lực" alone stands on many a page, in lists of legal documents.
_PROCEDURE = (
    r"(?:thủ tục|dịch vụ công|dịch vụ|quy trình|biểu mẫu|mẫu đơn|mẫu tờ khai|tờ khai|e-?form)"
    r"(?: hành chính| trực tuyến| điện tử)?(?: này| nêu trên| trên)?"
)
_NOW = r"(?: hiện| hiện nay| hiện tại| nay)?"
_IS = r"(?:bị |được )?"
_EXPIRED = _Sayings(
    rf"{_PROCEDURE}{_NOW} (?:không còn|hết) (?:được )?(?:hiệu lực|áp dụng|sử dụng|thực hiện|tồn tại|tiếp nhận)"
    rf"|{_PROCEDURE}{_NOW} đã (?:hết hiệu lực|hết hạn"
    rf"|{_IS}(?:bãi bỏ|thay thế|thay bằng|hủy bỏ|hủy công khai|thu hồi|loại bỏ|gỡ bỏ|đình chỉ|sáp nhập|hợp nhất|gộp|lồng ghép)"
    r"|(?:ngừng|dừng|ngưng) (?:áp dụng|sử dụng|thực hiện|lưu hành|cung cấp|tiếp nhận)"
    r"|chuyển sang thủ tục)"
    rf"|{_PROCEDURE}{_NOW} {_IS}(?:bãi bỏ|thay thế|thay bằng) (?:từ|kể từ|bởi|bằng|theo)"
    r"|(?:được|bị) (?:thay thế|thay) (?:bởi|bằng) (?:thủ tục|dịch vụ công|quy trình|biểu mẫu|mẫu)"
    r"|this (?:procedure|service|form) (?:has expired|is no longer (?:in force|valid|in use|available|offered|accepted)"
    r"|(?:was|is|has been) (?:repealed|withdrawn|replaced|superseded|abolished|discontinued|merged|retired))"
)
_ONLINE = r"(?:trực tuyến|trên môi trường (?:mạng|điện tử)|qua mạng|online)"
_OFFICE = r"(?:bộ phận|trung tâm|quầy|trụ sở|cơ quan|phòng|ủy ban|văn phòng)"
_IN_PERSON = rf"(?:trực tiếp|tại {_OFFICE}|qua (?:đường )?(?:bưu chính|bưu điện))"
_HANDED_IN = r"(?: nộp| tiếp nhận| thực hiện)?(?: hồ sơ)?(?: giấy)?(?: bằng| theo)?(?: hình thức)?(?: nộp)?(?: hồ sơ)?"
_NOT_ONLINE = _Sayings(
    rf"{_PROCEDURE}{_NOW} (?:chưa|không|tạm dừng|tạm ngừng|tạm ngưng|đã dừng|đã ngừng|ngừng|dừng) (?:được )?"
    rf"(?:hỗ trợ|cung cấp|cho phép|tiếp nhận|triển khai|áp dụng|thực hiện|nộp|giải quyết){_HANDED_IN} {_ONLINE}"
    rf"|(?:chưa|không) (?:hỗ trợ|cho phép|tiếp nhận|áp dụng|nhận) (?:hình thức )?(?:nộp )?(?:hồ sơ )?{_ONLINE}"
    rf"|{_PROCEDURE}{_NOW} (?:chưa|không) (?:thuộc|nằm trong|có trong|phải là) (?:danh mục |phạm vi |nhóm )?"
    r"(?:cung cấp )?dịch vụ công trực tuyến"
    r"|(?<!phí )(?:chỉ|chỉ được) (?:áp dụng|thực hiện|tiếp nhận|nộp|nhận|giải quyết|cung cấp)"
    rf"{_HANDED_IN} {_IN_PERSON}"
    r"|(?:vui lòng|đề nghị|xin mời|mời|yêu cầu)(?: [^\s.,;:!?]+){0,6} (?:nộp|mang)(?: hồ sơ| đơn)?(?: giấy| bản giấy)? "
    r"(?:trực tiếp )?(?:tại|đến|ở) (?:bộ phận (?:một cửa|tiếp nhận)|trung tâm (?:phục vụ )?hành chính công)"
    r"(?![^.;!?]{0,80} (?:hoặc|hay) )"
    r"|not available online|(?:only|must be) (?:be )?(?:accepted|submitted|filed|made|handled)(?: only)? (?:in person|at the)"
    r"|(?:cannot|can not|can't) be (?:submitted|filed|made) online"
)
_OF_PROCEDURE = _Sayings(r"(?<!\w)(?:thủ tục|dịch vụ công|quy trình|biểu mẫu|tờ khai|procedure|form)(?!\w)")
_OF_MAINTENANCE = _Sayings(r"(?<!\w)(?:bảo trì|bảo dưỡng|nâng cấp|maintenance)(?!\w)")


class StopError(Exception):
    """The journey ends here, for this reason."""

    def __init__(
        self, reason: Reason, detail: str, page_kind: PageKind | None = None, met: JourneyEnd | None = None
    ) -> None:
        super().__init__(detail)
        self.reason, self.detail, self.page_kind = reason, detail, page_kind
        self.met = met or _BY_REASON.get(reason)


class NoDocumentError(StopError):
    """An address gave no document; what the browser says of it may not be all that is known."""


def wall(journey: Journey, url: str, text: str, selectors: Mapping[str, bool]) -> StopError | None:
    """
    Return the login or captcha that stands here, None where there is none.

    Args:
        url: of the page. text: what a person reads on it.
        selectors: "vneid", "login" and "captcha" -> whether one of the journey's selectors stands on the page.

    """

    def shown(name: str, signs: Signs) -> bool:
        return bool(selectors.get(name)) or signs.on(url, text)

    if shown("vneid", journey.vneid):
        return StopError(Reason.LOGIN_REQUIRED, "the login of VNeID stands before the form", met=JourneyEnd.LOGIN_VNEID)
    if shown("login", journey.login):
        return StopError(
            Reason.LOGIN_REQUIRED, "the portal's own login stands before the form", met=JourneyEnd.LOGIN_OWN
        )
    if shown("captcha", journey.captcha):
        return StopError(Reason.CAPTCHA, "a captcha stands before the form", PageKind.BLOCKED)
    return None


def refusal(journey: Journey, text: str) -> StopError | None:
    """Return that the page says the procedure is out of force, or not offered online; None where it says neither."""
    said = folded(text)
    if _says(said, _EXPIRED, journey.expired):
        return StopError(Reason.PROCEDURE_EXPIRED, "the page says that the procedure is no longer in force")
    if _says(said, _NOT_ONLINE, journey.not_online):
        return StopError(Reason.NOT_ONLINE, "the page says that the procedure is not offered online")
    return None


def is_of_a_procedure(text: str) -> bool:
    """Tell whether a text speaks of a procedure: what it refuses then is that one, and no account or domain that ran out."""
    return _OF_PROCEDURE.stand_in(folded(text))


def selectors_of(journey: Journey) -> dict[str, Sequence[str]]:
    """Return the CSS selectors that a page is to be searched for, by what they are signs of."""
    return {"vneid": journey.vneid.selector, "login": journey.login.selector, "captcha": journey.captcha.selector}


def is_of_maintenance(text: str) -> bool:
    """Tell whether a text speaks of maintenance: what it refuses then may be offered again afterwards."""
    return _OF_MAINTENANCE.stand_in(folded(text))


def _says(text: str, sayings: _Sayings, own: Sequence[str]) -> bool:
    return sayings.stand_in(text) or Phrases(own).said_in(text) is not None
