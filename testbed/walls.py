"""Pages that stand in the way of a portal, worded as real ones are: notice, maintenance, firewall, captcha, login."""

from testbed.images import noise_png
from testbed.pages import render
from testbed.plan import DOMAIN, PortalPlan
from testbed.site import PNG, TEXT, Resource


def notice(portal: PortalPlan, delay_seconds: float) -> Resource:
    """A light page that sends people to the national portal."""
    body = render(
        "light",
        title=portal.name,
        lines=(
            f"Kính gửi tổ chức, cá nhân: từ ngày 01/7/2025, {portal.name} dừng tiếp nhận hồ sơ trực tuyến tại địa chỉ này.",
            "Để nộp hồ sơ, tra cứu và thanh toán trực tuyến, vui lòng truy cập Cổng Dịch vụ công quốc gia.",
            "Trân trọng thông báo.",
        ),
        links=((f"https://dichvucong.{DOMAIN}/", "Cổng Dịch vụ công quốc gia"),),
    )
    return Resource(body=body, delay_seconds=delay_seconds)


def maintenance(portal: PortalPlan, status: int) -> Resource:
    """A maintenance page, with the status that the web server happens to give."""
    body = render(
        "light",
        title="Thông báo bảo trì",
        lines=(
            f"{portal.name} đang được bảo trì, nâng cấp để phục vụ người dân, doanh nghiệp tốt hơn.",
            "Thời gian dự kiến: từ 20 giờ đến 24 giờ. Mong quý vị thông cảm và quay lại sau.",
        ),
        links=(),
    )
    return Resource(body=body, status=status, headers={"Retry-After": "7200"} if status == 503 else {})


def forbidden() -> Resource:
    """What a web application firewall shows to a client that it does not like."""
    body = render(
        "light",
        title="Request Rejected",
        lines=(
            "The requested URL was rejected. Please consult with your administrator.",
            "Your support ID is: 11538746130427761508",
        ),
        links=(("/", "Go Back"),),
    )
    return Resource(body=body, status=403)


def too_many_requests() -> Resource:
    """A rate limit that says how long to wait."""
    return Resource(body=b"429 Too Many Requests\n", media_type=TEXT, status=429, headers={"Retry-After": "120"})


def server_error() -> Resource:
    """The error page of an application server."""
    body = render(
        "light",
        title="Server Error in '/' Application.",
        lines=(
            "Runtime Error",
            "An application error occurred on the server. The current custom error settings prevent the details.",
        ),
        links=(),
    )
    return Resource(body=body, status=500)


def other_content() -> Resource:
    """The page of a web server that nobody has given a site, though the answer is a fine 200."""
    body = render(
        "light",
        title="Welcome to nginx!",
        lines=(
            "If you see this page, the nginx web server is successfully installed and working.",
            "Further configuration is required.",
            "Thank you for using nginx.",
        ),
        links=(),
    )
    return Resource(body=body)


def captcha(portal: PortalPlan) -> dict[str, Resource]:
    """A captcha before the page; keyed "page" and the picture's path."""
    body = render(
        "captcha",
        title="Xác nhận truy cập",
        lines=(f"Để bảo đảm an toàn cho {portal.name}, vui lòng nhập mã xác nhận trong hình trước khi tiếp tục.",),
        links=(),
    )
    return {"page": Resource(body=body), "/captcha.png": Resource(body=noise_png(160, 60, 1), media_type=PNG)}


def login(title: str) -> Resource:
    """A login form."""
    body = render(
        "login",
        title=title,
        lines=("Vui lòng đăng nhập bằng tài khoản định danh điện tử để nộp hồ sơ trực tuyến.",),
        links=(("/quen-mat-khau", "Quên mật khẩu"),),
    )
    return Resource(body=body)


def redirect(location: str) -> Resource:
    """A temporary redirect."""
    return Resource(body=b"", status=302, headers={"Location": location})
