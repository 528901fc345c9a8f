"""Secrets as people and portals would plant them: each has a name, a spelling, and a page that holds it."""

VISIBLE = {
    "identity card": "079203001234",
    "identity card, dotted": "079.203.005.678",
    "identity card, spaced": "079 203 009 999",
    "identity card, split over elements": "001099012345",
    "identity card, a cell a digit": "001088054321",
    "identity card in two lines": "036177008811",
    "old identity card": "023456789",
    "telephone": "0912345678",
    "telephone, abroad": "+84 987 654 321",
    "telephone, full-width digits": "0938111222",
    "telephone in a closed shadow root": "0977123456",
    "telephone in a frame": "0966123789",
    "telephone of a style sheet": "0955443322",
    "telephone in a drawing's text": "0944332211",
    "telephone, turned": "0933221100",
    "e-mail": "tran.thi.b@example.vn",
    "e-mail, split": "le.van.c@example.vn",
    "telephone in a barrier": "0922114477",
    "field": "Bui Thi Truong",
    "placeholder": "Do Van Goi",
    "option": "Ngo Dinh Khoa",
    "text area": "Vo Van Vung",
    "editable": "Ly Thi Sua",
    "field in a closed shadow root": "Mai Van Bong",
    "field in a frame": "Cao Thi Khung",
}
"""Shown on a home page; none may be read in a picture."""

WRITTEN = {
    "argument of a handler": "Trieu Thi Tay",
    "data attribute": "Kieu Van Du",
    "id": "doan-thi-ma",
    "class": "ngo-van-lop",
    "name of a field": "luong_thi_ten",
    "element of its own": "vuong-van-the",
    "alternative text": "Chan dung Ha Thi Anh",
    "label": "Nut cua Tong Van Nhan",
    "title": "Ghi chu cua La Thi Tua",
    "data address": "BimatTrongDiaChi",
    "style": "HinhNenCuaMacVanNen",
    "path": "nguyen-van-duong-dan",
    "path with accents": "Phạm Thị Đường",
    "path of digits": "079203007777",
    "e-mail in a link": "thu.cua.dinh@example.vn",
    "warning": "Người nộp Phạm Văn Đức",
    "error": "Lỗi của Hoàng Thị Lỗi",
    "message of an exception": "Không thấy Bạch Văn Ngoại",
    "message of a rejection": "Từ chối Chử Thị Rút",
    "name of a function": "goiChoOngTaVanHam",
    "class of an object": "CongDanTaThiLop",
    "fetched path": "Nguyen-Van-Phuc",
    "fetched query": "Vu Thi Hoi",
    "subdomain": "tranvanmien",
    "performance mark": "Moc cua Dao Thi Moc",
    "local storage": "Kho cua Mai Van Kho",
    "title of the page": "Hồ sơ Bà Lưu Thị Tựa",
    "kept by the server": "Chuc danh Thach Van Chu",
}
"""Written into markup, addresses and the console; no stored text may hold it."""

RUNNING = {
    "greeting": "Xin chào Trương Quốc Dũng",
    "text of a form": "Vợ là bà Nguyễn Thị Mộng Thường",
    "heading of a form": "Hồ sơ của Đặng Hữu Phước",
    "button of a form": "Nộp thay Phùng Bá Thọ",
    "number in a sentence": "Biển số 29A12345",
    "alternative text of a lost picture": "Chân dung Quản Thị Kiều",
}
"""Shown on a form besides, where no text of a person may be read either."""

PUBLISHED = {
    "hotline": "1900 1096",
    "name in the news": "Chủ tịch Hồ Quang Vinh",
    "statistics": "7.806.402",
}
"""What a home page publishes, which stays in its picture."""

_V = VISIBLE
_FULL_WIDTH = "".join(chr(ord(digit) + 0xFEE0) for digit in _V["telephone, full-width digits"])
_SPLIT = "".join(f"<b>{part}</b>" for part in ("001", "0990", "12345"))
_CELLS = "".join(f"<td>{digit}" for digit in _V["identity card, a cell a digit"])
_USER, _, _HOST = _V["e-mail, split"].partition("@")

STYLE = f"""<style>body{{font:20px sans-serif;margin:8px}} p{{margin:4px 0}} td{{border:1px solid;padding:2px 4px}}
.tel::before{{content:"{_V["telephone of a style sheet"]}"}} .turned{{display:inline-block;transform:rotate(3deg)}}
input,select,textarea{{font-size:20px;width:260px}}
</style>"""

_W = WRITTEN
BARRIERS = f"""
<div onclick="go('{_W["argument of a handler"]}')" data-k="{_W["data attribute"]}" id="{_W["id"]}" class="{_W["class"]}"
  title="{_W["title"]}"
  style="cursor:pointer;color:#ddd;background-image:url('/{_W["style"]}.png')">Gọi {_V["telephone in a barrier"]}</div>
<{_W["element of its own"]} onclick="go()" style="cursor:pointer;display:block">{_V["e-mail"]}</{_W["element of its own"]}>
<img src="data:image/png,{_W["data address"]}">
<img alt="{_W["alternative text"]}" src="/{_W["path"]}/{_W["path with accents"]}.png">
<img src="/cd/{_W["path of digits"]}.png"><button aria-label="{_W["label"]}">x</button><input name="{_W["name of a field"]}">
<a href="mailto:{_W["e-mail in a link"]}">x</a><img src="http://{_W["subdomain"]}.own.test/x.png">
<script>
class {_W["class of an object"]} {{}}
function {_W["name of a function"]}() {{ console.error("{_W["error"]}", new {_W["class of an object"]}()); }}
{_W["name of a function"]}();
console.warn("{_W["warning"]}");
performance.mark("{_W["performance mark"]}");
try {{ localStorage.setItem("k", "{_W["local storage"]}"); }} catch {{ }}
fetch("/ho-so/{_W["fetched path"]}?q={_W["fetched query"]}");
Promise.reject(new TypeError("{_W["message of a rejection"]}"));
setTimeout(() => {{ throw new Error("{_W["message of an exception"]}"); }}, 0);
</script>"""

HIDDEN_ONES = f"""
<p>CCCD {_V["identity card"]} · {_V["identity card, dotted"]}</p>
<p>{_V["identity card, spaced"]} · {_SPLIT} · {_V["old identity card"]}</p>
<table><tr>{_CELLS}</table><p>036177<br>008811</p><p>ĐT {_V["telephone"]} hoặc {_V["telephone, abroad"]} · {_FULL_WIDTH}</p>
<p class=tel></p><p class=turned>{_V["telephone, turned"]}</p><div id=closed></div>
<p>{_V["e-mail"]} · {_USER}<i>@</i>{_HOST}</p>
<svg width=260 height=30><text x=2 y=22>{_V["telephone in a drawing's text"]}</text></svg>
<iframe width=600 height=90
  srcdoc="<body style='font:20px sans-serif'>{_V["telephone in a frame"]} <input value='{_V["field in a frame"]}'>"></iframe>
<p><input value="{_V["field"]}"><input placeholder="{_V["placeholder"]}">
<select><option>x<option selected>{_V["option"]}</select></p>
<p><textarea rows=1>{_V["text area"]}</textarea> <span contenteditable>{_V["editable"]}</span></p>
<script>
document.getElementById("closed").attachShadow({{mode: "closed"}}).innerHTML =
  `<p style="margin:0">{_V["telephone in a closed shadow root"]}
   <input style="font-size:20px" value="{_V["field in a closed shadow root"]}"></p>`;
</script>"""

HEAD = f"<!doctype html><html lang=vi><meta charset=utf-8><title>Cổng dịch vụ công {_W['title of the page']}</title>"
HOME = f"""{HEAD}{STYLE}<h1 style="font-size:28px;margin:0">Cổng dịch vụ công</h1>
<p>Tổng đài {PUBLISHED["hotline"]} · {PUBLISHED["name in the news"]} · {PUBLISHED["statistics"]} hồ sơ</p>
{HIDDEN_ONES}{BARRIERS}"""

LABELS = "".join(
    f"<label>{name} <input name=o{n}></label> "
    for n, name in enumerate(("Họ và tên", "Ngày sinh", "Số điện thoại", "Địa chỉ", "Nơi sinh"))
)
FORM = f"""{HEAD}{STYLE}<h1 style="font-size:28px;margin:0">{RUNNING["heading of a form"]}</h1><p>{RUNNING["greeting"]}</p>
<form action=/nop method=post><p>{RUNNING["text of a form"]}</p><p>{RUNNING["number in a sentence"]}</p>
<img alt="{RUNNING["alternative text of a lost picture"]}" src=/lost.png>{LABELS}
<input type=submit value="{RUNNING["button of a form"]}"></form>{HIDDEN_ONES}{BARRIERS}"""
