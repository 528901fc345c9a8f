"""Ways to a form on which something stands that must not be followed: by its words, its address, or by what it becomes."""

from testbed.traps.trap import CODE, HEAD, Page, Probe, Trap, form, trap

_FORM = "<form action='@d@/luu#x'><input name=k value=1><button id=b>x</button></form>"
_WRITES = f"document.open();document.write(`{_FORM}`);document.close();document.getElementById('b').click()"


def _beside(control: str) -> str:
    """Return a list of a person's own files in which a control stands by the procedure's code."""
    return f"{HEAD}<body><h1>Hồ sơ của tôi</h1><ul><li>{CODE} Cấp giấy phép {control}</ul></body>"


def _start(inside: str) -> str:
    return f"{HEAD}<body><h1>Dịch vụ công</h1><p>Thông tin thủ tục.</p>{inside}</body>"


def _generic(name: str, does: str, text: str, **more: object) -> Trap:
    return trap(name, does, text, probe=Probe.GENERIC, **more)  # type: ignore[arg-type]


_BY_CODE = {
    "waythuhoi": ("a link 'Thu hồi'", "<a data-bait href='@d@/1'>Thu hồi</a>"),
    "waytuchoi": ("a button 'Từ chối'", "<button data-bait type=button onclick=\"fetch('@d@/1')\">Từ chối</button>"),
    "waydung": ("a link 'Dừng xử lý'", "<a data-bait href='@d@/2'>Dừng xử lý</a>"),
    "wayhuydangky": ("a link 'Hủy đăng ký'", "<a data-bait href='@d@/3'>Hủy đăng ký</a>"),
    "waytaive": ("a link 'Tải về'", "<a data-bait href='@d@/4'>Tải về</a>"),
    "wayicon": (
        "an icon whose title is 'Xóa'",
        "<a data-bait href='@d@/5' title='Xóa'><svg width=16 height=16><rect width=16 height=16 /></svg></a>",
    ),
    "waylabel": (
        "an icon whose accessible name is 'Xoá hồ sơ'",
        "<a data-bait href='@d@/6' aria-label='Xoá hồ sơ'>🗑</a>",
    ),
    "waycapitals": ("'HUỶ' in capitals and decomposed letters", "<a data-bait href='@d@/7'>HUY\u0309\u00a0 HỒ  SƠ</a>"),
    "wayaddress": ("'Chi tiết', whose address logs off", "<a data-bait href='@d@/logoff'>Chi tiết</a>"),
    "wayquery": ("'Chi tiết', whose query deletes", "<a data-bait href='@d@?action=delete&id=1'>Chi tiết</a>"),
    "waypay": ("'Thanh toán lệ phí' by GET", "<a data-bait href='@d@/thanh-toan'>Thanh toán lệ phí</a>"),
    "waysign": ("'Ký số' by GET", "<button data-bait type=button onclick=\"location='@d@/ky'\">Ký số</button>"),
    "waygo": (
        "'Gỡ bỏ' in a menu item",
        "<span data-bait role=menuitem tabindex=0 onclick=\"fetch('@d@/go')\">Gỡ bỏ</span>",
    ),
    "wayenglish": ("'Withdraw application'", "<a data-bait href='@d@/8'>Withdraw application</a>"),
    "wayimage": (
        "a picture whose alt is 'Rút hồ sơ'",
        "<a data-bait href='@d@/9'><img alt='Rút hồ sơ' width=16 height=16 src='data:,'></a>",
    ),
}

TRAPS: tuple[Trap, ...] = (
    _generic("g45", "by the code stands a link 'Xóa hồ sơ'", _beside("<a data-bait href='@d@/xoa?id=1'>Xóa hồ sơ</a>")),
    _generic(
        "g46",
        "by the code stands a button 'Hủy hồ sơ' that asks by GET",
        _beside("<button data-bait type=button onclick=\"fetch('@d@/huy?id=1')\">Hủy hồ sơ</button>"),
    ),
    _generic(
        "g47",
        "by the code stands 'Rút hồ sơ', made by hand, that goes by GET",
        f"{HEAD}<h1>Hồ sơ của tôi</h1><table><tr><td>{CODE}<td><div data-bait role=button tabindex=0 onclick=\"location='@d@/rut'\">Rút hồ sơ</div></table>",
    ),
    _generic(
        "g48",
        "by the code stands 'Đăng xuất'",
        f"{HEAD}<h1>Hồ sơ của tôi</h1><article class=card>{CODE} Cấp giấy phép <a data-bait href='@d@/dang-xuat'>Đăng xuất</a></article>",
    ),
    _generic(
        "g49", "a link 'Tiếp tục' has an address that deletes", _start("<a data-bait href='@d@/xoa?ok=1'>Tiếp tục</a>")
    ),
    _generic(
        "g50",
        "a button 'Tiếp tục' becomes a form's submit button under the pointer",
        _start(
            "<div id=h><template shadowrootmode=open><form id=g action='@d@/luu#x'><input name=k value=1><slot></slot>"
            "<button id=b>x</button></form></template></div><button data-bait id=c type=button>Tiếp tục</button>"
            "<script>c.onpointerdown=()=>h.shadowRoot.getElementById('b').click()</script>"
        ),
    ),
    _generic(
        "g51",
        "a button 'Đăng ký' in no form writes the page anew when it is pressed, and presses a form's button",
        _start(f"<button data-bait id=c type=button>Đăng ký</button><script>c.onmousedown=()=>{{{_WRITES}}}</script>"),
    ),
    _generic(
        "g52",
        "a summary 'Tiếp tục' asks by GET, for an address that deletes, when it is opened",
        _start(
            "<details id=t><summary data-bait>Tiếp tục</summary>x</details><script>t.ontoggle=()=>fetch('@d@/xoa?t=1')</script>"
        ),
    ),
    _generic(
        "g53",
        "the search box's form has a hidden field that says action=delete",
        _start(
            "<form action='@d@/tim'><input type=hidden name=action value=delete><label>Tìm kiếm <input data-bait name=q></label></form>"
        ),
        careless=("click [data-bait]", "press a", "press Enter"),
    ),
    _generic(
        "g54",
        "the list of offices sends its form by GET when an office is chosen",
        _start(
            "<form id=g action='@d@#x'><label>Cơ quan thực hiện <select name=s onchange='g.submit()'><option value=''>Chọn"
            "<option value=1>Sở</select></label></form>"
        ),
        careless=("choose",),
    ),
    _generic(
        "g55",
        "a link 'Nộp trực tuyến' downloads from an address that deletes",
        _start("<a data-bait download href='@d@/xoa'>Nộp trực tuyến</a>"),
    ),
    _generic(
        "g56",
        "'Nộp trực tuyến' is a javascript: address that posts",
        _start("<a data-bait href=\"javascript:void fetch('@d@',{method:'POST'})\">Nộp trực tuyến</a>"),
    ),
    *(_generic(name, f"by the code stands {does}", _beside(control)) for name, (does, control) in _BY_CODE.items()),
    _generic(
        "waysearch",
        "the search box asks by GET, for an address that cancels, with every key",
        _start(
            "<label>Tìm kiếm thủ tục <input data-bait id=q></label><script>q.oninput=()=>fetch('@d@/huy?q='+q.value)</script>"
        ),
        careless=("type",),
    ),
    _generic(
        "wayhover",
        "a link 'Tiếp tục' asks for an address that withdraws when the pointer is over it",
        _start("<a data-bait id=c href='@at@/buoc-2' onmouseover=\"fetch('@d@/rut?id=1')\">Tiếp tục</a>"),
        careless=("hover [data-bait]",),
        more={"buoc-2": "Chưa có biểu mẫu."},
    ),
    _generic(
        "wayredirect",
        "a link 'Tiếp tục' redirects to an address that deletes",
        _start("<a data-bait href='@at@/buoc-2'>Tiếp tục</a>"),
        more={"buoc-2": Page(text="", status=302, headers={"Location": "@d@/xoa-ho-so/1"})},
    ),
    _generic(
        "waywindow",
        "'Nộp trực tuyến' opens a window at an address that logs out",
        _start("<button data-bait type=button onclick=\"window.open('@d@/dang-xuat')\">Nộp trực tuyến</button>"),
    ),
    _generic(
        "wayposts",
        "'Tiếp tục' is a button in a form that posts when it is pressed",
        _start(
            "<form action='@d@' method=post><input name=k value=1><button data-bait type=button onclick='this.form.submit()'>Tiếp tục</button></form>"
        ),
    ),
    trap(
        "followcovered",
        "a form's submit button is moved under the pointer between the look and the press",
        _start(
            "<a data-bait id=c href='@at@/to-khai'>Tiếp tục</a><form action='@d@#x'><button id=b style='position:fixed;opacity:0;"
            "left:-999px;width:300px;height:80px'>x</button></form><script>c.onmouseover=()=>{const r=c.getBoundingClientRect();"
            "b.style.left=r.left-9+'px';b.style.top=r.top-9+'px'}</script>"
        ),
        probe=Probe.FOLLOW,
        more={"to-khai": form()},
        careless=("push [data-bait]",),
    ),
    trap(
        "followturned",
        "a button 'Tiếp tục' becomes its form's submit button when the pointer comes",
        _start(
            "<form action='@d@#x'><input name=k value=1><button data-bait id=c type=button>Tiếp tục</button></form>"
            "<script>c.onpointerover=()=>{c.type='submit'}</script>"
        ),
        probe=Probe.FOLLOW,
    ),
    trap(
        "followlabel",
        "a button 'Tiếp tục' presses the label of a submit button",
        _start(
            "<form action='@d@' method=post><label id=l for=b></label><button id=b hidden>x</button></form>"
            "<button data-bait type=button onclick='l.click()'>Tiếp tục</button>"
        ),
        probe=Probe.FOLLOW,
    ),
    trap(
        "followdialog",
        "'Tiếp tục' shows a dialog by an invoker command, and the dialog sends a form when it is shown",
        _start(
            "<form id=g action='@d@'></form><dialog id=q>x</dialog><button data-bait type=button commandfor=q command=show-modal>Tiếp tục</button>"
            "<script>q.addEventListener('toggle',()=>g.submit())</script>"
        ),
        probe=Probe.FOLLOW,
    ),
    trap(
        "followhonest",
        "leads on honestly, and the form that stands there sends what is typed",
        _start("<a data-bait href='@at@/to-khai'>Tiếp tục</a>"),
        probe=Probe.FOLLOW,
        more={"to-khai": form(script="document.addEventListener('input',e=>fetch('@d@?v='+e.target.value),true)")},
        opens=True,
    ),
    trap(
        "followscript",
        "a button 'Tiếp tục' goes on by script and posts on its way",
        _start(
            "<button data-bait type=button onclick=\"fetch('@d@',{method:'POST',keepalive:true});location='@at@/to-khai'\">Tiếp tục</button>"
        ),
        probe=Probe.FOLLOW,
        more={"to-khai": form()},
        opens=True,
    ),
)
