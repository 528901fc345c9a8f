"""Where a page goes, told by Chromium's events."""

import asyncio
from typing import Any

from probes.chromium.navigation import MOST_IN_VAIN, Navigation


class Session:
    """Stands in for a session of a page whose main frame is M."""

    def __init__(self) -> None:
        self.listeners: dict[str, Any] = {}

    def on(self, name: str, listener: Any) -> None:
        self.listeners[name.removeprefix("Page.")] = listener

    async def send(self, method: str, _: Any = None) -> Any:
        return {"frameTree": {"frame": {"id": "M", "loaderId": "blank"}}} if method == "Page.getFrameTree" else {}

    def started(
        self, loader: str, url: str = "http://a.test/", frame: str = "M", kind: str = "differentDocument"
    ) -> None:
        self.listeners["frameStartedNavigating"](
            {"frameId": frame, "loaderId": loader, "url": url, "navigationType": kind}
        )

    def navigated(self, loader: str, frame: str = "M", **more: str) -> None:
        self.listeners["frameNavigated"]({"frame": {"id": frame, "loaderId": loader, **more}})

    def scheduled(self, seconds: float, frame: str = "M") -> None:
        self.listeners["frameScheduledNavigation"]({"frameId": frame, "delay": seconds, "url": "http://a.test/vao"})


async def watched() -> tuple[Navigation, Session]:
    session = Session()
    navigation = Navigation(session)
    await navigation.prepare()
    return navigation, session


async def test_a_page_moves_from_the_word_that_it_goes_on_until_the_document_is_there() -> None:
    navigation, session = await watched()
    session.started("L1")
    assert navigation.moving_to
    assert navigation.moving_to[0] == "L1"
    session.navigated("L1")
    assert (navigation.moving_to, navigation.shown, navigation.unreachable) == (None, "L1", "")


async def test_what_a_frame_does_or_the_page_within_itself_is_no_move() -> None:
    navigation, session = await watched()
    session.started("L1", frame="F")
    session.started("L2", kind="sameDocument")
    session.started("L3", url="dichvucong://vao")
    assert navigation.moving_to is None


async def test_a_page_that_goes_to_what_is_no_page_while_it_loads_has_loaded_when_the_browser_has_done_with_it() -> (
    None
):
    navigation, session = await watched()
    session.navigated("L1")
    session.started("L2")
    assert not await navigation.loaded(0.0)
    session.listeners["frameStoppedLoading"]({"frameId": "F"})
    assert not await navigation.loaded(0.0)
    session.listeners["frameStoppedLoading"]({"frameId": "M"})
    assert await navigation.loaded(0.0)
    session.navigated("L3")
    assert not await navigation.loaded(0.0)


async def test_a_page_that_tries_in_vain_for_ever_stays() -> None:
    navigation, session = await watched()
    for number in range(MOST_IN_VAIN + 1):
        navigation.moving_to = None
        session.started(f"L{number}")
    assert navigation.moving_to is None
    session.navigated("L")
    session.started("next")
    assert navigation.moving_to


async def test_an_error_page_tells_what_it_stands_for() -> None:
    navigation, session = await watched()
    session.navigated("L1", unreachableUrl="http://gone.test/")
    assert navigation.unreachable == "http://gone.test/"


async def test_what_a_document_announces_holds_until_it_is_gone_or_takes_it_back() -> None:
    navigation, session = await watched()
    session.scheduled(2.0)
    session.scheduled(1.0, frame="F")
    assert navigation.send_on
    assert (navigation.send_on.delay_seconds, navigation.send_on.url) == (2.0, "http://a.test/vao")
    assert [one.delay_seconds for one in navigation.frames_send_on] == [1.0]
    session.listeners["frameClearedScheduledNavigation"]({"frameId": "M"})
    session.navigated("L9", frame="F")
    assert (navigation.send_on, navigation.frames_send_on) == (None, ())


async def test_a_move_is_waited_for_no_longer_than_told() -> None:
    navigation, session = await watched()
    loop = asyncio.get_running_loop()
    assert not await navigation.moves(loop.time() + 0.02)
    loop.call_later(0.01, lambda: session.started("L1"))
    async with asyncio.timeout(60):
        assert await navigation.moves(loop.time() + 60)
