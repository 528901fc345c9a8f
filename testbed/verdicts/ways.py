"""Kind 5, on the way: what lies over it, what it is made of, and forms beside which something never ends."""

import asyncio

from testbed.verdicts.forms import FAR, NAME, ONLY, ROWS, barred, ready, way
from testbed.verdicts.page import Asked, Respond, Send, VerdictPage, answer, document, form, shown, unknowable
from thuocdo.core.model import Reason

_LINK = f"<a href=/to-khai>{NAME}</a>"
GONE = "<style>[hidden]{display:none!important}</style>"
VEIL = "<div id=m style='position:fixed;inset:0;background:#000a'></div>"
WINDOW = "<div id=c style='position:fixed;inset:20%;background:#fff'><h2>Thông báo nghỉ lễ</h2>{}</div>"
SHUTS = "onclick='c.hidden=true;if(window.m)m.hidden=true'"
_TYPED = "<p>T{} <span contenteditable=plaintext-only style='display:inline-block;width:200px;height:20px;border:1px solid'></span></p>"


def beside(script: str) -> Respond:
    """Return a form whose script asks for what never ends: an answer that does not come, or one that goes on."""
    page = answer(form(after=f"<script>{script}</script>"))

    async def respond(asked: Asked, send: Send) -> None:
        if asked.path == "/":
            await send(page)
            return
        if asked.path == "/dong":
            await send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nx")
        await asyncio.sleep(60)

    return respond


PAGES: tuple[VerdictPage, ...] = (
    ready("way-here", "a link to its own page, of which its script makes more", way(
        f"<a href='#' onclick=\"location.href='/to-khai';return false\">{NAME}</a>"), journey="sought"),
    ready("way-opens", "the same, into a window of its own", way(
        f"<a href='#' onclick=\"window.open('/to-khai');return false\">{NAME}</a>"), journey="sought"),
    ready("way-below", "a link to a part of its page, and one that leads on", way(
        f"<a href='#duoi'>{NAME}</a> <a href=/to-khai>{NAME} tại đây</a>{FAR}<p id=duoi>Dưới</p>"), journey="sought"),
    ready("way-cell", "a cell of a table that is clicked", way(
        f"<table><tr><td onclick=\"location.href='/to-khai'\">{NAME}</td></tr></table>"), journey="sought"),
    ready("way-drawing", "a link in a drawing", way(
        f"<svg width=400 height=60><a href=/to-khai><text y=40>{NAME}</text></a></svg>"), journey="sought"),
    ready("way-late", "a link that a timer draws after 3 s", way(
        f"<div id=r></div><script>setTimeout(() => r.innerHTML = '{_LINK}', 3000)</script>"), journey="sought"),
    ready("way-popup", "an announcement over it that has a button to close it", way(
        f"{GONE}{_LINK}{WINDOW.format(f'<button type=button {SHUTS}>Đóng</button>')}".replace("inset:20%", "inset:0")), journey="sought"),
    ready("way-popup-cross", "an announcement before a veil, with a cross", way(
        f"{GONE}{_LINK}{VEIL}{WINDOW.format(f'<a href=javascript:; {SHUTS}>×</a>')}"), journey="sought"),
    unknowable("way-popup-agrees", "a question over it that asks to agree", way(
        f"{GONE}{_LINK}{VEIL}{WINDOW.format(f'<button type=button {SHUTS}>Đồng ý</button>')}"),
        Reason.INTERNAL_ERROR, kinds=ONLY, journey="sought"),
    barred("way-popup-stays", "an announcement over it that nobody can close", way(
        f"{_LINK}{VEIL}{WINDOW.format('')}"), journey="sought"),
    ready("form-held", "a question of its script is held until there is news", beside("fetch('/cho')")),
    ready("form-streams", "an answer to its script goes on and on", beside("fetch('/dong').then((a) => a.text())")),
    ready("form-typed", "places to type in plain text", shown(document(
        "<h1>Tờ khai</h1>" + "".join(map(_TYPED.format, range(5)))))),
    barred("form-typed-off", "the same, that may not be typed in", shown(document(
        "<h1>Tờ khai</h1>" + "".join(map(_TYPED.format, range(5))).replace("plaintext-only", "false") + f"<template>{ROWS}</template>"))),
)  # fmt: skip
