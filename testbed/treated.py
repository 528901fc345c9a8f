"""
A portal that treats some of its visitors, or the days of a round, in another way; it knows the truth about itself.

By address alone: whoever visits says who it is, and a portal that looks at that needs no trick.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum

from aiohttp import web

_SECTIONS = (
    "Nộp hồ sơ trực tuyến",
    "Tra cứu hồ sơ",
    "Danh mục thủ tục hành chính",
    "Phản ánh, kiến nghị",
    "Thanh toán phí, lệ phí",
)
_WORDS = (
    "hồ sơ",
    "giấy phép",
    "đất đai",
    "hộ tịch",
    "kinh doanh",
    "xây dựng",
    "cư trú",
    "bảo hiểm",
    "giao thông",
    "giáo dục",
)
_OTHER = (
    "xin chào",
    "đoàn kiểm tra",
    "trang này",
    "chỉ dành",
    "riêng cho",
    "máy đo",
    "rất nhanh",
    "rất gọn",
    "không quảng cáo",
)
_NOTICE = (
    "Kính gửi tổ chức, cá nhân: cổng dừng tiếp nhận hồ sơ trực tuyến tại địa chỉ này. Để nộp hồ sơ, tra cứu và thanh toán trực "
    "tuyến, vui lòng truy cập <a href=https://dichvucong.example/>Cổng Dịch vụ công quốc gia</a>."
)
SLOW_SECONDS = 0.5


class TreatedTrick(StrEnum):
    """What a portal does."""

    NONE = "none"
    LIGHTER_IN_ROUND = "lighter_in_round"
    EMPTIED_IN_ROUND = "emptied_in_round"
    NOTICE_IN_ROUND = "notice_in_round"
    FASTER_FOR_US = "faster_for_us"
    LIGHTER_FOR_US = "lighter_for_us"
    OTHER_TEXT = "other_text"
    OTHER_ANSWER = "other_answer"


class TreatedPortal:
    """
    One portal.

    Args:
        trick: what it does.
        favoured: addresses that it has been told of; these are served otherwise by the tricks that go by address.
    """

    def __init__(self, trick: TreatedTrick, favoured: frozenset[str] = frozenset()) -> None:
        self.trick = trick
        self.favoured = favoured
        self.in_round = False
        self.user_agents: set[str] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """Serve on loopback; give the port."""
        app = web.Application()
        app.router.add_get("/", self._home)
        app.router.add_get("/anh/{number}.svg", self._picture)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield int(runner.addresses[0][1])
        finally:
            await runner.cleanup()

    async def _home(self, request: web.Request) -> web.Response:
        self.user_agents.add(request.headers.get("User-Agent", ""))
        is_favoured, trick = request.remote in self.favoured, self.trick
        if trick is TreatedTrick.OTHER_ANSWER and not is_favoured:
            return web.Response(
                status=403, text="<!doctype html><title>Access Denied</title><p>Your request was blocked."
            )
        if trick is TreatedTrick.FASTER_FOR_US and not is_favoured:
            await asyncio.sleep(SLOW_SECONDS)
        if self.in_round and trick is TreatedTrick.NOTICE_IN_ROUND:
            return _html(f"<!doctype html><html lang=vi><title>Thông báo</title><p>{_NOTICE}")
        return _html(self._page(is_favoured=is_favoured))

    def _page(self, *, is_favoured: bool) -> str:
        light = (self.in_round and self.trick is TreatedTrick.LIGHTER_IN_ROUND) or (
            is_favoured and self.trick is TreatedTrick.LIGHTER_FOR_US
        )
        emptied = self.in_round and self.trick is TreatedTrick.EMPTIED_IN_ROUND
        words = _OTHER if is_favoured and self.trick is TreatedTrick.OTHER_TEXT else _WORDS
        number = 12 if emptied else 120
        said = "".join(f"<li><a href=/tin/{n}>{_headline(words, n)}</a>" for n in range(number))
        menu = "".join(f"<a href=/muc/{n}>{text}</a> " for n, text in enumerate(_SECTIONS))
        pictures = "".join(
            f"<img src=/anh/{n}.svg width=40 height=40 alt=''>" for n in range(2 if light or emptied else 12)
        )
        return (
            "<!doctype html><html lang=vi><title>Cổng dịch vụ công</title><body>"
            f"<nav>{menu}</nav><main><h1>Dịch vụ công trực tuyến</h1>"
            f"<ul>{said}</ul>{pictures}</main>"
        )

    async def _picture(self, _: web.Request) -> web.Response:
        shapes = "<rect width='40' height='40' fill='#357'/>" + "<!-- -->" * 4000
        svg = f"<svg xmlns='http://www.w3.org/2000/svg' width='40' height='40'>{shapes}</svg>"
        return web.Response(text=svg, content_type="image/svg+xml")


def _html(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/html")


def _headline(words: tuple[str, ...], number: int) -> str:
    places = (number, 3 * number + 1, 7 * number + number // 9)
    return " ".join(words[place % len(words)] for place in places)
