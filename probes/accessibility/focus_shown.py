"""Whether the focus shows: the window with and without it, pixel by pixel."""

import io
from base64 import b64decode

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.async_api import Error

from probes.accessibility.stage import ActContext

LEAST_DIFFERENCE = 12
"""Levels of 255 by which a pixel must differ in one colour; text is drawn the same each time, less is invisible."""

LEAST_PIXELS = 4


def differs(without: NDArray[np.uint8], again: NDArray[np.uint8], focused: NDArray[np.uint8]) -> bool:
    """Tell whether a picture differs from two others of the same place beyond what differs between these."""
    if not without.shape == again.shape == focused.shape:
        return True
    restless = _changed(without, again)
    return int((_changed(again, focused) & ~restless).sum()) >= LEAST_PIXELS


async def looks_focused(stage: ActContext, number: int) -> bool | None:
    """Tell whether anything on the screen changes when a kept control gets the focus; None where it does not keep it."""
    await stage.ask("(number) => { thuocdo.keyboard.blur(); thuocdo.keyboard.aim(number); }", number)
    without, again = await _window(stage), await _window(stage)
    if not await stage.ask("(number) => thuocdo.keyboard.focus(number)", number):
        return None
    focused = await _window(stage)
    if without is None or again is None or focused is None:
        return None
    return differs(without, again, focused)


def _changed(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.bool_]:
    changed: NDArray[np.bool_] = np.abs(one.astype(np.int16) - other.astype(np.int16)).max(axis=2) >= LEAST_DIFFERENCE
    return changed


async def _window(stage: ActContext) -> NDArray[np.uint8] | None:
    try:
        shot = await stage.session.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
    except Error:
        return None
    return np.asarray(Image.open(io.BytesIO(b64decode(shot["data"]))).convert("RGB"))
