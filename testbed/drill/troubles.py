"""What can be wrong with a portal of the drill, and what each of it answers."""

import asyncio
from collections.abc import Mapping
from enum import StrEnum

from aiohttp import web

from testbed import walls
from testbed.drill.places import SSO_HOST, Place
from testbed.pages import render
from testbed.site import Resource, respond

FORM_PATH = "/bieu-mau"
WALL_AFTER_REQUESTS = 3
SLOW_SECONDS = 4.6

ROBOTS = Resource(body=b"User-agent: *\nDisallow:\n", media_type="text/plain; charset=utf-8")


class Trouble(StrEnum):
    """What is wrong with a portal just now."""

    NONE = "none"
    REFUSED = "refused"
    FLAPPING = "flapping"
    SLOW = "slow"
    HANGING = "hanging"
    FORM_FAILS = "form_fails"
    WRONG_CERTIFICATE = "wrong_certificate"
    NO_NAME = "no_name"
    NO_UPSTREAM = "no_upstream"
    NOT_READY = "not_ready"
    EMPTY = "empty"
    SENT_TO_LOGIN = "sent_to_login"
    LOGIN_IN_PLACE = "login_in_place"
    WALL = "wall"


class Answering:
    """
    The pages of one portal.

    Args:
        place: the portal.

    requests: how often its home page or form was asked for since the beginning.
    """

    def __init__(self, place: Place) -> None:
        self.requests = 0
        self._place = place
        self._trouble = Trouble.NONE
        self._asked = 0
        self._pages = _pages(place)

    def befall(self, trouble: Trouble) -> None:
        """Have it from now on."""
        self._trouble, self._asked = trouble, 0

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        if self._trouble is Trouble.HANGING:
            await asyncio.Event().wait()
        if request.path == "/robots.txt":
            return respond(ROBOTS)
        if request.path == "/favicon.ico":
            return web.Response(status=404)
        self.requests += 1
        self._asked += 1
        is_form = request.path == FORM_PATH
        await asyncio.sleep(SLOW_SECONDS if self._trouble is Trouble.SLOW else self._place.usual_seconds)
        if self._trouble is Trouble.FORM_FAILS and is_form:
            return respond(walls.server_error())
        if self._trouble is Trouble.FLAPPING and self._asked % 2:
            return web.Response(status=503, text="Service Unavailable")
        if self._trouble is Trouble.WALL and self._asked > WALL_AFTER_REQUESTS:
            return respond(walls.forbidden())
        return respond(_INSTEAD.get(self._trouble) or self._pages["form" if is_form else "home"])


_INSTEAD: Mapping[Trouble, Resource] = {
    Trouble.NOT_READY: Resource(
        body=render(
            "light",
            title="Cổng dịch vụ công",
            lines=("Hệ thống chưa sẵn sàng do đang thực hiện công tác kỹ thuật. Mong quý vị thông cảm.",),
            links=(),
        )
    ),
    Trouble.EMPTY: Resource(body=b""),
    Trouble.SENT_TO_LOGIN: walls.redirect(f"https://{SSO_HOST}/dang-nhap"),
    Trouble.LOGIN_IN_PLACE: walls.login("Đăng nhập hệ thống"),
}


def login_page() -> Resource:
    """Return what the host of the central login shows."""
    return walls.login("Đăng nhập bằng tài khoản định danh điện tử VNeID")


def _pages(place: Place) -> Mapping[str, Resource]:
    ways = ("Thủ tục hành chính", "Nộp hồ sơ trực tuyến", "Tra cứu hồ sơ", "Phản ánh, kiến nghị", "Hỏi đáp", "Liên hệ")
    lines = [
        f"{place.name} cung cấp dịch vụ công trực tuyến cho người dân và doanh nghiệp.",
        "Xem thủ tục, nộp hồ sơ, thanh toán và tra cứu kết quả giải quyết tại đây.",
    ] * 4
    title = f"Cổng dịch vụ công {place.name}"
    fields = "".join(
        f'<p><label for="o{n}">{label}</label> <input id="o{n}" name="o{n}" required></p>'
        for n, label in enumerate(("Họ và tên", "Số định danh cá nhân", "Địa chỉ", "Số điện thoại", "Nội dung"))
    )
    form = (
        f"<!doctype html><html lang=vi><meta charset=utf-8><title>Tờ khai</title><h1>Tờ khai - {title}</h1>"
        f"<form method=post action=/luu>{fields}<button type=submit>Nộp hồ sơ</button></form>"
    )
    home = render("light", title=title, lines=lines, links=[(f"/{n}", way) for n, way in enumerate(ways)])
    return {"home": Resource(body=home), "form": Resource(body=form.encode())}
