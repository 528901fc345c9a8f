"""Whether a page is known again."""

import pytest

from probes.identity.features import features_of, glance_at, is_alike
from probes.markup import title_of
from testbed.verdicts.page import SENTENCE, document, portal

URL = "https://dichvucong.example.test/"
SHELL = document(
    "<div id=root></div><script src=/static/main.3f9a8b7c.js></script><link rel=stylesheet href=/static/a.css>"
)


def seen(html, text=None):
    return features_of(html, URL, glance_at(title_of(html), len(html)), text)


KNOWN = seen(portal())


@pytest.mark.parametrize(
    "html",
    [
        portal(),
        portal(body="<h2>Tin mới</h2>" + "".join(f"<p><a href=/tin/{n}>Tin số {n}</a> hôm nay</p>" for n in range(40))),
        portal(title="Trang chủ | Cổng dịch vụ công"),
        portal(head="<script src=/analytics.js></script>"),
        portal().replace(SENTENCE, "", 12).replace("tỉnh", "TỈNH"),
        portal().replace(SENTENCE, "Province news of the day, in another language. "),
        portal().replace(SENTENCE, "<a href=https://bo.test/x>Tin của bộ về việc đó</a> ", 3),
        portal().replace('href="/', 'href="https://dichvucong.example.test/'),
    ],
)
def test_a_page_is_known_again_however_its_news_and_its_look_change(html):
    assert seen(html).resembles(KNOWN)
    assert seen(html).resembles(KNOWN.kept())


@pytest.mark.parametrize(
    "html",
    [
        document(""),
        portal().replace(SENTENCE, ""),
        portal().replace(SENTENCE * 25, "<p>Chúng tôi đang dọn dẹp, hẹn gặp lại quý vị.</p>"),
        portal().replace(
            SENTENCE * 25,
            "".join(
                f"<a href=https://choi.test/{w}>Trò {w} thắng lớn mỗi ngày, nạp đầu tặng thưởng, rút tiền trong năm phút</a> "
                for w in "abcdefgh"
            ),
        ),
        document("<h1>Chúng tôi sẽ gặp lại quý khách</h1><p>Xin cảm ơn.</p>"),
        document("<form><input name=u><input name=p type=password><button>Đăng nhập</button></form>"),
        document("<h1>Hacked</h1>" + "".join(f"<a href=https://casino.test/{n}>Chơi ngay</a>" for n in "abcdefgh")),
        document("<p>" + "Khuyến mãi lớn mua một tặng một hôm nay. " * 40 + "</p>"),
        document(
            "".join(f"<a href=/san-pham/{name}>{name} giá rẻ</a>" for name in ("xe", "nhà", "đất", "áo", "giày", "mũ"))
        ),
    ],
)
def test_another_page_is_another_page_even_under_the_same_title(html):
    assert not seen(html).resembles(KNOWN)
    assert not seen(html).resembles(KNOWN.kept())


def test_a_shell_is_known_by_its_title_and_its_files():
    known = seen(SHELL).kept()
    assert seen(SHELL.replace("3f9a8b7c", "00112233")).resembles(known)
    assert seen(SHELL.replace("Cổng dịch vụ công", "Trang chủ cổng")).resembles(known)
    assert not seen(document("<h1>x</h1><script src=/other.js></script>", title="Welcome")).resembles(known)


def test_what_a_person_reads_counts_where_it_is_given():
    known = seen(SHELL, SENTENCE * 5).kept()
    assert seen(SHELL, SENTENCE * 3 + "Thêm một tin.").resembles(known)
    assert not seen(SHELL, "Hệ thống nghỉ ngơi, hẹn gặp lại vào ngày mai nhé các bạn.").resembles(known)


def test_one_look_is_enough_for_the_same_title_and_about_the_same_length():
    known = glance_at("Cổng dịch vụ công", 10_000)
    assert is_alike(glance_at("CỔNG  DỊCH VỤ CÔNG", 19_000), known)
    assert not is_alike(glance_at("Cổng dịch vụ công", 4_000), known)
    assert not is_alike(glance_at("Cổng dịch vụ công", 21_000), known)
    assert not is_alike(glance_at("Đăng nhập", 10_000), known)
    assert not is_alike(glance_at("", 10_000), glance_at("", 10_000))


def test_titles_are_read_from_the_source():
    assert title_of("<head><TITLE lang=vi>Cổng &amp; nhà</TITLE>") == "Cổng &amp; nhà"
    assert glance_at("Cổng &amp; nhà", 1).title == glance_at("Cổng & nhà", 1).title
    assert title_of("<p>không có") == ""


@pytest.mark.parametrize("piece", ["<a href=", "<a ", "<title", "<script src='", "<a href='//[", "<img src=x ", "&#"])
def test_anything_at_all_is_read(piece):
    assert seen(piece * 20_000).glance.length == 20_000 * len(piece)
    assert len(seen("".join(f"<a href=/{chr(97 + n % 26)}/{n:x}g>x</a>" for n in range(3000))).kept().links) <= 256


@pytest.mark.parametrize(
    ("known", "now", "is_another"),
    [
        ("Sở Y tế tỉnh Ví dụ", "Sở Nội vụ tỉnh Ví dụ", True),
        ("UBND phường 5, Quận 3", "UBND phường 7, Quận 3", True),
        ("Cổng dịch vụ công tỉnh An Giang", "CỔNG DỊCH VỤ CÔNG TỈNH CÀ MAU", True),
        ("Trang chủ - Sở Y tế", "Tin tức - SỞ Y TẾ", False),
        ("Cổng dịch vụ công", "Cổng dịch vụ công tỉnh Cà Mau", False),
        ("Cổng dịch vụ công Bộ Y tế", "Cổng thông tin Bộ Y tế - Cục Quản lý Dược", False),
        ("Xã Tân Tiến, tỉnh Ví dụ", "Tỉnh Ví dụ - xã Tân Tiến và xã Bình Minh", False),
        ("", "Sở Nội vụ", False),
    ],
)
def test_a_title_that_names_another_office_is_anothers(known, now, is_another):
    assert seen(portal(title=now)).resembles(seen(portal(title=known))) is not is_another
