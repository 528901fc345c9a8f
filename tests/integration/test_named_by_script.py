"""Names and roles that scripts give are known to the engine; what has none is found as ever."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from probes.accessibility.engine import AxeReport, run_axe
from probes.accessibility.world import IsolatedWorld
from probes.chromium.browser import Browser
from probes.chromium.executable import find_browser
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: names given by scripts are NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

INTERNALS = """customElements.define('x-a', class extends HTMLElement {
  constructor() { super(); const i = this.attachInternals(); %s } })"""
LIST = "<x-l><template shadowrootmode=open><ul><slot></slot></ul></template>%s</x-l>"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    launched = await Browser.launch(BrowserSettings(), hosts=None, user_agent="ThuocDo")
    yield launched
    await launched.close()


async def examined(browser: Browser, body: str) -> AxeReport:
    async with browser.driven_page(PROFILES["desktop"], deadline_seconds=60) as opened:
        await opened.page.evaluate(
            "(body) => document.documentElement.setHTMLUnsafe(`<head><title>x</title></head><body>${body}</body>`)",
            body,
        )
        for script in await opened.page.query_selector_all(
            "script"
        ):  # scripts that are written so do not run by themselves
            await opened.page.evaluate(await script.inner_text())
        return await run_axe(opened.page, await IsolatedWorld.open(opened.session), seconds=50)


def outcomes(report: AxeReport) -> dict[str, str]:
    failed = {rule.id: "failed" for rule in report.rules if rule.failed}
    return {rule.id: "review" for rule in report.rules if rule.review} | failed


@pytest.mark.parametrize(
    "body",
    [
        "<p id=p>Số điện thoại</p><input id=i><script>i.ariaLabelledByElements = [p]</script>",
        "<input id=i><script>i.ariaLabel = 'Số điện thoại'</script>",
        f"<x-a aria-label='Tiến độ'></x-a><script>{INTERNALS % 'i.role = `progressbar`'}</script>",
        f"<x-a tabindex=0>x</x-a><script>{INTERNALS % 'i.role = `textbox`; i.ariaLabel = `Họ tên`'}</script>",
    ],
)
async def test_a_name_or_a_role_by_script_is_no_barrier(body: str, browser: Browser) -> None:
    found = outcomes(await examined(browser, body))
    assert not {"label", "aria-prohibited-attr", "aria-input-field-name"} & found.keys()


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<input>", "label"),
        ("<input id=i><script>i.ariaLabelledByElements = [document.createElement('p')]</script>", "label"),
        ("<div aria-label='Tiến độ'>x</div>", "aria-prohibited-attr"),
        ("<ul><div>x</div></ul>", "list"),
    ],
)
async def test_what_has_none_is_found(body: str, rule: str, browser: Browser) -> None:
    assert rule in outcomes(await examined(browser, body))


async def test_items_that_custom_elements_part_from_their_list_are_for_a_person(browser: Browser) -> None:
    assert outcomes(await examined(browser, LIST % "<x-i>Một</x-i><x-i>Hai</x-i>")).get("list") == "review"
    assert outcomes(await examined(browser, LIST % "<div>Một</div>")).get("list") == "failed"
