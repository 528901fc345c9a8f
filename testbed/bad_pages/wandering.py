"""Pages that do not stay where they are, or that hold themselves."""

from aiohttp import web

from testbed.bad_pages.page import BadPage, Listener, after_load, answering, bad, document, html, scripted
from thuocdo.core.model import Reason

_MANY = 500


async def _script_chain(_: web.Request) -> web.Response:
    return html(document(head="<script>location.replace(location.pathname + '?' + Math.random())</script>"))


async def _frames(request: web.Request) -> web.Response:
    if request.match_info["rest"]:
        return html(
            "<!doctype html><title>f</title><p>f<script>setInterval(() => { document.title += 1 }, 50)</script>"
        )
    return html(document(body=f"<iframe src='{request.path}/x'></iframe>" * _MANY))


async def _nested(request: web.Request) -> web.Response:
    here = f"{request.path}?{{n}}"
    make = (
        "for (const n of [1, 2]) { const f = document.createElement('iframe');"
        f" f.src = '{here}'.replace('{{n}}', Math.random()); document.body.append(f) }}"
    )
    return html(document(script=make))


async def _worker(request: web.Request) -> web.Response:
    if not request.match_info["rest"]:
        return html(document(script=f"navigator.serviceWorker.register('{request.path}/worker.js', {{scope: '/'}})"))
    answers_all = (
        "oninstall = () => skipWaiting(); onactivate = (e) => e.waitUntil(clients.claim());"
        "onfetch = (e) => e.respondWith(new Response('caught'))"
    )
    return web.Response(text=answers_all, content_type="text/javascript", headers={"Service-Worker-Allowed": "/"})


PAGES: tuple[BadPage, ...] = (
    bad("redirects-script", "sends the visitor on by script, for ever", _script_chain, Reason.TIMEOUT),
    bad(
        "redirects-refresh",
        "sends the visitor on by <meta> refresh, for ever",
        answering(document(head="<meta http-equiv=refresh content=0>")),
        Reason.TIMEOUT,
        Reason.CONTENT_MISMATCH,
        None,
    ),
    bad(
        "redirects-header",
        "sends the visitor on by a Refresh header, for ever",
        answering(document(), Refresh="0"),
        Reason.TIMEOUT,
        Reason.CONTENT_MISMATCH,
        None,
    ),
    bad(
        "reloads",
        "loads itself again every 0.1 s",
        scripted("setTimeout(() => location.reload(), 100)"),
        Reason.TIMEOUT,
        None,
    ),
    bad(
        "reloads-late",
        "loads itself again every 0.8 s",
        scripted("setTimeout(() => location.reload(), 800)"),
        Reason.TIMEOUT,
        None,
    ),
    bad(
        "history-flood",
        "adds to its history without end",
        scripted(
            "let n = 0; setInterval(() => { for (let i = 0; i < 50; i++) history.pushState({}, '', '?' + n++) }, 1)"
        ),
        None,
        Reason.TIMEOUT,
        takes_browser=True,
    ),
    bad(
        "history-back",
        "goes back and forward without end",
        scripted("history.pushState({}, '', '?1'); setInterval(() => { history.back(); history.forward() }, 5)"),
        None,
        Reason.TIMEOUT,
        Reason.CONTENT_MISMATCH,
    ),
    bad(
        "hash-flood",
        "changes its fragment without end",
        scripted("let n = 0; setInterval(() => { location.hash = n++ }, 1)"),
        None,
        Reason.TIMEOUT,
    ),
    bad(
        "leaves-for-blank",
        "goes to about:blank after its load",
        after_load("location.href = 'about:blank'"),
        Reason.CONTENT_MISMATCH,
        Reason.REDIRECTED_ELSEWHERE,
    ),
    bad(
        "leaves-for-data",
        "goes to a data: URL after its load, which browsers refuse",
        after_load("location.href = 'data:text/html,<h1>x</h1>'"),
    ),
    bad(
        "leaves-for-blob",
        "goes to a page that it has made itself",
        after_load(f"location.href = URL.createObjectURL(new Blob([{document()!r}], {{type: 'text/html'}}))"),
        None,
        Reason.CONTENT_MISMATCH,
    ),
    bad(
        "leaves-for-file",
        "goes to a file of the visitor, which browsers refuse",
        after_load("location.href = 'file:///etc/hostname'"),
    ),
    bad(
        "leaves-for-app",
        "calls an app's own scheme without end",
        after_load("setInterval(() => { location.href = 'dichvucong://' + Math.random() }, 20)"),
        None,
        Reason.TIMEOUT,
    ),
    bad(
        "leaves-for-crash",
        "goes to chrome://crash and its like, which browsers refuse",
        after_load("for (const p of ['crash', 'kill', 'hang', 'gpucrash', 'quit']) location.href = 'chrome://' + p"),
    ),
    bad(
        "leaves-for-never",
        "goes to a page that never answers",
        after_load("location.href = '/never'"),
        None,
        Reason.TIMEOUT,
    ),
    bad(
        "leaves-again-and-again",
        "goes to a page that never answers, every 50 ms",
        after_load("setInterval(() => { location.href = '/never?' + Math.random() }, 50)"),
        None,
        Reason.TIMEOUT,
    ),
    bad(
        "writes-itself-anew",
        "replaces its document with document.open() without end",
        after_load(
            "const text = document.documentElement.outerHTML;"
            " setInterval(() => { document.open(); document.write('<p>' + 'x '.repeat(999)); document.close() }, 20)"
        ),
        None,
        Reason.TIMEOUT,
    ),
    bad("frames-500", f"has {_MANY} frames that do not rest", _frames, None, Reason.TIMEOUT),
    bad(
        "frames-nested",
        "holds itself in two frames, which do the same",
        _nested,
        None,
        Reason.TIMEOUT,
        Reason.PAGE_CRASH,
    ),
    bad("service-worker", "installs a service worker that answers all requests", _worker, listener=Listener.TLS),
)
