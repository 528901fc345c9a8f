"""
Act: enlarge the page as somebody does who sees badly: twice as large, with wider spacing, and on 320 px.

Only what a change brings about counts: what was cut off before is somebody's decision, or another rule's.
"""

import asyncio
from collections.abc import AsyncIterator
from functools import cache
from importlib.resources import files

from probes.accessibility.act import Act
from probes.accessibility.barrier import Need, Rule, Verdict
from probes.accessibility.engine import NARROW_PIXELS
from probes.accessibility.stage import Stage

LAYOUT_SECONDS = 0.15

SPACING = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }"""
"""What WCAG 1.4.12 says a reader may set."""

_LOW_SIGHT = frozenset({Need.LOW_SIGHT})

ZOOMED = Rule(
    id="text-cut-off-when-zoomed",
    claims="Text is cut off when the page is enlarged to 200 %, and was not before.",
    wcag=("1.4.4",),
    act=("59br37",),
    impact="serious",
    needs=_LOW_SIGHT,
    false_alarms="What is shortened with an ellipsis passes where a link or title gives the whole, else it is for review.",
)
SPACED = Rule(
    id="text-cut-off-when-spaced",
    claims="Text is cut off when its spacing is widened as WCAG says, and was not before.",
    wcag=("1.4.12",),
    impact="serious",
    needs=frozenset({Need.LOW_SIGHT, Need.COGNITION}),
    false_alarms="As for zoom; what is moved by less than 3 px is left alone.",
)
SIDEWAYS = Rule(
    id="scrolls-sideways",
    claims="On 320 CSS px the page scrolls sideways, and something other than a table, map or code sticks out.",
    wcag=("1.4.10",),
    impact="serious",
    needs=_LOW_SIGHT,
    false_alarms="Tables, maps, code, toolbars and pictures that need two dimensions are left out.",
)

_SET = """(css) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  thuocdo.spacing = sheet;
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
_UNSET = (
    "() => { document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== thuocdo.spacing); }"
)


async def play(stage: Stage) -> AsyncIterator[Verdict]:
    """Change the window and the spacing, look, and put it back."""
    await stage.ask(_script("zoom.js"), {"rule": "", "before": True})
    await stage.ask(_SET, SPACING)
    try:
        await asyncio.sleep(LAYOUT_SECONDS)
        yield await stage.verdict(SPACED, [await stage.ask(_script("zoom.js"), {"rule": SPACED.id, "before": False})])
    finally:
        await stage.ask(_UNSET)
    size = stage.page.viewport_size
    if size is None or size["width"] <= NARROW_PIXELS:
        yield Verdict(rule=ZOOMED.id)
        yield Verdict(rule=SIDEWAYS.id)
        return
    try:
        # At 200 % a window holds half as many CSS px.
        await stage.page.set_viewport_size({"width": size["width"] // 2, "height": size["height"] // 2})
        await asyncio.sleep(LAYOUT_SECONDS)
        yield await stage.verdict(ZOOMED, [await stage.ask(_script("zoom.js"), {"rule": ZOOMED.id, "before": False})])
        await stage.page.set_viewport_size({"width": NARROW_PIXELS, "height": size["height"]})
        await asyncio.sleep(LAYOUT_SECONDS)
        yield await stage.verdict(SIDEWAYS, [await stage.ask(_script("zoom_narrow.js"), SIDEWAYS.id)])
    finally:
        await stage.page.set_viewport_size(size)


@cache
def _script(name: str) -> str:
    return (files("probes.accessibility") / name).read_text(encoding="utf-8")


ACT = Act(name="zoom", rules=(SPACED, ZOOMED, SIDEWAYS), seconds=5.0, order=80, presses=True, play=play)
