"""
Act: get past what a page repeats of its neighbours, to what is new on it.

What is repeated is known by reading up to two other pages of the same site that it links to (without cookies). Where none can be
had, or nothing repeated comes first, there is nothing to test.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from probes.accessibility.act import Act
from probes.accessibility.barrier import Rule, Verdict
from probes.accessibility.pressing import press_enter
from probes.accessibility.rules.bypass import BROKEN, HEADING, LANDMARK, NO_WAY, RULES, SKIP_LINK, SWITCH
from probes.accessibility.scripts import script
from probes.accessibility.stage import ActContext

PAGES = 2
READ_SECONDS = 1.5
WAIT_MILLISECONDS = 100

_SKIP = r"skip|jump to|main content|to content|bỏ qua|chuyển (đến|tới) nội dung|đi (đến|tới) nội dung|tới nội dung|nội dung chính"


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


async def read(stage: ActContext) -> Any:
    """Read the neighbours."""
    return await stage.ask(script("bypass_read.js"), {"pages": PAGES, "seconds": READ_SECONDS})


async def play(stage: ActContext) -> AsyncIterator[Verdict]:
    """Look for ways past what the neighbours have, too; try the ones that only scripts make."""
    repeated = stage.readings["bypass"]
    seen = await stage.ask(script("bypass.js"), {"repeated": repeated, "pattern": _SKIP}) if repeated else None
    if seen is None:
        for rule in RULES:
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


async def _leads(stage: ActContext, links: Sequence[int]) -> bool:
    for number in links:
        stage.spoil()
        if not await press_enter(stage, number):
            continue
        await stage.page.wait_for_timeout(WAIT_MILLISECONDS)
        if await stage.ask(_LED):
            return True
    return False


async def _hides(stage: ActContext, buttons: Sequence[int]) -> bool:
    for number in buttons:
        stage.spoil()
        if await stage.ask(_HIDES, {"number": number, "wait": WAIT_MILLISECONDS}):
            return True
    return False


async def _verdict(stage: ActContext, rule: Rule, *, failed: Sequence[Mapping[str, Any]], passed: int) -> Verdict:
    return await stage.verdict(rule, [{rule.id: {"passed": passed, "failed": failed, "review": ()}}])


ACT = Act(
    name="bypass",
    rules=RULES,
    seconds=5.0,
    order=60,
    play=play,
    read=read,
    presses=True,
)
