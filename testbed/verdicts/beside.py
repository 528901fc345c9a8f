"""Kind 1, beside the text: words that only look like a charset, and words that people read and that are no text."""

from testbed.verdicts.page import (
    EXPECTED,
    SENTENCE,
    Truth,
    VerdictPage,
    document,
    fine,
    ok,
    one_of,
    outage,
    portal,
    shown,
)
from thuocdo.core.model import Reason

MISMATCH = Reason.CONTENT_MISMATCH
MAINTENANCE = Reason.MAINTENANCE_PAGE
_STOPPED = "Hệ thống đang bảo trì, vui lòng quay lại sau"
_PICTURE = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'%3E%3Crect width='5' height='9' fill='red'/%3E%3C/svg%3E"


def charset(name: str, does: str, tag: str) -> VerdictPage:
    """Return a healthy page in UTF-8 that says something else of charsets before it says so."""
    page = portal().replace('<meta charset="utf-8">', f'{tag}<meta charset="utf-8">')
    return fine(f"beside-charset-{name}", does, shown(page, media="text/html"), expected_text=EXPECTED)


def told(name: str, does: str, body: str, head: str = "") -> VerdictPage:
    """Return a page that has the expected text nowhere but in some of its markup."""
    page = document(f"<h1>Cổng</h1>{body}<p>{SENTENCE * 25}</p>", title="Cổng", head=head)
    return fine(f"beside-{name}", does, shown(page), expected_text=EXPECTED)


def not_told(name: str, does: str, body: str) -> VerdictPage:
    """Return a page that has the expected text nowhere where people read."""
    page = document(f"<h1>Cổng</h1>{body}<p>{SENTENCE * 25}</p>", title="Cổng")
    return outage(f"beside-{name}", does, shown(page), MISMATCH, expected_text=EXPECTED)


def written(name: str, does: str, page: str) -> VerdictPage:
    """Return a page that a browser writes without a script of its own."""
    return fine(f"beside-{name}", does, shown(page))


def stopped(name: str, does: str, body: str) -> VerdictPage:
    """Return a page that says in something else than text that it is in maintenance."""
    return outage(f"beside-stop-{name}", does, shown(document(body, title="Cổng")), MAINTENANCE)


PAGES: tuple[VerdictPage, ...] = (
    charset("description", "a charset in the page's description", '<meta name="description" content="charset=gbk">'),
    charset("data", "an attribute that ends in charset", '<meta name="x" data-charset="koi8-r">'),
    charset("name", "a content type that stands for no header", '<meta name="x" content="text/html; charset=koi8-r">'),
    charset("unknown", "a charset that nobody knows before the right one", '<meta charset="tcvn">'),
    charset("script", "a charset of a script", '<script charset="koi8-r"></script>'),
    told("placeholder", "the text in an empty field", f'<input placeholder="{EXPECTED}">'),
    told("button", "the text on a button", f'<form><input type=submit value="{EXPECTED}"></form>'),
    told("picture", "the text as a picture's name", f'<img src="{_PICTURE}" width=300 height=60 alt="{EXPECTED}">'),
    told("style", "the text in a style", "<h2 class=t></h2>", f'<style>.t::before{{content:"{EXPECTED}"}}</style>'),
    told("drawing", "the text in a drawing", f"<svg width=400 height=60><text y=40>{EXPECTED.upper()}</text></svg>"),
    told(
        "root",
        "the text in a declared shadow root",
        f'<div><template shadowrootmode="open">{EXPECTED}</template></div>',
    ),
    not_told("template", "the text in a template", f"<template>{EXPECTED}</template>"),
    not_told("noscript", "the text for browsers without scripts", f"<noscript>{EXPECTED}</noscript>"),
    not_told(
        "sent", "the text in a field that nobody sees", f'<form><input type=hidden value="{EXPECTED.upper()}"></form>'
    ),
    not_told("title", "the text in what comes up over a word", f'<b title="{EXPECTED.upper()}">Cổng</b>'),
    written(
        "handler",
        "a page that its body writes once it is there",
        f"<html><body onload=\"document.body.innerHTML='<h1>{EXPECTED}</h1>'\"></body></html>",
    ),
    written(
        "handler-titled",
        "the same under a title",
        f"<title>Cổng</title><body onload=\"document.body.innerHTML='<h1>{EXPECTED}</h1>'\"></body>",
    ),
    written(
        "root-alone",
        "a page in a declared shadow root and nowhere else",
        document(f'<div><template shadowrootmode="open"><h1>{EXPECTED}</h1></template></div>', title="Cổng"),
    ),
    stopped(
        "root",
        "maintenance in a declared shadow root",
        f"<div><template shadowrootmode=open>{_STOPPED}</template></div>",
    ),
    stopped(
        "picture", "maintenance as a picture's name", f'<img src="{_PICTURE}" width=800 height=500 alt="{_STOPPED}">'
    ),
    stopped("drawing", "maintenance in a drawing", f"<svg width=800 height=99><text y=50>{_STOPPED}</text></svg>"),
    VerdictPage(
        name="beside-handler-nothing",
        does="a handler that does nothing, and nothing besides",
        truth={"http": Truth.UNKNOWABLE, "homepage": Truth.OUTAGE},
        expected={"http": ok(), "homepage": one_of(MISMATCH)},
        respond=shown('<html><body onload="void 0"></body></html>'),
    ),
    fine(
        "beside-picture-door",
        "a picture that leads on, and is called by its way",
        shown(
            document(f'<a href=/trang-chu><img src="{_PICTURE}" width=800 height=500 alt="Vào cổng"></a>', title="Cổng")
        ),
    ),
    fine(
        "beside-picture-road",
        "a picture of a road in maintenance",
        shown(
            document(
                f'<img src="{_PICTURE}" width=800 height=500 alt="Đường tỉnh 12 được bảo trì năm 2025">', title="Ảnh"
            )
        ),
    ),
)
