"""What is done by hand on the way to a form, in a real browser: windows are closed, fields entered, the pointer rests."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright

from probes.chromium.executable import find_browser
from probes.journeys import form_ready, popups, submit_guard
from probes.journeys.hovering import Hovering
from probes.journeys.idle import Idle
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: hands are NOT TESTED in pages", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

WINDOW = "<div style='position:fixed;inset:0;background:#fff'>{}</div>"
CLOSER = "<button type=button>Đóng</button>"
# What lies over a form: whether it is closed.
OVER = {
    "an announcement": (True, f"<p>Nghỉ lễ từ ngày 30/4</p>{CLOSER}"),
    "one that names a page": (True, f"<p>Nghỉ lễ. <a href=/tin/1>Xem chi tiết</a></p>{CLOSER}"),
    "one with two that close it": (True, f"<button type=button aria-label=Đóng>×</button><p>Nghỉ lễ</p>{CLOSER}"),
    "one that may stay away": (True, f"<p>Nghỉ lễ</p><label><input type=checkbox> Hôm nay thôi</label>{CLOSER}"),
    "one with words that hold others": (True, f"<p>Đỡ phải đi lại, người dân nhận bản sao lưu trữ</p>{CLOSER}"),
    "something half done": (False, f"<p>Tờ khai còn dở của ông/bà</p>{CLOSER}"),
    "something not complete": (False, f"<p>Ông/bà có hồ sơ chưa hoàn thành</p>{CLOSER}"),
    "something not completed": (False, f"<p>Hồ sơ CHƯA HOÀN TẤT ngày 12/3</p>{CLOSER}"),
    "something not handed in": (False, f"<p>Hồ sơ chưa nộp</p>{CLOSER}"),
    "something kept for now": (False, f"<p>Tờ khai được lưu tạm lúc 9:00</p>{CLOSER}"),
    "a kept copy": (False, f"<p>Có bản lưu ngày 12/3</p>{CLOSER}"),
    "the last session": (False, f"<p>Nội dung của phiên trước</p>{CLOSER}"),
    "the last time": (False, f"<p>Nội dung đã nhập lần trước</p>{CLOSER}"),
    "a way to go on": (False, f"<p>Chọn để tiếp tục</p>{CLOSER}"),
    "a draft": (False, f"<p>Bản nháp</p>{CLOSER}"),
    "a second button": (False, f"<p>Tờ khai hôm qua</p><button type=button>Dùng lại</button>{CLOSER}"),
    "a second one in a link's clothes": (False, f"<p>Tờ khai hôm qua</p><a href='#'>Dùng lại</a>{CLOSER}"),
    "a link in a button's clothes": (False, f"<p>Tờ khai hôm qua</p><a href=/x class='btn'>Dùng lại</a>{CLOSER}"),
    "a second one by its handler": (False, f"<p>Tờ khai hôm qua</p><span onclick='x()'>Dùng lại</span>{CLOSER}"),
    "an answer beside it": (False, f"<p>Tờ khai hôm qua</p><button type=button>Bỏ qua</button>{CLOSER}"),
    "what somebody says of himself": (False, "<p>Quy định nộp hồ sơ</p><button type=button>Tôi đã hiểu</button>"),
    "the same, in short": (False, "<p>Quy định nộp hồ sơ</p><button type=button>Đã hiểu</button>"),
}
READ_ONLY = "<input readonly>"
OPENS = "<script>document.addEventListener('focusin', (e) => setTimeout(() => e.target.readOnly = false, {}))</script>"
COUNTS = """<script>window.events = []; const isField = (e) => e.target.localName === 'input'
for (const one of ['focus', 'blur']) addEventListener(one, (e) => isField(e) && events.push(one), true)</script>"""
MENU = "<li id=m {}>{}<ul hidden><li><a href=/to-khai>Nộp hồ sơ trực tuyến</a></ul></li>"
# What stands around a hidden way: whether the pointer comes to rest there.
MENUS = {
    "a menu": (True, MENU.format("", "Dịch vụ")),
    "a menu called by what is sent in it": (True, MENU.format("", "<a href='#'>Nộp hồ sơ</a>")),
    "a menu that hears of it": (True, MENU.format("onmouseenter='openMenu()'", "Dịch vụ")),
    "a menu that deletes": (False, MENU.format("onmouseenter='xoaHoSo(1)'", "Dịch vụ")),
    "a menu whose middle is the way out": (
        False,
        MENU.format("", "<a href=/dang-xuat style='display:block;height:40px'>Thoát</a>"),
    ),
}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_browser(BrowserSettings()), args=["--no-sandbox"]
        )
        opened = await browser.new_page()
        for script in (submit_guard._SCRIPT, form_ready._SCRIPT):
            await opened.add_init_script(script)
        await opened.route("**/*", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
        yield opened
        await browser.close()


@pytest.fixture
def show(page: Page) -> Callable[[str], Any]:
    async def shown(markup: str) -> None:
        await page.goto("http://own.test/")
        await page.evaluate("() => { document.open(); document.close(); }")
        await page.set_content(f"<!doctype html><title>x</title>{markup}")

    return shown


@pytest.mark.parametrize("case", OVER)
async def test_over_a_form_only_what_asks_nothing_is_closed(case: str, page: Page, show: Callable[[str], Any]) -> None:
    closes, inside = OVER[case]
    await show(f"<form><input></form>{WINDOW.format(inside)}")
    assert (await page.locator("input").first.evaluate(popups._SCRIPT, arg=True))["closes"] is closes


async def test_a_button_elsewhere_makes_no_question_of_an_announcement(page: Page, show: Callable[[str], Any]) -> None:
    chat = "<div style='position:fixed;right:0;bottom:0'><button type=button>Trò chuyện</button></div>"
    await show(f"<form><input></form>{chat}{WINDOW.format(OVER['an announcement'][1])}")
    assert (await page.locator("input").first.evaluate(popups._SCRIPT, arg=True))["closes"]


async def test_over_the_way_what_is_understood_is_closed(page: Page, show: Callable[[str], Any]) -> None:
    await show(f"<a href=/x>Nộp</a>{WINDOW.format(OVER['what somebody says of himself'][1])}")
    assert (await page.locator("a").first.evaluate(popups._SCRIPT))["closes"]


@pytest.mark.parametrize("after_milliseconds", [0, 100])
async def test_no_more_fields_are_entered_than_are_asked_for(
    after_milliseconds: int, page: Page, show: Callable[[str], Any]
) -> None:
    await show(f"{COUNTS}<form>{READ_ONLY * 40}</form>{OPENS.format(after_milliseconds)}")
    assert await page.evaluate("() => { const seen = thuocdoForm(''); return [seen.fields, seen.closed]; }") == [0, 40]
    assert await page.evaluate("() => thuocdoForm.enter(3)") == 3
    assert await page.evaluate("events") == ["focus", "blur"] * 3
    assert await page.evaluate("() => { const seen = thuocdoForm(''); return [seen.fields, seen.closed]; }") == [3, 37]
    assert await page.evaluate("() => thuocdoForm.enter(2)") == 2
    assert await page.evaluate("events") == ["focus", "blur"] * 5


async def test_fields_that_open_behind_others_that_do_not_are_found(page: Page, show: Callable[[str], Any]) -> None:
    opens = OPENS.format(0).replace("setTimeout", "e.target.id || setTimeout")
    await show(f"<form>{READ_ONLY.replace('>', ' id=a>') * 4}{READ_ONLY * 5}</form>{opens}")
    await page.evaluate("() => thuocdoForm('')")
    assert await page.evaluate("() => thuocdoForm.enter(3)") == 3


async def test_a_form_that_only_tells_is_not_entered_without_end(page: Page, show: Callable[[str], Any]) -> None:
    await show(f"{COUNTS}<form>{READ_ONLY * 40}</form>")
    await page.evaluate("() => thuocdoForm('')")
    assert await page.evaluate("() => thuocdoForm.enter(3)") == 0
    assert await page.evaluate("events") == ["focus", "blur"] * 20


@pytest.mark.parametrize("case", MENUS)
async def test_the_pointer_rests_where_nothing_forbidden_hears_of_it(
    case: str, page: Page, show: Callable[[str], Any]
) -> None:
    rests, markup = MENUS[case]
    await show(
        f"<ul>{markup}</ul><script>window.rested = 0; m.addEventListener('mouseenter', () => rested += 1)</script>"
    )
    await page.mouse.move(600, 500)
    hovering = Hovering(page, ["Nộp hồ sơ trực tuyến"], lambda: 1, rested_seconds=_rested, idle=Idle())
    while await hovering.open_next():
        pass
    assert bool(await page.evaluate("rested")) is rests


async def _rested() -> float:
    return 0.0
