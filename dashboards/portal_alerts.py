"""Alerts about portals: an agency's own go to its team (label owner), those of many portals to the central team."""

from dashboards.alert import Alert, Severity, Texts
from dashboards.filling import LEFT_WITHIN
from dashboards.portal_queries import FAST, SLOW, burning, expiring, kept_out, or_left, told, told_of_portal
from dashboards.recording import INCIDENT_GROUP
from thuocdo.core.kinds.kind import CERTIFICATE_NEARNESS

_OF_TARGET = ("target", "owner", "agency", "block", "family")

_KEEP = "2m"
"""Longer than a restart of the web process, or a scrape that was missed, and than ProberAbsent needs to take over."""

CERTIFICATE_SOON_DAYS, CERTIFICATE_VERY_SOON_DAYS = CERTIFICATE_NEARNESS.soon.days, CERTIFICATE_NEARNESS.very_soon.days

SESSION_SOON_HOURS = 48
"""A person needs a working day to log in again; `thuocdo doctor` warns at the same time."""

KEPT_OUT_MINUTES = 20
"""As the texts say."""

COVERAGE_LOW_RATIO = 0.8

FAST_BURN = 14.4
"""Times the budget's own pace: 2 % of a month's budget are gone within an hour. Source: Google's SRE workbook, chapter 5."""

SLOW_BURN = 3.0
"""A tenth of a month's budget is gone within a day. Source: the same."""

FAST_LEAST = 4
SLOW_LEAST = 10
"""Failures that it takes: a portal that is probed every five minutes has spent its share with the first one."""

_COVERAGE = 'thuocdo_target_coverage_ratio{window="1d"}'
_UNCOVERED = f"max by (target) (1 - {_COVERAGE})"
_MISSED = 'max by (target) (thuocdo_target_missed_ratio{window="1d"})'

_SESSION = "thuocdo_eform_session_expiry_timestamp_seconds"


def _session_ends(asked: str) -> str:
    return f"max by (target) ({asked}) - time()"


def _of_portal(name: str, state: str, severity: Severity, *, vi: Texts, en: Texts) -> Alert:
    """Return what tells its team of a portal's own incidents of a state."""
    return Alert(
        name=name,
        group=INCIDENT_GROUP,
        severity=severity,
        expr=told_of_portal(name, state),
        labels=_OF_TARGET,
        keep=_KEEP,
        about="target='{{ $labels.target }}'",
        state=state,
        vi=vi,
        en=en,
        dashboard="thuocdo-target",
        variables=("target",),
        page="/incidents?agency={{ $labels.agency }}",
    )


def _of_certificate(name: str, days: int, severity: Severity, *, vi: str) -> Alert:
    """Return what tells that certificates end within so many days. vi: its summary."""
    return Alert(
        name=name,
        group="thuocdo-certificates",
        severity=severity,
        # In planned maintenance as well: it would be told again after each night's.
        expr=expiring(name, days),
        labels=_OF_TARGET,
        keep=_KEEP,
        about="target='{{ $labels.target }}',aspect='certificate'",
        state="expiring",
        vi=Texts(
            summary=vi,
            description="Khi chứng thư số hết hạn, trình duyệt sẽ chặn người dân truy cập.",
        ),
        en=Texts(
            summary=f"<portal>: the certificate expires within {days} days",
            description="Once the certificate has expired, browsers keep citizens out.",
        ),
        dashboard="thuocdo-target",
        variables=("target",),
        page="/agencies/{{ $labels.agency }}",
    )


PORTAL_ALERTS: tuple[Alert, ...] = (
    _of_portal(
        "PortalDown",
        "down",
        Severity.CRITICAL,
        vi=Texts(
            summary="<portal>: cổng ngừng hoạt động",
            description="Nhiều lần đo liền nhau từ bên ngoài không vào được cổng, trong khi đường truyền của điểm đo vẫn tốt. "
            "Người dân có thể không tra cứu, không nộp được hồ sơ.",
        ),
        en=Texts(
            summary="<portal>: the portal is down",
            description="Probe after probe from outside did not get an answer, while the prober's own line works. Citizens may "
            "not be able to look anything up or hand anything in.",
        ),
    ),
    _of_portal(
        "PortalBroken",
        "broken",
        Severity.CRITICAL,
        vi=Texts(
            summary="<portal>: mở được nhưng không dùng được",
            description="Máy chủ vẫn trả lời, nhưng nhiều lần liền nhau trình duyệt không dùng được trang chủ hoặc không mở được "
            "biểu mẫu. Người dân có thể không nộp được hồ sơ.",
        ),
        en=Texts(
            summary="<portal>: it answers and does not work",
            description="The server answers, but several times in a row no browser could use the home page, or the form did not "
            "open. Citizens may not be able to hand anything in.",
        ),
    ),
    _of_portal(
        "PortalReplaced",
        "replaced",
        Severity.CRITICAL,
        vi=Texts(
            summary="<portal>: trang khác ở chỗ của cổng",
            description="Tại địa chỉ của cổng là một trang khác hẳn trang vẫn thấy lâu nay: có thể là trang mặc định của "
            "máy chủ, trang báo tạm ngưng, tên miền hết hạn hoặc cổng bị chiếm. Trang sự cố có ảnh trước đây và "
            "bây giờ. Nếu đúng là trang mới của cổng, hãy báo trung tâm xác nhận; điểm số không bị trừ.",
        ),
        en=Texts(
            summary="<portal>: another page stands in the place of the portal",
            description="Quite another page than the known one stands at its address: the server's default page, a "
            "suspended account, an expired domain, or an intruder's. The incident's page shows it before and "
            "now. If it is the portal's new page, have the centre confirm it; no score suffers.",
        ),
    ),
    _of_portal(
        "PortalFlapping",
        "flapping",
        Severity.CRITICAL,
        vi=Texts(
            summary="<portal>: chập chờn, lúc được lúc không",
            description="Trong hai mươi lần đo gần nhất có ít nhất năm lần lỗi, xen giữa những lần vẫn vào được. Người dân có "
            "lúc vào được, có lúc không.",
        ),
        en=Texts(
            summary="<portal>: it answers and fails in turn",
            description="Of the last twenty probes five or more failed, between others that got an answer. Citizens get in now "
            "and are kept out then.",
        ),
    ),
    _of_portal(
        "PortalDegraded",
        "degraded",
        Severity.WARNING,
        vi=Texts(
            summary="<portal>: cổng chậm bất thường",
            description="Cổng vẫn truy cập được nhưng suốt một thời gian chậm hơn hẳn mức thường ngày. Không cần gọi ai "
            "dậy.",
        ),
        en=Texts(
            summary="<portal>: the portal is unusually slow",
            description="The portal answers, but for a while it has been far slower than it usually is. Nobody has to get "
            "up for it.",
        ),
    ),
    Alert(
        name="FamilyDown",
        group=INCIDENT_GROUP,
        severity=Severity.CRITICAL,
        expr=told("FamilyDown", "family", "down"),
        labels=("family",),
        keep=_KEEP,
        about="scope='family',family='{{ $labels.family }}'",
        vi=Texts(
            summary="Nhiều cổng dùng chung nền tảng {{ $labels.family }} cùng ngừng hoạt động",
            description="Phần lớn các cổng dùng nền tảng {{ $labels.family }} không truy cập được, còn các cổng khác vẫn "
            "bình thường. Nhiều khả năng lỗi nằm ở hạ tầng chung của nền tảng.",
        ),
        en=Texts(
            summary="Many portals of the platform {{ $labels.family }} are down together",
            description="Most portals of the platform {{ $labels.family }} do not answer, while others do. What they share "
            "is the likely cause.",
        ),
        dashboard="thuocdo-incidents",
        variables=("family",),
        page="/incidents",
    ),
    Alert(
        name="VantageDown",
        group=INCIDENT_GROUP,
        severity=Severity.CRITICAL,
        expr=told("VantageDown", "vantage", "down"),
        labels=("vantage",),
        keep=_KEEP,
        about="scope='vantage',vantage='{{ $labels.vantage }}'",
        vi=Texts(
            summary="Điểm đo {{ $labels.vantage }} mất kết nối",
            description="Từ điểm đo {{ $labels.vantage }} không truy cập được phần lớn các cổng hoặc các trang đối chứng. "
            "Lỗi ở phía đo, không phải ở các cổng: không cơ quan nào bị báo động vì việc này.",
        ),
        en=Texts(
            summary="Vantage point {{ $labels.vantage }} has lost its line",
            description="Most portals or the reference pages are out of reach from vantage point {{ $labels.vantage }}. The "
            "fault is ours, not the portals': no agency is alerted for it.",
        ),
        dashboard="thuocdo-vantages",
        variables=("vantage",),
        page="/incidents",
    ),
    _of_certificate(
        "CertificateExpiresVerySoon",
        CERTIFICATE_VERY_SOON_DAYS,
        Severity.CRITICAL,
        vi=f"<portal>: chứng thư số hết hạn trong chưa đầy {CERTIFICATE_VERY_SOON_DAYS} ngày",
    ),
    _of_certificate(
        "CertificateExpiresSoon",
        CERTIFICATE_SOON_DAYS,
        Severity.WARNING,
        vi=f"<portal>: chứng thư số sắp hết hạn (dưới {CERTIFICATE_SOON_DAYS} ngày)",
    ),
    Alert(
        name=FAST,
        group="thuocdo-burning",
        severity=Severity.CRITICAL,
        expr=burning(FAST, FAST_BURN, "1h", "5m", FAST_LEAST),
        labels=_OF_TARGET,
        hold="2m",
        keep="15m",
        vi=Texts(
            summary="<portal>: cổng lỗi dồn dập",
            description="Ngoài những sự cố đã báo, trong một giờ qua <share> số lần đo cổng bị lỗi; lần lỗi gần nhất cách "
            "đây chưa đến 20 phút. Nếu tiếp diễn, mức lỗi cho phép của cả tháng sẽ hết trong khoảng hai ngày.",
        ),
        en=Texts(
            summary="<portal>: the portal fails again and again",
            description="Apart from outages that were told, <share> of its probes failed over the last hour, the last one "
            "less than 20 minutes ago. At this pace the error budget of the month lasts about two days.",
        ),
        dashboard="thuocdo-incidents",
        variables=("target",),
        page="/agencies/{{ $labels.agency }}",
    ),
    Alert(
        name=SLOW,
        group="thuocdo-burning",
        severity=Severity.WARNING,
        expr=burning(SLOW, SLOW_BURN, "1d", "2h", SLOW_LEAST),
        labels=_OF_TARGET,
        hold="15m",
        keep="2h",
        vi=Texts(
            summary="<portal>: cổng lỗi lác đác kéo dài",
            description="Ngoài những sự cố đã báo, trong một ngày qua <share> số lần đo cổng bị lỗi. Cứ đà này, mức lỗi cho "
            "phép của cả tháng sẽ hết trong khoảng mười ngày.",
        ),
        en=Texts(
            summary="<portal>: the portal keeps failing now and then",
            description="Apart from outages that were told, <share> of its probes failed over the last day. At this pace "
            "the error budget of the month lasts about ten days.",
        ),
        dashboard="thuocdo-incidents",
        variables=("target",),
        page="/agencies/{{ $labels.agency }}",
    ),
    Alert(
        name="SessionExpires",
        group="thuocdo-coverage",
        severity=Severity.WARNING,
        # Seconds left, 1 where it has ended: an alert's value is above 0.
        expr=or_left(
            "SessionExpires",
            f"clamp_min({_session_ends(_SESSION)} < {SESSION_SOON_HOURS} * 3600, 1)",
            f"clamp_min({_session_ends(f'last_over_time({_SESSION}[{LEFT_WITHIN}])')}, 1)",
            by="target",
        ),
        labels=("target",),
        hold="10m",
        keep=_KEEP,
        vi=Texts(
            summary="<portal>: phiên đăng nhập dùng để đo sắp hết hạn",
            description="Phiên đăng nhập còn hiệu lực <length>. Khi hết, biểu mẫu sau trang đăng nhập sẽ không đo được nữa.",
        ),
        en=Texts(
            summary="<portal>: the login session for measuring runs out",
            description="The session is valid for <length> more. After that the form behind the login cannot be measured.",
        ),
        dashboard="thuocdo-target",
        variables=("target",),
        page="/",
    ),
    Alert(
        name="PortalUnseen",
        group="thuocdo-coverage",
        severity=Severity.WARNING,
        expr=kept_out(KEPT_OUT_MINUTES),
        labels=_OF_TARGET,
        keep="5m",
        cause="thuocdo_measurement_outcome{kind='http',outcome='inconclusive',target='{{ $labels.target }}'}",
        vi=Texts(
            summary="<portal>: máy đo bị chặn hoặc cổng đổi hướng",
            description="Từ hai mươi phút nay máy đo chỉ gặp tường lửa, captcha, trang đăng nhập hoặc bị đưa sang cổng khác, nên "
            "không biết cổng có hoạt động hay không. Đây chưa phải sự cố của cổng, "
            "nhưng phần không cho đo không đem lại điểm nào trong bảng xếp hạng.",
        ),
        en=Texts(
            summary="<portal>: the prober is kept out, or led elsewhere",
            description="For twenty minutes the prober has met nothing but a firewall, a captcha, a login, or another portal, so "
            "nobody knows whether this one works. It is no outage, but what is kept from us gives nothing in a ranking.",
        ),
        dashboard="thuocdo-target",
        variables=("target",),
        page="/agencies/{{ $labels.agency }}",
    ),
    Alert(
        name="CoverageLow",
        group="thuocdo-coverage",
        severity=Severity.WARNING,
        # What was missed is told of the agent (ProbesMissed), once: not of each of its targets, and for a day longer.
        expr=or_left(
            "CoverageLow",
            f"({_UNCOVERED} - {_MISSED} or {_UNCOVERED}) > {1 - COVERAGE_LOW_RATIO:g} "
            "unless on (target) thuocdo_maintenance_active",
            f"max by (target) (1 - last_over_time({_COVERAGE}[{LEFT_WITHIN}]))",
            by="target",
        ),
        labels=("target",),
        hold="1h",
        keep=_KEEP,
        vi=Texts(
            summary="<portal>: nhiều lần đo không kết luận được",
            description="Trong một ngày qua, <share> số lần đo không cho biết cổng có hoạt động hay không, thường do bị "
            "tường lửa chặn. Điểm số không bị trừ, nhưng sự cố thật có thể bị bỏ sót.",
        ),
        en=Texts(
            summary="<portal>: many probes are inconclusive",
            description="Over the last day <share> of the probes could not tell whether it works, mostly because a firewall "
            "blocks us. No score suffers, but a real outage may go unseen.",
        ),
        dashboard="thuocdo-target",
        variables=("target",),
        page="/",
    ),
)
