"""Kind 2: the page is what is drawn, wherever in the browser it stands and however it comes there."""

import asyncio
from collections.abc import Callable, Mapping
from urllib.parse import quote

from testbed.verdicts.page import (
    EXPECTED,
    SENTENCE,
    Asked,
    Respond,
    Send,
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

MISMATCH = Reason.CONTENT_MISMATCH
CLOSED_PORT = 64999
"""Above the ports that systems give out: nobody listens."""

_WHOLE = "style='position:fixed;inset:0;width:100%;height:100%;border:0'"
_HOME = answer(portal())
_WAIT = "<p>Xin chờ trong giây lát</p>"
_SVG = "image/svg+xml"
_LATE = f"<h1>{EXPECTED}</h1><p>{SENTENCE * 25}</p>"
_SPIN = (
    "<style>i{display:block;width:48px;height:48px;margin:300px auto 0;border:6px solid #ddd;border-top-color:#06c;"
    "border-radius:50%;animation:r 1s linear infinite}@keyframes r{to{transform:rotate(1turn)}}</style>"
)
_COVER = "<div id=p style='position:fixed;inset:0;background:#fff;z-index:9'><i></i></div>"
_PICTURE = (
    f"<svg xmlns='http://www.w3.org/2000/svg' width='1366' height='768'><rect width='1366' height='768' fill='#fed'/>"
    f"<circle cx='600' cy='300' r='200' fill='#c33'/><text x='300' y='100' font-size='50'>{EXPECTED}</text></svg>"
)

Answers = Mapping[str, bytes | Callable[[Asked], bytes]]


def home(body: str, *, head: str = "") -> bytes:
    """Return the answer of a page with nothing but a body."""
    return answer(document(body, title="Cổng", head=head))


def frame(source: str, more: str = "") -> str:
    """Return a frame over the whole window."""
    return f"<iframe title=Cổng src='{source}' {_WHOLE} {more}></iframe>"


def good(name: str, does: str, answers: Answers, **more: object) -> VerdictPage:
    """Return a page that is fine in a browser and shows the expected text."""
    return fine(name, does, by_path(answers), "homepage", **{"expected_text": EXPECTED, **more})


def bad(name: str, does: str, answers: Answers, *reasons: Reason, **more: object) -> VerdictPage:
    """Return a page that is an outage in a browser."""
    return outage(name, does, by_path(answers), *(reasons or (MISMATCH,)), kinds=("homepage",), **more)


def framed(name: str, does: str, markup: str, inner: bytes = _HOME, **more: bytes) -> VerdictPage:
    """Return a fine page that shows the portal by way of some markup."""
    return good(name, does, {"/": home(markup), "/trong": inner, **{f"/{path}": what for path, what in more.items()}})


def sent_on(
    name: str, does: str, head: str = "", body: str = _WAIT, *headers: str, inner: bytes = _HOME
) -> VerdictPage:
    """Return a page that sends its visitor on to the portal."""
    first = answer(document(body, title="Cổng", head=head), "200 OK", "text/html; charset=utf-8", *headers)
    return good(name, does, {"/": first, "/trong": inner})


def by_script(script: str) -> str:
    """Return a script as markup."""
    return f"<script>{script}</script>"


def slow(seconds: float, path: str, answers: Mapping[str, bytes]) -> Respond:
    """Return what answers one of its paths late."""

    async def respond(asked: Asked, send: Send) -> None:
        if asked.path == path:
            await asyncio.sleep(seconds)
        await send(answers.get(asked.path, answer("<h1>404</h1>", "404 Not Found")))

    return respond


def _www(asked: Asked) -> str:
    """Return the page's address on another host of its own."""
    return asked.base.replace("://", "://www.")


def _with_cookie(asked: Asked) -> bytes:
    if "da=1" in asked.headers.get("cookie", ""):
        return _HOME
    head = "<meta http-equiv=refresh content=1>"
    return answer(document(_WAIT, title="Cổng", head=head), "200 OK", "text/html", "Set-Cookie: da=1")


FRAMES: tuple[VerdictPage, ...] = (
    framed("frame-own", "is one frame of its own", frame("/trong")),
    good("frame-other-origin", "is one frame of another of its hosts", {
        "/": lambda asked: home(frame(f"{_www(asked)}/trong")), "/trong": _HOME}),
    framed("frame-sandbox", "is one frame in a sandbox", frame("/trong", "sandbox")),
    good("frame-srcdoc", "is one frame whose document stands in an attribute", {
        "/": home(f"<iframe title=Cổng {_WHOLE} srcdoc='{_LATE}'></iframe>")}),
    framed("frame-three-deep", "stands in a frame in a frame in a frame", frame("/mot"), mot=home(frame("/hai")),
        hai=home(frame("/trong"))),
    framed("frame-object", "is one object", f"<object data='/trong' type='text/html' {_WHOLE}></object>"),
    framed("frame-embed", "is one embedded document", f"<embed src='/trong' type='text/html' {_WHOLE}>"),
    framed("frame-lazy", "is one frame that is loaded lazily", frame("/trong", "loading=lazy")),
    good("frameset", "is a frameset of menu and content", {
        "/": answer("<!doctype html><title>Cổng</title><frameset cols='20%,*'><frame src='/don'><frame src='/trong'></frameset>"),
        "/don": home("<a href=/trong>Trang chủ</a>"), "/trong": _HOME}),
    good("frameset-nested", "is a frameset in a frameset", {
        "/": answer("<title>Cổng</title><frameset rows='15%,*'><frame src='/don'><frame src='/hai'></frameset>"),
        "/don": home("<b>Cổng</b>"),
        "/hai": answer("<frameset cols='20%,*'><frame src='/don'><frame src='/trong'></frameset>"), "/trong": _HOME}),
    framed("frame-written", "is one frame that a script writes", frame("about:blank", "id=f")
        + by_script(f"const d=f.contentDocument;d.open();d.write(`{_LATE}`);d.close()")),
    framed("frame-blob", "is one frame of what a script made", frame("about:blank", "id=f")
        + by_script(f"f.src=URL.createObjectURL(new Blob([`{_LATE}`],{{type:'text/html;charset=utf-8'}}))")),
    framed("frame-late", "gets its frame from a script 1.5 s after it has loaded",
        by_script(f"onload=()=>setTimeout(()=>document.body.innerHTML=`{frame('/trong')}`,1500)")),
    framed("frame-sent-on", "is one frame whose document sends on after 1 s", frame("/mot"),
        mot=home(_WAIT, head="<meta http-equiv=refresh content='1;url=/trong'>")),
    framed("frame-in-shadow", "is one frame in a shadow root",
        f"<x-a><template shadowrootmode=closed>{frame('/trong')}</template></x-a>"),
    good("frame-data", "is one frame whose document stands in its address", {
        "/": home(frame(f"data:text/html;charset=utf-8,{quote(_LATE)}"))}),
    framed("frame-drawing", "is one object with a drawing", f"<object data='/hinh' type='image/svg+xml' {_WHOLE}></object>",
        hinh=answer(_PICTURE, "200 OK", _SVG)),
    framed("frame-after", "is one frame under a line of its own", f"<p>Cổng</p>{frame('/trong')}"),
    good("frame-empty-over", "lies under an empty frame that takes all of the window and is transparent", {
        "/": home(f"<h1>Cổng dịch vụ công</h1><a href=/a>Vào cổng</a>{frame('/trong')}"), "/trong": home("")},
        expected_text=""),
    bad("frame-nothing", "has a line of its own over one frame with nothing in it", {
        "/": home("<p>Cổng dịch vụ công</p><iframe title=Cổng src=/trong style='width:100%;height:90vh'></iframe>"),
        "/trong": home("")}),
    bad("frame-maintenance", "is one frame that says maintenance", {
        "/": home(frame("/trong")), "/trong": home("<h1>Hệ thống đang bảo trì</h1>")}, Reason.MAINTENANCE_PAGE),
    bad("frame-500", "is one frame that is answered with 500", {
        "/": home(frame("/trong")), "/trong": answer("<h1>Lỗi máy chủ</h1>", "500 Internal Server Error")}, Reason.HTTP_ERROR, Reason.CONTENT_MISMATCH),
    bad("frame-500-empty", "is one frame that is answered with 500 and nothing", {
        "/": home(frame("/trong")), "/trong": answer("", "500 Internal Server Error")}, Reason.HTTP_ERROR),
    bad("frame-refused", "is one frame of a port where nobody listens", {
        "/": lambda asked: home(frame(f"{asked.base.rpartition(':')[0]}:{CLOSED_PORT}/"))}, Reason.CONNECTION_REFUSED),
    bad("frame-nowhere", "is one frame of a host that does not exist", {
        "/": home(frame("http://khong-co.cong.test/"))}, Reason.DNS_FAILURE),
    bad("frame-forbidden", "is one frame that forbids being one", {
        "/": home(frame("/trong")),
        "/trong": answer(portal(), "200 OK", "text/html", "X-Frame-Options: DENY")}, Reason.HTTP_ERROR),
    bad("frame-empty", "is one frame with nothing in it", {"/": home(frame("/trong")), "/trong": answer("")}),
    bad("frameset-500", "is a frameset whose content is answered with 500", {
        "/": answer("<title>Cổng</title><frameset cols='20%,*'><frame src='/don'><frame src='/trong'></frameset>"),
        "/don": home("<a href=/trong>Trang chủ</a>"),
        "/trong": answer("<h1>Lỗi</h1>", "500 Internal Server Error")}, Reason.HTTP_ERROR),
    bad("frame-hidden", "has its text in a frame that is not shown", {
        "/": home("<h1>Trang tin</h1><iframe src='/trong' style='display:none'></iframe>"), "/trong": _HOME},
        expected_text=EXPECTED),
    good("frame-broken-beside", "is a portal with a small frame that is answered with 500", {
        "/": answer(portal(body="<iframe src='/trong' width=200 height=100></iframe>")),
        "/trong": answer("<h1>Lỗi</h1>", "500 Internal Server Error")}),
)  # fmt: skip

ROOTS: tuple[VerdictPage, ...] = (
    framed("shadow-open", "stands in a shadow root that a script opens", "<x-a></x-a>"
        + by_script(f"document.querySelector('x-a').attachShadow({{mode:'open'}}).innerHTML=`{_LATE}`")),
    framed("shadow-closed", "stands in a shadow root that a script closes", "<x-a></x-a>"
        + by_script(f"document.querySelector('x-a').attachShadow({{mode:'closed'}}).innerHTML=`{_LATE}`")),
    framed("shadow-declared", "stands in a shadow root that the document declares",
        f"<x-a><template shadowrootmode=open>{_LATE}</template></x-a>"),
    framed("shadow-nested", "stands in shadow roots in shadow roots, with slots",
        "<x-a><template shadowrootmode=open><main><slot></slot><x-b><template shadowrootmode=closed>"
        f"{_LATE}</template></x-b></main></template><p>Cổng dịch vụ công</p></x-a>"),
    framed("shadow-split", "has its words in elements of a shadow root", "<x-a><template shadowrootmode=closed><h1>"
        f"<b>Dịch</b> <i>vụ</i> <span>công</span> trực tu<b>yến</b></h1><p>{SENTENCE * 9}</p></template></x-a>"),
    framed("frame-button", "has its text on a button of a frame", frame("/mot"),
        mot=home(f"<p>Cổng</p><input type=submit value='{EXPECTED}'>")),
    framed("styled-text", "has its text in its style sheet", f"<style>h1::before{{content:'{EXPECTED}'}}</style><h1></h1>"),
    good("below-skipped", "has its text far below, in a part that is drawn when it is scrolled to", {
        "/": home("<div style='height:4000px'>Cổng</div><div style='content-visibility:auto;contain-intrinsic-size:900px'>"
            f"{_LATE}</div>")}),
    good("below-inner", "has its text far below in a part of its own that scrolls", {
        "/": home("<div style='position:fixed;inset:0;overflow:auto'><div style='height:4000px'>Cổng</div><div "
            f"style='content-visibility:auto;contain-intrinsic-size:900px'>{_LATE}</div></div>")}),
    good("below-lazy", "gets its text when it is scrolled to", {
        "/": home("<div style='height:3000px'>Cổng</div><div id=r>...</div>" + by_script("new IntersectionObserver(e=>{if(e[0]."
            "isIntersecting)fetch('/du-lieu').then(a=>a.text()).then(t=>r.innerHTML=t)}).observe(r)")),
        "/du-lieu": answer(_LATE)}),
    bad("shadow-hidden", "has its text in a shadow root that is not shown", {
        "/": home(f"<h1>Trang tin</h1><x-a style='display:none'><template shadowrootmode=open>{_LATE}</template></x-a>")},
        expected_text=EXPECTED),
    bad("shadow-template", "has its text in a template that nobody uses", {
        "/": home(f"<h1>Trang tin</h1><template>{_LATE}</template>")}, expected_text=EXPECTED),
)  # fmt: skip

_FADES = "<style>body{{opacity:0;animation:f .5s {}s forwards}}@keyframes f{{to{{opacity:1}}}}</style>"
DRAWN: tuple[VerdictPage, ...] = (
    good("fade-in", "is faded in by its style sheet after 1 s", {"/": answer(portal(head=_FADES.format(1)))}),
    good("fade-in-late", "is faded in by its style sheet after 3 s", {"/": answer(portal(head=_FADES.format(3)))}),
    good("fade-by-script", "is transparent until its script has run", {
        "/": answer(portal(head="<style>body{opacity:0;transition:opacity 1s}</style>",
            body=by_script("setTimeout(()=>document.body.style.opacity=1,800)")))}),
    good("fade-root", "is faded in at its root by a filter", {
        "/": answer(portal(head="<style>html{filter:opacity(0);animation:f .5s 1s forwards}@keyframes f{to{filter:opacity(1)}}"
            "</style>"))}),
    good("slide-in", "slides in from the side after 1 s", {
        "/": answer(portal(head="<style>body{transform:translateX(-120vw);animation:f .5s 1s forwards;overflow-x:hidden}"
            "@keyframes f{to{transform:none}}</style>"))}),
    good("reveal", "is cut free from its top to its bottom", {
        "/": answer(portal(head="<style>body{clip-path:inset(0 0 100% 0);animation:f 1s 1s forwards}"
            "@keyframes f{to{clip-path:inset(0)}}</style>"))}),
    good("grows", "grows from nothing by a script", {
        "/": answer(portal(head="<style>body{transform:scale(0);transition:transform 1s}</style>",
            body=by_script("setTimeout(()=>document.body.style.transform='none',900)")))}),
    bad("slide-never", "stays beside the window, since the script that fetches it does not come", {
        "/": answer(portal(head="<style>body{transform:translateX(-120vw)}</style>", body="<script src=/mat.js></script>"))}),
    bad("fade-never", "stays transparent, since the script that shows it does not come", {
        "/": answer(portal(head="<style>body{opacity:0}</style>", body="<script src=/mat.js></script>"))}),
    bad("hidden-never", "stays invisible, since the script that shows it does not come", {
        "/": answer(portal(head="<style>body{visibility:hidden}</style>", body="<script src=/mat.js></script>"))}),
    good("canvas", "is drawn on a canvas", {"/": home("<canvas id=c width=1300 height=700></canvas>" + by_script(
        "const x=c.getContext('2d');x.fillStyle='#c33';x.fillRect(100,100,600,300);x.fillText('Cổng',200,50)"))},
        expected_text=""),
    bad("canvas-empty", "is a canvas on which nothing is drawn", {
        "/": home("<canvas id=c width=1300 height=700></canvas><script src=/mat.js></script>")}),
    good("picture", "is one picture", {
        "/": home(f"<img src=/anh.svg alt='' {_WHOLE}>"), "/anh.svg": answer(_PICTURE, "200 OK", _SVG)}, expected_text=""),
    good("picture-behind", "is one picture of its style sheet", {
        "/": home("", head="<style>body{background:url(/anh.svg);height:100vh;margin:0}</style>"),
        "/anh.svg": answer(_PICTURE, "200 OK", _SVG)}, expected_text=""),
    bad("picture-broken", "is one picture that is answered with 404", {"/": home(f"<img src=/anh.svg alt='' {_WHOLE}>")}),
    bad("white", "is white", {"/": home("<div></div>")}),
    bad("dark", "is dark and empty", {"/": home("", head="<style>body{background:#123}</style>")}),
    bad("white-on-white", "has nothing but a few letters in the colour of its ground", {
        "/": home("<p style='color:#fff'>Cổng dịch vụ công</p>", head="<style>p{opacity:.01}</style>")}),
    bad("crashed", "shows its name, then its script fails and takes everything away", {
        "/": home("<div id=r><h1>Cổng</h1></div>" + by_script("setTimeout(()=>{r.remove();throw Error('x')},200)"))}),
    bad("skeleton", "shows grey blocks where its content never comes", {
        "/": home("<div style='background:#ddd;height:80px'></div>"
            "<div style='background:#eee;height:400px;margin:20px'></div>")}),
    bad("spinner", "turns a wheel for ever", {"/": home(f"{_SPIN}<i></i>")}),
    bad("spinner-words", "turns a wheel for ever and says that it loads", {
        "/": home(f"{_SPIN}<i></i><p>Đang tải dữ liệu...</p>")}),
    bad("spinner-picture", "shows a small picture of a wheel for ever", {
        "/": home("<img src=/anh.svg width=64 height=64 alt=''>"), "/anh.svg": answer(_PICTURE, "200 OK", _SVG)}),
    bad("spinner-data-500", "turns a wheel, since its data are answered with 500", {
        "/": home(f"{_SPIN}<i id=r></i>" + by_script("fetch('/du-lieu').then(a=>a.json()).then(d=>r.outerHTML=d.text)")),
        "/du-lieu": answer("lỗi", "500 Internal Server Error")}),
    good("spinner-then", "turns a wheel for 3 s and shows itself then", {
        "/": home(f"{_SPIN}<div id=r><i></i>Đang tải...</div>" + by_script(f"setTimeout(()=>r.innerHTML=`{_LATE}`,3000)"))},
        expected_text=""),
    good("cover-then", "lies under a white sheet with a wheel for 2 s", {
        "/": answer(portal(head=_SPIN, body=_COVER + by_script("setTimeout(()=>p.remove(),2000)")))}),
    bad("cover-never", "lies under a white sheet with a wheel for ever", {"/": answer(portal(head=_SPIN, body=_COVER))}),
    good("cover-thin", "lies under a thin veil for ever", {
        "/": answer(portal(body="<div style='position:fixed;inset:0;background:rgba(0,0,0,.4)'></div>"))}),
    good("cover-nothing", "lies under a sheet that nobody sees", {
        "/": answer(portal(body="<div style='position:fixed;inset:0'></div>"))}),
    good("cover-consent", "asks about cookies over all of itself", {
        "/": answer(portal(body="<div style='position:fixed;inset:0;background:#fff'><h2>Cổng dùng cookie</h2>"
            "<button>Đồng ý</button></div>"))}),
    good("cover-popup", "shows a picture of a campaign over itself", {
        "/": answer(portal(body="<div style='position:fixed;inset:0;background:#fff'><img src=/anh.svg alt=''></div>")),
        "/anh.svg": answer(_PICTURE, "200 OK", _SVG)}),
    good("first-screen", "has a first screen with little on it and its text below", {
        "/": answer(portal(head="<style>header{padding-top:110vh}body{margin:0}</style>").replace("<header>",
            "<div style='position:absolute;inset:0 0 auto;height:100vh;background:#eef'><img src=/anh.svg width=150 alt=''></div>"
            "<header>")),
        "/anh.svg": answer(_PICTURE, "200 OK", _SVG)}),
    fine("notice-moves", "says that it moves to another one", shown(document(
        "<h1>Thông báo</h1><p>Cổng đang chuyển sang Cổng dịch vụ công quốc gia từ ngày 01/07.</p>")), "homepage"),
    good("few-words", "says little, and that is all there is", {
        "/": home("<h1>Cổng dịch vụ công</h1><p>Chọn đơn vị</p><a href=/a>Sở Y tế</a>")}, expected_text=""),
)  # fmt: skip

_TO = "location.href='/trong'"
SENDS: tuple[VerdictPage, ...] = (
    sent_on("refresh-1", "sends on after 1 s", "<meta http-equiv=refresh content='1;url=/trong'>"),
    sent_on("refresh-5", "sends on after 5 s", "<meta http-equiv=refresh content='5;url=/trong'>"),
    sent_on("refresh-header", "sends on after 2 s by a header", "", _WAIT, "Refresh: 2; url=/trong"),
    sent_on("refresh-added", "sends on by what a script adds", "", _WAIT + by_script(
        "onload=()=>document.head.insertAdjacentHTML('beforeend','<meta http-equiv=refresh content=\"2;url=/trong\">')")),
    sent_on("script-after", "sends on 1.2 s after it has loaded", "", _WAIT
        + by_script(f"onload=()=>setTimeout(()=>{_TO},1200)")),
    sent_on("script-counts", "counts down from 5 and sends on", "", "<p>Chuyển trang sau <b id=n>5</b> giây</p>" + by_script(
        "let s=5;setInterval(()=>{n.textContent=--s;if(!s)location.replace('/trong')},1000)")),
    good("script-elsewhere", "sends on by a script of a file", {
        "/": home(_WAIT + "<script src=/di.js></script>"), "/trong": _HOME,
        "/di.js": answer(f"setTimeout(()=>{{{_TO}}},2000)", "200 OK", "text/javascript")}),
    sent_on("script-counts-8", "counts down from 8 and sends on", "", "<p>Chuyển trang sau <b id=n>8</b> giây</p>" + by_script(
        "let s=8;setInterval(()=>{n.textContent=--s;if(!s)location.replace('/trong')},1000)")),
    sent_on("script-words", "sends on by a timer that holds its deed as text", "", "<p>Xin chờ</p>"
        + by_script("setTimeout('location.href=\"/trong\"',4000)")),
    sent_on("script-navigates", "sends on by the browser's own navigation", "", _WAIT
        + by_script("setTimeout(()=>navigation.navigate('/trong'),1500)")),
    sent_on("script-opens", "sends on by opening the portal in its own place", "", _WAIT
        + by_script("setTimeout(()=>open('/trong','_self'),1500)")),
    sent_on("script-presses", "sends on by a link that its script presses", "", "<a id=a href=/trong>Xin chờ</a>"
        + by_script("setTimeout(()=>a.click(),1500)")),
    sent_on("refresh-body", "sends on by what stands in its body", "", _WAIT + "<meta http-equiv=refresh content='2;url=/trong'>"),
    sent_on("script-form", "sends on by a form that a script sends", "", "<form id=f action=/trong></form>" + _WAIT
        + by_script("setTimeout(()=>f.submit(),1500)")),
    sent_on("script-rich", "is a splash page of many words that sends on after 2 s", "", f"<p>{SENTENCE * 25}</p>"
        + by_script(f"setTimeout(function(){{{_TO}}},2000)")),
    good("refresh-twice", "sends on to a page that sends on", {
        "/": home(_WAIT, head="<meta http-equiv=refresh content='1;url=/hai'>"), "/trong": _HOME,
        "/hai": home(_WAIT + by_script(f"setTimeout(()=>{{{_TO}}},1500)"))}),
    fine("refresh-slow", "sends on to a page that takes 5 s to answer", slow(5, "/trong", {
        "/": home(_WAIT, head="<meta http-equiv=refresh content='1;url=/trong'>"), "/trong": _HOME}), "homepage",
        expected_text=EXPECTED),
    fine("refresh-busy", "sends on after 1 s, while a picture of it takes 3 s", slow(3, "/anh.svg", {
        "/": home(f"{_WAIT}<img src=/anh.svg alt=''>", head="<meta http-equiv=refresh content='1;url=/trong'>"),
        "/trong": _HOME, "/anh.svg": answer(_PICTURE, "200 OK", _SVG)}), "homepage", expected_text=EXPECTED),
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
        "/": home(_WAIT, head="<meta http-equiv=refresh content='1;url=/trong'>"),
        "/trong": home("<h1>Hệ thống đang bảo trì</h1>")}, Reason.MAINTENANCE_PAGE),
    bad("refresh-500", "sends on to an error", {
        "/": home(_WAIT, head="<meta http-equiv=refresh content='1;url=/trong'>"),
        "/trong": answer("<h1>Lỗi</h1>", "500 Internal Server Error")}, Reason.HTTP_ERROR),
    bad("refresh-500-empty", "sends on to an error without a word", {
        "/": home(_WAIT, head="<meta http-equiv=refresh content='1;url=/trong'>"),
        "/trong": answer("", "500 Internal Server Error")}, Reason.HTTP_ERROR),
    bad("refresh-white", "sends on to a white page", {
        "/": home(_WAIT, head="<meta http-equiv=refresh content='1;url=/trong'>"), "/trong": home("")}),
    bad("refresh-refused", "sends on to a port where nobody listens", {
        "/": lambda asked: home(_WAIT, head="<meta http-equiv=refresh content='1;url="
            f"{asked.base.rpartition(':')[0]}:{CLOSED_PORT}/'>")}, Reason.CONNECTION_REFUSED),
    unknowable("refresh-elsewhere", "sends on to another host after 2 s", by_path({
        "/": lambda asked: home("<p>Đã chuyển sang cổng mới.</p>",
            head=f"<meta http-equiv=refresh content='2;url={asked.other}/'>")}),
        Reason.REDIRECTED_ELSEWHERE, kinds=("homepage",)),
    unknowable("script-elsewhere-host", "sends on to another host by script", by_path({
        "/": lambda asked: home(_WAIT + by_script(f"setTimeout(()=>location.href='{asked.other}/',2000)"))}),
        Reason.REDIRECTED_ELSEWHERE, kinds=("homepage",)),
    unknowable("refresh-elsewhere-gone", "sends on to another host that does not exist", by_path({
        "/": home(_WAIT, head="<meta http-equiv=refresh content='1;url=http://khong-co.cong.test/'>")}),
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
    late("late-data", "gets its text 5 s after its shell", _FILLS, {"/du-lieu": answer(_LATE)}, 5),
    late("late-timer", "shows its text 3 s after it has loaded", f"setTimeout(()=>r.innerHTML=`{_LATE}`,3000)", {}, 0),
    late("late-chain", "asks for its text in several steps with pauses",
        f"setTimeout(()=>fetch('/a').then(()=>setTimeout(()=>{_FILLS},1500)),1200)",
        {"/a": answer("a"), "/du-lieu": answer(_LATE)}, 1),
    late("late-typed", "writes its text letter by letter for 7 s",
        f"let k=0;const h=document.createElement('h1');r.append(h);setInterval(()=>h.textContent='Chào mừng tới {EXPECTED}'.slice(0,++k),180)",
        {}, 0),
    bad("late-data-500", "says who it is and nothing else, since its data are answered with 500", {
        "/": home(_SHELL + by_script(f"fetch('/du-lieu').then(a=>{{if(!a.ok)throw 1;r.innerHTML=`{_LATE}`}})")),
        "/du-lieu": answer("lỗi", "500 Internal Server Error")}),
    bad("late-script-404", "says who it is and nothing else, since its script is answered with 404", {
        "/": home(_SHELL + "<script src=/mat.js></script>")}),
    good("late-script-beside", "is small and whole, and a script that counts visitors is answered with 404", {
        "/": home("<h1>Cổng dịch vụ công</h1><a href=/a>Vào cổng</a><script src=/mat.js></script>")}, expected_text=""),
    bad("late-never", "never shows its text", {"/": home(_SHELL)}, expected_text=EXPECTED),
    bad("late-500", "never shows its text, since its data are answered with 500", {
        "/": home(_SHELL + by_script(f"fetch('/du-lieu').then(a=>{{if(!a.ok)throw 1;r.innerHTML=`{_LATE}`}})")),
        "/du-lieu": answer("lỗi", "500 Internal Server Error")}, expected_text=EXPECTED),
)  # fmt: skip

DOCUMENTS: tuple[VerdictPage, ...] = (
    fine("svg", "is a drawing with text", shown(_PICTURE, media=_SVG), "homepage", expected_text=EXPECTED),
    outage("svg-other", "is a drawing with another text", shown(_PICTURE.replace(EXPECTED, "Khác"), media=_SVG), MISMATCH,
        kinds=("homepage",), expected_text=EXPECTED),
    fine("xml", "is a document of no known language", shown(f"<?xml version='1.0'?><cong><ten>{EXPECTED}</ten></cong>",
        media="application/xml"), "homepage", expected_text=EXPECTED),
    good("xslt", "is a document that a style sheet makes a page of", {
        "/": answer("<?xml version='1.0'?><?xml-stylesheet type='text/xsl' href='/kieu.xsl'?><cong/>", "200 OK", "text/xml"),
        "/kieu.xsl": answer("<?xml version='1.0' encoding='utf-8'?><xsl:stylesheet version='1.0' "
            "xmlns:xsl='http://www.w3.org/1999/XSL/Transform'><xsl:template match='/'><html><body>"
            f"{_LATE}</body></html></xsl:template></xsl:stylesheet>", "200 OK", "text/xml")}),
    good("pdf-frame", "is a PDF in a frame", {"/": home(frame("/a.pdf")), "/a.pdf": answer("%PDF-1.4", "200 OK",
        "application/pdf")}, expected_text=""),
    good("pdf-embedded", "is an embedded PDF", {"/": home(f"<embed src=/a.pdf type=application/pdf {_WHOLE}>"),
        "/a.pdf": answer("%PDF-1.4", "200 OK", "application/pdf")}, expected_text=""),
    fine("plain-text", "is plain text", shown(f"{EXPECTED}\n{SENTENCE}", media="text/plain; charset=utf-8"), "homepage",
        expected_text=EXPECTED),
    fine("xhtml", "is XHTML", shown("<?xml version='1.0' encoding='utf-8'?><html xmlns='http://www.w3.org/1999/xhtml' lang='vi'>"
        f"<head><title>Cổng</title></head><body>{_LATE}</body></html>", media="application/xhtml+xml"), "homepage",
        expected_text=EXPECTED),
    outage("xhtml-broken", "is XHTML that breaks off", shown("<html xmlns='http://www.w3.org/1999/xhtml'><body><p>Cổng</body>",
        media="application/xhtml+xml"), MISMATCH, kinds=("homepage",)),
    outage("status-204", "answers 204", shown("", status="204 No Content", media=""), MISMATCH, kinds=("homepage",)),
    outage("status-200-empty", "answers 200 and nothing", shown(""), MISMATCH, kinds=("homepage",)),
    outage("status-304", "answers 304 to who asks for the first time", shown("", status="304 Not Modified"), MISMATCH,
        Reason.HTTP_ERROR, kinds=("homepage",)),
)  # fmt: skip

PAGES: tuple[VerdictPage, ...] = (*FRAMES, *ROOTS, *DRAWN, *SENDS, *TEXTS, *DOCUMENTS)
