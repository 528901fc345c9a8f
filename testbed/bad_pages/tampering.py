"""Pages that change what a script in the page relies on, or forbid it."""

from testbed.bad_pages.page import BadPage, Handler, answering, bad, document, scripted
from thuocdo.core.model import Reason


def _first(script: str) -> Handler:
    """Return the handler of a healthy page whose script runs before all others of its own."""
    return scripted("", head=f"<script>{script}</script>")


_NONE = "() => { throw new Error('mine') }"

PAGES: tuple[BadPage, ...] = (
    bad(
        "policy-strict",
        "forbids all scripts, styles and connections",
        answering(
            document(), Content_Security_Policy="default-src 'none'; sandbox; require-trusted-types-for 'script'"
        ),
    ),
    bad(
        "policy-sandbox",
        "is sandboxed to an origin of its own",
        answering(document(), Content_Security_Policy="sandbox allow-scripts"),
    ),
    bad(
        "patched-performance",
        "replaces the clock and the watchers of performance",
        _first(
            "PerformanceObserver = undefined; performance.now = () => -1; performance.getEntriesByType = () => [];"
            "performance.getEntries = () => []; Date.now = () => 0;"
            "Object.defineProperty(performance, 'timeOrigin', { get: () => 'x' })"
        ),
    ),
    bad(
        "patched-arrays",
        "breaks the methods of arrays",
        _first(
            f"for (const m of ['map', 'forEach', 'filter', 'reduce', 'push', 'slice', 'join'])"
            f" Array.prototype[m] = {_NONE}; Array.prototype[Symbol.iterator] = {_NONE}"
        ),
    ),
    bad(
        "patched-json",
        "breaks JSON, texts, numbers and objects",
        _first(
            f"JSON.stringify = JSON.parse = {_NONE}; String.prototype.slice = String.prototype.split = {_NONE};"
            f"Object.keys = Object.entries = Object.assign = {_NONE}; Object.prototype.toJSON = {_NONE};"
            f"Math.max = {_NONE}; Number.isFinite = {_NONE}"
        ),
    ),
    bad(
        "patched-promises",
        "breaks promises",
        _first(
            f"Promise.prototype.then = {_NONE}; Promise.resolve = Promise.all = {_NONE}; Promise = function () {{}}"
        ),
    ),
    bad(
        "patched-frames",
        "swallows animation frames and timers",
        _first("requestAnimationFrame = setTimeout = setInterval = queueMicrotask = requestIdleCallback = () => 0"),
    ),
    bad(
        "patched-document",
        "breaks the questions to its document",
        _first(
            f"for (const m of ['querySelector', 'querySelectorAll', 'getElementById', 'createElement'])"
            f" Document.prototype[m] = {_NONE};"
            "for (const [o, n] of [[HTMLElement, 'innerText'], [Element, 'outerHTML'], [Document, 'title']])"
            " Object.defineProperty(o.prototype, n, { get() { throw new Error('mine') } })"
        ),
        None,
        Reason.CONTENT_MISMATCH,
    ),
    bad(
        "loop-when-read",
        "loops for ever as soon as somebody reads its text",
        _first(
            "for (const [o, n] of [[HTMLElement, 'innerText'], [Element, 'outerHTML'], [Document, 'title']])"
            " Object.defineProperty(o.prototype, n, { get() { while (true); } })"
        ),
        Reason.TIMEOUT,
        None,
    ),
    bad(
        "lies-about-text",
        "gives its text as objects that refer to themselves",
        _first(
            "const o = { toString: () => 'x' }; o.o = o;"
            "Object.defineProperty(HTMLElement.prototype, 'innerText', { get: () => o });"
            "Object.defineProperty(Element.prototype, 'outerHTML', { get: () => o })"
        ),
        None,
        Reason.CONTENT_MISMATCH,
    ),
    bad(
        "hides-window",
        "hides what tells the outermost window, and the watcher in it",
        _first(
            "for (const n of ['top', 'self', 'parent', 'frames', '__thuocdoCollector'])"
            " { try { Object.defineProperty(window, n, { value: null }) } catch {} try { window[n] = null } catch {} }"
        ),
    ),
    bad(
        "freezes-all",
        "freezes everything it can reach",
        _first(
            "for (const n of Object.getOwnPropertyNames(window)) { try { Object.freeze(window[n]);"
            " Object.freeze(window[n].prototype) } catch {} } Object.freeze(window.__proto__)"
        ),
    ),
    bad(
        "blank",
        "leaves its drawing to a script that breaks",
        answering("<!doctype html><html lang=vi><title>SPA</title><body><div id=app></div><script>throw 1</script>"),
        Reason.CONTENT_MISMATCH,
    ),
    bad(
        "no-body",
        "has no body and no title",
        answering("<!doctype html><html></html><frameset></frameset>"),
        Reason.CONTENT_MISMATCH,
    ),
    bad(
        "body-removed",
        "takes its whole document away after its load",
        scripted("addEventListener('load', () => setTimeout(() => document.documentElement.remove(), 20))"),
        None,
        Reason.CONTENT_MISMATCH,
    ),
    bad(
        "design-mode",
        "makes everything editable, draggable and hidden from the pointer",
        scripted("document.designMode = 'on'; document.body.inert = true; document.body.style.pointerEvents = 'none'"),
    ),
)
