"""
What a family of the testbed is: pages with known waits, and a form that tells by itself when its last field could be used.

The truth stands in the page: it calls `performance.mark("san-sang")` in the very task that enables its last field or adds its last
option, and "thu-vien-san-sang" where the library that draws the form says that it is ready. A client's own line and pace are in
it, so that it holds for every profile.
"""

import importlib
import json
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from testbed import families
from testbed.fields import OPTION_LISTS, Field, sections
from testbed.site import CSS, HTML, JSON, SCRIPT, Resource
from thuocdo.core.model import Procedure, ServiceLevel

READY_MARK = "san-sang"
LIBRARY_MARK = "thu-vien-san-sang"
LIBRARIES = "/thu-vien/"
"""Under this path the npm packages stand, served by whoever serves the family."""

PROCEDURE = Procedure(
    code="1.001193", name_vi="Đăng ký khai sinh", name_en="Birth registration", level=ServiceLevel.FULL
)
AGENCY = "Ủy ban nhân dân phường An Bình"
AGENCY_CODE = "H01.2"
SESSION_COOKIE = "phien-dang-nhap"
STYLE = """body{margin:0 auto;max-width:60rem;padding:1rem;font:16px/1.5 sans-serif;color:#1b1b1b}
header,footer{padding:.5rem 0;border-bottom:1px solid #c8c8c8}label,legend{display:block;font-weight:600}
input,select,textarea{font:inherit;padding:.3rem;width:24rem;max-width:100%}input[type=radio],input[type=checkbox]{width:auto}
button,.nut{font:inherit;padding:.4rem 1rem}fieldset{margin:.5rem 0}[role=listbox]{border:1px solid;list-style:none;padding:0}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyPortal:
    """
    One portal of a family.

    entry_path: the procedure's page. home_path: where one begins who knows no more than the portal. steps_path, variables: what
    its journey needs. resources: by path; a path that ends in * stands for all that begin so. fields, required_fields: of the
    form. needs_session: the form opens only with SESSION_COOKIE; without it a login stands there. opening_posts: paths that the
    form does not open without; all else that is no reading is a submission.
    """

    entry_path: str
    home_path: str = "/"
    variables: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, Resource]
    fields: int
    required_fields: int
    needs_session: bool = False
    opening_posts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A platform family; its journey in scenarios/journeys has the same name. build: gives its portal, waits scaled."""

    name: str
    build: Callable[[float], FamilyPortal]


@cache
def all_families() -> Mapping[str, Family]:
    """Return every family by name: those of the modules of this folder."""
    modules = (
        importlib.import_module(f"{families.__name__}.{m.name}") for m in pkgutil.iter_modules(families.__path__)
    )
    found = (module.FAMILY for module in modules if hasattr(module, "FAMILY"))
    return {family.name: family for family in found}


def page(title: str, body: str, *, head: str = "", delay_seconds: float = 0.0) -> Resource:
    """Return an HTML document of the portal."""
    text = (
        f'<!doctype html><html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>{title}</title><link rel="stylesheet" href="/giao-dien.css">{head}</head><body>'
        f'<header><a href="/">Cổng Dịch vụ công (mô phỏng)</a></header><main>{body}</main>'
        "<footer>Trang mô phỏng dùng để thử nghiệm, không phải cổng dịch vụ công thật.</footer></body></html>"
    )
    return Resource(body=text.encode(), media_type=HTML, delay_seconds=delay_seconds)


def script(text: str, *, delay_seconds: float = 0.0) -> Resource:
    """Return a script."""
    return Resource(body=text.encode(), media_type=SCRIPT, delay_seconds=delay_seconds)


def data(value: object, *, delay_seconds: float = 0.0) -> Resource:
    """Return an answer of an API."""
    return Resource(body=json.dumps(value, ensure_ascii=False).encode(), media_type=JSON, delay_seconds=delay_seconds)


def common(link: str, label: str = "Dịch vụ công trực tuyến") -> dict[str, Resource]:
    """Return what every portal has: its style sheet, and a home page from which a link leads towards the procedure."""
    news = "".join(
        f"<li><a href='/tin/{n}'>Tin số {n}: hướng dẫn nộp hồ sơ trực tuyến an toàn</a></li>" for n in range(1, 9)
    )
    home = f"<h1>Cổng Dịch vụ công</h1><nav><a href='{link}'>{label}</a> <a href='/tra-cuu'>Tra cứu hồ sơ</a></nav><ul>{news}</ul>"
    return {
        "/": page("Cổng Dịch vụ công", home),
        "/giao-dien.css": Resource(body=STYLE.encode(), media_type=CSS),
        "/favicon.ico": Resource(body=b"", media_type="image/x-icon", delay_seconds=0.3),
    }


def login(path: str = "/dang-nhap", title: str = "Đăng nhập") -> dict[str, Resource]:
    """Return the portal's own login."""
    form = (
        f"<h1>{title}</h1><form method='post' action='{path}'><p><label>Tên đăng nhập <input name='ten'></label></p>"
        "<p><label>Mật khẩu <input name='mat-khau' type='password'></label></p><button>Đăng nhập</button></form>"
    )
    return {path: page(title, form)}


def option_lists(seconds: Callable[[int], float]) -> dict[str, Resource]:
    """Return the option lists of the common fields; seconds: gives the wait of the n-th."""
    return {
        f"/api/danh-muc/{name}": data(list(options), delay_seconds=seconds(number))
        for number, (name, options) in enumerate(sorted(OPTION_LISTS.items()))
    }


def form_fields(count: int) -> tuple[Field, ...]:
    """Return the first fields of a declaration form."""
    return tuple(field for part in sections(count) for field in part.fields)


def required(fields: tuple[Field, ...]) -> int:
    """Return how many of them must be filled in."""
    return sum(field.required for field in fields)


CONTROL_SCRIPT = """
window.oNhap = (f) => {
  const p = document.createElement("p"), label = document.createElement("label");
  label.htmlFor = f.name; label.textContent = f.label + (f.required ? " (*)" : "");
  if (f.kind === "radio") {
    const group = document.createElement("fieldset");
    group.append(Object.assign(document.createElement("legend"), { textContent: label.textContent }));
    f.choices.forEach((text, i) => {
      const one = document.createElement("label"), input = document.createElement("input");
      Object.assign(input, { type: "radio", name: f.name, id: f.name + i, value: text, required: f.required });
      one.append(input, " " + text); group.append(one);
    });
    return group;
  }
  const control = document.createElement(f.kind === "select" ? "select" : f.kind === "textarea" ? "textarea" : "input");
  if (control.tagName === "INPUT") control.type = f.kind;
  Object.assign(control, { id: f.name, name: f.name, required: f.required });
  if (f.options) { control.dataset.danhMuc = f.options; control.add(new Option("-- Chọn --", "")); }
  p.append(label, control);
  return p;
};
window.danhMuc = async (ten, goc = document) => {
  const names = await (await fetch("/api/danh-muc/" + ten)).json();
  goc.querySelectorAll(`select[data-danh-muc="${ten}"]`).forEach((list) => names.forEach((n) => list.add(new Option(n))));
};
window.sanSang = () => performance.mark("san-sang");
"""
"""For the families that draw their own fields: oNhap(field) gives a control, danhMuc(list) fills its lists, sanSang() tells the truth."""


def described(fields: tuple[Field, ...]) -> list[dict[str, object]]:
    """Return fields as CONTROL_SCRIPT takes them."""
    return [
        {
            "name": f.name,
            "label": f.label,
            "kind": f.kind,
            "required": f.required,
            "choices": list(f.choices),
            "options": f.options,
        }
        for f in fields
    ]
