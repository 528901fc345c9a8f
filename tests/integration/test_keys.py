"""Keys that we press ourselves are to a page what Playwright's are, which are a person's."""

import pytest

from probes.chromium.keys import press

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PAGE = """<!doctype html><title>Keys</title><a id="one" href="#1">1</a><input id="two"><button id="three">3</button>
<script>
const told = [], at = () => document.activeElement.id;
for (const type of ["keydown", "keypress", "keyup", "beforeinput", "focusin"])
  addEventListener(type, (e) => told.push([type, e.key, e.code, e.keyCode, e.location, e.shiftKey, e.repeat, e.isTrusted,
    e.getModifierState?.("Shift"), e.target.id, at()].join(" ")), true);
</script>"""


async def told(browser, keys, press_keys):
    """Return what a page hears while keys are pressed twice in its field."""
    page = await browser.new_page()
    await page.set_content(PAGE)
    await page.focus("#two")
    await page.evaluate("told.length = 0")
    session = await page.context.new_cdp_session(page)
    for _ in range(2):
        await press_keys(page, session, keys)
    heard = await page.evaluate("told")
    await page.context.close()
    return heard


async def by_playwright(page, session, keys):
    await page.keyboard.press(keys)


@pytest.mark.parametrize("keys", ["Tab", "Shift+Tab", "1", "Backspace", "Escape", "Enter"])
async def test_a_page_is_told_the_same_whoever_presses(unguarded, keys):
    heard = await told(unguarded, keys, press)
    assert heard == await told(unguarded, keys, by_playwright)
    assert any(line.startswith("keydown") for line in heard)
    assert ("Tab" in keys) == any(line.startswith("focusin") for line in heard)
