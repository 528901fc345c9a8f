"""Kind 4, with a history: what stands where a known portal stood and says nothing of it, with portals that only changed."""

from testbed.verdicts.page import EXPECTED, SENTENCE, TITLE, Truth, VerdictPage, document, ok, one_of, portal, shown
from thuocdo.core.model import Reason

_BEFORE = shown(portal())
_SHELL = document(
    "<div id=root></div><script>document.getElementById('root').innerHTML = "
    f"'<h1>{EXPECTED}</h1>' + '<p>{SENTENCE}</p>'.repeat(20)</script>",
    head="<link rel=stylesheet href=data:text/css,>",
)
_NEWS = "".join(f"<p><a href=/tin/{number}>Tin {number}</a>: {SENTENCE}</p>" for number in range(101, 121))
_OFFERS = "".join(
    f"<p><a href=https://choi.test/{w}>Trò {w} thắng lớn mỗi ngày</a>, nạp đầu tặng thưởng, rút tiền trong năm phút</p>"
    for w in "abcdefghijklmn"
)


def _office(name: str) -> str:
    """Return the page of one of many offices that share their design."""
    return portal(title=f"Trang chủ - {name} tỉnh Ví dụ").replace(
        f"<h1>{EXPECTED}</h1>", f"<h1>{EXPECTED}</h1><h2>{name}</h2>"
    )


def replaced(name: str, does: str, html: str, before: str | None = None) -> VerdictPage:
    """Return another page where a known one stood."""
    return _page(name, does, html, before, Truth.OUTAGE, one_of(Reason.NOT_THE_PORTAL))


def changed(name: str, does: str, html: str, before: str | None = None) -> VerdictPage:
    """Return the same page, changed."""
    return _page(name, does, html, before, Truth.FINE, ok())


def _page(
    name: str, does: str, html: str, before: str | None, truth: Truth, expected: frozenset[Reason | None]
) -> VerdictPage:
    kinds = ("http", "homepage")
    return VerdictPage(
        name=f"known-{name}",
        does=does,
        truth=dict.fromkeys(kinds, truth),
        expected=dict.fromkeys(kinds, expected),
        respond=shown(html),
        before=_BEFORE if before is None else shown(before),
    )


PAGES: tuple[VerdictPage, ...] = (
    replaced(
        "away",
        "maintenance in words that nobody listed",
        document("<h1>Ngôi nhà chung đang được quét vôi</h1><p>Mời bà con uống nước chờ thợ.</p>"),
    ),
    replaced(
        "login",
        "a login under the portal's own title",
        document(
            "<img src=data:, alt=Logo><form><input name=u placeholder='Tài khoản'><input name=p type=password><button>Vào</button></form>"
        ),
    ),
    replaced(
        "casino",
        "somebody else's page under the portal's own title",
        document(
            "<h1>Nhà cái số một</h1>"
            + "".join(
                f"<p><a href=https://choi.test/{game}>Chơi {game}</a> thắng lớn mỗi ngày</p>"
                for game in ("bài", "cờ", "đá", "xổ", "nổ", "lô")
            )
        ),
    ),
    replaced(
        "defaced", "a page of vandals", document("<h1>H4ck3d by nobody</h1><marquee>greetz</marquee>", title="H4ck3d")
    ),
    replaced("emptied", "a title, a heading and nothing else", document(f"<h1>{TITLE}</h1>")),
    replaced(
        "intranet",
        "the page of a system for officers",
        document(
            "<h1>Hệ thống quản lý văn bản</h1>"
            + "".join(
                f"<p><a href=/vb/{at}>{at}</a></p>"
                for at in ("đến", "đi", "nội bộ", "lịch họp", "phân công", "báo cáo")
            ),
            title="Quản lý văn bản",
        ),
    ),
    _page(
        "redesign",
        "a new design with other words and addresses",
        document(
            "<h1>Một cửa số</h1>"
            + "".join(
                f"<p><a href=/v2/{at}>{text}</a></p>"
                for at, text in {
                    "a": "Bắt đầu ngay",
                    "b": "Việc của tôi",
                    "c": "Giấy tờ số",
                    "d": "Trợ lý ảo",
                    "e": "Hẹn lịch",
                    "f": "Góp ý nhanh",
                }.items()
            ),
            title="Một cửa số",
        ),
        None,
        Truth.UNKNOWABLE,
        one_of(Reason.NOT_THE_PORTAL),
    ),
    replaced(
        "sibling", "the page of another office, of the same design", _office("Sở Nội vụ"), before=_office("Sở Y tế")
    ),
    replaced(
        "sibling-place", "that of another commune", _office("UBND xã Bình Minh"), before=_office("UBND xã Tân Tiến")
    ),
    changed(
        "office-news",
        "another title that names the same office",
        _office("Sở Y tế").replace("Trang chủ", "Ban Giám đốc tiếp công dân"),
        before=_office("Sở Y tế"),
    ),
    changed("same", "nothing new", portal()),
    changed("news", "a lot of news", portal(body=_NEWS)),
    changed("news-gone", "all news gone", portal(), before=portal(body=_NEWS)),
    changed("title", "another title", portal(title="Trang chủ")),
    changed(
        "banner",
        "a banner for the new year",
        portal(body="<h2>Chúc mừng năm mới 2027</h2>").replace(
            f"<h1>{EXPECTED}</h1>", f"<h2>Xuân đã về</h2><h1>{EXPECTED}</h1>"
        ),
    ),
    changed(
        "capitals",
        "everything in capitals",
        portal().replace(EXPECTED, EXPECTED.upper()).replace(SENTENCE, SENTENCE.upper()),
    ),
    changed(
        "one-way-more", "one way more in the menu", portal().replace("<ul>", "<ul><li><a href=/vneid>VNeID</a></li>")
    ),
    replaced(
        "main-gone", "the menu and the footer are left, the main part is gone", portal().replace(SENTENCE * 25, "")
    ),
    replaced(
        "main-away",
        "maintenance in words that nobody listed, within the portal's menu and footer",
        portal().replace(SENTENCE * 25, "<h2>Chúng tôi đang dọn dẹp lại ngôi nhà chung, hẹn gặp lại quý vị</h2>"),
    ),
    replaced(
        "main-casino",
        "somebody else's offers within the portal's menu and footer",
        portal().replace(SENTENCE * 25, _OFFERS),
    ),
    replaced(
        "casino-long", "somebody else's page under the portal's title, as long as the portal's", document(_OFFERS)
    ),
    changed(
        "language",
        "the same menu with all texts in another language",
        portal().replace(
            SENTENCE, "Public services of the province: apply online, follow your file, rate the service. "
        ),
    ),
    changed("shorter", "half of the text gone", portal().replace(SENTENCE, "", 12)),
    changed(
        "partners",
        "ways to three partners more",
        portal(body="".join(f"<a href=https://{w}.test/>{w}</a>" for w in "abc")),
    ),
    changed(
        "shell",
        "a shell whose files have new digests",
        _SHELL.replace("<head>", "<head><link rel=preload href=/a.0f9e8d7c.js>"),
        before=_SHELL.replace("<head>", "<head><link rel=preload href=/a.00112233.js>"),
    ),
)
