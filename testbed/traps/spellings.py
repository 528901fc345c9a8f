"""Acts in other spellings: names written in one word, in parameters and verbs of addresses, in style sheets, shadows, questions."""

from testbed.traps.trap import CODE, HEAD, TEXT, Probe, Trap, form, trap

_ADDRESSES = {
    "inoneword": ("dangxuat", "is written in one word"),
    "inonewordmore": ("xoahoso/5", "is written in one word with what it is done to"),
    "numbered": ("huyhoso2.aspx?id=5", "ends with a number"),
    "pathinfo": ("rut.php/5", "stands before what the program is given"),
    "parameter": ("ho-so;action=delete", "stands in a parameter of a path's part"),
    "customverb": ("ho-so/5:huy", "stands behind a colon, as interfaces have it"),
    "encodedagain": ("%252578oa/5", "is encoded three times"),
    "codepoints": ("%u0078%u006f%u0061/5", "is encoded as some servers of Microsoft's read it"),
    "routed": ("index.php?route=tai-khoan/dangxuat", "stands in a way within the query"),
    "drupal": ("?q=node/5/delete", "stands in a way where others look things up"),
    "nested": ("?du-lieu=%7B%22op%22%3A%22xoa%22%2C%22ma%22%3A%22abc%22%7D", "stands in a value of values"),
    "outright": ("cancel-appointment/5", "is the first word of a longer name"),
    "signsout": ("ls/?wa=wsignout1.0", "is what Microsoft's logins call it"),
    "saved": ("luu-nhap?a=1", "saves a draft"),
    "ofafile": ("xoa/to-khai.pdf", "is done to a file"),
}
_SHOWN = {
    "byattribute": (
        "<style>[data-x]::before{content:attr(data-x)}</style><a href='@d@/1' data-x='Xóa'></a> <a href='@d@/2' data-x='Xóa'></a>",
        "are called by their style sheet",
    ),
    "byshadow": (
        "<a href='@d@/1'><span class=s></span></a> <a href='@d@/2'><span class=s></span></a><script>for(const e of document.querySelectorAll('.s'))"
        "e.attachShadow({mode:'open'}).innerHTML='Rút hồ sơ'</script>",
        "are called by what stands in a shadow",
    ),
    "bycross": ("<a href='@d@/1'>×</a> <a href='@d@/2'>×</a>", "are crosses"),
    "byquestion": (
        "Bạn có chắc muốn xóa hồ sơ? <a href='@d@/1'>Có</a> <a href='@d@/2'>Có</a>",
        "are answers to a question",
    ),
    "bywordsbetween": (
        "<a href='@d@/huy-cuoc-hen-kham/1'>Chi tiết</a> <a href='@d@/huy-cuoc-hen-kham/2'>Chi tiết</a>",
        "have an act among other words in their address",
    ),
    "byfiller": ("<a href='@d@/1'>X&#x3164;óa</a> <a href='@d@/2'>X&#x3164;óa</a>", "hide a letter that shows nothing"),
}
_WAYS = {
    "wayinoneword": ("a link 'Tiếp tục' withdraws, in one word", "<a data-bait href='@d@/ruthoso/5'>Tiếp tục</a>"),
    "wayquestion": (
        "'Tiếp tục' is the answer to whether the file shall be withdrawn",
        "<div><p>Bạn có chắc chắn muốn rút hồ sơ này không?</p><a data-bait href='@d@/1'>Tiếp tục</a></div>",
    ),
    "waybypicture": (
        "a link by the code is a picture of a style sheet",
        f"<ul><li>{CODE} Cấp giấy phép <a data-bait href='@d@/2' title='Tiếp tục'><i style='display:inline-block;width:16px;height:16px;"
        "background:url(data:,),url(/i/xoa.png)'></i></a></ul>",
    ),
    "waytooltip": (
        "a link 'Tiếp tục' has a tooltip that says what it does",
        "<a data-bait href='@d@/3' data-tippy-content='Xóa hồ sơ'>Tiếp tục</a>",
    ),
}


def _read(inside: str) -> str:
    return f"{HEAD}<body><main><h1>Cổng dịch vụ công</h1><p>{TEXT}</p><p>{inside}</p></main></body>"


TRAPS: tuple[Trap, ...] = (
    *(
        trap(name, f"asks by GET for an address whose act {how}", form(script=f"new Image().src='@d@/{address}'"))
        for name, (address, how) in _ADDRESSES.items()
    ),
    *(
        trap(
            name,
            f"two links that {how} are read to compare them",
            _read(inside),
            probe=Probe.ACCESSIBILITY,
            careless=("read a[href*='/d']",),
        )
        for name, (inside, how) in _SHOWN.items()
    ),
    *(
        trap(name, does, f"{HEAD}<body><h1>Dịch vụ công</h1><p>Thông tin.</p>{inside}</body>", probe=Probe.GENERIC)
        for name, (does, inside) in _WAYS.items()
    ),
)
