"""Whoever presses, follows or fetches asks the one list: each script of ours, on pages that set traps for it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, async_playwright

from probes.accessibility.world import _axe_source, _stage_script
from probes.chromium.executable import find_browser
from probes.forbidden_acts import script
from probes.journeys.controls import CLICKABLE
from probes.journeys.hovering import MENUS
from probes.journeys.seeking import _SCRIPT as SEEKING
from probes.journeys.steps import says_no
from probes.journeys.submit_guard import _SCRIPT as GUARD
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: who asks the list is NOT TESTED", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CODE = "1.004222"
NAMES = ["Nộp hồ sơ trực tuyến", "Nộp trực tuyến", "Tiếp tục", "Đăng ký", "Thủ tục hành chính"]


@dataclass
class Site:
    """A page on own.test, and the paths that were asked for since it was shown."""

    page: Page
    markup: str = ""
    asked: list[str] = field(default_factory=list)
    inside: str = ""
    with_cookies: list[str] = field(default_factory=list)

    async def answer(self, route: Route) -> None:
        path = route.request.url.removeprefix("http://own.test")
        self.asked.append(path)
        if "cookie" in await route.request.all_headers():
            self.with_cookies.append(path)
        body = self.markup if path == "/" else f"<title>{path}</title><main>Trang {path}</main>{self.inside}"
        await route.fulfill(body=f"<!doctype html><meta charset=utf-8>{body}", content_type="text/html")

    async def show(self, markup: str) -> None:
        self.markup = markup
        self.with_cookies.clear()
        await self.page.goto("http://own.test/")
        self.asked.clear()

    async def ask(self, script_name: str, argument: Any = None) -> Any:
        """Call a script of the acts as their world would."""
        await self.page.evaluate(f"() => {{ {_axe_source()};{_stage_script()};thuocdo.acts = {script()}; }}")
        source = (files("probes.accessibility") / script_name).read_text(encoding="utf-8")
        return await self.page.evaluate(f"(argument) => ({source.strip()})(argument)", argument)

    async def next(self, *, sure: bool = False) -> Any:
        """Tell what the seeker would follow, None = nothing."""
        asked = {"names": NAMES, "code": CODE, "followed": [], "visited": [], "sure": sure}
        asked |= {"clickable": CLICKABLE, "menus": MENUS}
        found = await self.page.evaluate(SEEKING, asked)
        return found if "key" in found else None


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def site() -> AsyncIterator[Site]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_browser(BrowserSettings()), args=["--no-sandbox"]
        )
        page = await browser.new_page()
        made = Site(page)
        await page.add_init_script(GUARD)
        await page.route("**/*", made.answer)
        yield made
        await browser.close()


async def test_a_neighbour_that_acts_is_not_read(site: Site) -> None:
    await site.show(
        "<a href=/huy-ho-so/1>Giới thiệu</a><a href=/logoff>Tin tức</a><a href=/x1><i class='fa fa-trash'></i></a>"
        "<a href=/x2>Rút hồ sơ</a><a href=/x3 data-method=delete>Xem</a><a href=/x4?id=1>Xem</a>"
        "<a href=/x5 aria-label='Đăng xuất'>Xem</a><a href=/mau.pdf>Mẫu</a>"
        "<a href=/gioi-thieu>Giới thiệu</a><a href=/lien-he>Liên hệ</a><a href=/tin>Tin</a>"
    )
    texts = await site.ask("bypass_read.js", {"pages": 2, "seconds": 2})
    assert site.asked == ["/gioi-thieu", "/lien-he"]
    assert "Trang /lien-he" in texts


TARGETS = (
    "<title>x</title><p><a href=/rut-ho-so/1>Rút</a> hoặc <a href=/rut-ho-so/2>Rút</a></p>"
    "<p><a href=/a/1>Thu hồi</a> <a href=/a/2>Thu hồi</a></p><p><a href=/xoa/1>Một</a> <a href=/b>Một</a></p>"
    "<p><a href=/c>Hai</a> <a href=/d>Hai</a></p>"
)


@pytest.mark.parametrize("render", [False, True])
async def test_targets_that_act_are_not_compared(render: bool, site: Site) -> None:
    await site.show(TARGETS + "<iframe title=k src=/huy/1></iframe><iframe title=k src=/huy/2></iframe>")
    site.asked.clear()
    pairs = await site.ask("names_targets.js", {"render": render})
    assert site.asked == ["/c", "/d"]
    assert [pair["name"] for pair in pairs if all(target["page"] for target in pair["targets"])] == ["hai"]


async def test_targets_are_read_without_cookies(site: Site) -> None:
    await site.page.context.add_cookies([{"name": "k", "value": "v", "url": "http://own.test/"}])
    await site.show(TARGETS)
    await site.ask("names_targets.js", {"render": False})
    assert site.with_cookies == ["/"]


async def test_targets_are_shown_without_cookies(site: Site) -> None:
    await site.show(TARGETS)
    site.inside = "<script>document.querySelector('main').append(` ${document.cookie || 'none'}`)</script>"
    pairs = await site.ask("names_targets.js", {"render": True})
    site.inside = ""
    await site.page.context.clear_cookies()
    assert [target["page"]["text"] for target in pairs[-1]["targets"]] == ["Trang /c none", "Trang /d none"]


async def test_what_opens_a_dialog_and_acts_is_no_opener(site: Site) -> None:
    opener = "<button type=button aria-haspopup=dialog {}>{}</button>"
    await site.show(
        "".join(
            (
                opener.format("", "Xóa hồ sơ"),
                opener.format("title='Hủy đơn'", "Xem"),
                opener.format("onclick='xoa()'", "Xem"),
                opener.format("", "<i class='bi bi-trash'></i>"),
                opener.format("", "Nộp trực tuyến"),
                opener.format("id=free", "Xem giấy tờ cần có"),
            )
        )
    )
    kept = await site.ask("dialogs.js", {"most": 9})
    assert [await site.page.evaluate("(n) => thuocdo.kept(n).id", number) for number in kept] == ["free"]


async def test_a_dialog_is_closed_by_what_is_called_close_and_nothing_else(site: Site) -> None:
    await site.show("<title>x</title>")
    await site.ask("dialogs.js", {"most": 9})
    await site.page.evaluate(
        """() => document.body.innerHTML = `<dialog open aria-label=k><button type=button>Hủy</button>
        <button type=button>Thoát</button>
        <button type=button onclick="xoa()">Đóng</button><form method=dialog><button id=free>Đóng</button></form>
        <form><button>Đóng</button></form></dialog>`"""
    )
    dialog = await site.page.evaluate("() => thuocdo.dialogs.open()")
    assert [await site.page.evaluate("(n) => thuocdo.kept(n).id", number) for number in dialog["closers"]] == ["free"]


async def test_a_switch_for_sound_that_acts_is_not_pressed(site: Site) -> None:
    await site.show("<audio></audio><button type=button onclick='window.pressed = 1'>Dừng hồ sơ</button>")
    assert await site.ask("media_try.js", "dừng") is False
    assert await site.page.evaluate("window.pressed") is None


@pytest.mark.parametrize(
    "row",
    [
        "<a href=/d/1?id=1>Xóa hồ sơ</a>",
        "<button type=button>Hủy hồ sơ</button>",
        "<div role=button tabindex=0>Rút hồ sơ</div>",
        "<a href=/d/dang-xuat>Đăng xuất</a>",
        "<a href=/d/2>Gỡ</a>",
        "<a href=/d/3>Xem chi tiết</a>",
        f"<a href=/d/4?ma={CODE}>Bỏ hồ sơ này</a>",
        f"<a href=/d/5?ma={CODE}>Bấm vào đây</a>",
        f"<a href=/d/6?ma={CODE}>Đăng ký lại hồ sơ</a>",
        f"<a href=/d/xoa?ma={CODE}>Cấp giấy phép xây dựng</a>",
        f"<button type=button>{CODE} Cấp giấy phép xây dựng</button>",
        "<button type=button>Tiếp tục xóa</button>",
        "<a href=/d/xoa?ok=1>Tiếp tục</a>",
        "<a href=/d/7 download>Nộp trực tuyến</a>",
        "<a href=/d/8 title='Xóa hồ sơ'>Nộp trực tuyến</a>",
        "<button type=button class=btn-delete>Tiếp tục</button>",
        "<button type=button onclick=huyHoSo()>Tiếp tục</button>",
    ],
)
async def test_what_stands_by_the_code_is_not_followed_for_that(row: str, site: Site) -> None:
    await site.show(f"<h1>Hồ sơ của tôi</h1><ul><li>{CODE} {row}</ul>")
    assert await site.next() is None


@pytest.mark.parametrize(
    "row",
    [
        "<a href=/x>Nộp trực tuyến</a>",
        "<button type=button>Nộp hồ sơ trực tuyến</button>",
        f"<a href=/thu-tuc/{CODE}>Cấp giấy phép xây dựng</a>",
        f"<a href=/thu-tuc?ma={CODE}>Xóa đăng ký thường trú</a>",
        f"<a href=/thu-tuc/9>{CODE} Đăng ký khai sinh</a>",
        f"<a href=/thu-tuc/9>{CODE} Xác nhận tình trạng hôn nhân</a>",
    ],
)
async def test_what_leads_on_or_names_the_procedure_is_followed(row: str, site: Site) -> None:
    await site.show(f"<ul><li>{CODE} {row}</ul>")
    assert (await site.next(sure=True))["key"]


async def test_the_code_ranks_what_leads_on(site: Site) -> None:
    rows = "".join(f"<li>{code} <a href=/{code}>Nộp trực tuyến</a>" for code in ("2.000001", CODE, "2.000002"))
    await site.show(f"<ul>{rows}</ul>")
    assert (await site.next())["key"].startswith(f"http://own.test/{CODE} ")


async def test_on_a_page_with_fields_nothing_leads_on(site: Site) -> None:
    fields = "<p><label>Họ tên <input></label><label>Nơi ở <input></label><label>Lý do <textarea></textarea></label>"
    await site.show(f"{fields}<button type=button>Tiếp tục</button><a href=/x>Nộp trực tuyến</a>")
    assert await site.next() is None


@pytest.mark.parametrize(
    ("snapshot", "no"),
    [
        ('- link "Xóa hồ sơ":\n  - /url: /d/1', True),
        ('- link "Tiếp tục":\n  - /url: /d/xoa?ok=1', True),
        ('- button "Xem":\n  - text: Xóa', True),
        ("- 'button \"Tiếp tục: xóa\"'", True),
        ('- button "Nộp hồ sơ"', True),
        ('- link "Nộp hồ sơ":\n  - /url: /x', False),
        ('- link "Xóa đăng ký thường trú":\n  - /url: /thu-tuc/1', False),
        ('- option "Văn phòng đăng ký"', False),
        ('- button "Nộp trực tuyến"', False),
        ('- button "Mở"', False),
        ("", False),
    ],
)
async def test_what_the_browser_itself_says_of_a_control_is_asked_too(snapshot: str, no: bool) -> None:
    assert says_no(snapshot) is no


async def test_scripts_of_the_page_cannot_hide_what_a_control_is_called(site: Site) -> None:
    await site.show(
        "<button type=button>Xóa hồ sơ</button><script>String.prototype.normalize = () => 'tra cuu'</script>"
    )
    assert says_no(await site.page.get_by_role("button").aria_snapshot())
