"""What is a program's error, and what only speaks of one."""

import sys
from types import FrameType
from typing import Any

import pytest

from probes.error_pages import is_program_error, only_quotes_fault
from probes.page import read_html
from probes.page_parts import PageParts

TOLD = "Trung tâm tiếp nhận hồ sơ, trả kết quả và hướng dẫn người dân, doanh nghiệp trong giờ hành chính. " * 12
TRACE = "<pre>" + "".join(f"   at vn.gov.Trang.tai{at}(Trang.java:{at}2)\n" for at in range(9)) + "</pre>"
CALLED = "<p>Trả lời câu hỏi của bạn đọc về phần mềm kê khai của tỉnh.</p>"
FAULT = "java.lang.NullPointerException"


def page(title: str, body: str) -> PageParts:
    return read_html(200, {}, "http://cong.test/", f"<title>{title}</title>{body}")


@pytest.mark.parametrize(
    "title",
    [
        "Trung tâm Phục vụ hành chính công (450 Nguyễn Huệ)",
        "Sở Y tế (410 Quang Trung)",
        "UBND phường Bến Thành (500 Ly Thuong Kiet)",
        "Bộ phận Một cửa (404 Le Loi)",
        "Công an xã (503 Service Road)",
    ],
)
def test_an_address_in_a_title_is_no_status(title: str) -> None:
    assert not is_program_error(page(title, f"<p>{TOLD}</p>"), title)
    assert not is_program_error(page(title, "<p>Mời vào.</p>"), title)


@pytest.mark.parametrize("status", ["500 Internal Server Error", "404 Not Found", "422 Unprocessable Content"])
def test_a_status_in_a_title_is_an_error_where_nothing_else_is_said_but_a_trace(status: str) -> None:
    title = f"No route found ({status})"
    assert is_program_error(page(title, "<h1>No route found</h1>"), title)
    assert is_program_error(page(title, f"{TRACE}<p>{TOLD}</p>"), title)
    assert not is_program_error(page(title, f"<p>{TOLD}</p>"), title)


@pytest.mark.parametrize(
    ("body", "quoted"),
    [
        (f"{CALLED}<code>{FAULT}</code>", True),
        (f"{CALLED}<PRE class=a>{FAULT}</PRE >", True),
        (f"{CALLED}<pre><code>{FAULT}</code> nữa {FAULT}</pre>", True),
        (f"{CALLED}<pre>một<pre>hai</pre>{FAULT}", False),
        (f"{CALLED}<pre>{FAULT}", False),
        (f"{CALLED}<pre>{FAULT}</code>", False),
        (f"{CALLED}<preface>{FAULT}</preface>", False),
        (f"{CALLED}<pre>a</pre><p>{FAULT}</p><pre>b</pre>", False),
        (f"{CALLED}{'<pre>' * 99}</pre><code>{FAULT}</code>", True),
        (f"<code>{FAULT}</code>", False),
        (f"<pre>{CALLED * 100}<pre>{FAULT}</pre>", True),
        (f"{CALLED}<pre>{FAULT}{CALLED * 100}</pre>", False),
    ],
)
def test_what_stands_within_a_quotation_is_quoted(body: str, quoted: bool) -> None:
    assert only_quotes_fault(page("Cổng", body), "Cổng") is quoted


def steps(source: str) -> int:
    """Return how many lines of the program are run to look for quotations."""
    document, count = page("Cổng", source), 0

    def note(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.endswith("error_pages.py"):
            return None
        count += event == "line"
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        only_quotes_fault(document, "Cổng")
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize(
    "piece", ["<pre>", "<code>a", "</pre>", "<pre><code>", "<nav>a</nav>", "<pre </pre>", "<pre></code>"]
)
def test_quotations_without_an_end_are_read_once(piece: str) -> None:
    fewer, more = steps(piece * 1000), steps(piece * 4000)
    assert 1000 < fewer < more <= 4.2 * fewer
