"""
Kind 5, by hand: what a person does without a thought on the way to a form and in it.

Enters a field, closes what lies over the fields, rests the pointer on a menu, follows a picture.
"""

from testbed.verdicts.forms import FAR, FRAME, NAME, ONLY, ROWS, barred, framed, ready, way
from testbed.verdicts.page import Respond, VerdictPage, document, form, shown, unknowable
from testbed.verdicts.ways import GONE, SHUTS, VEIL, WINDOW
from thuocdo.core.model import Reason

_READ_ONLY = ROWS.replace("<input", "<input readonly")
_LINK = f"<a href=/to-khai>{NAME}</a>"
_ITEM = f"<nav><ul><li id=m style='width:200px'><span>Dịch vụ</span><ul id=s>{_LINK}</ul></li></ul></nav>"
_PICTURE = f"type=image alt='{NAME}' src='data:image/gif;base64,R0lGODlhAQABAAAAACw=' width=90 height=30"
_WINDOW = WINDOW.format(f"<button type=button {SHUTS}>Đóng</button>")
_TOLD = WINDOW.format(f"<p><a href=/tin/1>Xem chi tiết</a></p><button type=button {SHUTS}>Đóng</button>")
_SECOND = _WINDOW.replace("id=c", "id=e").replace(SHUTS, "onclick='e.hidden=true'")
_ALL_OVER = _WINDOW.replace("inset:20%", "inset:0")
_BANNER = "<div id=c style='position:fixed;left:0;right:0;bottom:0;height:{};background:#fff'>Trang dùng cookie <button type=button {}>{}</button></div>"


def read_only(script: str, rows: str = _READ_ONLY) -> Respond:
    """Return a form whose fields may only be read, and a script."""
    return shown(document(f"<h1>Tờ khai</h1><form id=f>{rows}</form><script>{script}</script>"))


def hovered(style: str = "", script: str = "", body: str = _ITEM) -> Respond:
    """Return a page of a procedure whose menu opens under the pointer."""
    return way(f"<style>{style}</style>{body}<p>Trang thủ tục</p><script>{script}</script>")


ENTERED: tuple[VerdictPage, ...] = (
    ready("enter-each", "each field may be written in once it is entered", read_only(
        "for (const one of f.elements) one.addEventListener('focus', () => one.removeAttribute('readonly'))")),
    ready("enter-form", "the same, by one handler of the form", read_only(
        "f.addEventListener('focusin', (event) => event.target.readOnly = false)")),
    ready("enter-late", "the same, a moment after", read_only(
        "document.addEventListener('focus', (event) => setTimeout(() => event.target.readOnly = false, 100), true)")),
    ready("enter-back", "the same, and no more once it is left", read_only(
        "f.onfocusin = 0; f.addEventListener('focusin', (e) => e.target.readOnly = false); f.addEventListener('focusout', (e) => e.target.readOnly = true)")),
    ready("enter-written", "the same, by what stands in the field", read_only(
        "", _READ_ONLY.replace("readonly", "readonly onfocus=\"this.removeAttribute('readonly')\""))),
    ready("enter-frame", "the same, in a frame", framed(f"<iframe src=/to-khai {FRAME}></iframe>", document(
        f"<form id=f>{_READ_ONLY}</form><script>f.addEventListener('focusin', (e) => e.target.readOnly = false)</script>"))),
    ready("enter-frame-other", "the same, in a frame of another origin", framed(f"<iframe src={{www}}/to-khai {FRAME}></iframe>", document(
        f"<form id=f>{_READ_ONLY}</form><script>f.addEventListener('focusin', (e) => e.target.readOnly = false)</script>"))),
    barred("enter-vain", "fields that tell that they were entered and stay as they are", read_only(
        "f.addEventListener('focusin', (e) => e.target.style.outline = '1px solid')")),
    barred("enter-leaves", "fields that are left as soon as they are entered", read_only(
        "", _READ_ONLY.replace("readonly", 'readonly onfocus="this.blur()"'))),
    barred("enter-shut", "fields that become disabled when they are entered", read_only(
        "f.addEventListener('focusin', (e) => { e.target.readOnly = false; e.target.disabled = true })")),
)  # fmt: skip
COVERED: tuple[VerdictPage, ...] = (
    ready("popup-popup", "an announcement over the form that is to be closed", shown(form(head=GONE, after=VEIL + _WINDOW))),
    ready("popup-below", "the same, over a form far below", shown(form(head=GONE, before=FAR, after=VEIL + _WINDOW))),
    ready("popup-late", "the same, after a moment", shown(form(head=GONE, after=(
        f"<template id=t>{VEIL}{_ALL_OVER}</template><script>setTimeout(() => document.body.append(t.content), 300)</script>")))),
    ready("popup-dialog", "the same, as a dialog of the browser's own", shown(form(after=(
        "<dialog id=d>Nghỉ lễ <button type=button onclick='d.close()'>Đóng</button></dialog><script>d.showModal()</script>")))),
    ready("popup-frame", "the same, over the frame with the form", framed(
        f"<iframe src=/to-khai {FRAME}></iframe>", around=GONE + VEIL + _ALL_OVER)),
    ready("popup-in-frame", "the same, in the frame", framed(
        f"<iframe src={{www}}/to-khai {FRAME}></iframe>", form(head=GONE, after=VEIL + _WINDOW))),
    ready("popup-on-the-way", "the same, behind a link", way(_LINK, more={"/to-khai": form(head=GONE, after=VEIL + _WINDOW)}), journey="sought"),
    ready("popup-two", "two announcements over the form, one on the other", shown(form(
        head=GONE, after=VEIL + _ALL_OVER + _SECOND.replace("inset:20%", "inset:0")))),
    ready("popup-two-next", "two announcements over the form, the second once the first is closed", shown(form(head=GONE, after=VEIL + (
        _ALL_OVER.replace(SHUTS, "onclick='c.hidden=true;e.hidden=false'") +
        _ALL_OVER.replace("id=c", "id=e hidden").replace(SHUTS, "onclick='e.hidden=m.hidden=true'"))))),
    ready("popup-two-fading", "two announcements over the form that fade away", shown(form(head=GONE, after=VEIL + (
        _ALL_OVER.replace(SHUTS, "onclick='setTimeout(() => c.hidden=m.hidden=true, 400)'") +
        _ALL_OVER.replace("id=c", "id=e").replace(SHUTS, "onclick='setTimeout(() => e.hidden=true, 400)'"))))),
    ready("popup-tells", "an announcement over the form that names a page with more", shown(form(head=GONE, after=VEIL + _TOLD))),
    barred("popup-locked", "a form below a page that cannot be scrolled, with a banner to be closed", shown(document(
        f"{GONE}<style>body{{overflow:hidden}}</style>{FAR}<form>{ROWS}</form>{_BANNER.format('50px', SHUTS, 'Đóng')}"))),
    ready("popup-banner", "a banner over the lower half that is to be agreed to: one scrolls", shown(form(
        head=GONE, after=_BANNER.format("50%", SHUTS, "Đồng ý"), fields=40))),
    ready("popup-banner-locked", "a banner over most of a form that cannot be scrolled, to be closed", shown(form(
        head=GONE + "<style>body{overflow:hidden}</style>", after=_BANNER.format("calc(100% - 110px)", SHUTS, "Đóng")))),
    unknowable("popup-banner-agrees", "the same, to be agreed to", shown(form(
        head=GONE + "<style>body{overflow:hidden}</style>", after=_BANNER.format("calc(100% - 110px)", SHUTS, "Đồng ý"))),
        Reason.INTERNAL_ERROR, kinds=ONLY),
    unknowable("popup-agrees", "a question over the form that asks to agree", shown(form(
        head=GONE, after=VEIL + WINDOW.format(f"<button type=button {SHUTS}>Đồng ý</button>"))), Reason.INTERNAL_ERROR, kinds=ONLY),
    unknowable("popup-draft", "a question over the form, with a cross", shown(form(
        head=GONE, after=VEIL + WINDOW.format(f"<p>Khôi phục bản nháp hôm qua?</p><button type=button {SHUTS}>×</button>"))),
        Reason.INTERNAL_ERROR, kinds=ONLY),
    unknowable("popup-half-done", "the same, of something half done", shown(form(
        head=GONE, after=VEIL + WINDOW.format(f"<p>Ông/bà có tờ khai đang làm dở</p><button type=button {SHUTS}>Đóng</button>"))),
        Reason.INTERNAL_ERROR, kinds=ONLY),
    unknowable("popup-two-answers", "the same, with a second answer", shown(form(
        head=GONE, after=VEIL + WINDOW.format(f"<p>Tờ khai hôm qua</p><button type=button>Dùng lại</button><button type=button {SHUTS}>Đóng</button>"))),
        Reason.INTERNAL_ERROR, kinds=ONLY),
    unknowable("popup-understood", "rules over the form that one says to have understood", shown(form(
        head=GONE, after=VEIL + WINDOW.format(f"<button type=button {SHUTS}>Tôi đã hiểu</button>"))), Reason.INTERNAL_ERROR, kinds=ONLY),
    unknowable("popup-skips", "an announcement over the form that is to be skipped", shown(form(
        head=GONE, after=VEIL + WINDOW.format(f"<button type=button {SHUTS}>Bỏ qua</button>"))), Reason.INTERNAL_ERROR, kinds=ONLY),
    unknowable("popup-deletes", "what closes it would delete something", shown(form(
        head=GONE, after=VEIL + WINDOW.format(f"<p>Xóa hồ sơ này?</p><button type=button {SHUTS}>Xóa</button>"))),
        Reason.INTERNAL_ERROR, kinds=ONLY),
    barred("popup-stays", "an announcement that does not close", shown(form(after=VEIL + WINDOW.format("")))),
    barred("popup-closed-off", "a form that is gone once the announcement is closed", shown(form(
        head=GONE, after=VEIL + WINDOW.format("<button type=button id=b>Đóng</button>") + "<script>b.addEventListener('click', () => document.body.innerHTML = 'Hết')</script>"))),
)  # fmt: skip
HOVERED: tuple[VerdictPage, ...] = (
    ready("hover-none", "a menu that is drawn under the pointer", hovered("#s{display:none} #m:hover #s{display:block}"), journey="sought"),
    ready("hover-hidden", "one that is made visible", hovered("#s{visibility:hidden} #m:hover #s{visibility:visible}"), journey="sought"),
    ready("hover-clear", "one that is made opaque", hovered(
        "#s{opacity:0;pointer-events:none} #m:hover #s{opacity:1;pointer-events:auto}"), journey="sought"),
    ready("hover-folded", "one that unfolds", hovered(
        "#s{max-height:0;overflow:hidden;margin:0;transition:max-height .2s} #m:hover #s{max-height:200px}"), journey="sought"),
    ready("hover-script", "one that a script opens", hovered(
        "#s{display:none}", "m.addEventListener('mouseenter', () => s.style.display = 'block'); m.addEventListener('mouseleave', () => s.style.display = '')"), journey="sought"),
    ready("hover-pointer", "one that a script opens by the pointer's own events, a moment after", hovered(
        "#s{display:none}", "m.addEventListener('pointerover', () => setTimeout(() => s.style.display = 'block', 200))"), journey="sought"),
    ready("hover-made", "one that is made only then", hovered("", f"m.addEventListener('mouseover', () => s.innerHTML ||= `{_LINK}`)",
        _ITEM.replace(_LINK, "").replace("<li", "<li aria-haspopup=true")), journey="sought"),
    ready("hover-apart", "one that stands elsewhere in the page", hovered(
        "#s{display:none}", "b.onmouseenter = () => s.style.display = 'block'",
        f"<nav><a id=b href='#' aria-controls=s>Dịch vụ</a></nav><div id=s>{_LINK}</div>"), journey="sought"),
    ready("hover-beside", "one behind its button", hovered(
        "#s{display:none} button:hover + #s, #s:hover{display:block}", "",
        f"<div><button type=button>Dịch vụ</button><div id=s>{_LINK}</div></div>"), journey="sought"),
    ready("hover-twice", "one within another", hovered(
        "#s,#t{display:none} #m:hover #s{display:block} #n:hover #t{display:block}", "",
        f"<ul><li id=m style='width:200px'>Dịch vụ<ul id=s><li id=n>Nộp hồ sơ<ul id=t><li>{_LINK}</li></ul></li></ul></li></ul>"), journey="sought"),
    ready("hover-named", "one whose way the journey names", way(
        "<style>#s{display:none} #m:hover #s{display:block}</style><p>Mở tờ khai hoà giải</p>"
        "<nav><div id=m>Dịch vụ<div id=s><button type=button onclick=\"location.href='/to-khai'\">Mở tờ khai hoà giải</button></div></div></nav>"), journey="named"),
    barred("hover-vain", "a hidden menu that nothing opens", hovered("#s{display:none}"), journey="sought"),
    barred("hover-other", "a menu with other things in it", hovered(
        "#s{display:none} #m:hover #s{display:block}", "", _ITEM.replace(NAME, "Giới thiệu")), journey="sought"),
)  # fmt: skip
PICTURED: tuple[VerdictPage, ...] = (
    ready("image-link", "a picture in a form that gets an address and asks for nothing", way(f"<form action=/to-khai><input {_PICTURE}></form>"), journey="sought"),
    ready("image-hidden", "the same, that hands something on", way(
        f"<form method=get action=/to-khai><input type=hidden name=ma value=1.004222><input {_PICTURE} name=di></form>"), journey="sought"),
    ready("image-bare", "a picture outside of any form that its script makes a button", way(
        f"<input {_PICTURE} onclick=\"location.href='/to-khai'\">"), journey="sought"),
    ready("image-returns", "a picture in a form that goes elsewhere and sends nothing", way(
        f"<form method=post action=/luu><input name=x><input {_PICTURE} onclick=\"location.href='/to-khai';return false\"></form>"), journey="sought"),
    ready("image-button", "a button in the place of the picture", way(f"<form action=/to-khai><button>{NAME}</button></form>"), journey="sought"),
    ready("image-submit", "the same, as an input", way(f"<form action=/to-khai><input type=submit value='{NAME}'></form>"), journey="sought"),
    ready("image-named", "the same, that the journey names", way(
        "<p>Mở tờ khai hoà giải</p><form action=/to-khai><input type=image alt='Mở tờ khai hoà giải' width=90 height=30 src='data:image/gif;base64,R0lGODlhAQABAAAAACw='></form>"),
        journey="named"),
    barred("image-posts", "a picture that posts its form", way(f"<form method=post action=/to-khai><input {_PICTURE}></form>"), journey="sought"),
    barred("image-returns-not", "a picture that goes elsewhere, and then sends its form", way(
        f"<form method=post action=/luu><input name=x><input {_PICTURE} onclick=\"location.href='/to-khai'\"></form>"), journey="sought"),
    barred("image-asks", "a picture of a form with a field", way(f"<form action=/to-khai><input name=ten><input {_PICTURE}></form>"), journey="sought"),
    barred("image-deletes", "a picture whose form deletes", way(f"<form action=/ho-so/xoa><input {_PICTURE}></form>",
        more={"/ho-so/xoa": form()}), journey="sought"),
    barred("image-called", "a picture that is called by sending", way(
        f"<form action=/to-khai><input {_PICTURE.replace(NAME, 'Gửi hồ sơ')}></form>"), journey="sought"),
)  # fmt: skip
PAGES: tuple[VerdictPage, ...] = (*ENTERED, *COVERED, *HOVERED, *PICTURED)
