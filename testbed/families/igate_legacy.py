"""
igate as it was: a page of the server for each step, the session's id in the address, the declaration drawn by a real jQuery form
builder (formBuilder's form-render) when the page stands.
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
    required,
    script,
)
from testbed.fields import Field

FIELDS = 28
PLACE = "/dich-vu-cong/tiep-nhan-online"

_FORM = """
$(async () => {
  const mau = await $.getJSON("/dich-vu-cong/bieu-mau");
  const noi = $("#bieu-mau");
  noi.formRender({ formData: mau.fields, dataType: "json" });
  performance.mark("thu-vien-san-sang");
  await Promise.all(mau.lists.map(async (ten) => {
    const muc = await $.getJSON("/api/danh-muc/" + ten);
    noi.find("select." + ten).each((_, e) => muc.forEach((nhan) => e.add(new Option(nhan))));
  }));
  performance.mark("san-sang");
});
"""


def _described(field: Field) -> dict[str, object]:
    base = {"name": field.name, "label": field.label, "required": field.required}
    if field.kind == "radio":
        return {**base, "type": "radio-group", "values": [{"label": text, "value": text} for text in field.choices]}
    if field.kind == "select":
        return {**base, "type": "select", "className": field.options, "values": [{"label": "-- Chọn --", "value": ""}]}
    if field.kind == "checkbox":
        return {**base, "type": "text"}
    kinds = {"textarea": "textarea", "number": "number", "date": "date", "file": "file"}
    return {
        **base,
        "type": kinds.get(field.kind, "text"),
        "subtype": field.kind if field.kind in {"email", "tel"} else None,
    }


def _build(scale: float) -> FamilyPortal:
    fields = form_fields(FIELDS)
    lists = sorted({field.options for field in fields if field.options})
    query = f"ma_thu_tuc={PROCEDURE.code}"
    jquery = f"{LIBRARIES}jquery/dist/jquery.min.js"
    render = f"{LIBRARIES}formBuilder/dist/form-render.min.js"
    return FamilyPortal(
        entry_path=f"{PLACE}/chi-tiet?{query}",
        variables={"agency_name": AGENCY, "agency_code": AGENCY_CODE},
        resources={
            **common(f"{PLACE}/danh-sach", "Danh sách thủ tục"),
            **option_lists(lambda n: scale * (0.1 + 0.04 * n)),
            f"{PLACE}/danh-sach": page(
                "Danh sách thủ tục",
                f"<h1>Danh sách thủ tục</h1><table><tr><td>2.000635</td><td>Trích lục hộ tịch</td><td><a href='{PLACE}/khac'>Nộp trực "
                f"tuyến</a></td></tr><tr><td>{PROCEDURE.code}</td><td>{PROCEDURE.name_vi}</td><td><a href='{PLACE}/chi-tiet?{query}'>"
                "Nộp trực tuyến</a></td></tr></table>",
            ),
            f"{PLACE}/khac": page("Không có", "<h1>Thủ tục này chưa hỗ trợ nộp hồ sơ trực tuyến.</h1>"),
            f"{PLACE}/chi-tiet": page(
                PROCEDURE.name_vi,
                f"<h1>{PROCEDURE.name_vi}</h1><p>Mã thủ tục: {PROCEDURE.code}</p>"
                f"<a class='nut' href='{PLACE}/chon-co-quan?{query}&sid=8f41c2'>Nộp trực tuyến</a>",
                delay_seconds=0.4 * scale,
            ),
            f"{PLACE}/chon-co-quan": page(
                "Chọn cơ quan",
                f"<h1>Chọn cơ quan</h1><p><label>Cơ quan thực hiện <select id='cq'><option value=''>-- Chọn --</option>"
                f"<option value='{AGENCY_CODE}'>{AGENCY}</option></select></label></p><button type='button' onclick=\"location.assign("
                f"'{PLACE}/ke-khai?{query}&sid=8f41c2&cq=' + document.getElementById('cq').value)\">Tiếp tục</button>",
                delay_seconds=0.2 * scale,
            ),
            f"{PLACE}/ke-khai": page(
                "Kê khai",
                f"<h1>Kê khai hồ sơ</h1><form method='post' action='{PLACE}/luu'><div id='bieu-mau'></div><button>Gửi hồ sơ</button>"
                f"</form><script src='{jquery}'></script><script src='{render}'></script><script src='/js/ke-khai.js'></script>",
                delay_seconds=0.5 * scale,
            ),
            "/js/ke-khai.js": script(_FORM),
            "/dich-vu-cong/bieu-mau": data(
                {"fields": [_described(field) for field in fields], "lists": lists}, delay_seconds=0.2 * scale
            ),
        },
        fields=len(fields),
        required_fields=required(fields),
    )


FAMILY = Family(name="igate-legacy", build=_build)
