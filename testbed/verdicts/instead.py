"""Kind 4, without a history: what stands in the place of a portal and says so, with pages that only look like it."""

from testbed.verdicts.page import EXPECTED, SENTENCE, VerdictPage, document, fine, outage, portal, shown, unknowable
from thuocdo.core.model import Reason

MISMATCH = Reason.CONTENT_MISMATCH
_WAYS = "".join(
    f"<a href=/{at}>{text}</a> "
    for at, text in enumerate(("Thủ tục", "Nộp hồ sơ", "Tra cứu hồ sơ", "Hỏi đáp", "Phản ánh", "Liên hệ"))
)


def instead(name: str, does: str, title: str, body: str) -> VerdictPage:
    """Return a page in the place of the portal."""
    return outage(f"instead-{name}", does, shown(document(body, title=title)), MISMATCH)


def small(name: str, does: str, body: str, title: str = "Cổng dịch vụ công") -> VerdictPage:
    """Return a small home page that is fine."""
    return fine(f"small-{name}", does, shown(document(f"<h1>Cổng dịch vụ công</h1>{body}<p>{_WAYS}</p>", title=title)))


PAGES: tuple[VerdictPage, ...] = (
    outage("instead-empty", "nothing at all", shown(b""), MISMATCH),
    outage("instead-blank", "a document without a word", shown(document("", title="")), MISMATCH),
    instead(
        "nginx",
        "nginx's first page",
        "Welcome to nginx!",
        "<h1>Welcome to nginx!</h1><p>If you see this page, the nginx web server is successfully installed.</p><a href=http://nginx.org/>nginx.org</a>",
    ),
    instead("apache", "Apache's first page", "Apache2 Debian Default Page: It works", "<h1>It works!</h1>"),
    instead("apache-old", "Apache's oldest first page", "", "<h1>It works!</h1>"),
    instead(
        "iis",
        "IIS's first page",
        "IIS Windows Server",
        "<a href=http://go.microsoft.com/><img src=data:, alt=IIS width=400 height=300></a>",
    ),
    instead(
        "tomcat",
        "Tomcat's first page",
        "Apache Tomcat/9.0.65",
        "<h1>Apache Tomcat/9.0.65</h1><h2>If you're seeing this, you've successfully installed Tomcat. Congratulations!</h2>"
        + _WAYS,
    ),
    instead("listing", "a listing of files", "Index of /", "<h1>Index of /</h1><pre><a href=a.zip>a.zip</a></pre>"),
    instead(
        "suspended",
        "a suspended account",
        "Account Suspended",
        "<h1>This Account has been suspended.</h1><p>Contact your hosting provider.</p>",
    ),
    instead(
        "suspended-vi",
        "a suspended account, in Vietnamese",
        "Thông báo",
        "<h1>Website đã bị tạm ngưng</h1><p>Vui lòng liên hệ nhà cung cấp dịch vụ.</p>",
    ),
    instead(
        "parked",
        "a domain for sale",
        "dichvucong.test",
        "<h1>dichvucong.test</h1><p>This domain is for sale. Buy this domain now.</p>" + _WAYS,
    ),
    instead(
        "expired",
        "an expired domain, in Vietnamese",
        "Tên miền",
        "<h1>Tên miền này đã hết hạn</h1><p>Gia hạn ngay hôm nay.</p>",
    ),
    instead(
        "aspnet",
        "an error of ASP.NET",
        "Runtime Error",
        "<h1>Server Error in '/' Application.</h1><h2>Runtime Error</h2>",
    ),
    instead(
        "spring",
        "an error of Spring",
        "",
        "<h1>Whitelabel Error Page</h1><p>This application has no explicit mapping for /error.</p>",
    ),
    instead(
        "php",
        "an error of PHP",
        "",
        "<b>Fatal error</b>: Uncaught Error: Call to undefined function in /var/www/index.php:3",
    ),
    instead(
        "django",
        "an error of Django",
        "OperationalError at /",
        "<h1>OperationalError at /</h1><p>Traceback (most recent call last): could not connect to server</p>",
    ),
    instead(
        "wordpress",
        "WordPress without its database",
        "Database Error",
        "<h1>Error establishing a database connection</h1>",
    ),
    instead("oracle", "an error of Oracle", "", "<p>ORA-12541: TNS:no listener</p>"),
    instead(
        "error-vi", "an error, in Vietnamese", "Lỗi", "<h1>Đã xảy ra lỗi</h1><p>Vui lòng liên hệ quản trị viên.</p>"
    ),
    instead(
        "incident-vi",
        "trouble, in Vietnamese",
        "Thông báo",
        "<p>Hệ thống đang gặp sự cố, mong quý khách thông cảm.</p>",
    ),
    instead(
        "gateway",
        "the error of a gateway, with 200",
        "502 Bad Gateway",
        "<center><h1>502 Bad Gateway</h1></center><hr>nginx",
    ),
    instead("missing", "a page that is missing, with 200", "404 Not Found", "<h1>404 Not Found</h1>"),
    instead(
        "missing-vi",
        "a page that is missing, in Vietnamese",
        "Lỗi 404",
        "<h1>Không tìm thấy trang</h1><a href=/>Về trang chủ</a>",
    ),
    *(
        instead(f"said-{number}", "a first page or an error that says what it is", title, f"<p>{text}</p>")
        for number, (title, text) in enumerate(
            (
                ("Test Page", "This page is used to test the proper operation of the Apache HTTP server."),
                ("IIS7", "<img src=data:, alt=IIS7 width=400 height=300>"),
                ("", "Welcome to the IBM HTTP Server"),
                ("Directory listing for /", "<a href=a>a</a>"),
                ("", "Website đang trong quá trình xây dựng"),
                ("Thông báo", "Website này đã bị tạm dừng do hết hạn"),
                ("", "Tên miền này đang được bán"),
                ("", "java.lang.NullPointerException at vn.gov.Portal.doGet(Portal.java:22)"),
                ("", "Server Error in '/Portal' Application."),
                ("", "ORA-00257: archiver error. Connect internal only, until freed."),
                ("", "Login failed for user 'sa'."),
                ("Warning", "mysqli_connect(): (HY000/2002): No such file in /var/www/html/db.php on line 3"),
                ("WordPress › Error", "There has been a critical error on this website."),
                ("Server Error (500)", "Server Error (500)"),
                ("Error", "connect ECONNREFUSED 127.0.0.1:5432"),
                ("Error", "Cannot GET /"),
                ("", "Không kết nối được tới máy chủ cơ sở dữ liệu"),
                ("", "Hệ thống đang gặp lỗi kỹ thuật"),
                ("Trang lỗi", "Có lỗi trong quá trình xử lý yêu cầu của bạn" + _WAYS),
                ("Không tìm thấy trang", "Mời chọn một mục khác" + _WAYS),
                ("Oops", "Oops! That page can’t be found."),
                ("", '{"success": false, "message": "Token is invalid"}'),
            )
        )
    ),
    outage(
        "instead-xml",
        "an error in XML",
        shown('<?xml version="1.0"?><Error><Code>NoSuchBucket</Code></Error>', media="application/xml"),
        MISMATCH,
        kinds=("http",),
    ),
    *(
        unknowable(
            f"instead-wall-{number}",
            "a wall that says what it is",
            shown(document(f"<p>{text}</p>", title="")),
            Reason.BLOCKED,
        )
        for number, text in enumerate(
            (
                "The requested URL was rejected. Please consult with your administrator. Your support ID is: 123456789",
                "Web Page Blocked! Attack ID: 20000051",
                "Truy cập của bạn đã bị chặn. Mã sự cố: 123",
                "Hệ thống phát hiện truy cập bất thường từ địa chỉ IP của bạn",
                "Quốc gia của bạn không được phép truy cập trang này",
            )
        )
    ),
    *(
        small(f"tempting-{number}", "words of outages that are said of something else", f"<p>{text}</p>")
        for number, text in enumerate(
            (
                "Hướng dẫn xử lý khi có lỗi hệ thống ký số.",
                "Hệ thống gặp sự cố lúc 9h sáng nay đã được khắc phục.",
                "Hỏi: Tài khoản đã bị tạm khóa thì làm thế nào?",
                "<a href=/ten-mien>Danh sách tên miền đã hết hạn</a>",
                "Khi nộp hồ sơ, hệ thống gửi mã xác nhận qua tin nhắn.",
                "Hỏi: báo truy cập bị từ chối phải làm sao?",
                "Ứng dụng di động: coming soon",
                "Chuyên mục tiếng Anh: trang đang được xây dựng",
                "<a href=/waf>Web Application Firewall</a>",
                "<a href=/loi>Phản ánh lỗi hệ thống</a>",
                "Không tìm thấy trang? Xem sơ đồ cổng.",
                "Tổng đài 0500 404 503",
                "Đã xảy ra lỗi ở hồ sơ? Xem cách sửa.",
            )
        )
    ),
    outage(
        "instead-json",
        "data of an interface",
        shown('{"status":"error","message":"service unavailable"}', media="application/json"),
        MISMATCH,
        kinds=("http",),
    ),
    unknowable(
        "instead-login",
        "a login in the place of the home page",
        shown(
            document(
                "<h1>Đăng nhập hệ thống</h1><form><input name=u placeholder='Tên đăng nhập'><input name=p type=password>"
                "<button>Đăng nhập</button></form>",
                title="Đăng nhập",
            )
        ),
        Reason.LOGIN_REQUIRED,
    ),
    unknowable(
        "instead-challenge",
        "a challenge of a firewall",
        shown(
            document(
                "<h1>Checking your browser before accessing dichvucong.test</h1><p>This process is automatic.</p>",
                title="Just a moment...",
            )
        ),
        Reason.BLOCKED,
    ),
    unknowable(
        "instead-captcha",
        "a captcha before the page",
        shown(
            document(
                "<p>Vui lòng nhập mã xác nhận để tiếp tục</p><form><input name=c><button>Tiếp tục</button></form>",
                title="Xác nhận",
            )
        ),
        Reason.CAPTCHA,
    ),
    unknowable(
        "instead-recaptcha",
        "a captcha of Google before the page",
        shown(document("<p>Xác minh</p><div class=g-recaptcha data-sitekey=x></div>", title="Xác minh")),
        Reason.CAPTCHA,
    ),
    small("plain", "a small home page", "<p>Chào mừng quý khách.</p>"),
    small(
        "login-box",
        "a login box with a captcha field beside its ways on",
        "<form><input name=u placeholder='Tên đăng nhập'><input name=p type=password><label>Mã xác nhận <input name=c></label><button>Đăng nhập</button></form>",
    ),
    small(
        "search-captcha",
        "a search with a captcha field",
        "<form><label>Mã hồ sơ <input name=q></label><label>Mã xác nhận <input name=c></label><button>Tra cứu</button></form>",
    ),
    small("news-404", "news about the telephone number 404", "<p>Tổng đài 1900 404 404 hỗ trợ người dân.</p>"),
    small("news-error", "news about errors that were mended", "<p>Đã khắc phục lỗi khi nộp hồ sơ.</p>"),
    small(
        "news-account",
        "news about accounts that are locked for misuse",
        "<p>Tài khoản định danh cấp cho người dân từ 14 tuổi.</p>",
    ),
    fine(
        "small-recaptcha",
        "a large home page with the captcha of its feedback form",
        shown(portal(body="<form><div class=g-recaptcha></div><textarea name=t></textarea></form>")),
    ),
    fine(
        "small-words",
        "a home page of one heading and some ways on",
        shown(document(f"<h1>{EXPECTED}</h1>{_WAYS}<p>{SENTENCE}</p>")),
    ),
)
