"""Links and buttons that acts would read, follow or press to compare them, or to find a way past what pages repeat."""

from testbed.traps.trap import HEAD, TEXT, Probe, Trap, trap

_NAV = "<a href='@at@/gioi-thieu'>Giới thiệu chung</a> <a href='@at@/tin-tuc'>Tin tức sự kiện</a>"
_NEIGHBOUR = f"{HEAD}<body><header><nav>%s{_NAV}</nav></header><main><h1>Trang khác</h1><p>Nội dung của một trang khác.</p></main></body>"


def _page(inside: str, script: str = "", head: str = "") -> str:
    """Return a home page with something in its content."""
    end = f"<script>{script}</script>" if script else ""
    return f"{HEAD}{head}<body><main><h1>Cổng dịch vụ công</h1><p>{TEXT}</p>{inside}</main>{end}</body>"


def _act(name: str, does: str, text: str, *careless: str, **more: object) -> Trap:
    return trap(name, does, text, probe=Probe.ACCESSIBILITY, careless=careless or None, **more)  # type: ignore[arg-type]


def _headed(name: str, does: str, control: str, *careless: str, text: str = "") -> Trap:
    """Return a page whose head, which its neighbours share, holds a control that the act `bypass` might try."""
    page = f"{HEAD}<body><header><nav>{control}{_NAV}</nav></header><main><h1>Cổng dịch vụ công</h1><p>{text or TEXT}</p></main></body>"
    neighbour = _NEIGHBOUR % control
    return _act(name, does, page, *careless, more={"gioi-thieu": neighbour, "tin-tuc": neighbour})


_PRESS = "click [data-bait]"
_READ = "read a[href*='/d']"

TRAPS: tuple[Trap, ...] = (
    _headed(
        "g58",
        "a button in the head, 'Đăng xuất', asks by GET",
        "<button data-bait type=button onclick=\"fetch('@d@/1')\">Đăng xuất</button>",
        _PRESS,
    ),
    _headed(
        "g59",
        "a button in the head, 'Hủy đăng ký', loads a picture",
        "<button data-bait type=button onclick=\"new Image().src='@d@/1'\">Hủy đăng ký</button>",
        _PRESS,
    ),
    _act(
        "g60",
        "two links 'Rút' lead to different addresses, which a comparison would read",
        _page("<p><a href='@d@/rut-ho-so/1'>Rút</a> hoặc <a href='@d@/rut-ho-so/2'>Rút</a></p>"),
        _READ,
    ),
    _headed(
        "g61",
        "the first link of the page cancels, and neighbours are read",
        "<a href='@d@/huy-ho-so/1'>Giới thiệu</a> ",
        _READ,
    ),
    _headed("g62", "the first link of the page logs off", "<a href='@d@/logoff'>Giới thiệu</a> ", _READ),
    _headed(
        "g69",
        "a skip link made by hand asks by GET",
        "<span data-bait role=link tabindex=0 onclick=\"fetch('@d@/1')\" onkeydown=\"if(event.key==='Enter')fetch('@d@/1')\">Bỏ qua</span> ",
        _PRESS,
    ),
    _act(
        "readframes",
        "two frames of one name stand at addresses that stop something; they are compared",
        _page("<p><a href='@d@/dung/1'>Chi tiết</a> và <a href='@d@/dung/2'>Chi tiết</a></p>"),
        _READ,
    ),
    _act(
        "readdownload",
        "two links 'Tải về' lead to files that are counted",
        _page("<p><a href='@d@/tai-ve/1'>Tải về</a> và <a href='@d@/tai-ve/2'>Tải về</a></p>"),
        _READ,
    ),
    _act(
        "readnamed",
        "two links 'Từ chối' have addresses that say nothing",
        _page("<p><a href='@d@/1'>Từ chối</a> và <a href='@d@/2'>Từ chối</a></p>"),
        _READ,
    ),
    _act(
        "readtitled",
        "two icons with the title 'Thu hồi' have addresses that say nothing",
        _page("<p><a title='Thu hồi' href='@d@/1'>🗑</a> và <a title='Thu hồi' href='@d@/2'>🗑</a></p>"),
        _READ,
    ),
    _headed(
        "headicon",
        "an icon in the head, whose title is 'Thoát', goes by GET",
        "<button data-bait type=button title='Thoát' onclick=\"location='@d@/1'\">⏻</button>",
        _PRESS,
    ),
    _headed(
        "headworker",
        "a menu button in the head has a worker post",
        "<button data-bait type=button onclick=\"new Worker('data:text/javascript,fetch(`@d@`,{method:`POST`,mode:`no-cors`})')\">Danh mục</button>",
        _PRESS,
    ),
    _headed(
        "headlink",
        "the first link of the page is called 'Đăng xuất' and its address says nothing",
        "<a href='@d@/1'>Đăng xuất</a> ",
        _READ,
    ),
    _headed("headdeny", "the first link of the page stops a file's way", "<a href='@d@/tu-choi/1'>Tin mới</a> ", _READ),
)
