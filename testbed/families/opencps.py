"""
OpenCPS on Liferay: pages of the server, the declaration drawn from a JSON schema by the real Alpaca. Own login elsewhere; a captcha
stands at the end of the form, which is no wall.
"""

from testbed.families.family import (
    AGENCY,
    AGENCY_CODE,
    LIBRARIES,
    PROCEDURE,
    Family,
    FamilyPortal,
    common,
    data,
    form_fields,
    option_lists,
    page,
    script,
)
from testbed.fields import Field

FIELDS = 30

_FORM = """
$(async () => {
  const mau = await $.getJSON("/o/rest/v2/serviceinfos/bieu-mau");
  $("#alpaca").alpaca({ ...mau.alpaca, view: "web-create", postRender: async () => {
    performance.mark("thu-vien-san-sang");
    await Promise.all(mau.lists.map(async (ten) => {
      const muc = await $.getJSON("/api/danh-muc/" + ten);
      for (const key of mau.cuaDanhMuc[ten]) {
        const e = document.querySelector(`#alpaca select[name="${key}"]`);
        muc.forEach((nhan) => e.add(new Option(nhan)));
      }
    }));
    performance.mark("san-sang");
  } });
});
"""


def _schema(field: Field) -> dict[str, object]:
    if field.kind == "checkbox":
        return {"type": "boolean", "required": field.required}
    if field.kind == "radio":
        return {"type": "string", "enum": list(field.choices), "required": field.required}
    if field.kind == "select":
        return {"type": "string", "enum": ["-- Chọn --"], "required": field.required}
    return {"type": "string", "required": field.required}


def _options(field: Field) -> dict[str, object]:
    types = {"textarea": "textarea", "select": "select", "radio": "radio", "checkbox": "checkbox"}
    extra = (
        {"vertical": True, "sort": False}
        if field.kind == "radio"
        else {"sort": False}
        if field.kind == "select"
        else {}
    )
    return {
        "label": field.label, "name": field.name, "type": types.get(field.kind, "text"), "removeDefaultNone": True,
        **({"rightLabel": field.label} if field.kind == "checkbox" else {}), **extra,
    }  # fmt: skip


def _build(scale: float) -> FamilyPortal:
    fields = tuple(field for field in form_fields(FIELDS) if field.kind != "file")
    lists = sorted({field.options for field in fields if field.options})
    of_list = {name: [field.name for field in fields if field.options == name] for name in lists}
    alpaca = {
        "schema": {"type": "object", "properties": {field.name: _schema(field) for field in fields}},
        "options": {"fields": {field.name: _options(field) for field in fields}},
    }
    libraries = (
        "jquery/dist/jquery.min.js", "handlebars/dist/handlebars.min.js", "alpaca/dist/alpaca/web/alpaca.min.js",
    )  # fmt: skip
    scripts = "".join(f"<script src='{LIBRARIES}{library}'></script>" for library in libraries)
    place = "/web/cong-dich-vu-cong/dich-vu-cong"
    return FamilyPortal(
        entry_path=f"{place}?ma={PROCEDURE.code}",
        variables={"agency_name": AGENCY, "agency_code": AGENCY_CODE},
        resources={
            **common(f"{place}/tra-cuu", "Thủ tục hành chính"),
            **option_lists(lambda n: scale * (0.08 + 0.06 * n)),
            f"{place}/tra-cuu": page(
                "Tra cứu thủ tục",
                f"<h1>Tra cứu thủ tục</h1><form action='{place}/ket-qua'><label>Từ khóa <input name='tu-khoa' "
                "placeholder='Nhập tên hoặc mã thủ tục'></label><button>Tìm kiếm</button></form>",
            ),
            f"{place}/ket-qua": page(
                "Kết quả",
                f"<h1>Kết quả tra cứu</h1><ul><li>{PROCEDURE.code} <a href='{place}?ma={PROCEDURE.code}'>{PROCEDURE.name_vi}</a></li></ul>",
            ),
            place: page(
                PROCEDURE.name_vi,
                f"<h1>{PROCEDURE.name_vi}</h1><p>Mã thủ tục: {PROCEDURE.code}</p><p><label>Đơn vị tiếp nhận "
                f"<select id='dv'><option value=''>-- Chọn --</option><option value='{AGENCY_CODE}'>{AGENCY}</option></select></label></p>"
                f"<a class='nut' href='{place}/ke-khai'>Nộp hồ sơ trực tuyến</a>",
                delay_seconds=0.35 * scale,
            ),
            f"{place}/ke-khai": page(
                "Kê khai",
                "<h1>Kê khai hồ sơ</h1><div id='alpaca'></div><p><label>Mã xác nhận <input name='captcha' tabindex='-1' hidden></label>"
                f"<img src='/captcha.png' alt='Mã xác nhận' width='120' height='40'></p>{scripts}<script src='/js/alpaca-form.js'></script>",
                delay_seconds=0.4 * scale,
            ),
            "/js/alpaca-form.js": script(_FORM),
            "/captcha.png": data([], delay_seconds=1.5 * scale),
            "/o/rest/v2/serviceinfos/bieu-mau": data(
                {"alpaca": alpaca, "lists": lists, "cuaDanhMuc": of_list}, delay_seconds=0.25 * scale
            ),
        },
        fields=len(fields),
        required_fields=0,  # Alpaca marks them with a picture and a class alone: no software can tell
    )


FAMILY = Family(name="opencps", build=_build)
