"""
What a picture of the viewport tells: whether there is anything in it, and which texts are to be seen.

First contentful paint may be missing although a page is full (it fades in, it stands in a frame), and a text may stand in a
document and not be seen (something lies over it). The picture decides; nothing of it is kept.
"""

import asyncio
import io
from base64 import b64decode
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.async_api import Error

from probes.chromium.cdp import CdpSession
from probes.chromium.drawn import Box, Drawn, look, parse_drawn

SECONDS = 1.5
PLAIN_RATIO = 0.0001
"""Of its pixels may differ from its ground in a picture of one colour; a word of small letters is as much."""

_DIFFERENT = 24
"""Of 255, in any colour; noise, dithering and the losses of films are below it."""

_ALONG = 0.5
"""Of the squares that a line of text is high; blanks between words leave some of them empty."""

_EXACT = {"format": "png", "optimizeForSpeed": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ink:
    """
    What is in a picture of the viewport.

    ratio: of its pixels that differ from the colour of most of it, 0..1. text: the texts that are to be seen, in their order,
    white space folded. covered_characters: of texts that stand in the viewport and are not to be seen.
    """

    ratio: float
    text: str
    covered_characters: int

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing in it but one colour."""
        return self.ratio < PLAIN_RATIO


async def look_at_ink(session: CdpSession) -> Ink | None:
    """Return what a picture of the viewport tells; None where the page gives none in time."""
    try:
        async with asyncio.timeout(SECONDS):
            seen = await look(session)
            shot = await session.send("Page.captureScreenshot", _EXACT)
    except (Error, TimeoutError):
        return None
    return await asyncio.to_thread(lambda: ink_of(b64decode(shot["data"]), parse_drawn(*seen)))


def ink_of(raw: bytes, drawn: Drawn) -> Ink:
    """
    Return what is in a picture.

    Args:
        raw: of the whole viewport, in any format.
        drawn: what stood there when it was taken.

    """
    with Image.open(io.BytesIO(raw)) as opened:
        picture = np.asarray(opened.convert("RGB"))
    scale = picture.shape[1] / max(drawn.view.right, 1.0)
    seen = [run.text for run in drawn.runs if _has_ink(picture, run.box, scale)]
    covered = sum(len(run.text) for run in drawn.runs) - sum(map(len, seen))
    return Ink(ratio=_different(picture), text=" ".join(" ".join(seen).split()), covered_characters=covered)


def _different(picture: NDArray[np.uint8]) -> float:
    """Return the share of pixels that differ from the commonest colour."""
    coarse = (picture >> 4).astype(np.uint16)
    bins = (coarse[:, :, 0] << 8) | (coarse[:, :, 1] << 4) | coarse[:, :, 2]
    commonest = np.bincount(bins.ravel(), minlength=4096).argmax()
    ground = picture[bins == commonest].mean(axis=0)
    far = np.abs(picture.astype(np.int16) - ground.astype(np.int16)).max(axis=2) > _DIFFERENT
    return float(far.mean())


def _has_ink(picture: NDArray[np.uint8], box: Box, scale: float) -> bool:
    """Tell whether something is drawn along most of where a text stands; what merely reaches into it is not the text."""
    left, top = int(box.left * scale), int(box.top * scale)
    part = picture[top : max(top + 1, int(box.bottom * scale)), left : max(left + 1, int(box.right * scale))]
    if part.size == 0:
        return False
    most, least = part.max(axis=(0, 2)).astype(np.int16), part.min(axis=(0, 2)).astype(np.int16)
    starts = np.arange(0, part.shape[1], part.shape[0])
    spans = np.maximum.reduceat(most, starts) - np.minimum.reduceat(least, starts)
    return bool((spans > _DIFFERENT).mean() >= _ALONG)
