"""
Pictures of a page without what its fields hold and what tells of persons.

They are painted over afterwards, at the places that the browser told of just before and just after: nothing of the page changes,
and where these two differ in what there is to hide there is no picture.
"""

import asyncio
import io
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from PIL import Image, ImageDraw
from playwright.async_api import Error

from probes.chromium.cdp import CdpSession
from probes.chromium.drawn import Box, Look, is_framed, look, parse_drawn
from probes.chromium.private_boxes import Private, private_boxes

SECONDS = 1.5
QUALITY = 60
_TAKES = 3
# A picture with losses would show something of a text around what is painted over it.
_EXACT = {"format": "png", "optimizeForSpeed": True}
_MARGIN_PIXELS = 2.0
_BAR, _FIELD, _EDGE, _SURFACE, _PAPER = "#7d8590", "#eef0f2", "#8a8f96", "#b9bec4", "#ffffff"


log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """
    A picture of the viewport. jpeg: to be kept. raw: as it was taken, never to be kept; None where it was not looked at.
    """

    jpeg: bytes
    raw: bytes | None = None


async def take_picture(session: CdpSession, *, form: bool, outlines: bool = False) -> Picture | None:
    """
    Take a picture of what the viewport shows; None where the page gives none in time, or cannot be hidden from it what must be.

    Straight from the browser: Playwright's own would wait for fonts, which a slow portal may never deliver.

    Args:
        session: of the page.
        form: the page is a form.
        outlines: nothing of the page is shown but where texts, fields and pictures stand: it knows who is logged in.

    """
    try:
        async with asyncio.timeout(SECONDS):
            if outlines:
                return Picture(jpeg=await asyncio.to_thread(_outlines, await look(session)))
            taken = await _take(session, form=form)
    except (Error, TimeoutError) as exc:
        log.debug("no picture", cause=type(exc).__name__)
        return None
    if taken is None:
        return None
    raw, private = taken
    return Picture(jpeg=await asyncio.to_thread(painted, raw, private, private.view, "JPEG"), raw=raw)


async def take_part(session: CdpSession, clip: Mapping[str, float], *, form: bool) -> bytes | None:
    """
    Take a PNG of a part of the viewport; None where there is none, or cannot be hidden from it what must be.

    Args:
        session: of the page.
        clip: x, y, width, height in CSS px of the document; what lies outside the viewport is left out.
        form: the page is a form.

    """
    try:
        async with asyncio.timeout(SECONDS):
            viewport = (await session.send("Page.getLayoutMetrics"))["cssVisualViewport"]
            whole = Box(left=0, top=0, right=viewport["clientWidth"], bottom=viewport["clientHeight"])
            left, top = clip["x"] - viewport["pageX"], clip["y"] - viewport["pageY"]
            part = Box(left=left, top=top, right=left + clip["width"], bottom=top + clip["height"]).within(whole)
            if part.right - part.left < 1 or part.height < 1:
                return None
            taken = await _take(session, form=form)
    except (Error, TimeoutError) as exc:
        log.debug("no picture of a place", cause=type(exc).__name__)
        return None
    return await asyncio.to_thread(painted, taken[0], taken[1], part, "PNG") if taken else None


async def _take(session: CdpSession, *, form: bool) -> tuple[bytes, Private] | None:
    """Take a picture between two looks at what there is to hide, until both tell of the same things."""
    before = await look(session)
    for _ in range(_TAKES):
        shot = await session.send("Page.captureScreenshot", _EXACT)
        after = await look(session, framed=is_framed(before))  # at once: the page goes on while we reckon
        of_now = not await _shows_its_past(session)
        private = await asyncio.to_thread(_private, before, after, form=form) if of_now else None
        if private is not None:
            return b64decode(shot["data"]), private
        before = after
    log.debug("no picture: the page does not rest")
    return None


async def _shows_its_past(session: CdpSession) -> bool:
    """Tell whether a view transition is under way: what is seen then are pictures of what stood there."""
    asked = {"expression": "Boolean(document.activeViewTransition)", "silent": True}
    answer = await session.send("Runtime.evaluate", asked)
    return bool(answer.get("result", {}).get("value"))


def _private(before: Look, after: Look, *, form: bool) -> Private | None:
    earlier = private_boxes(parse_drawn(*before), form=form)
    if before == after:
        return earlier
    return earlier.swept(private_boxes(parse_drawn(*after), form=form))


def painted(raw: bytes, private: Private, part: Box, file_format: str) -> bytes:
    """
    Return a picture of the viewport, or a part of it, with everything private painted over.

    Args:
        raw: the picture of the whole viewport, in any format.
        private: what must not be seen.
        part: of the viewport, CSS px.
        file_format: "JPEG" or "PNG".

    """
    with Image.open(io.BytesIO(raw)) as opened:
        picture = opened.convert("RGB")
    scale = picture.width / max(private.view.right, 1.0)
    paint(picture, private, scale)
    if part != private.view:
        picture = picture.crop((part.left * scale, part.top * scale, part.right * scale, part.bottom * scale))
    return _encoded(picture, file_format)


def paint(picture: Image.Image, private: Private, scale: float) -> None:
    """Paint over what is private; scale: pixels of the picture for each CSS px."""
    draw = ImageDraw.Draw(picture)
    for box in private.areas:
        draw.rectangle(_pixels(box, scale), fill=_SURFACE)
    for box in private.fields:
        draw.rectangle(_pixels(box, scale), fill=_FIELD, outline=_EDGE)
    for box in private.texts:
        draw.rectangle(_pixels(box, scale), fill=_BAR)


def _outlines(seen: Look) -> bytes:
    """Draw where texts, fields and frames stand, on paper."""
    drawn = parse_drawn(*seen)
    picture = Image.new("RGB", (max(1, round(drawn.view.right)), max(1, round(drawn.view.bottom))), _PAPER)
    texts = tuple(run.box for run in drawn.runs)
    labels = tuple(label.box for label in drawn.labels)
    areas = drawn.frames + drawn.made + drawn.painted
    paint(picture, Private(view=drawn.view, fields=drawn.fields + labels, texts=texts, areas=areas), 1.0)
    return _encoded(picture, "JPEG")


def _pixels(box: Box, scale: float) -> tuple[float, float, float, float]:
    margin = _MARGIN_PIXELS * max(scale, 1.0)
    left, top = box.left * scale - margin, box.top * scale - margin
    return left, top, max(left, box.right * scale + margin), max(top, box.bottom * scale + margin)


def _encoded(picture: Image.Image, file_format: str) -> bytes:
    file = io.BytesIO()
    picture.save(file, file_format, quality=QUALITY)
    return file.getvalue()
