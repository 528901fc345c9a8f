"""Pages on which a visitor who looks for barriers gets stuck: too many parts, a focus without rest, a layout never at rest."""

from aiohttp import web

from testbed.bad_pages.page import BadPage, bad, document, html
from thuocdo.core.model import Reason

NODES, FRAMES = 10_000, 200

_ROWS = "".join(f"<div><a href='#{n}'>Thủ tục {n}</a><input aria-label='Ô {n}'></div>" for n in range(NODES // 3))
_BUTTONS = "".join(f"<button type=button>Nút {n}</button>" for n in range(20))
_LOOP = (
    "const all = [...document.querySelectorAll('button')]; all.forEach((one, n) => one.addEventListener('focus',"
    " () => setTimeout(() => all[(n + 1) % all.length].focus(), 0)))"
)
_MOVES = (
    "addEventListener('focusin', () => { const gap = document.createElement('p'); gap.style.height = '500px';"
    " gap.textContent = 'x'; document.body.prepend(gap); document.body.style.zoom = 1 + Math.random() })"
)


async def _frames(request: web.Request) -> web.Response:
    if request.match_info["rest"]:
        return html("<!doctype html><html lang=vi><title>Khung</title><img src=x><a href=#>Xem thêm</a>")
    return html(document(body=_framed(request)))


async def _all(request: web.Request) -> web.Response:
    if request.match_info["rest"]:
        return await _frames(request)
    return html(document(body=_ROWS + _BUTTONS + _framed(request), script=f"{_LOOP};{_MOVES}"))


def _framed(request: web.Request) -> str:
    return f"<iframe title=x src='{request.path}/x'></iframe>" * FRAMES


async def _rows(_: web.Request) -> web.Response:
    return html(document(body=_ROWS))


async def _loop(_: web.Request) -> web.Response:
    return html(document(body=_BUTTONS, script=_LOOP))


async def _moves(_: web.Request) -> web.Response:
    return html(document(body=_BUTTONS, script=_MOVES))


PAGES: tuple[BadPage, ...] = (
    bad("nodes-10000", f"has {NODES} elements, two thirds of them controls", _rows),
    bad("focus-loop", "hands the focus on from button to button without end", _loop),
    bad("focus-moves-all", "moves and enlarges everything whenever something gets the focus", _moves),
    bad("frames-200", f"has {FRAMES} frames of its own, each with barriers", _frames, None, Reason.TIMEOUT),
    bad("barriers-all-at-once", "is all of these at once", _all, None, Reason.TIMEOUT),
)
