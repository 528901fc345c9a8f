"""
No detail is read in English by a Vietnamese reader: whatever the code can write as one has its words in `details.po`.

The code is asked, not a list: a line that somebody adds to a probe or to the judge fails here until it is told in Vietnamese.
"""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from probes.chromium import neterrors
from tests.details_in_code import Code
from thuocdo.core.model import LATE_REASONS
from thuocdo.core.retelling import retold

ROOT = Path(__file__).resolve().parents[2]
READ = ("probes", "thuocdo", "schedules")
ASKED = (
    "probes/",
    "thuocdo/agent/",
    "thuocdo/incidents/",
    "thuocdo/cli/round.py",
    "thuocdo/core/model/measurement.py",
    "thuocdo/web/operations.py",
)
"""Where details are given away."""
NOT_ASKED = frozenset({"thuocdo/incidents/wording.py"})
"""It reads them."""
WORDED_ANEW = (
    r"^\S+ from \S+: \S+ s, (usually|which is poor for anybody)",  # a number is written as the reader writes it
    r"^the certificate runs out at ",  # in so many days
)
"""Lines with figures, which `thuocdo.incidents.wording` words for each reader (tests/unit/incidents/test_wording.py)."""

ALIKE = frozenset(
    "MiB Playwright VNeID allowed_posts axe-core byte captcha doctor robots.txt subjectAltName thuocdo Retry-After".split()  # noqa: SIM905
)
ALIKE_BEGINS = ("Content-", "HTTP", "ERR_")
"""Names that are the same in Vietnamese."""
_WORD = re.compile(r"(?<![\w./-])[A-Za-z][A-Za-z./_-]*[A-Za-z](?![\w-])")


@pytest.fixture(scope="module")
def code():
    return Code.of(ROOT, READ, ASKED, but=NOT_ASKED)


def english_left(line: str, told: str) -> set[str]:
    """Return the words of a line that are still in what is told of it."""
    left = set(_WORD.findall(line)) & set(_WORD.findall(told))
    return {word for word in left if word not in ALIKE and not word.startswith(ALIKE_BEGINS) and not word.isupper()}


def test_every_detail_that_code_can_write_is_told_in_vietnamese(code):
    assert len(code.samples) > 180, "the code is not read any more"
    lines = {line: at for line, at in code.samples.items() if not any(re.search(one, line) for one in WORDED_ANEW)}
    untold = [
        f"{at}: {line!r} is told as {told!r}"
        for line, at in lines.items()
        if (told := retold("vi", line)) == line or english_left(line, told)
    ]
    assert not untold, "write their words into thuocdo/locale/vi/details.po:\n" + "\n".join(untold)


def test_every_detail_in_the_code_leads_to_its_words(code):
    """Else a line could be given away in a manner that the reading of the code does not follow, and be told in English."""
    assert code.astray == {}


def test_lines_are_found_in_every_manner_in_which_they_are_given_away(code):
    """One for each: what would be passed over in silence if following it broke."""
    for line in (
        "the document is empty",  # an assigned name
        "the server's default page stands in the place of the portal",  # a constant, returned by a property
        "the frame that is the page shows an error page of the browser",  # a pair with its reason
        "no valid HTTP answer: a chunk is longer than it says",  # an error within another one
        "the host name does not exist (NXDOMAIN)",  # a helper's parameter
        "the agent died again and again before this was measured",  # a parameter of a function in another file
        "the page says that the procedure is not offered online",  # an error's second argument
        "goes on in the other incident of its portal",  # a constant, given on by name
    ):
        assert line in code.samples, line
    found = "\n".join(code.samples)
    for words in (
        r"X, the form may hang on it",  # made of pieces
        r"\(X\d+x\d+X usable fields, X\d+x\d+X that cannot be got at\), still waiting for X",
        r"what it asked for was answered with status X",  # an attribute that was set elsewhere
        r"our own line was away meanwhile \(X",  # a parameter within a text
        r"X titled 'X",  # joined
    ):
        assert re.search(words, found), words


@pytest.mark.parametrize(
    "name", sorted({*neterrors._NAMES, "ERR_FAILED", "ERR_CERT_DATE_INVALID", "ERR_SSL_PROTOCOL_ERROR"})
)
def test_a_net_error_is_told_in_words_with_its_name(name):
    told = retold("vi", f"the browser says {name}")
    assert re.fullmatch(rf"trình duyệt báo .*[ăâđêôơưáàảãạéèíìóòúùếệịọụớờ].* \({name}\)", told)


@pytest.mark.parametrize("reason", sorted(LATE_REASONS))
def test_a_late_reason_is_told_in_words(reason):
    assert reason not in retold("vi", f"{reason} while the prober was saturated (no answer within 10 s)")


def test_every_place_of_a_template_is_one_of_its_line():
    source = files("thuocdo") / "locale" / "vi" / "details.po"
    with source.open("rb") as content:
        texts = {message.id: message.string for message in read_po(content) if message.id}
    assert len(texts) > 250
    for line, told in texts.items():
        assert told, line
        assert set(re.findall(r"{\w+}", told)) <= set(re.findall(r"{\w+}", line)), line


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("status 502", "máy chủ trả lời mã 502"),
        ("step 'form': status 500", "bước “form”: máy chủ trả lời mã 500"),
        (
            "step 'mở thủ tục': the document that holds the form answered with status 502",
            "bước “mở thủ tục”: trang chứa biểu mẫu trả lời mã 502",
        ),
        ("blocked with status 429, Retry-After: 120", "bị chặn với mã 429, hẹn hỏi lại (Retry-After): 120"),
        ("maintenance page with status 200", "trang thông báo bảo trì, mã 200"),
        ("redirected to another host, example.net", "chuyển hướng sang một máy chủ khác: example.net"),
        (
            "redirected to another registered portal, dichvucong.gov.vn",
            "chuyển hướng sang một cổng khác trong danh bạ: dichvucong.gov.vn",
        ),
        ("connection refused: Connection refused", "không có chương trình nào nhận kết nối ở địa chỉ này"),
        (
            "connection refused: Connect call failed ('127.0.0.1', 9)",
            "không có chương trình nào nhận kết nối ở địa chỉ này",
        ),
        ("no complete answer within 10 s", "máy chủ chưa trả lời xong trong 10 giây"),
        ("no TCP connection within 10 s", "không mở được kết nối TCP trong 10 giây"),
        ("the host name does not exist (NXDOMAIN)", "tên miền không tồn tại (NXDOMAIN)"),
        (
            "name server 10.0.0.1:53 failed (SERVFAIL); questions asked: 4",
            "máy chủ tên miền 10.0.0.1:53 báo lỗi (SERVFAIL); đã hỏi 4 lần",
        ),
        (
            "name server 10.0.0.1:53 cannot be reached (closed before a whole answer); questions asked: 2",
            "không tới được máy chủ tên miền 10.0.0.1:53 (máy chủ tên miền ngắt kết nối khi chưa trả lời xong); đã hỏi 2 lần",
        ),
        (
            "certificate refused: Hostname mismatch, certificate is not valid for 'a.gov.vn'",
            "chứng thư số không được chấp nhận: chứng thư không cấp cho tên miền “a.gov.vn”",
        ),
        (
            "certificate refused: unable to get local issuer certificate",
            "chứng thư số không được chấp nhận: không rõ nơi cấp, hoặc thiếu chứng thư trung gian",
        ),
        (
            "TLS handshake failed: WRONG_VERSION_NUMBER",
            "bắt tay TLS không thành: máy chủ trả lời không phải bằng TLS (WRONG_VERSION_NUMBER)",
        ),
        (
            "no valid HTTP answer: it does not begin with HTTP",
            "câu trả lời không đúng chuẩn HTTP: không mở đầu bằng HTTP",
        ),
        (
            "the browser says ERR_CONNECTION_RESET",
            "trình duyệt báo máy chủ ngắt kết nối (ERR_CONNECTION_RESET)",
        ),
        (
            "the page went on to what did not come: the browser says ERR_NAME_NOT_RESOLVED",
            "trang chuyển tiếp đến nơi không mở được: trình duyệt báo không phân giải được tên miền (ERR_NAME_NOT_RESOLVED)",
        ),
        (
            "not loaded within 30 s: 3 requests still open",
            "trang chưa tải xong trong 30 giây: còn 3 yêu cầu chưa được trả lời",
        ),
        (
            "the page shows next to nothing, and what it asked for was answered with status 500",
            "trang gần như trống, và dữ liệu trang hỏi máy chủ được trả lời bằng mã 500",
        ),
        (
            "the page took 1210 MiB of memory and was ended (limit 1024 MiB)",
            "trang chiếm 1210 MiB bộ nhớ nên đã bị dừng (giới hạn 1024 MiB)",
        ),
        ("the page lacks the text 'Dịch vụ công'", "trang thiếu dòng chữ “Dịch vụ công”"),
        (
            "quite another page than the known one stands there; before titled 'Cổng Dịch vụ công'; "
            "now titled 'Welcome to nginx!'",
            "ở đó là một trang khác hẳn trang vẫn thấy; trước đây có tiêu đề “Cổng Dịch vụ công”, "
            "bây giờ có tiêu đề “Welcome to nginx!”",
        ),
        (
            "step 'form': not done within 40 s (3 usable fields, 2 that cannot be got at), still waiting for /api/…; the page "
            "asked by confirm() and was answered no; a post to /api/… was held back, a journey may allow it (allowed_posts) "
            "with a mandate",
            "bước “form”: chưa xong trong 40 giây (3 ô điền được, 2 ô không với tới được), còn chờ /api/…; trang hỏi bằng "
            "confirm() và được trả lời “không”; một yêu cầu gửi đến /api/… đã bị giữ lại, kịch bản có thể cho phép "
            "(allowed_posts) khi có văn bản cho phép",
        ),
        (
            "step 'way': nothing on the page leads on to a form, after search 1.001193 > first entry of a list",
            "bước “way”: trên trang không có gì dẫn tiếp đến biểu mẫu, sau tra cứu 1.001193 > mục đầu của danh sách",
        ),
        (
            "our reference pages do not answer either (no TCP connection within 10 s)",
            "các trang đối chứng cũng không trả lời (không mở được kết nối TCP trong 10 giây)",
        ),
        (
            "timeout while the prober was saturated (not loaded within 30 s: the page's own scripts kept it busy)",
            "máy đo quá tải nên bị quá thời gian chờ (trang chưa tải xong trong 30 giây: mã chạy trên trang làm trang bận suốt)",
        ),
        (
            "this machine's network went or changed meanwhile (the page stayed blank)",
            "mạng của máy đo bị mất hoặc bị đổi trong lúc đo (trang vẫn trắng)",
        ),
        ("the host refused us; not asked again for 600 s", "máy chủ đã từ chối phép đo; 600 giây nữa mới hỏi lại"),
        (
            "probes of kind resilience need a mandate of the portal's owner",
            "phép đo loại “Khi mất sóng” cần văn bản cho phép của cơ quan chủ quản cổng",
        ),
        ("KeyError in the probe", "lỗi KeyError của chương trình đo, trong phép đo"),
        (
            "6 of 20 probes failed, in turn with answers: status 503",
            "6 trong 20 lần đo bị lỗi, xen giữa những lần vẫn vào được: máy chủ trả lời mã 503",
        ),
        ("withdrawn: results that came late show otherwise", "rút lại: kết quả đến muộn cho thấy không phải sự cố"),
    ],
)
def test_real_details_read_as_an_operator_would_say_them(line, told):
    assert retold("vi", line) == told
    assert retold("en", line) == line
