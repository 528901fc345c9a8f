"""The list of what is never pressed, asked in a real browser: the cases of the unit tests, and controls of every kind."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml
from playwright.async_api import Page, async_playwright

from probes.chromium.executable import find_browser
from probes.forbidden_acts import script
from thuocdo.core.setting_groups import BrowserSettings

if find_browser(BrowserSettings()) is None:
    pytest.skip("NO BROWSER ON THIS MACHINE: the list is NOT TESTED in pages", allow_module_level=True)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CASES = yaml.safe_load(
    (Path(__file__).parents[1] / "unit" / "probes" / "forbidden_acts_cases.yaml").read_text(encoding="utf-8")
)


def shadow(host: str, markup: str) -> str:
    """Return markup of a host with a shadow."""
    return f"{host}<script>h.attachShadow({{mode: 'open'}}).innerHTML = `{markup}`</script>"


# Each control, id=b, is forbidden.
FORBIDDEN = {
    "a word": "<button type=button id=b>Xóa hồ sơ</button>",
    "an accessible name alone": "<button type=button id=b aria-label='Xóa'>×</button>",
    "a name beside a harmless text": "<button type=button id=b aria-label='Hủy hồ sơ'>Xem</button>",
    "a label elsewhere": "<span id=l>Rút hồ sơ</span><button type=button id=b aria-labelledby=l>Mở</button>",
    "a title": "<button type=button id=b title='Đăng xuất'>→</button>",
    "the title within a picture": "<button type=button id=b><svg width=9 height=9><title>Xóa</title></svg></button>",
    "an alternative text": "<button type=button id=b><img alt='Hủy' width=9 height=9></button>",
    "a value": "<input type=button id=b value='Từ chối'>",
    "generated text": "<style>#b::after { content: 'Xóa' }</style><button type=button id=b></button>",
    "a tooltip": "<button type=button id=b data-original-title='Xóa'>…</button>",
    "an icon of Font Awesome": "<button type=button id=b><i class='fa fa-trash-o'></i></button>",
    "an icon of Bootstrap": "<a href=/x id=b><i class='bi bi-trash'></i></a>",
    "an icon of Bootstrap 3": "<a href=/x id=b><span class='glyphicon glyphicon-remove'></span></a>",
    "a ligature": "<button type=button id=b><span class=material-icons>delete_forever</span></button>",
    "a picture of a sprite": "<button type=button id=b><svg width=9 height=9><use href='/i.svg#icon-trash'></use></svg></button>",
    "a picture's file": "<button type=button id=b><img src=data:, data-x alt=''><img src='/i/delete.png'></button>",
    "a character": "<button type=button id=b>🗑️</button>",
    "an address": "<a id=b href=/huy-ho-so/1>Xem</a>",
    "the address of an area": "<map name=m><area id=b shape=default href=/logoff alt=Xem></map><img usemap=#m width=9 height=9>",
    "an address for scripts": "<button type=button id=b data-url=/ho-so/1/xoa>Xem</button>",
    "an address of a form": "<form><button type=button id=b formaction=/x?action=delete>Xem</button></form>",
    "a method": "<a id=b href=/ho-so/1 data-method=delete>Xem</a>",
    "a method of htmx": "<button type=button id=b hx-post=/x>Xem</button>",
    "a question first": "<a id=b href=/x data-confirm='Bạn có chắc?'>Xem</a>",
    "a handler": '<button type=button id=b onclick="xoaHoSo(1)">Xem</button>',
    "a handler of Angular": "<button type=button id=b ng-click='deleteItem()'>Xem</button>",
    "a handler of Vue": "<button type=button id=b @click='huyHoSo'>Xem</button>",
    "a handler above": "<table><tr onclick=\"location='/xoa?id=1'\"><td><button type=button id=b>Xem</button></table>",
    "an address of script": '<a id=b href="javascript:xoa(1)">Xem</a>',
    "a programmer's name": "<button type=button id=btnXoa class=x>Xem</button>",
    "a class": "<button type=button id=b class='btn btn-delete'>Xem</button>",
    "a value for the server": "<button type=button id=b name=action value=delete>Xem</button>",
    "a button's label": "<label id=b for=s>Tiếp</label><input type=submit id=s>",
    "what it stands in": "<button type=button><span id=b>Tiếp</span> <b>Xóa</b></button>",
    "what it stands in, by role": "<div role=menuitem>Đăng xuất <span id=b>•</span></div>",
    "a summary": "<details><summary id=b>Xóa hồ sơ</summary></details>",
    "a switch": "<div role=switch id=b tabindex=0>Hủy nhận tin</div>",
    "a download": "<a id=b href=/x download>Xem</a>",
    "a submit button": "<form><button id=b>Xem</button></form>",
    "a picture that submits": "<form><input type=image id=b alt=Xem></form>",
    "a reset button": "<form><button type=reset id=b>Xem</button></form>",
    "letters apart": "<button type=button id=b>X&#8203;&nbsp;ó a</button>",
    "nobody can read it": f"<button type=button id=b>{'Xem ' * 2000}</button>",
    "generated text of an attribute": "<style>#b::before { content: attr(data-x) }</style><a id=b href=/x data-x='Xóa'></a>",
    "generated text in pieces": "<style>#b::before { content: 'X' 'ó' 'a' }</style><a id=b href=/x></a>",
    "generated text of a part": "<style>b::after { content: 'Rút đơn' }</style><a id=b href=/x><b></b></a>",
    "a marker": "<style>#b { display: list-item } #b::marker { content: 'Hủy ' }</style><button type=button id=b>1</button>",
    "a tooltip of Tippy": "<a id=b href=/x data-tippy-content='Xóa hồ sơ'>1</a>",
    "a tooltip of UIkit": "<a id=b href=/x uk-tooltip='Thu hồi'>1</a>",
    "a tooltip of NG-ZORRO": "<a id=b href=/x nztooltiptitle='Từ chối'>1</a>",
    "a hint": "<a id=b href=/x data-hint='Đăng xuất'>1</a>",
    "a description": "<a id=b href=/x aria-description='Xóa hồ sơ này'>1</a>",
    "a description elsewhere": "<p id=l>Rút hồ sơ này</p><a id=b href=/x aria-describedby=l>1</a>",
    "a text for Braille": "<a id=b href=/x aria-braillelabel='xoá'>1</a>",
    "a name of a translation": "<a id=b href=/x data-i18n='common.delete'>1</a>",
    "what it opens": "<button type=button id=b popovertarget=xoaHoSo>1</button>",
    "a command": "<button type=button id=b commandfor=x command=--delete>1</button>",
    "a shadow within": "<a id=b href=/x><span id=h></span></a><script>h.attachShadow({mode:'open'}).innerHTML='Xóa'</script>",
    "a shadow of its own": "<div role=button id=b></div><script>b.attachShadow({mode:'open'}).innerHTML='<b>Hủy</b>'</script>",
    "a letter apart": "<a id=b href=/x><b style='display:block'>X</b>óa hồ sơ</a>",
    "backwards": "<a id=b href=/x><bdo dir=rtl>aóX</bdo></a>",
    "backwards, by a style": "<a id=b href=/x><i style='unicode-bidi: bidi-override; direction: rtl'>tấux gnăĐ</i></a>",
    "a cross that leads somewhere": "<a id=b href=/ho-so/1>×</a>",
    "a picture of a style": "<a id=b href=/x><i style='background: url(/i/xoa.png)'></i></a>",
    "a mask": "<a id=b href=/x style='mask-image: url(/i/icon-delete.svg)'>1</a>",
    "a picture of generated text": "<style>#b::before { content: url(/i/huy.png) }</style><a id=b href=/x></a>",
    "a picture's other files": "<a id=b href=/x><picture><source srcset='/i/xoa.webp 2x'><img alt='' src=data:,></picture></a>",
    "a picture of SVG": "<a id=b href=/x><svg><image href='/i/rut-ho-so.png'></image></svg></a>",
    "an object": "<a id=b href=/x><object data=/i/delete.svg></object></a>",
    "a text of SVG": "<a id=b href=/x><svg width=90 height=20><text y=15>Xóa</text></svg></a>",
    "letters that show nothing": "<a id=b href=/x>X&#x3164;óa</a>",
    "an address in one word": "<a id=b href=/ruthoso/1>1</a>",
    "an address in a parameter": "<a id=b href='/ho-so;action=xoa'>1</a>",
    "a handler in one word": "<a id=b href=/x onclick='dangxuat()'>1</a>",
    "another tongue": "<a id=b href=/x>删除</a>",
    "an icon of Lucide": "<a href=/x id=b><svg class='lucide lucide-trash-2'></svg></a>",
    "an icon of Remix": "<a href=/x id=b><i class='ri-delete-bin-line'></i></a>",
    "an icon of Font Awesome 6": "<a href=/x id=b><i class='fa-solid fa-right-from-bracket'></i></a>",
    "an icon of Bootstrap, filled": "<a href=/x id=b><i class='bi bi-trash3-fill'></i></a>",
    "a name in a sprite": "<a href=/x id=b><svg width=9 height=9><use href='/i.svg#delete'></use></svg></a>",
    "a cross in colours": "<a id=b href=/ho-so/1>✖️</a>",
    "a tooltip of what wraps it": "<span title='Xóa hồ sơ'><a id=b href=/x>1</a></span>",
    "the head of its column": "<table><tr><th>Mã<th>Rút hồ sơ<tr><td>1<td><a id=b href=/x>Chọn</a></table>",
    "an answer": "<p>Bạn có chắc chắn muốn <b>xóa</b> hồ sơ này?</p><a id=b href=/x>Có</a>",
    "an answer in a dialog": "<dialog open><h2>Xác nhận rút hồ sơ</h2><div><button type=button id=b>OK</button></div></dialog>",
    "a shadow around it": shadow("<div id=h title=Xóa role=button></div>", "<i id=b>x</i>"),
}
FREE = {
    "a dialog's opener": "<button type=button aria-haspopup=dialog id=b>Xem giấy tờ cần có</button>",
    "a close button": "<button type=button id=b class='btn-close' aria-label='Đóng'>×</button>",
    "a menu": "<button type=button id=b onclick='menu.hidden = !menu.hidden'><i class='fa fa-bars'></i> Trình đơn</button>",
    "a link": "<a id=b href=/gioi-thieu>Giới thiệu</a>",
    "a tab": "<div role=tab id=b>Hồ sơ</div>",
    "a skip link": "<a id=b href=#x>Chuyển đến nội dung</a>",
    "within a harmless list": "<ul class='reset clear'><li><a id=b href=/tra-cuu>Tra cứu hồ sơ</a></ul>",
    "an icon of a menu": "<button type=button id=b><i class='icon-off-canvas fa-bars-staggered'></i> Trình đơn</button>",
    "an icon that is none of these": "<a href=/x id=b><i class='ri-heart-pulse-line bi-bin-packing'></i>Y tế</a>",
    "the head of another column": "<table><tr><th>Mã<th>Xóa<tr><td><a id=b href=/x>1</a><td>-</table>",
    "a tooltip about something else": "<li title='Xóa đăng ký thường trú'><a id=b href=/x>Xem</a></li>",
    "a cross that closes": "<button type=button id=b>×</button>",
    "a tooltip": "<a id=b href=/x data-bs-original-title='Xem chi tiết thủ tục'>1</a>",
    "a picture of nothing": "<a id=b href=/x style='background: url(/img/nen-quoc-huy.png)'>Giới thiệu</a>",
    "an embedded picture": "<a id=b href=/x><img alt='' src='data:image/png;base64,aRmHuyXoa'>Giới thiệu</a>",
    "a place of many": "<a id=b href=/huyen/ba-be class='remove-margin truncate'>Huyện Ba Bể</a>",
    "Y tế": "<a id=b href=/linh-vuc/y-te>Y tế</a>",
    "initials": "<a id=b href=/x><b style='display:block'>X</b>em tin</a>",
    "beside a file's name": "<p>Xóa đăng ký thường trú? <a id=b href=/x>Xem hướng dẫn</a></p>",
    "beside other controls": "<p><button type=button>Xóa?</button> <a id=b href=/x>Xem</a></p>",
    "a search by script": "<button type=button id=b onclick='timKiem()'>Tìm kiếm</button>",
}
CODE = "1.004222"
# Where somebody goes from page to page: whether the control may be followed.
WAYS = {
    "a name that leads on": (True, "<a id=b href=/x>Nộp trực tuyến</a>"),
    "a button that leads on": (True, "<button type=button id=b>Tiếp tục</button>"),
    "beside a list of offices": (
        True,
        "<form method=post><select><option>A</select><button type=button id=b>Tiếp tục</button></form>",
    ),
    "beside a search box": (
        True,
        "<form><input placeholder='Tìm kiếm'></form><button type=button id=b>Nộp trực tuyến</button>",
    ),
    "beside a login": (
        True,
        "<form><input><input type=password></form><a id=b href=/x>Đăng ký trực tuyến</a>",
    ),
    "the name of a procedure": (True, f"<a id=b href=/thu-tuc/{CODE}>Xóa đăng ký thường trú</a>"),
    "a part of a link": (True, "<a href=/x><span id=b>Nộp hồ sơ</span></a>"),
    "a link that is described": (
        True,
        "<a id=b href=/x title='Nên mở tài khoản, nhưng không bắt buộc'>Mở tài khoản</a>",
    ),
    "a link that is described as an act": (False, "<a id=b href=/x title='Xóa hồ sơ'>Tiếp tục</a>"),
    "an office": (True, "<div role=option id=b>Văn phòng đăng ký</div>"),
    "a long list": (True, f"<select id=b>{'<option>Ủy ban nhân dân xã</option>' * 200}<option>Hủy</option></select>"),
    "an entry that is an act": (False, "<select><option id=b>Xóa hồ sơ</option></select>"),
    "an office's list": (True, "<div role=combobox id=b tabindex=0>Cơ quan thực hiện</div>"),
    "a button with the name of a procedure": (False, "<button type=button id=b>Xóa đăng ký thường trú</button>"),
    "an act": (False, "<a id=b href=/x>Xóa hồ sơ</a>"),
    "an answer": (False, "<div><p>Bạn có chắc muốn hủy hồ sơ không?</p><a id=b href=/x>Tiếp tục</a></div>"),
    "a warning": (False, "<h1>Xác nhận rút hồ sơ</h1><button type=button id=b>Đồng ý và tiếp tục</button>"),
    "beside a question about something else": (
        True,
        "<p>Bạn cần rút hồ sơ? Xem hướng dẫn.</p><a id=b href=/x>Nộp trực tuyến</a>",
    ),
    "beside a procedure's name": (
        True,
        "<h1>Xác nhận: Xóa đăng ký thường trú</h1><button type=button id=b>Tiếp tục</button>",
    ),
    "far from a question": (
        True,
        f"<p>Có thể hủy hồ sơ không?</p><p>{'Nội dung thủ tục hành chính. ' * 30}</p><button type=button id=b>Tiếp tục</button>",
    ),
    "an act's address": (False, "<a id=b href=/xoa>Tiếp tục</a>"),
    "more than leads on": (False, "<button type=button id=b>Tiếp tục và xóa</button>"),
    "a title that does more": (False, "<button type=button id=b title='Gửi hồ sơ'>Tiếp tục</button>"),
    "a link's name on a button": (False, "<button type=button id=b>Nộp hồ sơ</button>"),
    "a submit button that leads on": (False, "<form><button id=b>Tiếp tục</button></form>"),
    "in a form with a field": (False, "<form><input name=o><button type=button id=b>Tiếp tục</button></form>"),
    "for a form with a field": (
        False,
        "<form id=f><input name=o></form><button type=button form=f id=b>Tiếp tục</button>",
    ),
    "beside a filled field": (False, "<input value=x><button type=button id=b>Tiếp tục</button>"),
    "on a page with fields": (False, f"{'<label>Họ tên <input></label>' * 6}<a id=b href=/x>Nộp trực tuyến</a>"),
    "leads on, by a shadow": (
        False,
        shadow("<div id=h role=button title=Xóa></div>", "<a id=b href=/x>Tiếp tục</a>"),
    ),
}


def image(attributes: str = "", name: str = "Nộp hồ sơ trực tuyến") -> str:
    """Return a picture that sends its form."""
    return f"<input type=image id=b alt='{name}' src=data:, {attributes}>"


IMAGE = image()
_GOES = "onclick=\"location.href='/to-khai'; return false\""
_FIELDLESS = "<input type=hidden name=ma value=1.00>"
# Controls that would send their form, which are never pressed: the address that may be opened instead, empty = none.
OPENED = {
    "a picture": ("http://own.test/to-khai?x=1&y=1", f"<form action=/to-khai>{IMAGE}</form>"),
    "a button": ("http://own.test/to-khai", "<form action=/to-khai><button id=b>Nộp trực tuyến</button></form>"),
    "a button with a value": (
        "http://own.test/to-khai?ma=1.00&buoc=1",
        f"<form action='/to-khai?x=9'>{_FIELDLESS}<button id=b name=buoc value=1>Tiếp tục</button></form>",
    ),
    "its own address": (
        "http://own.test/khac?x=1&y=1",
        f"<form action=/to-khai>{image('formaction=/khac')}</form>",
    ),
    "a handler that goes elsewhere": (
        "http://own.test/to-khai",
        f"<form method=post>{image(_GOES)}</form>",
    ),
    "a handler that does more": (
        "",
        f"<form action=/to-khai>{image(_GOES.replace('location', 'nop(); location'))}</form>",
    ),
    "a handler that goes elsewhere, after which the form is sent": (
        "",
        f"<form method=post>{image(_GOES.replace('; return false', ''))}</form>",
    ),
    "the same, of a form elsewhere": (
        "",
        f"<form id=f method=post></form>{image(_GOES.replace('; return false', '') + ' form=f')}",
    ),
    "the same, outside of any form": (
        "http://own.test/to-khai",
        f"<button type=submit id=b {_GOES.replace('; return false', '')}>Nộp trực tuyến</button>",
    ),
    "a form that posts": ("", f"<form method=post action=/to-khai>{IMAGE}</form>"),
    "a button that posts": ("", f"<form action=/to-khai>{image('formmethod=post')}</form>"),
    "a form with a field": ("", f"<form action=/to-khai><input name=ten>{IMAGE}</form>"),
    "a form with a list": ("", f"<form action=/to-khai><select name=ten><option>1</select>{IMAGE}</form>"),
    "a field elsewhere": ("", f"<form id=f action=/to-khai>{IMAGE}</form><textarea form=f></textarea>"),
    "a form that is checked first": ("", f"<form action=/to-khai onsubmit='kiemTra()'>{IMAGE}</form>"),
    "a form without an address": ("", f"<form>{IMAGE}</form>"),
    "a form for this page": ("", f"<form action='#'>{IMAGE}</form>"),
    "an act's address": ("", f"<form action=/ho-so/xoa>{IMAGE}</form>"),
    "an act in what it hands on": ("", f"<form action=/x><input type=hidden name=action value=delete>{IMAGE}</form>"),
    "another program": ("", f"<form action='mailto:a@b.vn'>{IMAGE}</form>"),
    "an act's name": ("", "<form action=/to-khai><button id=b>Gửi hồ sơ</button></form>"),
    "an answer": (
        "",
        f"<form action=/x><p>Bạn có chắc muốn hủy hồ sơ không?</p>{image(name='Tiếp tục')}</form>",
    ),
    "names of its form's own": (
        "",
        f"<form action=/to-khai><input type=hidden name=method><input type=hidden name=elements>{IMAGE}</form>",
    ),
    "what may be pressed": ("", "<button type=button id=b>Tiếp tục</button>"),
}
# Where only the pointer rests: whether it may.
RESTED = {
    "a menu called by what is sent in it": (True, "<a id=b href='#' aria-haspopup=true>Nộp hồ sơ</a>"),
    "the same, as a button": (True, "<button type=button id=b aria-haspopup=true>Đăng ký</button>"),
    "a part of a menu": (True, "<nav><ul><li id=b>Nộp hồ sơ</ul></nav>"),
    "a link to the way": (True, "<a id=b href=/x>Nộp hồ sơ trực tuyến</a>"),
    "a menu opened by its pointer": (True, "<div id=b onmouseover='openMenu(this)'>Dịch vụ</div>"),
    "a link out": (False, "<a id=b href=/dang-xuat>Tài khoản</a>"),
    "an act": (False, "<button type=button id=b aria-haspopup=true>Xóa hồ sơ</button>"),
    "a part of an act": (False, "<a href=/xoa/1><i id=b>x</i></a>"),
    "what deletes under the pointer": (False, "<div id=b onmouseenter='xoaHoSo(1)'>Dịch vụ</div>"),
    "what sends under the pointer": (False, "<div id=b onmouseenter='guiHoSo(1)'>Dịch vụ</div>"),
    "what stands in what deletes": (False, "<div onmouseover='xoaHoSo(1)'><b id=b>Dịch vụ</b></div>"),
}
FIND = "document.querySelector('#b, #btnXoa') ?? document.querySelector('#h').shadowRoot.querySelector('#b')"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def page() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_browser(BrowserSettings()), args=["--no-sandbox"]
        )
        opened = await browser.new_page()
        await opened.route("**/*", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
        await opened.goto("http://own.test/")
        yield opened
        await browser.close()


async def shown(page: Page, markup: str) -> None:
    await page.goto("http://own.test/")
    await page.set_content(f"<!doctype html><title>x</title>{markup}")


@pytest.mark.parametrize("kind", ["words", "addresses"])
async def test_the_script_reads_as_python_does(kind: str, page: Page) -> None:
    cases = [[meaning, case] for meaning, told in CASES[kind].items() for case in told]
    asked = {"words": "words", "addresses": "address"}[kind]
    wrong = await page.evaluate(
        f"""(cases) => {{ const acts = {script()};
        return cases.filter(([meaning, case_]) => (acts.{asked}(case_) ?? "none") !== meaning); }}""",
        cases,
    )
    assert wrong == []


async def test_the_script_knows_what_leads_on_as_python_does(page: Page) -> None:
    told = CASES["leading"]
    found = await page.evaluate(
        f"""(told) => {{ const acts = {script()};
        const both = (label) => [acts.leading(label, false), acts.leading(label, true)];
        return Object.fromEntries(Object.entries(told).map(([kind, labels]) => [kind, labels.map(both)])); }}""",
        told,
    )
    expected = {"controls": [True, True], "links": [False, True], "neither": [False, False]}
    assert found == {kind: [expected[kind]] * len(told[kind]) for kind in expected}


async def asked(page: Page, how: str) -> Any:
    return await page.evaluate(f"() => ({script()}).{how}({FIND})")


@pytest.mark.parametrize("case", FORBIDDEN)
async def test_a_control_is_forbidden_by_anything_that_it_bears(case: str, page: Page) -> None:
    await shown(page, FORBIDDEN[case])
    assert await asked(page, "control") is not None


@pytest.mark.parametrize("case", FREE)
async def test_a_harmless_control_is_free(case: str, page: Page) -> None:
    await shown(page, FREE[case])
    assert await asked(page, "control") is None


@pytest.mark.parametrize("case", WAYS)
async def test_what_leads_on_may_be_followed_where_no_field_has_been_met(case: str, page: Page) -> None:
    free, markup = WAYS[case]
    await shown(page, markup)
    assert (await asked(page, "way") is None) is free


@pytest.mark.parametrize("case", RESTED)
async def test_the_pointer_rests_on_nothing_that_hears_of_it_and_acts(case: str, page: Page) -> None:
    free, markup = RESTED[case]
    await shown(page, markup)
    assert (await asked(page, "resting") is None) is free


async def test_fields_named_as_properties_hide_no_act(page: Page) -> None:
    names = (
        "matches",
        "getAttribute",
        "attributes",
        "parentElement",
        "getRootNode",
        "hasAttribute",
        "closest",
        "classList",
    )
    fields = "".join(f"<input type=hidden name={name}>" for name in names)
    await shown(page, f"<div onclick=xoaHoSo()><form>{fields}<a id=b href=/x>Xem</a></form></div>")
    assert await asked(page, "control") == "delete"
    await shown(page, f"<form id=b>{fields}</form>")
    assert await asked(page, "control") == "unreadable"


# What somebody reads who need not: an act anywhere in the address is enough.
READ = {
    "a harmless address": (True, "<a id=b href=/gioi-thieu/co-cau>Giới thiệu</a>"),
    "a place": (True, "<a id=b href=/huyen/ba-be>Huyện Ba Bể</a>"),
    "a use": (True, "<a id=b href=/noi-dung/su-dung-dat>Sử dụng đất</a>"),
    "an act among other words": (False, "<a id=b href=/huy-cuoc-hen-voi-bac-si>Chi tiết</a>"),
    "an act at the end": (False, "<a id=b href=/nguyen-van-a-xoa>Chi tiết</a>"),
    "an act in a query": (False, "<a id=b href='/x?title=nguyen+van+a+xoa'>Chi tiết</a>"),
    "a word": (False, "<a id=b href=/x>Rút hồ sơ</a>"),
    "no word at all": (False, "<a id=b href=/x><img src=data:,></a>"),
}


@pytest.mark.parametrize("case", READ)
async def test_what_need_not_be_read_is_read_only_where_nothing_in_its_address_destroys(case: str, page: Page) -> None:
    free, markup = READ[case]
    await shown(page, markup)
    found = await page.evaluate(f"() => ({script()}).reading({FIND}, {FIND}.href)")
    assert (found is None) is free


@pytest.mark.parametrize("case", OPENED)
async def test_a_form_that_asks_for_nothing_is_a_link_and_never_pressed(case: str, page: Page) -> None:
    address, markup = OPENED[case]
    await shown(page, markup)
    assert await asked(page, "opens") == address
    if case != "what may be pressed":
        assert await asked(page, "way") is not None


async def test_a_picture_that_belongs_to_no_form_is_a_button(page: Page) -> None:
    await shown(page, IMAGE)
    assert await asked(page, "way") is None
    await shown(page, image(name="Gửi hồ sơ"))
    assert await asked(page, "way") is not None
    await shown(page, f"<form id=f></form>{image('form=f')}")
    assert await asked(page, "way") is not None
