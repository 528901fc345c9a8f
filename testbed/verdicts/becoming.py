"""Kind 2, still: pages that become what they are: sent on to, filled late, or no documents of HTML."""

from collections.abc import Mapping

from testbed.verdicts.drawn import (
    CLOSED_PORT,
    HOME,
    LATE,
    MISMATCH,
    PICTURE,
    SVG,
    WAIT,
    WHOLE,
    bad,
    by_script,
    frame,
    good,
    home,
    slow,
)
from testbed.verdicts.page import (
    EXPECTED,
    SENTENCE,
    Asked,
    VerdictPage,
    answer,
    by_path,
    document,
    fine,
    outage,
    portal,
    shown,
    unknowable,
)
from thuocdo.core.model import Reason


def sent_on(name: str, does: str, head: str = "", body: str = WAIT, *headers: str, inner: bytes = HOME) -> VerdictPage:
    """Return a page that sends its visitor on to the portal."""
    first = answer(document(body, title="Cổng", head=head), "200 OK", "text/html; charset=utf-8", *headers)
    return good(name, does, {"/": first, "/trong": inner})


def _with_cookie(asked: Asked) -> bytes:
    if "da=1" in asked.headers.get("cookie", ""):
        return HOME
    head = "<meta http-equiv=refresh content=1>"
    return answer(document(WAIT, title="Cổng", head=head), "200 OK", "text/html", "Set-Cookie: da=1")


_TO = "location.href='/trong'"
_SAVED = answer("x", "200 OK", "application/zip", "Content-Disposition: attachment; filename=a.zip")
IN_VAIN: tuple[VerdictPage, ...] = (
    good("vain-saved", "goes to a file to save while it loads", {
        "/": answer(portal(body=by_script("location = '/tep'"))), "/tep": _SAVED}),
    good("vain-nothing", "goes to an answer without a page while it loads", {
        "/": answer(portal(body=by_script("location = '/rong'"))), "/rong": answer("", "204 No Content", "")}),
    good("vain-program", "goes to another program while it loads", {
        "/": answer(portal(body=by_script("location = 'zalo://mo'")))}),
    good("vain-stops", "stops its own loading", {"/": answer(portal(body=by_script("window.stop()")))}),
    bad("vain-late", "stops its own loading before there is anything", {
        "/": home(by_script("window.stop()") + EXPECTED)}),
)  # fmt: skip
SENDS: tuple[VerdictPage, ...] = (
    sent_on("refresh-1", "sends on after 1 s", "<meta http-equiv=refresh content='1;url=/trong'>"),
    sent_on("refresh-5", "sends on after 5 s", "<meta http-equiv=refresh content='5;url=/trong'>"),
    sent_on("refresh-header", "sends on after 2 s by a header", "", WAIT, "Refresh: 2; url=/trong"),
    sent_on("refresh-added", "sends on by what a script adds", "", WAIT + by_script(
        "onload=()=>document.head.insertAdjacentHTML('beforeend','<meta http-equiv=refresh content=\"2;url=/trong\">')")),
    sent_on("script-after", "sends on 1.2 s after it has loaded", "", WAIT
        + by_script(f"onload=()=>setTimeout(()=>{_TO},1200)")),
    sent_on("script-counts", "counts down from 5 and sends on", "", "<p>Chuyển trang sau <b id=n>5</b> giây</p>" + by_script(
        "let s=5;setInterval(()=>{n.textContent=--s;if(!s)location.replace('/trong')},1000)")),
    good("script-elsewhere", "sends on by a script of a file", {
        "/": home(WAIT + "<script src=/di.js></script>"), "/trong": HOME,
        "/di.js": answer(f"setTimeout(()=>{{{_TO}}},2000)", "200 OK", "text/javascript")}),
    sent_on("script-counts-8", "counts down from 8 and sends on", "", "<p>Chuyển trang sau <b id=n>8</b> giây</p>" + by_script(
        "let s=8;setInterval(()=>{n.textContent=--s;if(!s)location.replace('/trong')},1000)")),
    sent_on("script-words", "sends on by a timer that holds its deed as text", "", "<p>Xin chờ</p>"
        + by_script("setTimeout('location.href=\"/trong\"',4000)")),
    sent_on("script-navigates", "sends on by the browser's own navigation", "", WAIT
        + by_script("setTimeout(()=>navigation.navigate('/trong'),1500)")),
    sent_on("script-opens", "sends on by opening the portal in its own place", "", WAIT
        + by_script("setTimeout(()=>open('/trong','_self'),1500)")),
    sent_on("script-presses", "sends on by a link that its script presses", "", "<a id=a href=/trong>Xin chờ</a>"
        + by_script("setTimeout(()=>a.click(),1500)")),
    sent_on("refresh-body", "sends on by what stands in its body", "", WAIT + "<meta http-equiv=refresh content='2;url=/trong'>"),
    sent_on("script-form", "sends on by a form that a script sends", "", "<form id=f action=/trong></form>" + WAIT
        + by_script("setTimeout(()=>f.submit(),1500)")),
    sent_on("script-rich", "is a splash page of many words that sends on after 2 s", "", f"<p>{SENTENCE * 25}</p>"
        + by_script(f"setTimeout(function(){{{_TO}}},2000)")),
    good("refresh-twice", "sends on to a page that sends on", {
        "/": home(WAIT, head="<meta http-equiv=refresh content='1;url=/hai'>"), "/trong": HOME,
        "/hai": home(WAIT + by_script(f"setTimeout(()=>{{{_TO}}},1500)"))}),
    fine("refresh-slow", "sends on to a page that takes 5 s to answer", slow(5, "/trong", {
        "/": home(WAIT, head="<meta http-equiv=refresh content='1;url=/trong'>"), "/trong": HOME}), "homepage",
        expected_text=EXPECTED),
    fine("refresh-busy", "sends on after 1 s, while a picture of it takes 3 s", slow(3, "/anh.svg", {
        "/": home(f"{WAIT}<img src=/anh.svg alt=''>", head="<meta http-equiv=refresh content='1;url=/trong'>"),
        "/trong": HOME, "/anh.svg": answer(PICTURE, "200 OK", SVG)}), "homepage", expected_text=EXPECTED),
    outage("refresh-error", "is an error that loads itself anew every second", by_path({
        "/": answer(document("<h1>Lỗi</h1>", head="<meta http-equiv=refresh content=1>"), "500 Internal Server Error")}),
        Reason.HTTP_ERROR, kinds=("homepage",)),
    unknowable("refresh-refusal", "refuses us and would load itself anew", by_path({
        "/": answer(document("<h1>Truy cập bị từ chối</h1>", head="<meta http-equiv=refresh content=1>"), "403 Forbidden")}),
        Reason.BLOCKED, kinds=("homepage",)),
    good("refresh-cookie", "gives a cookie and loads itself anew after 1 s", {"/": _with_cookie}),
    good("refresh-self-30", "loads itself anew every 30 s", {
        "/": answer(portal(head="<meta http-equiv=refresh content=30>"))}),
    good("refresh-self-3", "loads itself anew every 3 s", {
        "/": home(f"<h1>{EXPECTED}</h1>", head="<meta http-equiv=refresh content=3>")}),
    good("refresh-to-and-fro", "sends to and fro between two pages for ever", {
        "/": home(f"<h1>{EXPECTED}</h1>", head="<meta http-equiv=refresh content='1;url=/trong'>"),
        "/trong": home(f"<h1>{EXPECTED}</h1><p>hai</p>", head="<meta http-equiv=refresh content='1;url=/'>")}),
    good("refresh-late", "leads to its news after a minute", {
        "/": answer(portal(head="<meta http-equiv=refresh content='60;url=/tin'>"))}),
    bad("refresh-maintenance", "sends on to maintenance", {
        "/": home(WAIT, head="<meta http-equiv=refresh content='1;url=/trong'>"),
        "/trong": home("<h1>Hệ thống đang bảo trì</h1>")}, Reason.MAINTENANCE_PAGE),
    bad("refresh-500", "sends on to an error", {
        "/": home(WAIT, head="<meta http-equiv=refresh content='1;url=/trong'>"),
        "/trong": answer("<h1>Lỗi</h1>", "500 Internal Server Error")}, Reason.HTTP_ERROR),
    bad("refresh-500-empty", "sends on to an error without a word", {
        "/": home(WAIT, head="<meta http-equiv=refresh content='1;url=/trong'>"),
        "/trong": answer("", "500 Internal Server Error")}, Reason.HTTP_ERROR),
    bad("refresh-white", "sends on to a white page", {
        "/": home(WAIT, head="<meta http-equiv=refresh content='1;url=/trong'>"), "/trong": home("")}),
    bad("refresh-refused", "sends on to a port where nobody listens", {
        "/": lambda asked: home(WAIT, head="<meta http-equiv=refresh content='1;url="
            f"{asked.base.rpartition(':')[0]}:{CLOSED_PORT}/'>")}, Reason.CONNECTION_REFUSED),
    unknowable("refresh-elsewhere", "sends on to another host after 2 s", by_path({
        "/": lambda asked: home("<p>Đã chuyển sang cổng mới.</p>",
            head=f"<meta http-equiv=refresh content='2;url={asked.other}/'>")}),
        Reason.REDIRECTED_ELSEWHERE, kinds=("homepage",)),
    unknowable("script-elsewhere-host", "sends on to another host by script", by_path({
        "/": lambda asked: home(WAIT + by_script(f"setTimeout(()=>location.href='{asked.other}/',2000)"))}),
        Reason.REDIRECTED_ELSEWHERE, kinds=("homepage",)),
    unknowable("refresh-elsewhere-gone", "sends on to another host that does not exist", by_path({
        "/": home(WAIT, head="<meta http-equiv=refresh content='1;url=http://khong-co.cong.test/'>")}),
        Reason.REDIRECTED_ELSEWHERE, kinds=("homepage",)),
)  # fmt: skip

_SHELL = "<header>Cổng dịch vụ công</header><div id=r></div>"


def late(
    name: str, does: str, script: str, answers: Mapping[str, bytes], seconds: float, **more: object
) -> VerdictPage:
    """Return a shell whose script fills it, its data coming late."""
    whole = {"/": home(_SHELL + by_script(script)), **answers}
    return fine(name, does, slow(seconds, "/du-lieu", whole), "homepage", expected_text=EXPECTED, **more)


_FILLS = "fetch('/du-lieu').then(a=>a.text()).then(t=>r.innerHTML=t)"
TEXTS: tuple[VerdictPage, ...] = (
    late("late-data", "gets its text 5 s after its shell", _FILLS, {"/du-lieu": answer(LATE)}, 5),
    late("late-timer", "shows its text 3 s after it has loaded", f"setTimeout(()=>r.innerHTML=`{LATE}`,3000)", {}, 0),
    late("late-chain", "asks for its text in several steps with pauses",
        f"setTimeout(()=>fetch('/a').then(()=>setTimeout(()=>{_FILLS},1500)),1200)",
        {"/a": answer("a"), "/du-lieu": answer(LATE)}, 1),
    late("late-typed", "writes its text letter by letter for 7 s",
        f"let k=0;const h=document.createElement('h1');r.append(h);setInterval(()=>h.textContent='Chào mừng tới {EXPECTED}'.slice(0,++k),180)",
        {}, 0),
    bad("late-data-500", "says who it is and nothing else, since its data are answered with 500", {
        "/": home(_SHELL + by_script(f"fetch('/du-lieu').then(a=>{{if(!a.ok)throw 1;r.innerHTML=`{LATE}`}})")),
        "/du-lieu": answer("lỗi", "500 Internal Server Error")}),
    bad("late-script-404", "says who it is and nothing else, since its script is answered with 404", {
        "/": home(_SHELL + "<script src=/mat.js></script>")}),
    good("late-script-beside", "is small and whole, and a script that counts visitors is answered with 404", {
        "/": home("<h1>Cổng dịch vụ công</h1><a href=/a>Vào cổng</a><script src=/mat.js></script>")}, expected_text=""),
    bad("late-never", "never shows its text", {"/": home(_SHELL)}, expected_text=EXPECTED),
    bad("late-500", "never shows its text, since its data are answered with 500", {
        "/": home(_SHELL + by_script(f"fetch('/du-lieu').then(a=>{{if(!a.ok)throw 1;r.innerHTML=`{LATE}`}})")),
        "/du-lieu": answer("lỗi", "500 Internal Server Error")}, expected_text=EXPECTED),
)  # fmt: skip

DOCUMENTS: tuple[VerdictPage, ...] = (
    fine("svg", "is a drawing with text", shown(PICTURE, media=SVG), "homepage", expected_text=EXPECTED),
    outage("svg-other", "is a drawing with another text", shown(PICTURE.replace(EXPECTED, "Khác"), media=SVG), MISMATCH,
        kinds=("homepage",), expected_text=EXPECTED),
    fine("xml", "is a document of no known language", shown(f"<?xml version='1.0'?><cong><ten>{EXPECTED}</ten></cong>",
        media="application/xml"), "homepage", expected_text=EXPECTED),
    good("xslt", "is a document that a style sheet makes a page of", {
        "/": answer("<?xml version='1.0'?><?xml-stylesheet type='text/xsl' href='/kieu.xsl'?><cong/>", "200 OK", "text/xml"),
        "/kieu.xsl": answer("<?xml version='1.0' encoding='utf-8'?><xsl:stylesheet version='1.0' "
            "xmlns:xsl='http://www.w3.org/1999/XSL/Transform'><xsl:template match='/'><html><body>"
            f"{LATE}</body></html></xsl:template></xsl:stylesheet>", "200 OK", "text/xml")}),
    good("pdf-frame", "is a PDF in a frame", {"/": home(frame("/a.pdf")), "/a.pdf": answer("%PDF-1.4", "200 OK",
        "application/pdf")}, expected_text=""),
    good("pdf-embedded", "is an embedded PDF", {"/": home(f"<embed src=/a.pdf type=application/pdf {WHOLE}>"),
        "/a.pdf": answer("%PDF-1.4", "200 OK", "application/pdf")}, expected_text=""),
    fine("plain-text", "is plain text", shown(f"{EXPECTED}\n{SENTENCE}", media="text/plain; charset=utf-8"), "homepage",
        expected_text=EXPECTED),
    fine("xhtml", "is XHTML", shown("<?xml version='1.0' encoding='utf-8'?><html xmlns='http://www.w3.org/1999/xhtml' lang='vi'>"
        f"<head><title>Cổng</title></head><body>{LATE}</body></html>", media="application/xhtml+xml"), "homepage",
        expected_text=EXPECTED),
    outage("xhtml-broken", "is XHTML that breaks off", shown("<html xmlns='http://www.w3.org/1999/xhtml'><body><p>Cổng</body>",
        media="application/xhtml+xml"), MISMATCH, kinds=("homepage",)),
    outage("status-204", "answers 204", shown("", status="204 No Content", media=""), MISMATCH, kinds=("homepage",)),
    outage("status-200-empty", "answers 200 and nothing", shown(""), MISMATCH, kinds=("homepage",)),
    outage("status-304", "answers 304 to who asks for the first time", shown("", status="304 Not Modified"), MISMATCH,
        Reason.HTTP_ERROR, kinds=("homepage",)),
)  # fmt: skip

PAGES: tuple[VerdictPage, ...] = (*IN_VAIN, *SENDS, *TEXTS, *DOCUMENTS)
