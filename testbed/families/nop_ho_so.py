"""
A wizard at /nop-ho-so/<number>: opening it asks the server for a draft, whose number becomes the address. Login comes first.
"""

from testbed.families.family import (
    AGENCY,
    AGENCY_CODE,
    CONTROL_SCRIPT,
    PROCEDURE,
    SESSION_COOKIE,
    Family,
    FamilyPortal,
    common,
    data,
    described,
    form_fields,
    login,
    option_lists,
    page,
    required,
    script,
)

FIELDS = 22
DRAFT = 4815162

_APPLICATION = (
    CONTROL_SCRIPT
    + """
(async () => {
  const { id } = await (await fetch("/api/ho-so/nhap", { method: "POST", body: "{}" })).json();
  history.replaceState({}, "", "/nop-ho-so/" + id);
  const mau = await (await fetch("/api/ho-so/" + id + "/bieu-mau")).json();
  const form = document.createElement("form");
  form.append(...mau.fields.map(oNhap));
  const khoa = document.createElement("fieldset");
  khoa.disabled = true;
  khoa.append(form);
  document.getElementById("app").replaceChildren(khoa);
  await Promise.all(mau.lists.map((ten) => danhMuc(ten)));
  await fetch("/api/ho-so/" + id + "/quyen");
  khoa.disabled = false;
  sanSang();
})();
"""
)


def _build(scale: float) -> FamilyPortal:
    fields = form_fields(FIELDS)
    lists = sorted({field.options for field in fields if field.options})
    entry = page(
        PROCEDURE.name_vi,
        f"<h1>{PROCEDURE.name_vi}</h1><p>Mã thủ tục: {PROCEDURE.code}</p><a class='nut' id='nop' href='/nop-ho-so/moi'>Nộp trực tuyến</a>"
        f"<script>if(!document.cookie.includes('{SESSION_COOKIE}='))document.getElementById('nop').href='/dang-nhap'</script>",
        delay_seconds=0.3 * scale,
    )
    return FamilyPortal(
        entry_path=f"/thu-tuc/{PROCEDURE.code}",
        variables={"agency_name": AGENCY, "agency_code": AGENCY_CODE},
        resources={
            **common(f"/thu-tuc/{PROCEDURE.code}", PROCEDURE.name_vi),
            **login(),
            **option_lists(lambda n: scale * (0.1 + 0.03 * n)),
            f"/thu-tuc/{PROCEDURE.code}": entry,
            "/nop-ho-so/moi": page(
                "Nộp hồ sơ", "<h1>Nộp hồ sơ</h1><div id='app'>Đang tải…</div><script src='/nop.js'></script>"
            ),
            "/nop.js": script(_APPLICATION, delay_seconds=0.1 * scale),
            "/api/ho-so/nhap": data({"id": DRAFT}, delay_seconds=0.15 * scale),
            f"/api/ho-so/{DRAFT}/bieu-mau": data(
                {"fields": described(fields), "lists": lists}, delay_seconds=0.3 * scale
            ),
            f"/api/ho-so/{DRAFT}/quyen": data({"sua": True}, delay_seconds=0.2 * scale),
        },
        fields=len(fields),
        required_fields=required(fields),
        needs_session=True,
        opening_posts=("/api/ho-so/nhap",),
    )


FAMILY = Family(name="nop-ho-so", build=_build)
