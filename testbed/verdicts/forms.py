"""Kind 5: an eForm is ready where a person could fill it in, and its way is gone as a person goes it."""

import unicodedata
from collections.abc import Mapping

from testbed.verdicts.page import (
    Asked,
    Respond,
    VerdictPage,
    answer,
    document,
    fine,
    form,
    made,
    outage,
    shown,
    unknowable,
)
from thuocdo.core.model import Reason

NOT_READY = (Reason.FORM_NOT_READY, Reason.PROBER_SATURATED)
"""A page that is looked at until its time is up is the prober's fault where that was too busy."""

ONLY = ("eform",)
ROWS = "".join(f"<p><label for=f{n}>Thông tin {n}</label> <input id=f{n} name=f{n}></p>" for n in range(10))
OVER = "position:fixed;inset:0;z-index:99"
FAR = '<div style="height:3000px">Hướng dẫn kê khai</div>'
FRAME = 'style="width:100%;height:900px;border:0"'
NAME = "Nộp hồ sơ trực tuyến"
NAMED = "Mở tờ khai hoà giải"
GOES = "onclick=\"location.href='/to-khai'\""
LAZY = """<div style="height:3000px">x</div><div id=d style="height:60px"></div><script>
new IntersectionObserver((seen, watcher) => { if (seen[0].isIntersecting) { watcher.disconnect(); d.innerHTML = `%s`; } }).observe(d);
</script>"""


def ready(name: str, does: str, respond: Respond, **more: object) -> VerdictPage:
    """Return a page whose form a person could fill in."""
    return fine(name, does, respond, *ONLY, **more)


def barred(name: str, does: str, respond: Respond, *reasons: Reason, **more: object) -> VerdictPage:
    """Return a page whose form nobody could fill in."""
    return outage(name, does, respond, *(reasons or NOT_READY), kinds=ONLY, **more)


def pages(answers: Mapping[str, str], *, errors: Mapping[str, str] | None = None) -> Respond:
    """Return what answers each path with its page; {www} in one is another origin of the same server. errors: path -> status."""
    statuses = errors or {}

    def of(asked: Asked) -> bytes:
        elsewhere = asked.base.replace("://", "://www.")
        text = answers.get(asked.path)
        if text is None:
            return answer("<h1>404</h1>", "404 Not Found")
        return answer(text.replace("{www}", elsewhere), statuses.get(asked.path, "200 OK"))

    return made(of)


def framed(frame: str, inner: str = "", *, around: str = "", errors: Mapping[str, str] | None = None) -> Respond:
    """Return a page whose form stands in a frame."""
    outer = document(f"<h1>Tờ khai</h1>{frame}{around}", title="Tờ khai")
    return pages({"/": outer, "/to-khai": inner or form()}, errors=errors)


def way(body: str, *, more: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None) -> Respond:
    """Return a page of a procedure from which something leads to the form."""
    start = document(f"<h1>Cấp bản sao trích lục</h1>{body}", title="Thủ tục")
    return pages({"/": start, "/to-khai": form(), **(more or {})}, errors=errors)


def under(cover: str, **more: str) -> Respond:
    """Return a form with something else in its page."""
    return shown(form(after=cover, **more))  # type: ignore[arg-type]


def lifts(milliseconds: int) -> str:
    """Return a mask that goes away by itself."""
    return f'<div id=m style="{OVER};background:#fff">Đang tải…</div><script>setTimeout(() => m.remove(), {milliseconds})</script>'


def styled(style: str, *, attributes: str = "") -> Respond:
    """Return a form within an element of some style."""
    return shown(document(f'<h1>Tờ khai</h1><div style="{style}" {attributes}><form>{ROWS}</form></div>'))


def each(attributes: str, times: int = -1) -> Respond:
    """Return a form whose inputs, or some of them, bear attributes."""
    return shown(document(f"<h1>Tờ khai</h1><form>{ROWS.replace('<input', f'<input {attributes}', times)}</form>"))


def declared(mode: str, after: str = "") -> Respond:
    """Return a form in a shadow root that the HTML itself declares."""
    return shown(document(f'<x-form><template shadowrootmode="{mode}"><form>{ROWS}</form></template></x-form>{after}'))


_BUTTON = f"<button type=button {GOES}>{NAMED}</button>"
_MAP = (
    '<img usemap="#m" width=400 height=100 alt="Dịch vụ" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" style="display:block">'
    f'<map name=m><area shape=rect coords="200,0,400,100" href="/to-khai" alt="{NAME}"></map>'
)
_ASKING = "<button type=button id=b>{}</button><script>b.onclick = () => {{ if (confirm('Mở tờ khai?')) location.href = '/to-khai'; }}</script>"

PAGES: tuple[VerdictPage, ...] = (
    ready("form-plain", "a form", shown(form())),
    # ── What lies over it
    barred(
        "form-mask", "a loading mask that never goes", under(f'<div style="{OVER};background:#fff">Đang tải…</div>')
    ),
    barred("form-mask-clear", "a transparent layer takes every click", under(f'<div style="{OVER}"></div>')),
    barred(
        "form-mask-silent",
        "the same, hidden from screen readers",
        under(f'<div aria-hidden=true style="{OVER}"></div>'),
    ),
    ready(
        "form-mask-idle",
        "a layer that lets the pointer through",
        under(f'<div style="{OVER};pointer-events:none"></div>'),
    ),
    ready("form-mask-lifts", "a loading mask that goes after a second", under(lifts(1000))),
    barred(
        "form-modal", "a modal dialog without an end", under("<dialog id=d>Chờ</dialog><script>d.showModal()</script>")
    ),
    ready(
        "form-in-modal",
        "the form itself is in a modal dialog",
        shown(document(f"<dialog id=d><form>{ROWS}</form></dialog><script>d.showModal()</script>")),
    ),
    barred(
        "form-mask-below",
        "far below, and under a layer of its own",
        shown(
            document(
                f'{FAR}<div style="position:relative"><form>{ROWS}</form><div style="position:absolute;inset:0"></div></div>'
            )
        ),
    ),
    ready("form-below", "far below, where one scrolls to", shown(document(f"{FAR}<form>{ROWS}</form>"))),
    ready(
        "form-header",
        "under a header that stays",
        shown(
            document(
                f'<div style="position:fixed;top:0;left:0;right:0;height:90px;background:#ddd"></div>{FAR}<form>{ROWS}</form>'
            )
        ),
    ),
    ready(
        "form-floating",
        "labels float over their fields",
        shown(
            form(
                head="<style>p{position:relative}label{position:absolute;left:0;top:0;width:300px;height:30px}</style>"
            )
        ),
    ),
    # ── How it stands there itself
    barred("form-inert", "everything is inert", styled("", attributes="inert")),
    barred("form-clickless", "it takes no pointer while it loads for ever", styled("pointer-events:none;opacity:.5")),
    barred("form-clear", "it is transparent", styled("opacity:0")),
    barred("form-cut", "it is cut off to nothing", styled("height:0;overflow:hidden")),
    barred("form-aside", "it stands outside of every window", styled("position:absolute;left:-9999px")),
    barred(
        "form-locked",
        "below the window of a page that cannot be scrolled",
        shown(document(f"<style>body{{overflow:hidden}}</style>{FAR}<form>{ROWS}</form>")),
    ),
    ready("form-rolls", "in a box of its own that rolls", styled("height:200px;overflow:auto")),
    barred("form-read-only", "every field may only be read", each("readonly")),
    ready("form-half-read-only", "half of the fields were filled in by the portal", each("readonly", 5)),
    ready(
        "form-pickers", "fields that are read-only because they open a calendar", each('readonly class="datepicker"')
    ),
    barred("form-disabled", "its fieldset is disabled", shown(document(f"<fieldset disabled>{ROWS}</fieldset>"))),
    ready(
        "form-drawn-boxes",
        "boxes drawn over transparent ones",
        shown(
            document(
                "<style>input{position:absolute;opacity:0;width:0;height:0}</style><form>"
                + "".join(
                    f"<p><label><input type=checkbox name=c{n}><span>☐</span> Mục {n}</label></p>" for n in range(5)
                )
                + "</form>"
            )
        ),
    ),
    ready(
        "form-files",
        "buttons drawn under transparent file fields",
        shown(
            document(
                "<form>"
                + "".join(
                    f'<div style="position:relative;width:200px;height:40px">Chọn tệp {n}<input type=file style="position:absolute;inset:0;opacity:0"></div>'
                    for n in range(4)
                )
                + "</form>"
            )
        ),
    ),
    barred(
        "form-honeypots",
        "only fields that are set for robots",
        shown(
            document(
                f'<h1>Tờ khai</h1><div style="position:absolute;left:-9999px">{ROWS}</div><input aria-label="Tìm kiếm">'
            )
        ),
    ),
    # ── Where it stands
    ready("form-frame", "in a frame", framed(f"<iframe src=/to-khai {FRAME}></iframe>")),
    ready("form-frame-other", "in a frame of another origin", framed(f"<iframe src={{www}}/to-khai {FRAME}></iframe>")),
    barred(
        "form-frame-masked",
        "the same under a mask",
        framed(f"<iframe src={{www}}/to-khai {FRAME}></iframe>", around=f'<div style="{OVER}"></div>'),
    ),
    barred(
        "form-frame-hidden",
        "the frame is not to be seen",
        framed(f"<div style='height:0;overflow:hidden'><iframe src={{www}}/to-khai {FRAME}></iframe></div>"),
    ),
    ready("form-frame-sandboxed", "in a sandboxed frame", framed(f"<iframe sandbox src=/to-khai {FRAME}></iframe>")),
    ready("form-object", "in an object", framed(f"<object type=text/html data=/to-khai {FRAME}></object>")),
    ready(
        "form-frames-within",
        "in a sandboxed frame within one of another origin",
        pages(
            {
                "/": document(f"<iframe src={{www}}/giua {FRAME}></iframe>"),
                "/giua": document(f"<iframe sandbox src=/to-khai {FRAME}></iframe>"),
                "/to-khai": form(),
            }
        ),
    ),
    ready("form-declared", "in a declared shadow root", declared("open")),
    ready("form-declared-closed", "in a closed one", declared("closed")),
    barred("form-declared-masked", "in a closed one under a mask", declared("closed", f'<div style="{OVER}"></div>')),
    ready("form-lazy", "it is drawn when it is scrolled to", shown(document(LAZY % f"<form>{ROWS}</form>"))),
    ready(
        "form-frame-lazy",
        "in a frame far below that is loaded when it is scrolled to",
        framed(f"{FAR}{FAR}<iframe loading=lazy src=/to-khai {FRAME}></iframe>"),
    ),
    ready(
        "form-frame-lazy-other",
        "in such a frame of another origin",
        framed(f"{FAR}{FAR}<iframe loading=lazy src={{www}}/to-khai {FRAME}></iframe>"),
    ),
    # ── What its document is
    barred(
        "form-500",
        "its document is the answer to an error",
        shown(form(), status="500 Internal Server Error"),
        Reason.HTTP_ERROR,
    ),
    barred(
        "form-frame-500",
        "that of its frame is",
        framed(f"<iframe src=/to-khai {FRAME}></iframe>", errors={"/to-khai": "500 Internal Server Error"}),
        Reason.HTTP_ERROR,
    ),
    ready(
        "form-chat-500",
        "a frame beside it is",
        pages(
            {"/": form(after="<iframe src=/chat></iframe>"), "/chat": document("<input>")},
            errors={"/chat": "500 Internal Server Error"},
        ),
    ),
    # ── The way to it
    ready("way-plain", "a button", way(_BUTTON), journey="named"),
    ready(
        "way-decomposed", "letters and their accents apart", way(unicodedata.normalize("NFD", _BUTTON)), journey="named"
    ),
    ready(
        "way-capitals",
        "capitals by the style sheet",
        way(_BUTTON.replace("<button", '<button style="text-transform:uppercase"')),
        journey="named",
    ),
    ready(
        "way-tone",
        "the tone on the other vowel, no-break spaces",
        way(_BUTTON.replace("hoà", "hòa").replace("tờ khai", "tờ&nbsp;khai")),
        journey="named",
    ),
    barred("way-other-word", "another word: hoa, not hoà", way(_BUTTON.replace("hoà", "hoa")), journey="named"),
    ready(
        "way-picture",
        "a picture link by its alternative text",
        way(f'<a href=/to-khai><img src=/x.png alt="{NAME}" width=120 height=40></a>'),
        journey="sought",
    ),
    ready("way-input", "an input button", way(f'<input type=button value="{NAME}" {GOES}>'), journey="sought"),
    ready("way-map", "a place of an image map", way(_MAP), journey="sought"),
    ready(
        "way-shadow",
        "a link in a declared shadow root",
        way(f"<x-a><template shadowrootmode=open><a href=/to-khai>{NAME}</a></template></x-a>"),
        journey="sought",
    ),
    ready(
        "way-frame",
        "a link in a frame",
        way(
            "<iframe src=/menu width=500 height=200></iframe>", more={"/menu": document(f"<a href=/to-khai>{NAME}</a>")}
        ),
        journey="sought",
    ),
    ready(
        "way-frame-other",
        "a link in a frame of another origin",
        way(
            "<iframe src={www}/menu width=500 height=200></iframe>",
            more={"/menu": document(f"<a href=/to-khai>{NAME}</a>")},
        ),
        journey="sought",
    ),
    ready(
        "way-lazy",
        "a link that is drawn when it is scrolled to",
        way(LAZY % f"<a href=/to-khai>{NAME}</a>"),
        journey="sought",
    ),
    ready(
        "way-frame-lazy",
        "a link in a frame far below that is loaded when it is scrolled to",
        way(
            f"{FAR}{FAR}<iframe loading=lazy src=/menu width=500 height=200></iframe>",
            more={"/menu": document(f"<a href=/to-khai>{NAME}</a>")},
        ),
        journey="sought",
    ),
    unknowable(
        "way-confirm",
        "it asks by confirm() first, which is answered no",
        way(_ASKING.format(NAME)),
        Reason.INTERNAL_ERROR,
        kinds=ONLY,
        journey="sought",
    ),
    ready(
        "way-alert",
        "it only tells something first",
        way(f"<button type=button onclick=\"alert('Mời khai');location.href='/to-khai'\">{NAME}</button>"),
        journey="sought",
    ),
    barred("way-none", "nothing leads on", way("<p>Chưa có tờ khai.</p>"), journey="sought"),
    barred(
        "way-500",
        "it leads to an error that looks like a form",
        way(f"<a href=/to-khai>{NAME}</a>", errors={"/to-khai": "500 Internal Server Error"}),
        Reason.HTTP_ERROR,
        journey="sought",
    ),
)
