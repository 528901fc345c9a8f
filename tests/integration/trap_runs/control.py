"""
The control run: a browser without any guard does on each trap what a careless probe would, and something must arrive.

    python -m tests.integration.trap_runs.control ID …

Prints one JSON object per trap: {"trap", "arrived", "seconds"}

Knows nothing of the product but the testbed: plain Playwright, the same Chromium, permissive.
"""

import asyncio
import json
import os
import sys
import time
from contextlib import suppress

from playwright.async_api import Browser, BrowserContext, Error, Page, async_playwright

from testbed.traps.gallery import TRAPS
from testbed.traps.server import TrapServer
from testbed.traps.trap import Trap
from tests.integration.trap_runs.network import leave_network

AT_ONCE = 6
LOAD_SECONDS = 5.0
ACT_SECONDS = 1.2
LAST_SECONDS = 6.0
TEXTS = "input:not([type]),input[type=text],textarea"
PERMITTED = ["backgroundSync", "backgroundFetch", "periodicBackgroundSync", "notifications", "sensors"]
PERMISSIVE = (
    "--short-reporting-delay",
    "--allow-loopback-in-peer-connection",
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
    "--enable-features=NetworkServiceInProcess2,FencedFrames,FencedFramesAPIChanges,FencedFramesDefaultMode,PrivacySandboxAdsAPIsOverride,Prerender2",
    "--enable-experimental-web-platform-features",
    "--enable-blink-features=FencedFrames,FencedFramesDefaultMode,FencedFramesAPIChanges",
)


def arguments(server: TrapServer) -> list[str]:
    """Return the browser's command line: every host of the traps on loopback, no other host at all."""
    rules = [f"MAP {host} {address}" for host, address in server.hosts.items()]
    rules += ["EXCLUDE localhost", "EXCLUDE 127.0.0.1", "MAP * ~NOTFOUND"]
    return [
        f"--host-resolver-rules={','.join(rules)}",
        f"--ignore-certificate-errors-spki-list={','.join(server.trusted_keys)}",
        *PERMISSIVE,
    ]


async def act(page: Page, context: BrowserContext, what: str) -> None:
    """Do one thing that a careless probe would; see testbed.traps.trap.CARELESS."""
    verb, _, rest = what.partition(" ")
    if verb in ("type", "phrase"):
        for box in (await page.locator(TEXTS).all())[:3]:
            await box.click(timeout=1000)
            await page.keyboard.type("1" if verb == "type" else "thu nghiem", delay=5)
            await page.mouse.click(1, 1)
    elif verb == "choose":
        for box in await page.locator("select").all():
            await box.select_option(index=1, timeout=1000)
    elif verb == "compose":
        await page.locator(TEXTS).first.click()
        session = await context.new_cdp_session(page)
        await session.send("Input.imeSetComposition", {"text": "ô", "selectionStart": 1, "selectionEnd": 1})
        await session.send("Input.insertText", {"text": "ô"})
    elif verb == "freeze":
        session = await context.new_cdp_session(page)
        await session.send("Page.setWebLifecycleState", {"state": "frozen"})
    elif verb == "tab":
        for _ in range(5):
            await page.keyboard.press("Tab")
    elif verb == "click":
        await page.locator(rest).first.click(timeout=3000)
    elif verb == "push":  # where the control was, whatever is there by the time of the press
        box = await page.locator(rest).first.bounding_box()
        assert box is not None
        await page.mouse.move(box["x"] + 5, box["y"] + 5, steps=3)
        await page.mouse.down()
        await page.mouse.up()
    elif verb == "accesskey":
        session = await context.new_cdp_session(page)
        key = {
            "key": rest,
            "code": f"Key{rest.upper()}",
            "unmodifiedText": rest,
            "windowsVirtualKeyCode": ord(rest.upper()),
        }
        await session.send("Input.dispatchKeyEvent", {"type": "keyDown", "modifiers": 1, "text": rest, **key})
    elif verb == "hover":
        await page.locator(rest).first.hover(timeout=3000)
    elif verb == "focus":
        await page.locator(rest).first.focus(timeout=3000)
    elif verb == "press":
        await page.keyboard.press(rest)
    elif verb == "scroll":
        await page.mouse.wheel(0, 600)
    elif verb == "resize":
        await page.set_viewport_size({"width": 320, "height": 600})
    elif verb in ("offline", "online"):
        await context.set_offline(verb == "offline")
    elif verb == "submit":
        await page.evaluate("document.forms[0].requestSubmit()")
    elif verb == "reload":
        await page.wait_for_timeout(300)  # what a page stores, it stores in its own time
        await page.reload(timeout=5000)
    elif verb == "read":
        await page.evaluate("css=>document.querySelectorAll(css).forEach(a=>fetch(a.href))", rest)
    elif verb == "leave":
        await page.goto("about:blank", timeout=5000)
    else:
        raise ValueError(f"no act is called {what!r}")


async def permit(page: Page, context: BrowserContext, browser: Browser) -> None:
    """Permit, while the session stands, what a person's browser may; reports go only where background sync does."""
    own = await context.new_cdp_session(page)
    about = await own.send("Target.getTargetInfo")
    control = await browser.new_browser_cdp_session()
    where = {"browserContextId": about["targetInfo"]["browserContextId"]}
    await control.send("Browser.grantPermissions", {"permissions": PERMITTED, **where})


async def walk_into(one: Trap, server: TrapServer, browser: Browser) -> None:
    """Open a trap and do what is careless until something has arrived; then leave."""
    context = await browser.new_context(ignore_https_errors=True)
    page = await context.new_page()
    await permit(page, context, browser)
    with suppress(Error):
        await page.goto(server.url(one), timeout=LOAD_SECONDS * 1000)
    if not one.careless:
        await server.arrivals.wait(one.id, LAST_SECONDS)
    for what in one.careless:
        if await server.arrivals.wait(one.id, ACT_SECONDS):
            break
        with suppress(Error):
            await act(page, context, what)
    await server.arrivals.wait(one.id, 2 * ACT_SECONDS)
    await context.close()
    await server.arrivals.wait(one.id, LAST_SECONDS)


async def main(chosen: list[Trap]) -> None:
    """Walk into each, several at once."""
    turn = asyncio.Semaphore(AT_ONCE)
    async with TrapServer(chosen) as server, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=os.environ.get("THUOCDO_BROWSER") or os.environ["TRAPS_BROWSER"],
            args=arguments(server),
            ignore_default_args=["--disable-background-networking", "--disable-component-update"],
            chromium_sandbox=os.geteuid() != 0,
        )

        async def take(one: Trap) -> None:
            async with turn:
                began = time.monotonic()
                await walk_into(one, server, browser)
                arrived = server.arrivals.of(one.id)
                print(
                    json.dumps({"trap": one.id, "arrived": arrived, "seconds": round(time.monotonic() - began, 1)}),
                    flush=True,
                )

        await asyncio.gather(*map(take, chosen))
        await browser.close()


if __name__ == "__main__":
    isolated = leave_network()
    known = {one.id: one for one in TRAPS}
    chosen = [known[name] for name in sys.argv[1:]] or list(TRAPS)
    if not isolated:  # what speaks to more than names and literal addresses of loopback needs the wall
        chosen = [one for one in chosen if "@udp@" not in one.text]
    asyncio.run(main(chosen))
