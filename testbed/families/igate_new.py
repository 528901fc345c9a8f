"""
igate as VNPT builds it now: an application with a four-step wizard, its declaration drawn by the real @formio/js.

The address of the procedure names code and agency; "Nộp trực tuyến" leads to an address with an id of 24 hexadecimal digits. The
captcha of the last step is never reached.
"""

from testbed.families.family import (
    AGENCY,
    AGENCY_CODE,
    LIBRARIES,
    PROCEDURE,
    SESSION_COOKIE,
    Family,
    FamilyPortal,
    common,
    data,
    form_fields,
    login,
    option_lists,
    page,
    required,
    script,
)
from testbed.fields import Field

APPLICATION_ID = "66f0a1b2c3d4e5f601234567"
FIELDS = 40

_ENTRY = """
(async () => {
  const tt = await (await fetch("/api/padsvc/procedure?code=%(code)s")).json();
  const noi = document.querySelector("app-root");
  noi.innerHTML = `<h1>${tt.name}</h1><p>Mã thủ tục: ${tt.code}. Cơ quan thực hiện: ${tt.agency}</p>`;
  const nut = document.createElement("button");
  nut.type = "button"; nut.className = "mat-raised-button"; nut.textContent = "Nộp trực tuyến";
  nut.onclick = () => location.assign(document.cookie.includes("%(cookie)s=") ? "/vi/padsvc/apply-online/%(id)s" : "/dang-nhap");
  noi.append(nut);
})();
"""
_FORM = """
(async () => {
  const schema = await (await fetch("/api/padsvc/form/%(id)s")).json();
  const noi = document.getElementById("formio");
  const form = await Formio.createForm(noi, schema, { noDefaultSubmitButton: true, readOnly: false });
  form.ready.then(() => performance.mark("thu-vien-san-sang"));
  const cho = new Set(schema.lists);
  // The truth: each list has come and stands in the form's own control.
  for (const ten of schema.lists) {
    const muc = await (await fetch("/api/danh-muc/" + ten)).json();
    form.everyComponent((c) => { if (c.component.danhMuc === ten) c.setItems(muc.map((label) => ({ label, value: label }))); });
    cho.delete(ten);
  }
  await form.ready;
  document.querySelectorAll("#formio [disabled]").forEach((e) => { e.disabled = false; });
  performance.mark("san-sang");
})();
"""


def _component(field: Field) -> dict[str, object]:
    common_part = {
        "key": field.name.replace("-", "_"),
        "label": field.label,
        "input": True,
        "validate": {"required": field.required},
    }
    if field.kind == "radio":
        return {**common_part, "type": "radio", "values": [{"label": text, "value": text} for text in field.choices]}
    if field.kind == "select":
        return {
            **common_part,
            "type": "select",
            "danhMuc": field.options,
            "dataSrc": "values",
            "data": {"values": []},
        }
    kinds = {"textarea": "textarea", "checkbox": "checkbox", "number": "number", "email": "email", "tel": "phoneNumber"}
    return {**common_part, "type": kinds.get(field.kind, "textfield"), "inputMask": ""}


def _build(scale: float) -> FamilyPortal:
    fields = tuple(field for field in form_fields(FIELDS) if field.kind not in {"file", "date"})
    lists = sorted({field.options for field in fields if field.options})
    schema = {"display": "form", "components": [_component(field) for field in fields], "lists": lists}
    names = {"code": PROCEDURE.code, "cookie": SESSION_COOKIE, "id": APPLICATION_ID}
    entry = page("Thủ tục hành chính", "<app-root>Đang tải…</app-root><script src='/main.js'></script>")
    formio = f"{LIBRARIES}@formio/js/dist/formio.full.min"
    form = page(
        "Nộp hồ sơ trực tuyến",
        "<h1>Nộp hồ sơ trực tuyến</h1><ol><li>Thông tin chung</li><li aria-current='step'>Kê khai</li><li>Thành phần hồ sơ</li>"
        f"<li>Nộp hồ sơ</li></ol><div id='formio'></div><script src='{formio}.js'></script><script src='/ke-khai.js'></script>",
        head=f"<link rel='stylesheet' href='{formio}.css'>",
        delay_seconds=0.25 * scale,
    )
    return FamilyPortal(
        entry_path=f"/vi/nps/apply?MaTTHC={PROCEDURE.code}&MaCoQuanThucHien={AGENCY_CODE}&vneid=1",
        variables={"agency_name": AGENCY, "agency_code": AGENCY_CODE},
        resources={
            **common(f"/vi/nps/apply?MaTTHC={PROCEDURE.code}&MaCoQuanThucHien={AGENCY_CODE}"),
            **login(),
            **option_lists(lambda n: scale * (0.1 + 0.05 * n)),
            "/vi/nps/apply": entry,
            "/main.js": script(_ENTRY % names, delay_seconds=0.1 * scale),
            "/api/padsvc/procedure": data(
                {"code": PROCEDURE.code, "name": PROCEDURE.name_vi, "agency": AGENCY}, delay_seconds=0.2 * scale
            ),
            f"/vi/padsvc/apply-online/{APPLICATION_ID}": form,
            "/ke-khai.js": script(_FORM % names),
            f"/api/padsvc/form/{APPLICATION_ID}": data(schema, delay_seconds=0.3 * scale),
        },
        fields=len(fields),
        required_fields=required(fields),
        needs_session=True,
    )


FAMILY = Family(name="igate-new", build=_build)
