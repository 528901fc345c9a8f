"""
What a page says of its procedure: that it is out of force, not offered online, or not taken for now.

Pages say the same of papers, of cases and of other procedures, and next to "only" stand addresses and fees. So a saying counts by
its sentence: who is spoken of, on what condition, and how far down the page it stands.
"""

import re
from collections.abc import Sequence
from functools import cached_property

from probes.journeys.journey_end import StopError
from probes.journeys.journey_file import Journey
from probes.page_signs import bare, is_bare
from probes.spelling import Phrases, folded
from thuocdo.core.model import PageKind, Reason

BEGINNING_CHARACTERS = 4000
"""Beyond them a page speaks of much else; what it says of its procedure names it there."""
LISTED = 3
"""A page with the codes of so many other procedures lists them."""
NEAR_CHARACTERS = 250
"""Before and behind what is said, within which the cause of it is told."""
_SENTENCE_CHARACTERS = 400
_GONE = frozenset({404, 410})
"""How a server may answer for what is no longer there, and say on the page what became of it."""

_WORD = re.compile("[^\\W\\d_]+")


class _Sayings:
    """A pattern of words, groups and alternatives, looked for in folded texts; one without accents is compared without them."""

    def __init__(self, pattern: str) -> None:
        self._marked = re.compile(_WORD.sub(lambda word: folded(word[0]), pattern))
        self._bare = re.compile(_WORD.sub(lambda word: bare(folded(word[0])), pattern))

    def pattern(self, *, plain: bool) -> re.Pattern[str]:
        """Return the pattern for folded texts; plain: for those without accents."""
        return self._bare if plain else self._marked

    def stand_in(self, text: str) -> bool:
        """Tell whether one of them stands in a folded text."""
        return bool(self._bare.search(bare(text)) if is_bare(text) else self._marked.search(text))


# A form, or a paper, has to be called the one of this page: many a paper on it runs out or is replaced.
_THIS = r"(?: này| nêu trên| trên)"
_CODED = r"(?: (?:có )?(?:mã )?(?:số )?(?:thủ tục )?\d\.\d{6})"
_KIND = r"(?: hành chính| trực tuyến| điện tử)?"
_ITSELF = rf"(?<!\w)(?:thủ tục|dịch vụ công|dịch vụ|quy trình){_KIND}"
_ITS_FORM = rf"(?<!\w)(?:biểu mẫu|mẫu đơn|mẫu tờ khai|tờ khai|e-?form|mẫu){_KIND}{_THIS}"
_PROCEDURE = rf"(?:{_ITSELF}(?:{_THIS}|{_CODED})?|{_ITS_FORM})"
_SUBJECT = _Sayings(_PROCEDURE)
_NAME = (
    rf"(?:{_ITSELF}(?:{_THIS}|{_CODED}|(?: [^\s.,;:!?]+){{1,10}}? (?:này|nêu trên))|{_ITS_FORM}"
    r"|(?<!\w)this (?:procedure|service|form)(?!\w))"
)
_NAMED = _Sayings(_NAME)
_NAMED_BEFORE = _Sayings(rf"{_NAME}(?: [^\s.,;:!?]+){{0,4}} ?$")
_NOW = r"(?: hiện| hiện nay| hiện tại| nay)?"
_IS = r"(?:bị |được )?"
_EXPIRED = _Sayings(
    rf"{_PROCEDURE}{_NOW} (?:không còn|hết) (?:được )?(?:hiệu lực|áp dụng|sử dụng|thực hiện|tồn tại|tiếp nhận)"
    rf"|{_PROCEDURE}{_NOW} đã (?:hết hiệu lực|hết hạn"
    rf"|{_IS}(?:bãi bỏ|thay thế|thay bằng|hủy bỏ|hủy công khai|thu hồi|loại bỏ|gỡ bỏ|đình chỉ|sáp nhập|hợp nhất|gộp|lồng ghép)"
    r"|(?:ngừng|dừng|ngưng) (?:áp dụng|sử dụng|thực hiện|lưu hành|cung cấp|tiếp nhận)"
    r"|chuyển sang thủ tục)"
    rf"|{_PROCEDURE}{_NOW} {_IS}(?:bãi bỏ|thay thế|thay bằng) (?:từ|kể từ|bởi|bằng|theo)"
    rf"|{_ITSELF}{_CODED}?(?: [^\s.,;:!?]+){{1,15}}? (?:được|bị) (?:thay thế|thay) (?:bởi|bằng) "
    r"(?:thủ tục|dịch vụ công|quy trình)"
    r"|this (?:procedure|service|form) (?:has expired|is no longer (?:in force|valid|in use|available|offered|accepted)"
    r"|(?:was|is|has been) (?:repealed|withdrawn|replaced|superseded|abolished|discontinued|merged|retired))"
)
_ONLINE = r"(?:trực tuyến|trên môi trường (?:mạng|điện tử)|qua mạng|online)"
_OFFICE = r"(?:bộ phận|trung tâm|quầy|trụ sở|cơ quan|phòng|ủy ban|văn phòng)"
_IN_PERSON = rf"(?:trực tiếp|tại {_OFFICE}|qua (?:đường )?(?:bưu chính|bưu điện))"
_HANDED_IN = r"(?: nộp| tiếp nhận| thực hiện)?(?: hồ sơ)?(?: giấy)?(?: bằng| theo)?(?: hình thức)?(?: nộp)?(?: hồ sơ)?"
# Syllables that make another word of the one of "only" behind them, with accents or without.
_ONLY = "".join(
    rf"(?<!{one} )" for one in ("địa", "chứng", "tín", "đình", "tôn", "kim", "phí", "không", "anh", "các", "quý")
) + (r"(?<!\w)(?:chỉ|chỉ được)")
_NOT_ONLINE = _Sayings(
    rf"{_PROCEDURE}{_NOW} (?:chưa|không|tạm dừng|tạm ngừng|tạm ngưng|đã dừng|đã ngừng|ngừng|dừng) (?:được )?"
    rf"(?:hỗ trợ|cung cấp|cho phép|tiếp nhận|triển khai|áp dụng|thực hiện|nộp|giải quyết){_HANDED_IN} {_ONLINE}"
    rf"|(?:chưa|không) (?:hỗ trợ|cho phép|tiếp nhận|áp dụng|nhận) (?:hình thức )?(?:nộp )?(?:hồ sơ )?{_ONLINE}"
    rf"|{_PROCEDURE}{_NOW} (?:chưa|không) (?:thuộc|nằm trong|có trong|phải là) (?:danh mục |phạm vi |nhóm )?"
    r"(?:cung cấp )?dịch vụ công trực tuyến"
    rf"|{_ONLY} (?:áp dụng|thực hiện|tiếp nhận|nộp|nhận|giải quyết|cung cấp){_HANDED_IN} {_IN_PERSON}"
    r"|(?:vui lòng|đề nghị|xin mời|mời|yêu cầu)(?: [^\s.,;:!?]+){0,6} (?:nộp|mang)(?: hồ sơ| đơn)?(?: giấy| bản giấy)? "
    r"(?:trực tiếp )?(?:tại|đến|ở) (?:bộ phận (?:một cửa|tiếp nhận)|trung tâm (?:phục vụ )?hành chính công)"
    r"(?![^.;!?]{0,80} (?:hoặc|hay) )"
    r"|not available online|(?:only|must be) (?:be )?(?:accepted|submitted|filed|made|handled)(?: only)? (?:in person|at the)"
    r"|(?:cannot|can not|can't) be (?:submitted|filed|made) online"
)
_PAPER = (
    r"(?<!\w)(?:bản (?:gốc|chính|giấy|sao|cứng)|hồ sơ (?:gốc|giấy)|giấy tờ|giấy [^\s.,;:]+|chứng từ|biên lai|tài liệu"
    r"|chứng chỉ|hộ chiếu|thẻ|con dấu|kết quả|lệ phí|phí|tiền|khoản thu|đơn(?! vị| giản)"
    r"|(?:bản|tờ) khai(?! này| nêu| trên| điện tử này))(?!\w)"
)
_LINKS = "".join(
    rf"(?<!{one})"
    for one in ("của", "cho", "theo", "thực hiện", "giải quyết", "trong", "kèm", "về", "từ", "làm", "phí", "quả")
)
_OTHERS = r"(?:thủ tục|dịch vụ|quy trình|cơ quan|đơn vị|hệ thống|cổng|this|applications?)(?!\w)"
# What a sentence begins with: a paper, that of a procedure perhaps, and no other subject behind it.
_OF_A_PAPER = _Sayings(rf"{_PAPER}(?:(?!{_LINKS} (?:{_ITS_FORM}|{_OTHERS}))[^,;]){{0,120}}$")
_CONDITION = (
    r"(?<!\w)(?:sau khi|trước khi|trường hợp|nếu|ngoài (?:việc|cách|hình thức|ra)"
    r"|khi (?:đến |tới |đi |muốn )?(?:nhận|lấy|có|được|cần|nộp|hoàn))(?!\w)"
)
_CONDITIONED = _Sayings(
    rf"{_CONDITION}|(?:chưa|không) có (?:tài khoản|chữ ký|thiết bị|điều kiện|vneid|căn cước|định danh|điện thoại|máy tính)"
)
_CONDITIONED_AT_ONCE = _Sayings(rf"{_CONDITION}(?: mà| như| rằng)? ?$")
_ON_CONDITION = _Sayings(
    rf"[^,.;:!?]{{0,60}}?{_CONDITION}"
    r"|[^,.;:!?]{0,60}? (?:để|khi) (?:được |đến )?(?:đối chiếu|(?:nhận|lấy) (?:kết quả|lại|bản|giấy))"
    r"| (?:sau|trong vòng|trong thời hạn|quá) (?:\d|một|hai|ba|sáu)| kể từ ngày (?:nộp|lập|cấp|in|khai)"
    r"|(?: bởi| bằng| thành)? (?:tờ khai|biểu mẫu|mẫu|bản)(?!\w)[^.;:!?]{0,40} (?:điện tử|trực tuyến|dưới đây|sau đây|bên dưới)"
)
_OF_MANY = _Sayings(
    r"(?<!\w)(?:danh mục|danh sách|các|những|một số|nhiều|tất cả|số|lọc|xem|công bố)(?: các| những)?(?: \d+)? ?$"
)
_COUNTED = re.compile(r"\s?[(\[]\s?\d+\s?[)\]]")
_OPTIONS = _Sayings(r"(?:toàn trình|toàn phần)[^.;!?]{0,200}một phần|một phần[^.;!?]{0,200}(?:toàn trình|toàn phần)")
_CODE = re.compile(r"(?<![\d.])\d\.\d{6}(?!\d)")
_ENDS = re.compile(r"[.;!?|](?=\s)")

_BEGINS = re.compile(
    r"(?<=[^\s.;:!?,|(–-]) (?=(?:Chỉ|Chưa|Không|Vui lòng|Đề nghị|Xin mời|Yêu cầu|Trường hợp|Nếu|Khi|Sau khi|Hồ sơ|Thủ tục này)"
    r" ([^\W\d_]))"
)
"""Where a sentence begins behind a heading, whose end is not told."""

_OF_PROCEDURE = _Sayings(r"(?<!\w)(?:thủ tục|dịch vụ công|quy trình|biểu mẫu|tờ khai|procedure|form)(?!\w)")
_TROUBLE = _Sayings(
    r"(?<!\w)(?:bảo trì|bảo dưỡng|nâng cấp|maintenance|sự cố|trục trặc"
    r"|(?<!xin )(?<!báo )lỗi|khắc phục|gián đoạn|quá tải|outage)(?!\w)"
)
_FOR_NOW = _Sayings(r"(?<!\w)tạm(?: thời)? (?:dừng|ngừng|ngưng)(?!\w)")
_COMES_BACK = _Sayings(r"(?<!\w)(?:(?:quay|trở) lại|thử lại|thông cảm|lượng thứ|hẹn gặp lại|come back|try again)(?!\w)")


def refusal(journey: Journey, text: str, *, code: str = "") -> StopError | None:
    """
    Return that the page says the procedure is out of force, not offered online, or paused for trouble; None where it does not.

    Args:
        journey: whose own words count wherever they stand.
        text: what a person reads on the page.
        code: of the procedure; what is said of another code is said of another one.

    """
    said = folded(_ended(text))
    page = _Page(said, len(folded(_ended(text[:BEGINNING_CHARACTERS]))), code)
    if page.says(_EXPIRED) or _says_own(said, journey.expired):
        return StopError(Reason.PROCEDURE_EXPIRED, "the page says that the procedure is no longer in force")
    found = page.says(_NOT_ONLINE)
    if found and _FOR_NOW.stand_in(found[0]) and is_of_trouble(page.near(found)):
        detail = "the page says that the procedure is not taken online for now, for trouble"
        return StopError(Reason.MAINTENANCE_PAGE, detail, PageKind.MAINTENANCE)
    if found or _says_own(said, journey.not_online):
        return StopError(Reason.NOT_ONLINE, "the page says that the procedure is not offered online")
    return None


def is_of_a_procedure(text: str) -> bool:
    """Tell whether a text speaks of a procedure: what it refuses then is that one, and no account or domain that ran out."""
    return _OF_PROCEDURE.stand_in(folded(text))


def is_of_trouble(text: str) -> bool:
    """Tell whether a text speaks of maintenance or trouble: what it refuses then may be offered again afterwards."""
    said = folded(text)
    return _TROUBLE.stand_in(said) or (_FOR_NOW.stand_in(said) and _COMES_BACK.stand_in(said))


def may_be_of_a_procedure(reason: Reason, status: int, text: str) -> bool:
    """Tell whether what a page was judged by may be that it says "expired" or "not available" of its procedure."""
    if not is_of_a_procedure(text):
        return False
    if reason is Reason.MAINTENANCE_PAGE:
        return not is_of_trouble(text)
    return reason is Reason.CONTENT_MISMATCH or (reason is Reason.HTTP_ERROR and status in _GONE)


def _ended(text: str) -> str:
    """Return a text in which a heading ends where the next sentence begins, by its capital; titles write each word with one."""
    return _BEGINS.sub(lambda found: ". " if found[1].islower() else " ", text)


def _says_own(text: str, own: Sequence[str]) -> bool:
    return Phrases(own).said_in(text) is not None


class _Page:
    """A folded text, and what it says of its procedure. beginning: its length. code: of it; where unknown, the first one."""

    def __init__(self, text: str, beginning: int, code: str) -> None:
        self._plain = is_bare(text)
        self._text = bare(text) if self._plain else text
        self._beginning = beginning
        codes = list(_CODE.finditer(self._text))
        self._is_known = bool(code)
        self._code = code or (codes[0][0] if codes else "")
        others = [found for found in codes if found[0] != self._code]
        self._is_list = len({found[0] for found in others}) >= LISTED
        self._listed_from = others[0].start() if self._is_list else len(self._text)

    def says(self, sayings: _Sayings) -> re.Match[str] | None:
        """Return where one of them is said of the procedure."""
        said = list(self._pattern(sayings).finditer(self._text))
        if self._is_list and not self._is_known and len(said) > 1:
            return None  # of each of those that are listed
        return next(filter(self._counts, said), None)

    @cached_property
    def _offers_options(self) -> bool:
        """Whether there is a choice of levels, of which "not online" is one."""
        return self._pattern(_OPTIONS).search(self._text) is not None

    def near(self, found: re.Match[str]) -> str:
        """Return what stands around something that is said."""
        return self._text[max(0, found.start() - NEAR_CHARACTERS) : found.end() + NEAR_CHARACTERS]

    def _pattern(self, sayings: _Sayings) -> re.Pattern[str]:
        return sayings.pattern(plain=self._plain)

    def _counts(self, found: re.Match[str]) -> bool:
        before = self._before(found)
        subject = self._pattern(_SUBJECT).match(self._text, found.start(), found.end())
        name = self._pattern(_NAMED).match(found[0]) or self._pattern(_NAMED_BEFORE).search(before)
        lead = before[: name.start()] if name and name.string is before else before
        paper = self._pattern(_OF_A_PAPER).search(lead + (name or subject or [""])[0])
        if (paper and paper.start() < len(lead)) or self._pattern(_ON_CONDITION).match(self._text, found.end()):
            return False
        if name and self._is_its(name[0]):
            return found.start() < self._listed_from and not self._pattern(_CONDITIONED_AT_ONCE).search(lead)
        return not name and self._is_loosely_its(found, before, is_subject=subject is not None)

    def _is_its(self, name: str) -> bool:
        """Whether a name with a code is that of the procedure; any other says "this"."""
        code = _CODE.search(name)
        return code is None or code[0] == self._code

    def _is_loosely_its(self, found: re.Match[str], before: str, *, is_subject: bool) -> bool:
        """Whether what does not name the procedure is said of it all the same: at the beginning, of no case, and not of many."""
        if self._is_list or found.start() >= self._beginning or self._pattern(_CONDITIONED).search(before):
            return False
        if not all(code == self._code for code in _CODE.findall(before)):
            return False
        many = self._pattern(_OF_MANY).search(before) or self._offers_options
        return not ((is_subject and many) or _COUNTED.match(self._text, found.end()))

    def _before(self, found: re.Match[str]) -> str:
        """Return what stands before it in its sentence."""
        before = self._text[max(0, found.start() - _SENTENCE_CHARACTERS) : found.start()]
        return _ENDS.split(before)[-1]
