"""
The national portal as it is since 2026: a React-like application whose every path returns the same shell.

The procedure comes from an API; one chooses the agency in a list that scripts draw, then "Nộp trực tuyến"; whoever is not logged
in meets VNeID.
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
    option_lists,
    page,
    required,
    script,
)

ID = "7d3b0c52-94a1-4e7c-8a55-2f1e6c0b9d11"
FIELDS = 34

_APPLICATION = (
    CONTROL_SCRIPT
    + """
const goc = document.getElementById("root");
const ve = (...nodes) => goc.replaceChildren(...nodes);
const the = (ten, thuocTinh, ...con) => {
  const e = document.createElement(ten);
  for (const [k, v] of Object.entries(thuocTinh)) k.startsWith("on") ? e.addEventListener(k.slice(2), v) : e.setAttribute(k, v);
  e.append(...con);
  return e;
};
const bieuMau = async (id) => {
  ve(the("h1", {}, "Kê khai hồ sơ"), the("p", { role: "status" }, "Đang tải biểu mẫu, vui lòng chờ…"));
  const mau = await (await fetch("/api/bieu-mau/" + id)).json();
  const form = the("form", {}, ...mau.fields.map(oNhap), the("button", { type: "submit" }, "Nộp hồ sơ"));
  ve(the("h1", {}, "Kê khai hồ sơ"), form);
  await Promise.all(mau.lists.map((ten) => danhMuc(ten)));
  sanSang();
};
const chonCoQuan = (coQuan, xong) => {
  const nut = the("div", { role: "combobox", tabindex: "0", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-label": "Cơ quan thực hiện" },
    "Chọn cơ quan thực hiện");
  nut.addEventListener("click", () => {
    if (nut.getAttribute("aria-expanded") === "true") return;
    nut.setAttribute("aria-expanded", "true");
    const ds = the("ul", { role: "listbox" }, ...coQuan.map((ten) => the("li", { role: "option", onclick: () => {
      nut.textContent = ten; nut.setAttribute("aria-expanded", "false"); ds.remove(); xong(ten);
    } }, ten)));
    nut.after(ds);
  });
  return nut;
};
const thuTuc = async (id) => {
  const tt = await (await fetch("/api/thu-tuc/" + id)).json();
  const nop = the("button", { type: "button", onclick: () => {
    if (!document.cookie.includes("%(cookie)s=")) { location.assign("/sso/vneid/dang-nhap"); return; }
    history.pushState({}, "", "/ke-khai/" + id);
    bieuMau(id);
  } }, "Nộp trực tuyến");
  nop.disabled = true;
  ve(the("h1", {}, tt.name), the("p", {}, "Mã thủ tục: " + tt.code), chonCoQuan(tt.agencies, () => { nop.disabled = false; }), nop);
};
const trangChu = async () => {
  const ds = await (await fetch("/api/thu-tuc")).json();
  ve(the("h1", {}, "Cổng Dịch vụ công quốc gia"), ...ds.map((tt) => the("p", {}, the("a", { href: "/thu-tuc-hanh-chinh/" + tt.id }, tt.code + " " + tt.name))));
};
const m = location.pathname.match(/^\\/thu-tuc-hanh-chinh\\/(.+)$/);
m ? thuTuc(m[1]) : trangChu();
"""
) % {"cookie": SESSION_COOKIE}


def _build(scale: float) -> FamilyPortal:
    fields = form_fields(FIELDS)
    shell = page("Cổng Dịch vụ công quốc gia", '<div id="root"></div><script src="/static/js/main.js"></script>')
    procedure = {"code": PROCEDURE.code, "name": PROCEDURE.name_vi, "agencies": ["Ủy ban nhân dân xã Tân Lập", AGENCY]}
    lists = sorted({field.options for field in fields if field.options})
    login = page(
        "Đăng nhập VNeID",
        "<h1>Đăng nhập bằng VNeID</h1><p><label>Số định danh <input></label></p><button>Tiếp tục</button>",
    )
    return FamilyPortal(
        entry_path=f"/thu-tuc-hanh-chinh/{ID}",
        variables={"agency_name": AGENCY, "agency_code": AGENCY_CODE},
        resources={
            **common("/thu-tuc-hanh-chinh"),
            **option_lists(lambda n: scale * (0.15 + 0.05 * n)),
            "/": shell,
            "/thu-tuc-hanh-chinh*": shell,
            "/ke-khai*": shell,
            "/static/js/main.js": script(_APPLICATION, delay_seconds=0.1 * scale),
            "/api/thu-tuc": data(
                [{"id": ID, "code": PROCEDURE.code, "name": PROCEDURE.name_vi}], delay_seconds=0.1 * scale
            ),
            f"/api/thu-tuc/{ID}": data(procedure, delay_seconds=0.2 * scale),
            f"/api/bieu-mau/{ID}": data({"fields": described(fields), "lists": lists}, delay_seconds=0.5 * scale),
            "/sso/vneid/dang-nhap": login,
        },
        fields=len(fields),
        required_fields=required(fields),
        needs_session=True,
    )


FAMILY = Family(name="national-2026", build=_build)
