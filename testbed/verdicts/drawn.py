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
)
from thuocdo.core.model import Reason

MISMATCH = Reason.CONTENT_MISMATCH
CLOSED_PORT = 64999
"""Above the ports that systems give out: nobody listens."""

WHOLE = "style='position:fixed;inset:0;width:100%;height:100%;border:0'"
HOME = answer(portal())
WAIT = "<p>Xin chờ trong giây lát</p>"
SVG = "image/svg+xml"
LATE = f"<h1>{EXPECTED}</h1><p>{SENTENCE * 25}</p>"
_SPIN = (
    "<style>i{display:block;width:48px;height:48px;margin:300px auto 0;border:6px solid #ddd;border-top-color:#06c;"
    "border-radius:50%;animation:r 1s linear infinite}@keyframes r{to{transform:rotate(1turn)}}</style>"
)
_COVER = "<div id=p style='position:fixed;inset:0;background:#fff;z-index:9'><i></i></div>"
_SHEET = "<div style='position:fixed;inset:0;background:#fff;z-index:9'>{}</div>"
PICTURE = (
    f"<svg xmlns='http://www.w3.org/2000/svg' width='1366' height='768'><rect width='1366' height='768' fill='#fed'/>"
    f"<circle cx='600' cy='300' r='200' fill='#c33'/><text x='300' y='100' font-size='50'>{EXPECTED}</text></svg>"
)

Answers = Mapping[str, bytes | Callable[[Asked], bytes]]


def home(body: str, *, head: str = "") -> bytes:
    """Return the answer of a page with nothing but a body."""
    return answer(document(body, title="Cổng", head=head))


def frame(source: str, more: str = "") -> str:
    """Return a frame over the whole window."""
    return f"<iframe title=Cổng src='{source}' {WHOLE} {more}></iframe>"


def good(name: str, does: str, answers: Answers, **more: object) -> VerdictPage:
    """Return a page that is fine in a browser and shows the expected text."""
    return fine(name, does, by_path(answers), "homepage", **{"expected_text": EXPECTED, **more})


def bad(name: str, does: str, answers: Answers, *reasons: Reason, **more: object) -> VerdictPage:
    """Return a page that is an outage in a browser."""
    return outage(name, does, by_path(answers), *(reasons or (MISMATCH,)), kinds=("homepage",), **more)


def framed(name: str, does: str, markup: str, inner: bytes = HOME, **more: bytes) -> VerdictPage:
    """Return a fine page that shows the portal by way of some markup."""
    return good(name, does, {"/": home(markup), "/trong": inner, **{f"/{path}": what for path, what in more.items()}})


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


FRAMES: tuple[VerdictPage, ...] = (
    framed("frame-own", "is one frame of its own", frame("/trong")),
    good("frame-other-origin", "is one frame of another of its hosts", {
        "/": lambda asked: home(frame(f"{_www(asked)}/trong")), "/trong": HOME}),
    framed("frame-sandbox", "is one frame in a sandbox", frame("/trong", "sandbox")),
    good("frame-srcdoc", "is one frame whose document stands in an attribute", {
        "/": home(f"<iframe title=Cổng {WHOLE} srcdoc='{LATE}'></iframe>")}),
    framed("frame-three-deep", "stands in a frame in a frame in a frame", frame("/mot"), mot=home(frame("/hai")),
        hai=home(frame("/trong"))),
    framed("frame-object", "is one object", f"<object data='/trong' type='text/html' {WHOLE}></object>"),
    framed("frame-embed", "is one embedded document", f"<embed src='/trong' type='text/html' {WHOLE}>"),
    framed("frame-lazy", "is one frame that is loaded lazily", frame("/trong", "loading=lazy")),
    good("frameset", "is a frameset of menu and content", {
        "/": answer("<!doctype html><title>Cổng</title><frameset cols='20%,*'><frame src='/don'><frame src='/trong'></frameset>"),
        "/don": home("<a href=/trong>Trang chủ</a>"), "/trong": HOME}),
    good("frameset-nested", "is a frameset in a frameset", {
        "/": answer("<title>Cổng</title><frameset rows='15%,*'><frame src='/don'><frame src='/hai'></frameset>"),
        "/don": home("<b>Cổng</b>"),
        "/hai": answer("<frameset cols='20%,*'><frame src='/don'><frame src='/trong'></frameset>"), "/trong": HOME}),
    framed("frame-written", "is one frame that a script writes", frame("about:blank", "id=f")
        + by_script(f"const d=f.contentDocument;d.open();d.write(`{LATE}`);d.close()")),
    framed("frame-blob", "is one frame of what a script made", frame("about:blank", "id=f")
        + by_script(f"f.src=URL.createObjectURL(new Blob([`{LATE}`],{{type:'text/html;charset=utf-8'}}))")),
    framed("frame-late", "gets its frame from a script 1.5 s after it has loaded",
        by_script(f"onload=()=>setTimeout(()=>document.body.innerHTML=`{frame('/trong')}`,1500)")),
    framed("frame-sent-on", "is one frame whose document sends on after 1 s", frame("/mot"),
        mot=home(WAIT, head="<meta http-equiv=refresh content='1;url=/trong'>")),
    framed("frame-in-shadow", "is one frame in a shadow root",
        f"<x-a><template shadowrootmode=closed>{frame('/trong')}</template></x-a>"),
    good("frame-data", "is one frame whose document stands in its address", {
        "/": home(frame(f"data:text/html;charset=utf-8,{quote(LATE)}"))}),
    framed("frame-drawing", "is one object with a drawing", f"<object data='/hinh' type='image/svg+xml' {WHOLE}></object>",
        hinh=answer(PICTURE, "200 OK", SVG)),
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
        "/": home("<h1>Trang tin</h1><iframe src='/trong' style='display:none'></iframe>"), "/trong": HOME},
        expected_text=EXPECTED),
    good("frame-broken-beside", "is a portal with a small frame that is answered with 500", {
        "/": answer(portal(body="<iframe src='/trong' width=200 height=100></iframe>")),
        "/trong": answer("<h1>Lỗi</h1>", "500 Internal Server Error")}),
)  # fmt: skip

ROOTS: tuple[VerdictPage, ...] = (
    framed("shadow-open", "stands in a shadow root that a script opens", "<x-a></x-a>"
        + by_script(f"document.querySelector('x-a').attachShadow({{mode:'open'}}).innerHTML=`{LATE}`")),
    framed("shadow-closed", "stands in a shadow root that a script closes", "<x-a></x-a>"
        + by_script(f"document.querySelector('x-a').attachShadow({{mode:'closed'}}).innerHTML=`{LATE}`")),
    framed("shadow-declared", "stands in a shadow root that the document declares",
        f"<x-a><template shadowrootmode=open>{LATE}</template></x-a>"),
    framed("shadow-nested", "stands in shadow roots in shadow roots, with slots",
        "<x-a><template shadowrootmode=open><main><slot></slot><x-b><template shadowrootmode=closed>"
        f"{LATE}</template></x-b></main></template><p>Cổng dịch vụ công</p></x-a>"),
    framed("shadow-split", "has its words in elements of a shadow root", "<x-a><template shadowrootmode=closed><h1>"
        f"<b>Dịch</b> <i>vụ</i> <span>công</span> trực tu<b>yến</b></h1><p>{SENTENCE * 9}</p></template></x-a>"),
    framed("frame-button", "has its text on a button of a frame", frame("/mot"),
        mot=home(f"<p>Cổng</p><input type=submit value='{EXPECTED}'>")),
    framed("styled-text", "has its text in its style sheet", f"<style>h1::before{{content:'{EXPECTED}'}}</style><h1></h1>"),
    good("below-skipped", "has its text far below, in a part that is drawn when it is scrolled to", {
        "/": home("<div style='height:4000px'>Cổng</div><div style='content-visibility:auto;contain-intrinsic-size:900px'>"
            f"{LATE}</div>")}),
    good("below-inner", "has its text far below in a part of its own that scrolls", {
        "/": home("<div style='position:fixed;inset:0;overflow:auto'><div style='height:4000px'>Cổng</div><div "
            f"style='content-visibility:auto;contain-intrinsic-size:900px'>{LATE}</div></div>")}),
    good("below-lazy", "gets its text when it is scrolled to", {
        "/": home("<div style='height:3000px'>Cổng</div><div id=r>...</div>" + by_script("new IntersectionObserver(e=>{if(e[0]."
            "isIntersecting)fetch('/du-lieu').then(a=>a.text()).then(t=>r.innerHTML=t)}).observe(r)")),
        "/du-lieu": answer(LATE)}),
    bad("shadow-hidden", "has its text in a shadow root that is not shown", {
        "/": home(f"<h1>Trang tin</h1><x-a style='display:none'><template shadowrootmode=open>{LATE}</template></x-a>")},
        expected_text=EXPECTED),
    bad("shadow-template", "has its text in a template that nobody uses", {
        "/": home(f"<h1>Trang tin</h1><template>{LATE}</template>")}, expected_text=EXPECTED),
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
        "/": home(f"<img src=/anh.svg alt='' {WHOLE}>"), "/anh.svg": answer(PICTURE, "200 OK", SVG)}, expected_text=""),
    good("picture-behind", "is one picture of its style sheet", {
        "/": home("", head="<style>body{background:url(/anh.svg);height:100vh;margin:0}</style>"),
        "/anh.svg": answer(PICTURE, "200 OK", SVG)}, expected_text=""),
    bad("picture-broken", "is one picture that is answered with 404", {"/": home(f"<img src=/anh.svg alt='' {WHOLE}>")}),
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
        "/": home("<img src=/anh.svg width=64 height=64 alt=''>"), "/anh.svg": answer(PICTURE, "200 OK", SVG)}),
    bad("spinner-data-500", "turns a wheel, since its data are answered with 500", {
        "/": home(f"{_SPIN}<i id=r></i>" + by_script("fetch('/du-lieu').then(a=>a.json()).then(d=>r.outerHTML=d.text)")),
        "/du-lieu": answer("lỗi", "500 Internal Server Error")}),
    good("spinner-then", "turns a wheel for 3 s and shows itself then", {
        "/": home(f"{_SPIN}<div id=r><i></i>Đang tải...</div>" + by_script(f"setTimeout(()=>r.innerHTML=`{LATE}`,3000)"))},
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
        "/anh.svg": answer(PICTURE, "200 OK", SVG)}),
    bad("cover-stop", "lies under a sheet that says maintenance", {
        "/": answer(portal(body=_SHEET.format("<h1>Hệ thống đang bảo trì, vui lòng quay lại sau</h1>")))}, Reason.MAINTENANCE_PAGE),
    bad("cover-stop-dark", "lies under a dark glass that says maintenance", {
        "/": answer(portal(body=_SHEET.replace("#fff", "rgba(0,0,0,.8)").format("<h2>Cổng đang được bảo trì</h2>")))},
        Reason.MAINTENANCE_PAGE),
    bad("cover-error", "lies under a sheet that says that something failed", {
        "/": answer(portal(body=_SHEET.format("<h1>Đã có lỗi xảy ra</h1>")))}),
    good("cover-announces", "lies under a sheet that announces maintenance of next week", {
        "/": answer(portal(body=_SHEET.format("<h2>Hệ thống sẽ bảo trì từ 22h ngày 05/12/2026</h2>")))}),
    good("cover-greets", "lies under a sheet that greets, until somebody clicks", {
        "/": answer(portal(body=_SHEET.format("<h1>Xin chào</h1>")))}),
    good("cover-door", "lies under a sheet that says maintenance of something, and goes", {
        "/": answer(portal(body=_SHEET.format("<p>Hệ thống thuế đang bảo trì, quay lại sau</p><button>Đóng</button>")))}),
    good("first-screen", "has a first screen with little on it and its text below", {
        "/": answer(portal(head="<style>header{padding-top:110vh}body{margin:0}</style>").replace("<header>",
            "<div style='position:absolute;inset:0 0 auto;height:100vh;background:#eef'><img src=/anh.svg width=150 alt=''></div>"
            "<header>")),
        "/anh.svg": answer(PICTURE, "200 OK", SVG)}),
    fine("notice-moves", "says that it moves to another one", shown(document(
        "<h1>Thông báo</h1><p>Cổng đang chuyển sang Cổng dịch vụ công quốc gia từ ngày 01/07.</p>")), "homepage"),
    good("few-words", "says little, and that is all there is", {
        "/": home("<h1>Cổng dịch vụ công</h1><p>Chọn đơn vị</p><a href=/a>Sở Y tế</a>")}, expected_text=""),
)  # fmt: skip

PAGES: tuple[VerdictPage, ...] = (*FRAMES, *ROOTS, *DRAWN)
