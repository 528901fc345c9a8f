"""
Act: get past what a page repeats of its neighbours, to what is new on it.

What is repeated is known by reading up to two other pages of the same site that it links to (without cookies). Where none can be
had, or nothing repeated comes first, there is nothing to test.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from probes.accessibility.act import Act
from probes.accessibility.barrier import Need, Rule, Verdict
from probes.accessibility.pressing import press_enter
from probes.accessibility.stage import Stage

PAGES = 2
READ_SECONDS = 1.5
WAIT_MILLISECONDS = 100

_SKIP = r"skip|jump to|main content|to content|bỏ qua|chuyển (đến|tới) nội dung|đi (đến|tới) nội dung|tới nội dung|nội dung chính"
_READERS = frozenset({Need.NO_SIGHT, Need.HANDS})
_TECHNIQUE = (
    "One of several ways past repeated blocks; to lack it fails nothing by itself: good practice, costs nothing."
)

NO_WAY = Rule(
    id="no-way-past-repeated-blocks",
    claims="What the site repeats on its pages comes first, and no heading, landmark, skip link or switch leads past it.",
    wcag=("2.4.1",),
    act=("cf77f2",),
    impact="serious",
    needs=_READERS,
    false_alarms="Repeated is what other pages have word for word; pages that come in by script are seen without it.",
)
BROKEN = Rule(
    id="skip-link-broken",
    claims="A link that promises to lead to the content leads nowhere: its target is not on the page.",
    wcag=("2.4.1",),
    impact="moderate",
    needs=_READERS,
    false_alarms="A target that a script makes at the moment of the click is not seen.",
)
SKIP_LINK = Rule(
    id="no-skip-link",
    claims="No link or control moves the focus past the repeated blocks to the content.",
    wcag=(),
    act=("ye5d6e",),
    impact="minor",
    needs=_READERS,
    false_alarms=_TECHNIQUE,
)
LANDMARK = Rule(
    id="content-without-landmark",
    claims="The page's own content does not begin a landmark.",
    wcag=(),
    act=("b40fd1",),
    impact="minor",
    needs=_READERS,
    false_alarms=_TECHNIQUE,
)
HEADING = Rule(
    id="content-without-heading",
    claims="The page's own content does not begin with a heading.",
    wcag=(),
    act=("047fe0",),
    impact="minor",
    needs=_READERS,
    false_alarms=_TECHNIQUE,
)
SWITCH = Rule(
    id="repeated-blocks-not-collapsible",
    claims="No switch before the content hides the repeated blocks.",
    wcag=(),
    act=("3e12e1",),
    impact="minor",
    needs=_READERS,
    false_alarms=_TECHNIQUE,
)

_HIDES = """async ({ number, wait }) => {
  const shown = () => thuocdo.bypass.block.filter((one) => thuocdo.drawn(one) && !one.closest("button"));
  if (!shown().length || thuocdo.acts.control(thuocdo.kept(number))) return false;
  thuocdo.kept(number).click();
  await new Promise((done) => setTimeout(done, wait));
  return shown().length === 0;
}"""
_LED = """() => {
  const id = decodeURIComponent(location.hash.slice(1));
  const to = id ? document.getElementById(id) : document.activeElement;
  return Boolean(to && to !== document.body && thuocdo.bypass.leads(to));
}"""


async def read(stage: Stage) -> Any:
    """Read the neighbours."""
    return await stage.ask(_script("bypass_read.js"), {"pages": PAGES, "seconds": READ_SECONDS})


async def play(stage: Stage) -> AsyncIterator[Verdict]:
    """Look for ways past what the neighbours have, too; try the ones that only scripts make."""
    repeated = stage.readings["bypass"]
    seen = await stage.ask(_script("bypass.js"), {"repeated": repeated, "pattern": _SKIP}) if repeated else None
    if seen is None:
        for rule in ACT.rules:
            yield Verdict(rule=rule.id)
        return
    skip = seen["skip"] or await _leads(stage, seen["links"])
    hidden = await _hides(stage, seen["buttons"])
    yield await _verdict(stage, BROKEN, failed=seen["broken"], passed=seen["skips"] - len(seen["broken"]))
    ways = {SKIP_LINK: skip, LANDMARK: seen["landmark"], HEADING: seen["heading"], SWITCH: hidden}
    for rule, there in ways.items():
        yield await _verdict(stage, rule, failed=() if there else (seen["place"],), passed=int(there))
    any_way = any(ways.values())
    yield await _verdict(stage, NO_WAY, failed=() if any_way else (seen["place"],), passed=int(any_way))


async def _leads(stage: Stage, links: Sequence[int]) -> bool:
    for number in links:
        stage.spoil()
        if not await press_enter(stage, number):
            continue
        await stage.page.wait_for_timeout(WAIT_MILLISECONDS)
        if await stage.ask(_LED):
            return True
    return False


async def _hides(stage: Stage, buttons: Sequence[int]) -> bool:
    for number in buttons:
        stage.spoil()
        if await stage.ask(_HIDES, {"number": number, "wait": WAIT_MILLISECONDS}):
            return True
    return False


async def _verdict(stage: Stage, rule: Rule, *, failed: Sequence[Mapping[str, Any]], passed: int) -> Verdict:
    return await stage.verdict(rule, [{rule.id: {"passed": passed, "failed": failed, "review": ()}}])


@cache
def _script(name: str) -> str:
    return (files("probes.accessibility") / name).read_text(encoding="utf-8")


ACT = Act(
    name="bypass",
    rules=(NO_WAY, BROKEN, SKIP_LINK, LANDMARK, HEADING, SWITCH),
    seconds=5.0,
    order=60,
    play=play,
    read=read,
    presses=True,
)
