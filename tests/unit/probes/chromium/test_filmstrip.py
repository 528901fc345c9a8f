"""What a filmstrip keeps and forgets, fed by a page that does what it is told."""

import asyncio
import base64

import pytest
from playwright.async_api import Error

from probes.chromium import filmstrip
from probes.chromium.filmstrip import MOST_BYTES, MOST_FRAMES, Filmstrip, Frame, shortest_shown
from thuocdo.core.clock import now


class FakePage:
    """Shows what it is told; a capture that begins gets a picture of what is shown, as Chromium gives one."""

    def __init__(self, shows=b"white"):
        self.shows = shows
        self.sent = []
        self.lost = False
        self._takes = None

    async def send(self, method, params=None):
        if self.lost:
            raise Error("Target closed")
        self.sent.append(method)
        if method == "Page.startScreencast":
            asyncio.get_running_loop().call_soon(self.show, self.shows)
        return {}

    def on(self, event, f):
        assert event == "Page.screencastFrame"
        self._takes = f

    def show(self, jpeg, at=None):
        self.shows = jpeg
        seconds = now().timestamp() if at is None else at
        data = base64.b64encode(jpeg).decode()
        self._takes({"data": data, "sessionId": 1, "metadata": {"timestamp": seconds}})


@pytest.fixture
async def page():
    return FakePage()


async def started(page):
    strip = Filmstrip()
    await strip.start(page)
    await asyncio.sleep(0)
    return strip


async def test_every_frame_is_answered_and_identical_ones_are_kept_once(page):
    strip = await started(page)
    began = now().timestamp()
    for number, jpeg in enumerate((b"white", b"text", b"text", b"all")):
        page.show(jpeg, began + number)
    await asyncio.sleep(0)
    assert page.sent.count("Page.screencastFrameAck") == 5
    page.shows = b"all"
    frames = await strip.stop()
    assert [frame.jpeg for frame in frames] == [b"white", b"text", b"all"]
    assert frames[1].at_seconds == began + 1


async def test_last_state_is_seen_although_chromium_dropped_its_frame(page):
    strip = await started(page)
    page.shows = b"dropped"
    frames = await strip.stop()
    assert [frame.jpeg for frame in frames] == [b"white", b"dropped"]


async def test_endless_animation_is_thinned_out_but_keeps_first_last_and_what_stood_long(page):
    strip = await started(page)
    began = now().timestamp() + 1
    page.show(b"logo", began)
    for number in range(2000):
        page.show(b"spin %d" % number, began + 3 + number / 100)
    page.show(b"end", began + 60)
    frames = await strip.stop()
    shown = [frame.jpeg for frame in frames]
    assert len(frames) == MOST_FRAMES
    assert (shown[0], shown[1], shown[-1]) == (b"white", b"logo", b"end")
    assert [frame.at_seconds for frame in frames] == sorted(frame.at_seconds for frame in frames)
    kept = [frame.at_seconds for frame in frames if frame.jpeg.startswith(b"spin")]
    assert max(after - before for before, after in zip(kept, kept[1:], strict=False)) < 2.0


async def test_pictures_never_need_more_memory_than_they_may(page):
    strip = await started(page)
    began = now().timestamp()
    for number in range(60):
        page.show(bytes([number]) * (MOST_BYTES // 20), began + number)
    frames = await strip.stop()
    assert sum(len(frame.jpeg) for frame in frames) <= MOST_BYTES
    assert (frames[0].jpeg, frames[-1].jpeg[:1]) == (b"white", bytes([59]))


async def test_movement_is_followed_by_another_look(page, monkeypatch):
    monkeypatch.setattr(filmstrip, "_PAUSE_SECONDS", 0.0)
    strip = await started(page)
    looks = page.sent.count("Page.startScreencast")
    page.show(b"move 1")
    page.show(b"move 2")
    page.shows = b"still"  # Chromium dropped the frame of it
    async with asyncio.timeout(60):
        while b"still" not in [frame.jpeg for frame in strip._frames]:
            await asyncio.sleep(0.001)
    assert page.sent.count("Page.startScreencast") > looks
    await strip.stop()


async def test_still_page_is_not_looked_at_again(page):
    strip = await started(page)
    page.show(b"text", now().timestamp() + 1)
    page.show(b"all", now().timestamp() + 2)
    await asyncio.sleep(0)
    assert page.sent.count("Page.startScreencast") == 1
    await strip.stop()


async def test_lost_page_leaves_what_it_has_shown(page):
    strip = await started(page)
    page.lost = True
    assert [frame.jpeg for frame in await strip.stop()] == [b"white"]


async def test_frozen_page_does_not_hold_up_the_end(page, monkeypatch):
    monkeypatch.setattr(filmstrip, "STOP_SECONDS", 0.05)
    strip = await started(page)

    async def silence(method, params=None):
        await asyncio.Event().wait()

    page.send = silence
    async with asyncio.timeout(60):
        assert [frame.jpeg for frame in await strip.stop()] == [b"white"]


async def test_nothing_is_kept_after_the_end_and_nothing_runs_on(page):
    strip = await started(page)
    page.show(b"move 1")
    page.show(b"move 2")
    before = await strip.stop()
    page.show(b"late")
    assert await strip.stop() == ()
    assert b"late" not in [frame.jpeg for frame in before]
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_movement_at_the_very_end_is_not_followed(page):
    strip = await started(page)
    page.shows = b"moves still"
    await strip.stop()
    sent = list(page.sent)
    for _ in range(5):
        await asyncio.sleep(0)
    assert page.sent == sent
    assert page.sent[-1] == "Page.stopScreencast"


async def test_strip_that_never_began_is_empty():
    assert await Filmstrip().stop() == ()


def test_shortest_shown_is_never_the_first_or_the_last():
    frames = [Frame(at_seconds=at, jpeg=b"") for at in (0.0, 0.001, 2.0, 2.5, 9.0, 9.0001)]
    assert shortest_shown(frames) == 4
    assert shortest_shown(frames[:4]) == 2
    assert shortest_shown(frames[:3]) == 1
