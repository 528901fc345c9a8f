"""Kind 1: texts as a person reads them, however they are spelt in the source."""

import unicodedata
from html import escape

from testbed.verdicts.page import EXPECTED, SENTENCE, VerdictPage, document, fine, outage, portal, shown
from thuocdo.core.model import Reason

MISMATCH = Reason.CONTENT_MISMATCH
MAINTENANCE = Reason.MAINTENANCE_PAGE
ANNOUNCED = "Hệ thống đang bảo trì, mong quý khách thông cảm."


def referenced(text: str, *, decimal: bool) -> str:
    """Return a text whose letters beyond ASCII are written as character references."""
    return "".join(c if c.isascii() else (f"&#{ord(c)};" if decimal else f"&#x{ord(c):X};") for c in escape(text))


def spelt(name: str, does: str, text: str, **more: object) -> VerdictPage:
    """Return a healthy page that holds the expected text in some spelling."""
    return fine(name, does, shown(portal().replace(EXPECTED, text)), expected_text=EXPECTED, **more)


def stopped(name: str, does: str, text: str, status: str = "200 OK") -> VerdictPage:
    """Return a page of maintenance in some spelling."""
    return outage(name, does, shown(document(f"<h1>{text}</h1>", title="Thông báo"), status=status), MAINTENANCE)


def in_charset(charset: str, *, meta: str = "", text: str = EXPECTED) -> bytes:
    """Return a healthy page in another charset."""
    page = portal(head=meta).replace('<meta charset="utf-8">', "").replace(EXPECTED, text)
    if charset == "cp1258":
        page = unicodedata.normalize("NFC", page)
        page = "".join(_in_cp1258(sign) for sign in page)
    return page.encode(charset, "xmlcharrefreplace")


def _in_cp1258(sign: str) -> str:
    """Return a letter as windows-1258 has it: its tone apart, everything else composed."""
    apart = unicodedata.normalize("NFD", sign)
    tones = "".join(mark for mark in apart[1:] if mark in "\u0300\u0301\u0303\u0309\u0323")
    if not tones:
        return sign
    return unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in tones)) + tones


_NFD = unicodedata.normalize("NFD", EXPECTED)
_META = '<meta http-equiv="Content-Type" content="text/html; charset={}">'

PAGES: tuple[VerdictPage, ...] = (
    spelt("text-plain", "the expected text as it stands in the registry", EXPECTED),
    spelt("text-references", "decimal character references", referenced(EXPECTED, decimal=True)),
    spelt("text-hexadecimal", "hexadecimal character references", referenced(EXPECTED, decimal=False)),
    spelt("text-decomposed", "letters and their accents apart", _NFD),
    spelt("text-capitals", "capitals", EXPECTED.upper()),
    spelt("text-no-break", "no-break spaces between its words", EXPECTED.replace(" ", "&nbsp;")),
    spelt("text-lines", "a line of the source ends within it", EXPECTED.replace(" ", "\n      ")),
    spelt(
        "text-soft-hyphen",
        "soft hyphens and zero-width spaces within its words",
        "D\u00adịch vụ\u200b công trực tuy&shy;ến",
    ),
    spelt(
        "text-initial",
        "a first letter of its own style",
        "<span style='font-size:2em'>D</span>ịch vụ <b>c</b>ông trực tuyến",
    ),
    spelt(
        "text-marked",
        "each word in an element of its own",
        "<b>Dịch</b> <i>vụ</i> <em>công</em> <span>trực</span> <u>tuyến</u>",
    ),
    spelt("text-comment", "a comment within it", "Dịch vụ<!-- công ích --> công trực tuyến"),
    spelt("text-break", "breaks of the line between its words", "Dịch vụ công<br>trực tuyến"),
    fine(
        "text-eth",
        "an Icelandic eth in the place of đ",
        shown(portal(body="<p>Ðăng nhập</p>")),
        expected_text="Đăng nhập",
    ),
    fine(
        "text-tone",
        "the tone on the other vowel",
        shown(portal(body="<p>Phòng Hòa giải</p>")),
        expected_text="Hoà giải",
    ),
    fine(
        "text-y", "i in the place of y", shown(portal(body="<p>Sở Khoa học và Kĩ thuật</p>")), expected_text="Kỹ thuật"
    ),
    fine(
        "text-wide", "letters of full width", shown(portal(body="<p>Ｃổｎｇ　２４／７</p>")), expected_text="Cổng 24/7"
    ),
    fine(
        "text-1258-header",
        "windows-1258, said by the header",
        shown(in_charset("cp1258"), media="text/html; charset=windows-1258"),
        expected_text=EXPECTED,
    ),
    fine(
        "text-1258-meta",
        "windows-1258, said by the document alone",
        shown(in_charset("cp1258", meta=_META.format("windows-1258")), media="text/html"),
        expected_text=EXPECTED,
    ),
    fine(
        "text-utf-16",
        "UTF-16 with its mark",
        shown(b"\xff\xfe" + in_charset("utf-16-le"), media="text/html"),
        expected_text=EXPECTED,
    ),
    fine(
        "text-meta-late",
        "the document says its charset after a long comment of ASCII",
        shown(in_charset("utf-8", meta=f"<!--{'x' * 700}--><meta charset=utf-8>"), media="text/html"),
        expected_text=EXPECTED,
    ),
    fine(
        "text-header-wins",
        "the header says UTF-8 and the document something else",
        shown(portal(head=_META.format("iso-8859-1")).replace('<meta charset="utf-8">', "")),
        expected_text=EXPECTED,
    ),
    outage(
        "text-other",
        "another page of the same look",
        shown(portal().replace(EXPECTED, "Trang tin tổng hợp")),
        MISMATCH,
        expected_text=EXPECTED,
    ),
    outage(
        "text-tones-gone",
        "the words without their accents",
        shown(portal().replace(EXPECTED, "Dich vu cong truc tuyen")),
        MISMATCH,
        expected_text=EXPECTED,
    ),
    outage(
        "text-in-comment",
        "the text in a comment alone",
        shown(portal().replace(EXPECTED, f"<!-- {EXPECTED} -->Trang tin")),
        MISMATCH,
        expected_text=EXPECTED,
    ),
    outage(
        "text-in-script",
        "the text within a script's data alone",
        shown(
            portal(body=f'<script type=\'application/json\'>{{"t": "{EXPECTED}"}}</script>').replace(
                f"<h1>{EXPECTED}</h1>", "<h1>Trang tin</h1>"
            )
        ),
        MISMATCH,
        expected_text=EXPECTED,
    ),
    stopped("stop-plain", "maintenance", ANNOUNCED),
    stopped("stop-decomposed", "maintenance, letters and accents apart", unicodedata.normalize("NFD", ANNOUNCED)),
    stopped("stop-references", "maintenance in character references", referenced(ANNOUNCED, decimal=True)),
    stopped("stop-capitals", "maintenance in capitals", ANNOUNCED.upper()),
    stopped("stop-split", "maintenance, with a letter of its own style", "Hệ thống <span>đ</span>ang bảo trì"),
    stopped("stop-blanks", "maintenance with blanks of other kinds", ANNOUNCED.replace(" ", "\u2003")),
    stopped(
        "stop-tone",
        "maintenance in other words, with the tone on the other vowel",
        "Cổng đang được nâng cấp, bảo trì; xin quí khách quay lại sau",
    ),
    stopped("stop-503", "maintenance with 503", ANNOUNCED, status="503 Service Unavailable"),
    *(
        stopped(f"stop-said-{number}", "maintenance in one of many wordings", text)
        for number, text in enumerate(
            (
                "Trang web hiện không khả dụng do bảo trì",
                "Cổng đang thực hiện bảo trì",
                "Hệ thống đang tạm đóng để nâng cấp",
                "Dịch vụ tạm thời bị gián đoạn. Mong quý khách thông cảm.",
                "Hệ thống ngừng hoạt động để bảo trì từ 20h00 ngày 30/11/2026 đến 06h00 ngày 01/12/2026",
                "Hệ thống đang nâng cấp, sẽ hoạt động bình thường trở lại lúc 22h",
                "Hệ thống đang trong giai đoạn nâng cấp",
                "Hệ thống hiện đang được sửa chữa",
                "Hệ thống đang quá tải, vui lòng thử lại sau",
                "Trang web đang trong chế độ bảo trì",
                "Cổng Dịch vụ công đang được hiệu chỉnh",
                "Hệ thống tạm dừng để nâng cấp, kính mong quý vị thông cảm",
                "Our website is currently being upgraded. Please visit us later.",
                "Website is temporarily closed for upgrade",
                "Offline for maintenance. The portal will be available again at 6 am.",
            )
        )
    ),
    outage(
        "stop-in-menu",
        "maintenance within the portal's menu of many links",
        shown(
            document(
                "<h1>Cổng dịch vụ công tỉnh Thử Nghiệm</h1>"
                + "".join(f"<a href=/{at}>Mục {at}</a> " for at in range(14))
                + "<h2>Cổng dịch vụ công tỉnh Thử Nghiệm đang được bảo trì</h2>"
            )
        ),
        MAINTENANCE,
    ),
    *(
        fine(
            f"stop-aside-{number}",
            "a small home page that speaks of maintenance of something else",
            shown(
                document(
                    f"<h1>Cổng dịch vụ công tỉnh Thử Nghiệm</h1><p>{text}</p>"
                    "<p><a href=/thu-tuc>Thủ tục hành chính</a> <a href=/nop>Nộp hồ sơ</a> <a href=/tra-cuu>Tra cứu</a></p>",
                    title="Cổng dịch vụ công",
                )
            ),
        )
        for number, text in enumerate(
            (
                "Chức năng thanh toán đang được bảo trì, các chức năng khác hoạt động bình thường.",
                "Cơ sở dữ liệu quốc gia về dân cư đang bảo trì, một số thủ tục chậm hơn thường lệ.",
                "Hệ thống cấp phiếu lý lịch tư pháp đang nâng cấp, các dịch vụ khác bình thường.",
                "Đường tỉnh 12 đang được nâng cấp.",
                "Nếu không nhận được mã, vui lòng thử lại sau ít phút.",
                "Bộ phận một cửa nghỉ trưa, mời quay lại sau 13h30.",
                "Việc bảo trì hệ thống đã kết thúc lúc 5h sáng nay.",
                "<a href=/bao-tri>Bảo trì hệ thống thang máy: cấp phép</a>",
                "Hệ thống đang được nâng cấp tính năng ký số, người dân vẫn nộp hồ sơ bình thường.",
                "Đã xảy ra sự cố điện tại quận 3.",
                "Cổng tạm ngừng tiếp nhận hồ sơ giấy từ 1/7, xin nộp trực tuyến.",
            )
        )
    ),
    fine(
        "text-vni",
        "a page in VNI's fonts",
        shown(
            document(
                "<font face=VNI-Times><h1>Dòch vuï coâng tröïc tuyeán</h1><p>Noäp hoà sô</p></font>",
                title="Dich vu cong",
            )
            .replace('<meta charset="utf-8">', "")
            .encode("cp1252"),
            media="text/html",
        ),
        expected_text=EXPECTED,
    ),
    fine(
        "stop-next-week",
        "a small page that announces maintenance of next week",
        shown(
            document(
                "<h1>Cổng dịch vụ công</h1><p>Thông báo: hệ thống sẽ bảo trì từ 22 giờ ngày 05/12/2026 đến 2 giờ ngày 06/12/2026.</p>"
                "<p><a href=/thu-tuc>Thủ tục</a> <a href=/nop>Nộp hồ sơ</a> <a href=/tra-cuu>Tra cứu</a></p>"
            )
        ),
    ),
    fine(
        "stop-over",
        "a small page that says that maintenance is over",
        shown(
            document(
                "<h1>Cổng dịch vụ công</h1><p>Đã hoàn thành bảo trì hệ thống, cổng hoạt động bình thường trở lại.</p>"
                "<p><a href=/thu-tuc>Thủ tục</a> <a href=/nop>Nộp hồ sơ</a></p>"
            )
        ),
    ),
    fine(
        "stop-news",
        "a home page with a piece of news about maintenance elsewhere",
        shown(portal(body="<p>Hệ thống của Bộ Tài chính đang bảo trì.</p>")),
    ),
    fine(
        "stop-word-within",
        "words that hold the letters of others",
        shown(
            document(
                f"<h1>Cổng dịch vụ công</h1><p>Hướng dẫn bảo trình hồ sơ</p><a href=/a>Nộp hồ sơ</a><p>{SENTENCE}</p>"
            )
        ),
    ),
)
