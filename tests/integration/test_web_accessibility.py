"""Our own pages pass what we ask of others: axe-core, WCAG 2.2 AA and best practice, light and dark, wide and 320 px."""

import importlib.util
import os
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from probes.chromium.executable import find_browser
from thuocdo.core.model import Round
from thuocdo.core.setting_groups import BrowserSettings

pytestmark = [pytest.mark.browser, pytest.mark.turns(share=0.5)]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NARROW = 320


@cache
def load_site():
    """Return the fleet of the web's unit tests."""
    path = Path(__file__).parent.parent / "unit" / "web" / "conftest.py"
    spec = importlib.util.spec_from_file_location("web_fleet", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Iterator[str]:
    fleet = load_site()
    data = fleet.filled(tmp_path_factory.mktemp("filled"))
    made = fleet.serve(tmp_path_factory.mktemp("site"), data=data, ranked=True, sets=fleet.SHIPPED)
    for name in ("waits", "runs"):  # rounds without a ranking
        made.store.rounds.begin(Round(id=name, label=name, started_at=made.now - timedelta(days=1)))
    made.store.rounds.end("waits", made.now)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(made.client.app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    made.store.close()


@pytest.fixture(scope="module")
def axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser(require) -> Iterator[Browser]:
    found = find_browser(BrowserSettings())
    require(found, "a Chromium", "apt-get install chromium-headless-shell")
    arguments = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(found), args=arguments)
        yield launched
        launched.close()


WITHOUT_A_RANKING = ("/?round=waits", "/?round=runs", "/agencies/hue-2025?round=waits")
ADDRESSES = (*load_site().every_page(), *WITHOUT_A_RANKING, "/?lang=en", "/incidents?lang=en", "/nothing")


@pytest.mark.sampled(share=0.25, each="address")
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("width", [1366, NARROW])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_clean_under_axe_and_never_scrolls_sideways(base, browser, axe, scheme, width, address):
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    assert page.goto(f"{base}{address}").status == (404 if address == "/nothing" else 200)
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    page.evaluate(axe)
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", TAGS
    )
    context.close()
    rules = [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]]
    assert (rules, wider) == ([], 0), "rules broken, and by how many pixels it is wider than the window"


def test_the_keyboard_reaches_the_content_first_and_shows_where_it_is(base, browser):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{base}/")
    page.keyboard.press("Tab")
    focused = page.evaluate(
        "() => { const e = document.activeElement, s = getComputedStyle(e);"
        " return [e.getAttribute('href'), s.outlineStyle, parseFloat(s.outlineWidth), e.getBoundingClientRect().top >= 0] }"
    )
    assert focused == ["#content", "solid", 3, True]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    context.close()


def test_pages_are_the_same_without_javascript_and_nothing_breaks_the_policy(base, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto(f"{base}/agencies/da-nang-2025")
    assert page.locator("h1").inner_text() == "Đà Nẵng"
    assert page.locator("figure img").count() == 1
    assert messages == []
    context.close()
