"""
Act: enlarge the page as somebody does who sees badly: twice as large, with wider spacing, and on 320 px.

Only what a change brings about counts: what was cut off before is somebody's decision, or another rule's.
"""

import asyncio
from collections.abc import AsyncIterator

from probes.accessibility.act import Act
from probes.accessibility.barrier import Verdict
from probes.accessibility.engine import NARROW_PIXELS
from probes.accessibility.rules.zoom import RULES, SIDEWAYS, SPACED, ZOOMED
from probes.accessibility.scripts import script
from probes.accessibility.stage import ActContext

LAYOUT_SECONDS = 0.15

SPACING = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }"""
"""What WCAG 1.4.12 says a reader may set."""


_SET = """(css) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  thuocdo.spacing = sheet;
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
_UNSET = (
    "() => { document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== thuocdo.spacing); }"
)


async def play(stage: ActContext) -> AsyncIterator[Verdict]:
    """Change the window and the spacing, look, and put it back."""
    await stage.ask(script("zoom.js"), {"rule": "", "before": True})
    await stage.ask(_SET, SPACING)
    try:
        await asyncio.sleep(LAYOUT_SECONDS)
        yield await stage.verdict(SPACED, [await stage.ask(script("zoom.js"), {"rule": SPACED.id, "before": False})])
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
        yield await stage.verdict(ZOOMED, [await stage.ask(script("zoom.js"), {"rule": ZOOMED.id, "before": False})])
        await stage.page.set_viewport_size({"width": NARROW_PIXELS, "height": size["height"]})
        await asyncio.sleep(LAYOUT_SECONDS)
        yield await stage.verdict(SIDEWAYS, [await stage.ask(script("zoom_narrow.js"), SIDEWAYS.id)])
    finally:
        await stage.page.set_viewport_size(size)


ACT = Act(name="zoom", rules=RULES, seconds=5.0, order=80, presses=True, play=play)
