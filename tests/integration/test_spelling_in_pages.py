"""The spelling that compares, in a real browser: the cases of the unit tests, and any text as Python folds it."""

import json
import random
import sys
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
import yaml
from playwright.async_api import Page, async_playwright

from probes.chromium.executable import find_browser
from probes.spelling import folded, spelling_script, stands_in
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: spelling is NOT TESTED in pages", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CASES = yaml.safe_load((Path(__file__).parents[1] / "unit" / "probes" / "spelling.yaml").read_text(encoding="utf-8"))
TEXTS = sorted({text for name in ("same", "different", "stands", "missing") for texts in CASES[name] for text in texts})


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_browser(BrowserSettings()))
        page = await browser.new_page()
        yield page
        await browser.close()


async def in_page(page: Page, texts: list[str]) -> list[str]:
    told: list[str] = await page.evaluate(f"(texts) => texts.map({spelling_script()}.folded)", texts)
    return told


async def test_folds_as_python_does(page: Page) -> None:
    assert await in_page(page, TEXTS) == [folded(text) for text in TEXTS]


async def test_folds_every_sign_as_python_does(page: Page) -> None:
    """Of those that both know: the two may come with different versions of Unicode."""
    known = [
        chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) not in {"Cn", "Cs", "Co"}
    ]
    folds = dict(zip(known, await in_page(page, known), strict=True))
    other = {f"U+{ord(sign):04X}": (folds[sign], folded(sign)) for sign in known if folds[sign] != folded(sign)}
    assert not other, dict(list(other.items())[:20])


async def test_folds_mixtures_as_python_does(page: Page) -> None:
    rng = random.Random(20261130)
    signs = "aăâeêioôơuưyđqgh KLMSNTÐÍỲ.-’“\u0300\u0301\u0303\u0309\u0323\u00a0\u200b\u00ad\r\n"
    texts = ["".join(rng.choices(signs, k=rng.randrange(40))) for _ in range(5000)]
    assert await in_page(page, texts) == [folded(text) for text in texts]


async def test_finds_as_python_does(page: Page) -> None:
    pairs = [(folded(phrase), folded(text)) for phrase in TEXTS for text in TEXTS]
    told = await page.evaluate(f"(pairs) => pairs.map((pair) => {spelling_script()}.standsIn(...pair))", pairs)
    wrong = [pair for pair, found in zip(pairs, told, strict=True) if found != stands_in(*pair)]
    assert not wrong, json.dumps(wrong[:5], ensure_ascii=False)
