"""
Act: measure the contrast of text on pictures and gradients, where the engine cannot decide: pixel by pixel; and of fields' edges.

The text's place is photographed with and without the text. What differs are the letters; each of their pixels is compared with
what lies behind it.
"""

import io
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.async_api import Error

from probes.accessibility.act import Act
from probes.accessibility.barrier import Verdict
from probes.accessibility.rules.contrast import BORDER, ENHANCED, MINIMUM, RULES
from probes.accessibility.scripts import script
from probes.accessibility.stage import ActContext

MOST = 12
SCALE = 2

BODY_SHARE = 0.7
"""A pixel belongs to the body of a letter, not to its soft edge, where it differs by this share of what the strongest do."""


_HIDE = """(number) => {
  const element = thuocdo.kept(number);
  thuocdo.styled = element.getAttribute("style");
  for (const [name, value] of [["color", "transparent"], ["-webkit-text-fill-color", "transparent"], ["text-shadow", "none"],
    ["text-decoration-color", "transparent"], ["transition", "none"]]) element.style.setProperty(name, value, "important");
}"""
_SHOW = """(number) => {
  const element = thuocdo.kept(number);
  if (thuocdo.styled === null) element.removeAttribute("style"); else element.setAttribute("style", thuocdo.styled);
}"""


async def play(stage: ActContext) -> AsyncIterator[Verdict]:
    """Photograph each text with and without its letters."""
    texts = await stage.ask(script("contrast.js"), {"most": MOST})
    said: dict[str, dict[str, Any]] = {rule.id: {"passed": 0, "failed": [], "review": []} for rule in RULES}
    for text in texts:
        ratios = await _ratios(stage, text)
        if ratios is None:
            continue
        for rule, limit in ((MINIMUM, 3.0 if text["large"] else 4.5), (ENHANCED, 4.5 if text["large"] else 7.0)):
            outcome = judged(ratios, limit)
            if outcome == "passed":
                said[rule.id]["passed"] += 1
            else:
                told = f"{float(np.median(ratios)):.1f}:1 < {limit:g}:1"
                said[rule.id][outcome].append({**text["place"], "message": told})
    for rule in (MINIMUM, ENHANCED):
        yield await stage.verdict(rule, [said])
    yield await stage.verdict(BORDER, await stage.ask_all(script("contrast_fields.js")))


def judged(ratios: NDArray[np.float64], limit: float) -> str:
    """Return the outcome for a text with these contrasts of its pixels, 1..21, against a limit."""
    if float(np.median(ratios)) < limit:
        return "failed"
    return "review" if float(np.quantile(ratios, 0.1)) < limit else "passed"


def pixel_ratios(text: NDArray[np.uint8], bare: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """
    Return the contrast of each pixel of a text's letters with what lies behind it.

    Args:
        text: picture with the text, height x width x 3, sRGB. bare: the same place without it.

    Returns:
        None where the pictures do not differ: no letters were drawn.

    """
    if text.shape != bare.shape:
        return None
    change = np.abs(text.astype(np.int16) - bare.astype(np.int16)).max(axis=2)
    strongest = float(np.quantile(change[change > 2], 0.95)) if (change > 2).any() else 0.0
    body = change >= max(3.0, BODY_SHARE * strongest)
    if int(body.sum()) < 4 or strongest == 0.0:
        return None
    front, behind = luminance(text[body]), luminance(bare[body])
    lighter, darker = np.maximum(front, behind), np.minimum(front, behind)
    ratios: NDArray[np.float64] = (lighter + 0.05) / (darker + 0.05)
    return ratios


def luminance(colours: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return WCAG's relative luminance, 0..1, of sRGB colours (n x 3)."""
    part = colours.astype(np.float64) / 255.0
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    result: NDArray[np.float64] = linear @ np.array([0.2126, 0.7152, 0.0722])
    return result


async def _ratios(stage: ActContext, text: Mapping[str, Any]) -> NDArray[np.float64] | None:
    shown = await _photograph(stage, text["box"])
    await stage.ask(_HIDE, text["kept"])
    try:
        bare = await _photograph(stage, text["box"])
    finally:
        await stage.ask(_SHOW, text["kept"])
    if shown is None or bare is None:
        return None
    return pixel_ratios(shown, bare)


async def _photograph(stage: ActContext, box: Mapping[str, float]) -> NDArray[np.uint8] | None:
    clip = {**box, "scale": SCALE}
    try:
        shot = await stage.session.send(
            "Page.captureScreenshot",
            {"format": "png", "clip": clip, "captureBeyondViewport": True, "optimizeForSpeed": True},
        )
    except Error:
        return None
    return np.asarray(Image.open(io.BytesIO(b64decode(shot["data"]))).convert("RGB"))


ACT = Act(name="contrast", rules=RULES, seconds=5.0, order=20, play=play)
