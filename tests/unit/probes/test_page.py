"""What a document is."""

import pytest

from probes.page import judge, read_html
from thuocdo.core.model import Block, PageKind, Reason, Target, TargetRole

URL = "https://dichvucong.example.test/"
TARGET = Target(
    id="p.home",
    role=TargetRole.HOMEPAGE,
    url=URL,
    agency_id="a",
    portal_id="p",
    block=Block.PROVINCE,
    own_hosts=frozenset({"dichvucong.example.test", "www.example.test"}),
    elsewhere_hosts=frozenset({"dichvucong.other.test"}),
)
LONG = "<p>Danh mục thủ tục hành chính, tra cứu hồ sơ, <a href='/a'>đăng ký khai sinh</a></p>" * 40


def judged(html, status=200, url=URL, headers=None):
    return judge(read_html(status, headers or {}, url, html), TARGET)


@pytest.mark.parametrize(
    ("html", "status", "kind", "reason"),
    [
        (LONG, 200, PageKind.PORTAL, None),
        (LONG + "<p>Hệ thống đang bảo trì mục hỏi đáp.</p>", 200, PageKind.PORTAL, None),
        ("<h1>Hệ thống đang bảo trì</h1>", 200, PageKind.MAINTENANCE, Reason.MAINTENANCE_PAGE),
        ("<h1>Hệ thống đang được bảo trì</h1>", 503, PageKind.MAINTENANCE, Reason.MAINTENANCE_PAGE),
        ("<h1>503</h1>", 503, PageKind.PORTAL, Reason.HTTP_ERROR),
        (
            "<h1>H&#7879; th&#x1ed1;ng &#273;ang&nbsp;b&#7843;o tr&igrave;</h1>",
            200,
            PageKind.MAINTENANCE,
            Reason.MAINTENANCE_PAGE,
        ),
        ("<p>&#" + "9" * 3000 + "; &#xffffffffffffff; &" + "a" * 300, 200, PageKind.PORTAL, None),
        ("<p>&#" + "9" * 9000, 200, PageKind.PORTAL, None),
        ("", 302, PageKind.PORTAL, Reason.HTTP_ERROR),
        ("<p> </p>", 304, PageKind.PORTAL, Reason.HTTP_ERROR),
        ("<h1>Cổng dịch vụ công</h1>", 302, PageKind.PORTAL, None),
        ("<script src=a.js></script>", 302, PageKind.PORTAL, None),
        ("", 204, PageKind.PORTAL, None),
        ("<title>Just a moment...</title><p>Checking your browser</p>", 200, PageKind.BLOCKED, Reason.BLOCKED),
        ("<h1>403 Forbidden</h1>", 403, PageKind.BLOCKED, Reason.BLOCKED),
        ("<p>Vui lòng nhập mã xác nhận để tiếp tục</p><img alt=''>", 200, PageKind.BLOCKED, Reason.CAPTCHA),
        (
            "<h1>Thông báo</h1><p>Vui lòng truy cập <a href='https://dichvucong.gov.vn'>Cổng Dịch vụ công quốc gia</a></p>",
            200,
            PageKind.NOTICE,
            None,
        ),
        (
            "<title>Cổng dịch vụ công</title><div id=root></div><script src=/app.js></script>",
            200,
            PageKind.PORTAL,
            None,
        ),
    ],
)
def test_a_document_is_known_by_status_and_text(html, status, kind, reason):
    judgement = judged(html, status)
    assert (judgement.page_kind, judgement.reason) == (kind, reason)


def test_another_host_of_the_same_agency_is_no_redirect_elsewhere():
    assert judged(LONG, url="https://www.example.test/home").reason is None


@pytest.mark.parametrize("host", ["dichvucong.other.test", "unknown.test"])
def test_any_other_host_is_elsewhere(host):
    judgement = judged(LONG, url=f"https://{host}/")
    assert (judgement.page_kind, judgement.reason) == (PageKind.REDIRECT, Reason.REDIRECTED_ELSEWHERE)
    assert host in judgement.detail


def test_scripts_and_styles_are_not_read_as_text():
    html = f"<script>var a='đang bảo trì hệ thống'</script><style>.x{{}}</style>{LONG}"
    assert "var a" not in read_html(200, {}, URL, html).text


def test_of_a_long_text_the_beginning_is_enough_and_its_links_do_not_matter():
    document = read_html(200, {}, URL, f"<title>Cổng</title>{LONG}" + "<p>x</p>" * 100_000)
    assert 1500 <= len(document.text) < 20_000
    assert document.text.startswith("Cổng")


@pytest.mark.parametrize("tag", ["script", "style", "noscript", "template", "svg"])
def test_what_is_not_shown_does_not_make_a_short_text_long(tag):
    document = read_html(
        200, {}, URL, f"<h1>Thông báo</h1><{tag.upper()} a=b>{'hidden > words ' * 5000}</{tag}><p>hết</p>"
    )
    assert document.text == "Thông báo hết"


def test_a_page_whose_words_stand_far_apart_is_short():
    assert judged("<div>\n   \n</div>" * 5000 + "<h1>Hệ thống đang bảo trì</h1>").reason is (Reason.MAINTENANCE_PAGE)


@pytest.mark.parametrize(("html", "status"), [("", 403), ("", 429), ("<title>Just a moment...</title>", 200)])
def test_a_wall_at_another_host_is_elsewhere_and_no_wall_of_ours(html, status):
    judgement = judged(html, status, url="https://dichvucong.other.test/", headers={"Retry-After": "99"})
    assert judgement.reason is Reason.REDIRECTED_ELSEWHERE
    assert "99" not in judgement.detail


def test_a_final_dot_makes_no_other_host():
    assert judged(LONG, url="https://dichvucong.example.test./").reason is None


def test_what_a_wall_says_of_its_time_is_told_in_short():
    assert len(judged("", 403, headers={"Retry-After": "9" * 5000}).detail) < 200


def test_what_is_told_of_a_wall_or_another_host_is_no_word_of_the_portal():
    wall = judged("x", 403, headers={"Retry-After": "của Nguyễn Văn An"})
    assert wall.detail == "blocked with status 403"
    assert judged("x", 403, headers={"Retry-After": "120"}).detail == "blocked with status 403, Retry-After: 120"
    assert judged("x", url="https://nguyen:an@nguyenvanan.khac.vn/").detail == "redirected to another host, ….khac.vn"
