"""Filmstrips of real pages: stages whose moments the page itself tells, movement, lost pages; and phones calibrated."""

import asyncio
import io

import pytest
import pytest_asyncio
from aiohttp import web
from PIL import Image

from probes.chromium.browser import Browser, find_browser
from probes.chromium.filmstrip import MOST_FRAMES, Filmstrip
from probes.chromium.filmstrip_image import filmstrip_image
from probes.chromium.navigation import Navigation
from probes.chromium.slowdown import calibrate, machine_index
from probes.chromium.speed_index import speed_index
from probes.chromium.traffic import Traffic
from thuocdo.core.clock import now
from thuocdo.core.profiles import PROFILES
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: filmstrips are NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

BLUE_AFTER_SECONDS, RED_AFTER_SECONDS = 0.4, 1.2

# Blue is three quarters of the final picture, red one quarter; two empty scripts hold each back.
STAGED = """<!doctype html><html lang=vi><title>Đo</title><style>body{margin:0}div{width:100vw}</style>
<body><div id=blue style="height:75vh"></div><div id=red style="height:25vh"></div><script>
const paint = async (id, colour) => {
  await fetch("/wait/" + id);
  document.getElementById(id).style.background = colour;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  window[id + "At"] = (performance.timeOrigin + performance.now()) / 1000;
};
paint("blue", "#0000e0").then(() => paint("red", "#e00000")).then(() => window.done = true);
</script>"""

MOVING = """<!doctype html><html lang=vi><title>Đo</title><style>body{margin:0}div{width:100vw;height:100vh}</style>
<body><div id=all></div><script>
const end = performance.now() + SECONDS * 1000;
let step = 0;
const move = () => {
  const still = performance.now() > end;
  document.getElementById("all").style.background = still ? "#e00000" : `rgb(0, ${step % 200}, ${(step += 40) % 256})`;
  still ? window.done = true : requestAnimationFrame(move);
};
requestAnimationFrame(move);
</script>"""

WORKING = """<!doctype html><html lang=vi><title>Đo</title><body><p>Dịch vụ công<script>
const work = (rounds) => { let sum = 0; for (let i = 0; i < rounds; i++) sum = (sum * 31 + i) | 0; return sum; };
const once = (rounds) => { const start = performance.now(); work(rounds); return performance.now() - start; };
work(1e6);
</script>"""


async def _wait(request: web.Request) -> web.Response:
    await asyncio.sleep(
        {"blue": BLUE_AFTER_SECONDS, "red": RED_AFTER_SECONDS - BLUE_AFTER_SECONDS}[request.match_info["id"]]
    )
    return web.Response()


def _page(text):
    async def answer(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/html")

    return answer


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def base():
    app = web.Application()
    app.router.add_get("/staged", _page(STAGED))
    app.router.add_get("/moving", _page(MOVING.replace("SECONDS", "0.4")))
    app.router.add_get("/restless", _page(MOVING.replace("SECONDS", "60")))
    app.router.add_get("/working", _page(WORKING))
    app.router.add_get("/wait/{id}", _wait)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser():
    opened = await Browser.launch(
        BrowserSettings(), hosts={"localhost": "127.0.0.1"}, user_agent="ThuocDo/0.1 (+https://contact.test)"
    )
    yield opened
    await opened.close()


async def value_of(session, expression):
    told = await session.send(
        "Runtime.evaluate", {"expression": expression, "returnByValue": True, "awaitPromise": True}
    )
    return told["result"].get("value")


async def until_done(session):
    async with asyncio.timeout(25):
        while not await value_of(session, "window.done"):
            await asyncio.sleep(0.05)


async def filmed(session, url):
    """Visit as a probe does; returns the frames and when the visit began."""
    navigation, traffic, strip = Navigation(session), Traffic(), Filmstrip()
    await asyncio.gather(navigation.prepare(), traffic.watch(session))
    await strip.start(session)
    await navigation.go(url)
    await until_done(session)
    return await strip.stop(), traffic.started_at


def shows(frame):
    """The colours at the top and at the bottom, by name."""
    picture = Image.open(io.BytesIO(frame.jpeg)).convert("RGB")
    middle = picture.width // 2
    names = []
    for height in (picture.height // 3, picture.height - 5):
        red, green, blue = picture.getpixel((middle, height))
        names.append(
            "white" if min(red, green, blue) > 240 else "red" if red > 180 else "blue" if blue > 180 else "other"
        )
    return tuple(names)


async def _light(browser, body, url):
    async with browser.tab(PROFILES["desktop"], deadline_seconds=30) as tab:
        return await body(tab.session)


async def _playwright(browser, body, url):
    async with browser.driven_page(PROFILES["desktop"], deadline_seconds=30) as opened:
        opened.gate.expect(url)
        return await body(opened.session)


@pytest.mark.sampled(share=0.5)
@pytest.mark.parametrize("opened", [_light, _playwright])
async def test_stages_are_seen_when_the_page_says_they_were_painted(browser, base, opened):
    async def body(session):
        frames, began = await filmed(session, f"{base}/staged")
        return frames, began, await value_of(session, "[blueAt, redAt]")

    frames, began, painted = await opened(browser, body, f"{base}/staged")
    ended = now().timestamp()
    stages = [shows(frame) for frame in frames]
    assert stages[-2:] == [("blue", "white"), ("blue", "red")]
    assert set(stages[:-2]) <= {("white", "white")}
    seen = [frame.at_seconds for frame in frames[-2:]]
    # How near to the page's own moments: benchmarks/bench_speed_index.py.
    assert seen[0] - began >= BLUE_AFTER_SECONDS
    assert seen[1] - began >= RED_AFTER_SECONDS
    assert seen[0] < painted[1]
    assert seen[1] <= ended
    progress = speed_index(frames, began)
    assert progress.first_change_seconds == pytest.approx(seen[0] - began)
    assert progress.complete_seconds == pytest.approx(seen[1] - began)
    blue, red = seen[0] - began, seen[1] - began
    assert progress.speed_index_seconds == pytest.approx(blue + 0.25 * (red - blue), rel=0.03)
    assert filmstrip_image(frames, began).startswith(b"\xff\xd8")


async def test_end_of_a_movement_is_seen_before_anybody_asks_for_the_last_picture(browser, base):
    async with browser.tab(PROFILES["desktop"], deadline_seconds=30) as tab:
        strip = Filmstrip()
        await strip.start(tab.session)
        await tab.session.send("Page.navigate", {"url": f"{base}/moving"})
        await until_done(tab.session)
        await asyncio.sleep(1.0)  # the page stands still, nothing is measured
        asked_seconds = now().timestamp()
        frames = await strip.stop()
    assert len(frames) > 3
    assert shows(frames[-1]) == ("red", "red")
    assert frames[-1].at_seconds < asked_seconds


async def test_restless_page_is_bounded_and_ends_with_what_it_shows_now(browser, base):
    async with browser.tab(PROFILES["mobile"], deadline_seconds=30) as tab:
        strip = Filmstrip()
        await strip.start(tab.session)
        await tab.session.send("Page.navigate", {"url": f"{base}/restless"})
        async with asyncio.timeout(25):
            while len(strip._frames) <= 10:
                await asyncio.sleep(0.1)
        before = await value_of(tab.session, "performance.timeOrigin / 1000 + performance.now() / 1000")
        frames = await strip.stop()
    assert 10 < len(frames) <= MOST_FRAMES
    assert frames[-1].at_seconds >= before - 0.05


async def test_pages_side_by_side_have_filmstrips_of_their_own(browser, base):
    async def body(session):
        return await filmed(session, f"{base}/staged")

    strips = await asyncio.gather(_light(browser, body, ""), _light(browser, body, ""))
    for frames, _ in strips:
        assert [shows(frame) for frame in frames[-2:]] == [("blue", "white"), ("blue", "red")]


async def test_page_that_is_closed_leaves_what_it_has_shown(browser, base):
    async with browser.tab(PROFILES["desktop"], deadline_seconds=30) as tab:
        strip = Filmstrip()
        await strip.start(tab.session)
        await tab.session.send("Page.navigate", {"url": f"{base}/staged"})
        await until_done(tab.session)
    frames = await strip.stop()
    assert frames
    assert shows(frames[-1])[0] == "blue"


async def test_calibration_gives_a_factor_in_time(browser):
    async with browser.tab(PROFILES["desktop"], deadline_seconds=30) as tab:
        index = await machine_index(tab.session)
        factor = await calibrate(tab.session)
    assert 20 < index < 20_000
    assert 1.0 <= factor < 50


async def test_a_task_takes_longer_when_slowed_down(browser, base):
    # By how much: benchmarks/bench_speed_index.py.
    async with browser.tab(PROFILES["desktop"], deadline_seconds=60) as tab:
        session = tab.session
        await Navigation(session).prepare()
        await session.send("Page.navigate", {"url": f"{base}/working"})
        async with asyncio.timeout(10):
            while await value_of(session, "typeof once") != "function":
                await asyncio.sleep(0.05)
        rounds = 2e6
        while (plain := await fastest_task(session, rounds)) < 40:
            rounds *= 2
        await session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        slowed = await fastest_task(session, rounds)
    assert slowed > plain


async def fastest_task(session, rounds):
    """Milliseconds of one task of so much work: the least of several, since other programs make it longer."""
    return min([await value_of(session, f"once({rounds})") for _ in range(5)])
