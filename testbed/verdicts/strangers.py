"""Kind 4, by whose words they are: pages of software, of hosts, of firewalls and of clerks, with twins that are fine."""

from collections.abc import Callable, Iterable

from testbed.verdicts.page import VerdictPage, document, fine, outage, shown, unknowable
from thuocdo.core.model import Reason

MISMATCH, MAINTENANCE, BLOCKED = Reason.CONTENT_MISMATCH, Reason.MAINTENANCE_PAGE, Reason.BLOCKED
LOGIN = Reason.LOGIN_REQUIRED
_WAYS = "<p><a href=/thu-tuc>Thủ tục hành chính</a> <a href=/nop>Nộp hồ sơ</a> <a href=/tra-cuu>Tra cứu</a></p>"
_ENGLISH = "<p><a href=/a>Services</a> <a href=/b>Track application</a> <a href=/c>Contact</a></p>"
_SIGN_IN = "<form><input name=u placeholder='Tài khoản'><input type=password><button>Đăng nhập</button></form>"
_MENU = "".join(
    f"<a href=/m{at}>{text}</a> "
    for at, text in enumerate(
        ("Trang chủ", "Giới thiệu", "Thủ tục hành chính", "Nộp hồ sơ", "Tra cứu hồ sơ", "Hỏi đáp")
    )
)
_ELSEWHERE = "".join(f"<a href=https://nha-ban.test/{at}>Dịch vụ {at}</a> " for at in range(8))


def _each(
    make: Callable[..., VerdictPage], name: str, does: str, pages: Iterable[tuple[str, str]], *reasons: Reason
) -> list[VerdictPage]:
    """Return a page of each title and body."""
    return [
        make(f"stranger-{name}-{at}", does, shown(document(body, title=title)), *reasons)
        for at, (title, body) in enumerate(pages)
    ]


PAGES: tuple[VerdictPage, ...] = (
    *_each(
        outage,
        "software",
        "what software shows to whoever is to make a site with it",
        (
            (
                "Vite + React",
                "<h1>Vite + React</h1><button>count is 0</button><p>Edit src/App.jsx and save to test HMR</p>",
            ),
            ("Create Next App", "<p>Save and see your changes instantly.</p><a href=https://a.test>Deploy now</a>"),
            (
                "Home page - WebApplication1",
                "<a href=/>Home</a> <a href=/Home/Privacy>Privacy</a><h1>Welcome</h1><p>Learn about building Web apps.</p>",
            ),
            ("Welcome to Keycloak", "<h1>Welcome to Keycloak</h1><a href=/auth/admin>Administration Console</a>"),
            ("Microsoft Azure App Service - Welcome", "<h2>Your web app is running and waiting for your content</h2>"),
            ("Heroku | Welcome to your new app!", "<p>Refer to the documentation if you need help deploying.</p>"),
            ("Hello! Welcome to Synology Web Station!", "<h1>Web Station has been enabled.</h1>"),
            ("Placeholder page", "<p>The owner has not put up any web pages yet.<br>Please come back later.</p>"),
            ("", "Hello from server 3"),
            ("", "Your content here"),
        ),
        MISMATCH,
    ),
    *_each(
        outage,
        "host",
        "what a host shows of a name that is nobody's any more",
        (
            ("cong.test - Đã hết hạn", f"<h1>Tên miền cong.test đã hết hạn sử dụng</h1>{_ELSEWHERE}"),
            ("", "<h1>Domain này chưa được khai báo trên hệ thống</h1>"),
            ("WHOIS", "<h1>Tên miền này có thể đang được bán!</h1><a href=https://nha-ban.test>Mua ngay</a>"),
            ("", "no such app"),
        ),
        MISMATCH,
    ),
    *_each(
        outage,
        "menu",
        "an error in the portal's menu",
        (
            ("Cổng dịch vụ công", f"{_MENU}<h2>Đã có lỗi xảy ra trong quá trình xử lý</h2><p>Mã lỗi: 12</p>"),
            ("Cổng dịch vụ công", f"{_MENU}<h1>Không tìm thấy trang yêu cầu (404)</h1>"),
            ("Cổng dịch vụ công", f"{_MENU * 4}<h2>404</h2><p>Bạn đi lạc rồi!</p>"),
        ),
        MISMATCH,
    ),
    *_each(
        outage,
        "away",
        "maintenance in words of many kinds",
        (
            ("Trang chủ", "<h1>Chúng tôi đang làm mới cổng dịch vụ công</h1><p>Hẹn gặp lại quý vị vào thứ Hai.</p>"),
            ("", "<p>Chúng tôi đang khắc phục sự cố và sẽ sớm đưa hệ thống trở lại hoạt động.</p>"),
            ("Cổng", "<p>Theo kế hoạch, hệ thống đang được di chuyển sang Trung tâm dữ liệu mới.</p>"),
            ("Cổng dịch vụ công", f"{_MENU * 8}<h1>Hệ thống đang bảo trì, vui lòng quay lại sau</h1>"),
            ("", "<h1>Application is starting up</h1>"),
            (
                "Coming back",
                "<h1>We are currently performing scheduled maintenance</h1><form><input name=email><button>Notify me</button>"
                "</form><a href=https://a.test>Facebook</a> <a href=https://b.test>Zalo</a>",
            ),
        ),
        MAINTENANCE,
    ),
    *_each(
        unknowable,
        "wall",
        "a firewall's page",
        (
            ("Making sure you're not a bot!", "<h1>Making sure you're not a bot!</h1><p>Protected by Anubis</p>"),
            ("", "<p>This site requires Javascript to work, please enable Javascript in your browser</p>"),
            ("Unauthorized Activity Has Been Detected", "<p>Case Number: 12345</p>"),
            ("Too many requests", "<p>You have sent too many requests. Please slow down.</p>"),
            ("403", "<p>Bạn không có quyền truy cập trang này từ nước ngoài</p>"),
        ),
        BLOCKED,
    ),
    *_each(
        unknowable,
        "login",
        "a login and nothing else, of another make",
        (
            ("Sign in to your account", "<form><input type=email placeholder=Email><button>Next</button></form>"),
            ("Đăng nhập VNeID", "<form><input placeholder='Số định danh cá nhân'><button>Tiếp tục</button></form>"),
            ("SSO", "<p>Vui lòng đăng nhập để tiếp tục</p><a href=/sso/login>Đăng nhập bằng VNeID</a>"),
            ("Đăng nhập", "<p>Chọn hình thức đăng nhập</p><button>VNeID</button><button>Tài khoản</button>"),
            ("Đăng nhập", f"{_SIGN_IN}<a href=/quen>Quên mật khẩu?</a> <a href=/moi>Đăng ký</a>"),
        ),
        LOGIN,
    ),
    *_each(
        fine,
        "twin",
        "a small home page that says such words of something else",
        (
            (
                "Public service portal",
                f"<p>Welcome! Get started with your application. Powered by Drupal.</p>{_ENGLISH}",
            ),
            ("Public service portal", f"<p>Under construction: new city hall.</p>{_ENGLISH}"),
            ("Public service portal", f"<p>Please enable JavaScript. Support: tell us your case number.</p>{_ENGLISH}"),
            (
                "Angular city tour",
                "<h1>Angular city tour</h1><p>Learn about us</p><a href=/a>Tours</a> <a href=/b>Maps</a>",
            ),
            ("Một cửa", f"<h1>Một cửa</h1>{_SIGN_IN}{_WAYS}"),
            ("Một cửa", f"<h1>Một cửa</h1>{_SIGN_IN}<a href=/tra-cuu>Tra cứu hồ sơ</a>"),
            ("Một cửa", f"<h1>Một cửa</h1><p>Vui lòng đăng nhập để nộp.</p><a href=/vao>Đăng nhập</a>{_WAYS}"),
            ("Một cửa", f"<h1>Một cửa</h1><p>Trang đang được xây dựng mục tiếng Anh</p>{_WAYS}"),
            ("Một cửa", f"<h1>Một cửa</h1><div class=cf-turnstile></div>{_WAYS}"),
            ("Một cửa", f"<h1>Một cửa</h1><p>Hệ thống đang nâng cấp nên một số chức năng có thể chậm.</p>{_WAYS}"),
            (
                "Một cửa",
                f"<h1>Một cửa</h1><p>Đang khắc phục sự cố cáp quang biển, từ nước ngoài có thể chậm.</p>{_WAYS}",
            ),
            ("Một cửa", f"<h1>Một cửa</h1><p>Hẹn gặp lại bà con sau Tết.</p>{_WAYS}"),
            ("Một cửa", f"{_MENU}<h2>Sửa chữa lỗi hệ thống thoát nước</h2>"),
            ("Một cửa", f"{_MENU}<h2>Lỗi kết nối VNeID ngày 20/11 đã khắc phục</h2><p>Tin khác</p>"),
            ("Một cửa", f"<h1>Một cửa</h1><p>Cổng dịch vụ công của Bộ Công an đang bảo trì.</p>{_WAYS}"),
            ("Vite Logistics", "<p>Get started: find out more.</p><a href=/a>Track</a> <a href=/b>About</a>"),
            ("Một cửa", f"{_MENU}<h2>Khi có lỗi hệ thống, gọi 1022</h2>"),
            ("Một cửa", f"{_MENU}<h2>Tin mới</h2><p>Không tìm thấy nội dung</p>"),
            (
                "Cổng dịch vụ công",
                "<p>Từ 01/7/2025 Cổng dừng hoạt động, người dân nộp hồ sơ tại <a href=https://khac.test>Cổng quốc gia</a>.</p>",
            ),
        ),
    ),
)
