"""Kind 4, by its form: what software and clerks put in the place of a page, in whatever words, with twins that are fine."""

from collections.abc import Iterable

from testbed.verdicts.page import SENTENCE, VerdictPage, document, fine, outage, portal, shown, unknowable
from thuocdo.core.model import Reason

MISMATCH = Reason.CONTENT_MISMATCH
MAINTENANCE = Reason.MAINTENANCE_PAGE
_WAYS = "<p><a href=/tin>Tin tức</a> <a href=/thu-tuc>Thủ tục hành chính</a> <a href=/lien-he>Liên hệ</a></p>"
_MENU = "<a href=/gioi-thieu>Giới thiệu</a> <a href=/tin>Tin tức</a> <a href=/lien-he>Liên hệ</a>"
_FILES = "".join(f"<a href='/tep{at}.aspx'>tep{at}.aspx</a><br> 3/5/2026  9:12 AM  {at}24 " for at in range(40))
_CALLS = "".join(
    f"   at Cong.Tinh.Trang{at}.Tai(Object nguon) in D:\\cong\\Trang{at}.cs:line {at}<br>" for at in range(40)
)
_RUN = "<script src=/chay.js></script>"


def _each(make: object, name: str, does: str, bodies: Iterable[tuple[str, str]], *reasons: Reason) -> list[VerdictPage]:
    """Return a page of each title and body."""
    return [
        make(f"bare-{name}-{at}", does, shown(document(body, title=title)), *reasons)  # type: ignore[operator]
        for at, (title, body) in enumerate(bodies)
    ]


def _small(name: str, does: str, bodies: Iterable[str]) -> list[VerdictPage]:
    """Return a small home page that is fine, with each of some texts in it."""
    title = "Cổng dịch vụ công xã Thử"
    return _each(fine, name, does, ((title, f"<h1>{title}</h1>{body}{_WAYS}") for body in bodies))


PAGES: tuple[VerdictPage, ...] = (
    *_each(
        outage,
        "label",
        "maintenance, said by a label alone",
        (
            ("Bảo trì", "Bảo trì"),
            ("Cổng dịch vụ công", "<img src=data:, alt='' width=90 height=90><h2>ĐANG BẢO TRÌ</h2>"),
            ("Cổng dịch vụ công", "<h1>Cổng dịch vụ công</h1><div>Bảo trì hệ thống</div><p>Uỷ ban nhân dân tỉnh</p>"),
            ("", "<p>Trang đang nâng cấp.</p>"),
            ("Site maintenance", "<h1>Maintenance</h1>"),
        ),
        MAINTENANCE,
    ),
    *_each(
        outage,
        "plain",
        "maintenance, written without accents",
        (
            ("", "<h1>He thong dang bao tri, vui long quay lai sau</h1>"),
            ("Thong bao", "<p>Cong dich vu cong tam ngung hoat dong de nang cap</p>"),
        ),
        MAINTENANCE,
    ),
    *_each(
        outage,
        "pause",
        "a notice in words that nobody listed, on a page that leads nowhere",
        (
            ("Thông báo", "<p>Máy chủ đang được chuyển về nhà mới. Cổng sẽ hoạt động trở lại lúc 6 giờ.</p>"),
            ("", "<p>Cổng đang chuyển đổi dữ liệu, chưa truy cập được. Mong bà con thông cảm!</p>"),
            ("", "<p>Thank you for your patience while our servers rest.</p>"),
        ),
        MAINTENANCE,
    ),
    *_each(
        outage,
        "trouble",
        "an error in words that nobody listed, on a page that leads nowhere",
        (
            ("", "Truy vấn CSDL thất bại: hết thời gian chờ"),
            ("", "<p>Loi ket noi co so du lieu!</p>"),
            ("Oops", "<h1>We are experiencing technical difficulties.</h1>"),
            ("Resource Limit Is Reached", "<p>The website is unable to service your request.</p>"),
            ("Thông báo", "<p>Phiên làm việc đã hết hạn.</p><a href=/>Về trang chủ</a>"),
            ("", "CongException: không mở được kho"),
            (
                "Cổng dịch vụ công",
                "<h1>404</h1><p>Ôi, đi lạc rồi!</p><a href=/>Trang chủ</a> <a href=/lien-he>Liên hệ</a>",
            ),
        ),
        MISMATCH,
    ),
    *_each(
        outage,
        "listing",
        "a listing of files",
        (
            ("localhost - /", f"<h1>localhost - /</h1><hr><pre>{_FILES}</pre>"),
            ("cong.test - /web/", "<h1>cong.test - /web/</h1><pre><a href=/>[To Parent Directory]</a><br></pre>"),
            ("Index of /web", f"<h1>Index of /web</h1><pre>{_FILES}</pre>"),
            (
                "Directory: /",
                "<h1>Directory: /</h1><table><tr><td><a href=/css/>css/</a></td><td>4096 bytes</td></tr></table>",
            ),
            ("listing directory /", "<h1><a href=/>~</a> /</h1><ul><li><a href=/css><span>css</span></a></li></ul>"),
            ("/", "<p>Folder Path</p><h1><a href=/>/</a></h1><p>1 directory 2 files</p><a href=./css/>css/</a>"),
            ("", "<pre><a href='css/'>css/</a><a href='cong.zip'>cong.zip</a></pre>"),
        ),
        MISMATCH,
    ),
    *_each(
        outage,
        "trace",
        "an error that tells a long story",
        (
            ("Không nạp được tệp", f"<h1>Server Error in '/' Application.</h1><pre>{_CALLS}</pre>"),
            ("OperationalError at /", f"<h1>OperationalError at /</h1><pre>{SENTENCE * 20}</pre>"),
            ("", f"<pre>Không rõ nguyên nhân<br>{_CALLS}</pre>"),
        ),
        MISMATCH,
    ),
    *_each(
        outage,
        "lapsed",
        "an account or a domain that is nobody's any more",
        (
            ("Thông báo", "<h1>Website này đang tạm khóa</h1><p>Liên hệ phòng kinh doanh: 1900 0000</p>"),
            (
                "cong.test",
                f"<h1>Tên miền cong.test đã hết hạn</h1>{_WAYS}<a href=/g>Gia hạn</a> <a href=/m>Mua mới</a>",
            ),
            ("Tên miền cong.test được đăng ký tại Nhà Đăng Ký", f"<h1>cong.test</h1>{_WAYS}"),
        ),
        MISMATCH,
    ),
    outage("bare-source", "the source of a program", shown("<?php\nrequire 'cong.php';\nchay();\n"), MISMATCH),
    outage("bare-word", "a word of the load balancer", shown("OK", media="text/plain"), MISMATCH),
    outage("bare-title", "a title and nothing else", shown(document("")), MISMATCH),
    outage(
        "bare-database", "a database refuses its program", shown("Access denied for user 'cong'@'localhost'"), MISMATCH
    ),
    outage(
        "bare-xml",
        "a listing in XML",
        shown("<?xml version='1.0'?><ListBucketResult><Name>cong</Name></ListBucketResult>", media="application/xml"),
        MISMATCH,
        kinds=("http",),
    ),
    unknowable(
        "bare-wall",
        "a wall in words that nobody listed",
        shown(document("<p>Yêu cầu của quý khách đã bị hệ thống bảo mật từ chối. Mã sự kiện 12</p>", title="")),
        Reason.BLOCKED,
    ),
    unknowable(
        "bare-injected",
        "a firewall's script and nothing else",
        shown("<html><head><script src='/_Incapsula_Resource?a=1'></script></head><body></body></html>"),
        Reason.BLOCKED,
        kinds=("http",),
    ),
    *_small(
        "words",
        "words of outages that are said of something else, or of nothing",
        (
            "<p>Đường tỉnh 12 đang được nâng cấp.</p>",
            "<p>Bộ phận Một cửa tạm dừng phục vụ đến 17h00.</p>",
            "<p>Tài khoản bị tạm khóa nếu nhập sai mật khẩu năm lần.</p>",
            "<p>Website giả mạo ngân hàng đã bị khóa. Tên miền lừa đảo đã bị tạm ngưng.</p>",
            "<p>Hệ thống loa tại ấp 3 bị lỗi, đang sửa.</p>",
            "<p>Cổng đang được nâng cấp giao diện, mời bà con trải nghiệm.</p>",
            "<p>It works! Ngày hội khởi nghiệp.</p>",
            "<p>Xin lỗi bà con vì hồ sơ trễ hẹn, mong được thông cảm.</p>",
            "<p>Bảo trì</p><p>Khấu hao</p>",
            "<div style='display:none'>Hệ thống đang bảo trì, vui lòng quay lại sau</div><p>Chào mừng</p>",
            "<style>.modal { display: none }</style><div class='modal fade'><h4>Thông báo</h4><div>Cổng đang được bảo trì</div></div><p>Chào mừng</p>",
            "<!-- <div hidden> --><div>Chào mừng</div>",
            "<form><label>Mã hồ sơ <input name=q></label><div class=g-recaptcha></div></form>",
        ),
    ),
    *_each(
        fine,
        "menu",
        "a small menu, and words of outages that are said of something else",
        (
            ("Bảo tàng", f"{_MENU}<p>Gallery 3 is temporarily unavailable.</p>"),
            ("Đầu tư", f"{_MENU}<p>The new ring road is currently being upgraded.</p>"),
            ("Hội đồng", f"{_MENU}<p>Phiên họp bắt đầu lúc 8 giờ, mời cử tri quay lại sau.</p>"),
            ("Khu công nghiệp", f"{_MENU}<p>Mời góp vốn nâng cấp hệ thống xử lý nước thải.</p>"),
            ("Trường học", f"{_MENU}<p>Tài khoản bị khóa thì gặp phòng tin học.</p>"),
        ),
    ),
    *_each(
        fine,
        "twin",
        "a page that looks like one of those and is a home page",
        (
            ("Quỹ bảo trì đường bộ", "<h1>Quỹ bảo trì đường bộ</h1><p>Điện thoại: 0000 000 000</p>"),
            ("Uy ban nhan dan xa", f"<h1>Uy ban nhan dan xa</h1><p>Cau Thu dang bao tri, di huong khac.</p>{_WAYS}"),
            (
                "UBND xã Thử – Just another WordPress site",
                f"<h1>UBND xã Thử</h1>{_WAYS}<a href=/a>Văn bản</a> <a href=/b>Ảnh</a>",
            ),
            ("Index of industrial production", f"<h1>Index of industrial production</h1>{_WAYS}"),
            ("Tin tức / Sự kiện", f"<h1>Tin tức / Sự kiện</h1>{_WAYS}"),
            ("Thống kê", "<div>500</div><div>hồ sơ đã giải quyết</div><a href=/vao>Vào cổng</a>"),
            ("500 năm làng Thử", f"<h1>500 năm làng Thử</h1>{_WAYS}"),
            ("Sở Thử", "<a href=/trang-chu>Vào trang chủ, nếu lỗi xin gọi quản trị viên</a>"),
            ("Văn bản", "<h1>Văn bản</h1><a href=a.pdf>a.pdf</a> <a href=b.pdf>b.pdf</a>"),
        ),
    ),
    fine(
        "bare-tables",
        "a large home page with a trace in a lesson",
        shown(portal(body="<pre>java.lang.NullPointerException at Trang.tai(Trang.java:22)</pre>")),
    ),
    *(
        fine(f"bare-shell-{at}", "a shell with what firewalls write into every page", shown(document(body)), "http")
        for at, body in enumerate(
            (
                f"<div id=app></div><script src='/_Incapsula_Resource?a=1'></script>{_RUN}",
                f"<div id=app></div>{_RUN}<script>a.src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'</script>",
                f"<div id=app></div>{_RUN}<script>window._pxAppId='PX1'</script>",
                f"<div id=app></div><div hidden>Hệ thống đang bảo trì</div>{_RUN}",
            )
        )
    ),
    fine(
        "bare-login-beside",
        "a small home page with a search and a login box, each in its form",
        shown(
            document(
                "<h1>Hệ thống một cửa</h1><form>Tra cứu <input name=q></form>"
                "<form>Đăng nhập <input name=u><input name=p type=password></form><p>Đã giải quyết 1.200 hồ sơ.</p>",
                title="Hệ thống một cửa",
            )
        ),
    ),
)
