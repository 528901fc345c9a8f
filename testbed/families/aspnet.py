"""
Old ASP.NET pages: __VIEWSTATE, tables, the form in a frame of its own, and lists that an .ashx handler fills one after the other.
"""

from html import escape

from testbed.families.family import (
    AGENCY,
    AGENCY_CODE,
    PROCEDURE,
    Family,
    FamilyPortal,
    common,
    form_fields,
    option_lists,
    page,
    required,
    script,
)
from testbed.fields import Field

FIELDS = 18

_SCRIPT = """
window.onload = function () {
  var cho = [].slice.call(document.querySelectorAll("select[data-danh-muc]")), ten = {};
  cho.forEach(function (e) { ten[e.getAttribute("data-danh-muc")] = 1; });
  ten = Object.keys(ten);
  (function tiep() {
    if (!ten.length) {
      [].forEach.call(document.forms[0].elements, function (e) { e.disabled = false; });
      performance.mark("san-sang");
      return;
    }
    var mot = ten.shift(), x = new XMLHttpRequest();
    x.open("GET", "/api/danh-muc/" + mot);
    x.onload = function () {
      JSON.parse(x.responseText).forEach(function (nhan) {
        cho.forEach(function (e) { if (e.getAttribute("data-danh-muc") === mot) e.add(new Option(nhan)); });
      });
      tiep();
    };
    x.send();
  })();
};
"""


def _row(field: Field) -> str:
    needed = " required" if field.required else ""
    label = f"<label for='{field.name}'>{escape(field.label)}</label>"
    if field.kind == "radio":
        inputs = "".join(
            f"<label><input type='radio' name='{field.name}' value='{escape(text)}'{needed} disabled> {escape(text)}</label>"
            for text in field.choices
        )
        return f"<tr><td>{escape(field.label)}</td><td>{inputs}</td></tr>"
    if field.kind == "select":
        control = f"<select id='{field.name}' data-danh-muc='{field.options}'{needed} disabled><option value=''>--</option></select>"
    elif field.kind == "textarea":
        control = f"<textarea id='{field.name}'{needed} disabled></textarea>"
    else:
        control = f"<input id='{field.name}' type='{field.kind}'{needed} disabled>"
    return f"<tr><td>{label}</td><td>{control}</td></tr>"


def _build(scale: float) -> FamilyPortal:
    fields = form_fields(FIELDS)
    state = "<input type='hidden' name='__VIEWSTATE' value='dDwtMTIzNDU2Nzg5Ozs+'>"
    rows = "".join(map(_row, fields))
    return FamilyPortal(
        entry_path=f"/Pages/ThuTuc.aspx?ma={PROCEDURE.code}",
        variables={"agency_name": AGENCY, "agency_code": AGENCY_CODE},
        resources={
            **common(f"/Pages/ThuTuc.aspx?ma={PROCEDURE.code}", f"{PROCEDURE.code} {PROCEDURE.name_vi}"),
            **option_lists(lambda n: scale * (0.08 + 0.03 * n)),
            "/Pages/ThuTuc.aspx": page(
                PROCEDURE.name_vi,
                f"<h1>{PROCEDURE.name_vi}</h1><p>Mã thủ tục: {PROCEDURE.code}</p>"
                f"<a href='/Pages/DangKy.aspx?ma={PROCEDURE.code}&cq={AGENCY_CODE}' target='_blank'>Đăng ký trực tuyến</a>",
                delay_seconds=0.5 * scale,
            ),
            "/Pages/DangKy.aspx": page(
                "Đăng ký",
                f"<h1>Tờ khai</h1><iframe id='to-khai' src='/Pages/ToKhai.aspx?ma={PROCEDURE.code}' width='900' height='1400' title='Tờ khai'>"
                "</iframe>",
                delay_seconds=0.3 * scale,
            ),
            "/Pages/ToKhai.aspx": page(
                "Tờ khai",
                f"<form method='post' action='/Pages/ToKhai.aspx'>{state}<table>{rows}</table><input type='submit' value='Gửi' disabled>"
                "</form><script src='/Scripts/ToKhai.js'></script>",
                delay_seconds=0.4 * scale,
            ),
            "/Scripts/ToKhai.js": script(_SCRIPT),
        },
        fields=len(fields),
        required_fields=required(fields),
    )


FAMILY = Family(name="aspnet", build=_build)
