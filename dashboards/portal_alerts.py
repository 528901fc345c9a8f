"""Alerts about portals: an agency's own go to its team (label owner), those of many portals to the central team."""

from dashboards.alert import Alert, Severity, Texts
from dashboards.recording import error_ratio

_INFO = "max by (target, owner, agency, block, family) (thuocdo_target_info)"
_OF_TARGET = ("target", "owner", "agency", "block", "family")

_KEEP = "2m"
"""Longer than a restart of the web process, or a scrape that was missed, and than ProberAbsent needs to take over."""

CERTIFICATE_SOON_DAYS = 21
CERTIFICATE_VERY_SOON_DAYS = 7

SESSION_SOON_HOURS = 48
"""A person needs a working day to log in again; `thuocdo doctor` warns at the same time."""

COVERAGE_LOW_RATIO = 0.8

FAST_BURN = 14.4
"""Times the budget's own pace: 2 % of a month's budget are gone within an hour. Source: Google's SRE workbook, chapter 5."""

SLOW_BURN = 3.0
"""A tenth of a month's budget is gone within a day. Source: the same."""


_UNCOVERED = 'max by (target) (1 - thuocdo_target_coverage_ratio{window="1d"})'
_MISSED = 'max by (target) (thuocdo_target_missed_ratio{window="1d"})'


def _owned(expr: str) -> str:
    """Return a query by target with the labels that say whose target it is; in planned maintenance nobody is told."""
    quiet = f"({expr} unless on (target) thuocdo_maintenance_active)"
    return f"{quiet} * on (target) group_left (owner, agency, block, family) {_INFO}"


def _lasting(by: str, matchers: str) -> str:
    """Return how many seconds open incidents have lasted; at least 1, since clocks may disagree."""
    return f"clamp_min(time() - min by ({by}) (thuocdo_incident_start_timestamp_seconds{{{matchers}}}), 1)"


def _burning(factor: float, long: str, short: str) -> str:
    """Return targets that spend their error budget at least so many times too fast, over a long window and still now."""
    limit = f"{factor:g} * (1 - scalar(max(thuocdo_objective_ratio)))"
    return f"{error_ratio(long)} > {limit} and {error_ratio(short)} > {limit}"


def _expiring(days: int) -> str:
    """Return seconds until certificates end; while a portal is down its last certificate counts."""
    left = "min by (target) (last_over_time(probe_ssl_earliest_cert_expiry[1d])) - time()"
    # 1 for what has expired already: an alert's value is above 0.
    return f"clamp_min({left} < {days} * 86400, 1)"


_EXPIRES_VI = (
    "Chứng thư số của {{ $labels.target }} còn hạn {{ $value | humanizeDuration }}. Khi hết hạn, trình duyệt sẽ chặn người "
    "dân truy cập. Hãy xin cấp lại và cài chứng thư mới (kể cả chứng thư trung gian)."
)
_EXPIRES_EN = (
    "The certificate of {{ $labels.target }} is valid for {{ $value | humanizeDuration }} more. Once it has expired, browsers "
    "keep citizens out. Renew and install it, intermediate certificates included."
)

PORTAL_ALERTS: tuple[Alert, ...] = (
    Alert(
        name="PortalDown",
        group="thuocdo-incidents",
        severity=Severity.CRITICAL,
        expr=_owned(_lasting("target", 'scope="target",state="down"')),
        labels=_OF_TARGET,
        keep=_KEEP,
        cause='thuocdo_incident_open{scope="target",state="down",target="{{ $labels.target }}"}',
        vi=Texts(
            summary="Cổng {{ $labels.target }} ngừng hoạt động",
            description="Cổng {{ $labels.target }} không truy cập được từ bên ngoài đã {{ $value | humanizeDuration "
            "}}, trong khi đường truyền của điểm đo vẫn tốt. Người dân hiện không nộp được hồ sơ.",
        ),
        en=Texts(
            summary="Portal {{ $labels.target }} is down",
            description="Portal {{ $labels.target }} has not answered from outside for {{ $value | humanizeDuration "
            "}}, while the prober's own line works. Citizens cannot hand in anything now.",
        ),
        dashboard="thuocdo-target",
        variables=("target",),
        page="/incidents?agency={{ $labels.agency }}",
    ),
    Alert(
        name="PortalReplaced",
        group="thuocdo-incidents",
        severity=Severity.CRITICAL,
        expr=_owned(_lasting("target", 'scope="target",state="replaced"')),
        labels=_OF_TARGET,
        keep=_KEEP,
        cause='thuocdo_incident_open{scope="target",state="replaced",target="{{ $labels.target }}"}',
        vi=Texts(
            summary="Trang khác ở chỗ của cổng {{ $labels.target }}",
            description="Từ {{ $value | humanizeDuration }} nay, tại địa chỉ của cổng {{ $labels.target }} là một trang khác "
            "hẳn trang vẫn thấy lâu nay: có thể là trang mặc định của máy chủ, trang báo tạm ngưng, tên miền hết hạn hoặc "
            "cổng bị chiếm. Trang sự cố có ảnh trước đây và bây giờ. Nếu đúng là trang mới của cổng, hãy báo trung tâm xác "
            "nhận; điểm số không bị trừ.",
        ),
        en=Texts(
            summary="Another page stands in the place of portal {{ $labels.target }}",
            description="For {{ $value | humanizeDuration }} quite another page than the known one has stood at the address of "
            "{{ $labels.target }}: the server's default page, a suspended account, an expired domain, or an intruder's. The "
            "incident's page shows it before and now. If it is the portal's new page, have the centre confirm it; no score "
            "suffers.",
        ),
        dashboard="thuocdo-target",
        variables=("target",),
        page="/incidents?agency={{ $labels.agency }}",
    ),
    Alert(
        name="PortalDegraded",
        group="thuocdo-incidents",
        severity=Severity.WARNING,
        expr=_owned(_lasting("target", 'scope="target",state="degraded"')),
        labels=_OF_TARGET,
        keep=_KEEP,
        vi=Texts(
            summary="Cổng {{ $labels.target }} chậm bất thường",
            description="Cổng {{ $labels.target }} vẫn truy cập được nhưng đã chậm hơn hẳn mức thường ngày suốt {{ "
            "$value | humanizeDuration }}.",
        ),
        en=Texts(
            summary="Portal {{ $labels.target }} is unusually slow",
            description="Portal {{ $labels.target }} answers, but for {{ $value | humanizeDuration }} it has been far "
            "slower than it usually is.",
        ),
        dashboard="thuocdo-target",
        variables=("target",),
        page="/incidents?agency={{ $labels.agency }}",
    ),
    Alert(
        name="FamilyDown",
        group="thuocdo-incidents",
        severity=Severity.CRITICAL,
        expr=_lasting("family", 'scope="family",state="down"'),
        labels=("family",),
        keep=_KEEP,
        cause='thuocdo_incident_open{scope="family",state="down",family="{{ $labels.family }}"}',
        vi=Texts(
            summary="Nhiều cổng dùng chung nền tảng {{ $labels.family }} cùng ngừng hoạt động",
            description="Phần lớn các cổng dùng nền tảng {{ $labels.family }} không truy cập được đã {{ $value | "
            "humanizeDuration }}, còn các cổng khác vẫn bình thường. Nhiều khả năng lỗi nằm ở hạ tầng chung của nền "
            "tảng; hãy liên hệ nhà cung cấp.",
        ),
        en=Texts(
            summary="Many portals of the platform {{ $labels.family }} are down together",
            description="Most portals of the platform {{ $labels.family }} have not answered for {{ $value | "
            "humanizeDuration }}, while others do. What they share is the likely cause: call the platform's provider.",
        ),
        dashboard="thuocdo-incidents",
        variables=("family",),
        page="/incidents",
    ),
    Alert(
        name="VantageDown",
        group="thuocdo-incidents",
        severity=Severity.CRITICAL,
        expr=_lasting("vantage", 'scope="vantage",state="down"'),
        labels=("vantage",),
        keep=_KEEP,
        cause='thuocdo_incident_open{scope="vantage",state="down",vantage="{{ $labels.vantage }}"}',
        vi=Texts(
            summary="Điểm đo {{ $labels.vantage }} mất kết nối",
            description="Từ điểm đo {{ $labels.vantage }} đã {{ $value | humanizeDuration }} không truy cập được phần "
            "lớn các cổng hoặc các trang đối chứng. Lỗi ở phía đo, không phải ở các cổng: không cơ quan nào bị báo "
            "động vì việc này.",
        ),
        en=Texts(
            summary="Vantage point {{ $labels.vantage }} has lost its line",
            description="For {{ $value | humanizeDuration }} most portals or the reference pages have been out of "
            "reach from vantage point {{ $labels.vantage }}. The fault is ours, not the portals': no agency is alerted "
            "for it.",
        ),
        dashboard="thuocdo-vantages",
        variables=("vantage",),
        page="/incidents",
    ),
    Alert(
        name="CertificateExpiresVerySoon",
        group="thuocdo-certificates",
        severity=Severity.CRITICAL,
        expr=_owned(_expiring(CERTIFICATE_VERY_SOON_DAYS)),
        labels=_OF_TARGET,
        hold="10m",
        vi=Texts(
            summary=f"Chứng thư số của {{{{ $labels.target }}}} hết hạn trong chưa đầy {CERTIFICATE_VERY_SOON_DAYS} ngày",
            description=_EXPIRES_VI,
        ),
        en=Texts(
            summary=f"The certificate of {{{{ $labels.target }}}} expires within {CERTIFICATE_VERY_SOON_DAYS} days",
            description=_EXPIRES_EN,
        ),
        dashboard="thuocdo-target",
        variables=("target",),
        page="/agencies/{{ $labels.agency }}",
    ),
    Alert(
        name="CertificateExpiresSoon",
        group="thuocdo-certificates",
        severity=Severity.WARNING,
        expr=_owned(_expiring(CERTIFICATE_SOON_DAYS)),
        labels=_OF_TARGET,
        hold="10m",
        vi=Texts(
            summary=f"Chứng thư số của {{{{ $labels.target }}}} sắp hết hạn (dưới {CERTIFICATE_SOON_DAYS} ngày)",
            description=_EXPIRES_VI,
        ),
        en=Texts(
            summary=f"The certificate of {{{{ $labels.target }}}} expires within {CERTIFICATE_SOON_DAYS} days",
            description=_EXPIRES_EN,
        ),
        dashboard="thuocdo-target",
        variables=("target",),
        page="/agencies/{{ $labels.agency }}",
    ),
    Alert(
        name="ErrorBudgetBurnFast",
        group="thuocdo-burning",
        severity=Severity.CRITICAL,
        expr=_owned(f"({_burning(FAST_BURN, '1h', '5m')})"),
        labels=_OF_TARGET,
        hold="2m",
        vi=Texts(
            summary="Cổng {{ $labels.target }} lỗi dồn dập",
            description="Trong một giờ qua, {{ $value | humanizePercentage }} số lần đo cổng {{ $labels.target }} bị "
            "lỗi và đến giờ vẫn lỗi. Nếu tiếp diễn, mức lỗi cho phép của cả tháng sẽ hết trong khoảng hai ngày.",
        ),
        en=Texts(
            summary="Portal {{ $labels.target }} fails again and again",
            description="Over the last hour {{ $value | humanizePercentage }} of the probes of {{ $labels.target }} "
            "failed, and they still do. At this pace the error budget of the month lasts about two days.",
        ),
        dashboard="thuocdo-incidents",
        variables=("target",),
        page="/agencies/{{ $labels.agency }}",
    ),
    Alert(
        name="ErrorBudgetBurnSlow",
        group="thuocdo-burning",
        severity=Severity.WARNING,
        expr=_owned(f"({_burning(SLOW_BURN, '1d', '2h')})"),
        labels=_OF_TARGET,
        hold="15m",
        vi=Texts(
            summary="Cổng {{ $labels.target }} lỗi lác đác kéo dài",
            description="Trong một ngày qua, {{ $value | humanizePercentage }} số lần đo cổng {{ $labels.target }} bị "
            "lỗi. Cứ đà này, mức lỗi cho phép của cả tháng sẽ hết trong khoảng mười ngày.",
        ),
        en=Texts(
            summary="Portal {{ $labels.target }} keeps failing now and then",
            description="Over the last day {{ $value | humanizePercentage }} of the probes of {{ $labels.target }} "
            "failed. At this pace the error budget of the month lasts about ten days.",
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
        expr="clamp_min(max by (target) (thuocdo_eform_session_expiry_timestamp_seconds) - time() "
        f"< {SESSION_SOON_HOURS} * 3600, 1)",
        labels=("target",),
        hold="10m",
        vi=Texts(
            summary="Phiên đăng nhập dùng để đo {{ $labels.target }} sắp hết hạn",
            description="Phiên đăng nhập còn hiệu lực {{ $value | humanizeDuration }}. Khi hết, biểu mẫu sau trang "
            "đăng nhập sẽ không đo được nữa. Hãy đăng nhập lại bằng tay và nạp phiên mới.",
        ),
        en=Texts(
            summary="The login session for measuring {{ $labels.target }} runs out",
            description="The session is valid for {{ $value | humanizeDuration }} more. After that the form behind the "
            "login cannot be measured. Log in by hand again and hand the new session over.",
        ),
        dashboard="thuocdo-target",
        variables=("target",),
        page="/",
    ),
    Alert(
        name="CoverageLow",
        group="thuocdo-coverage",
        severity=Severity.WARNING,
        # What was missed is told of the agent (ProbesMissed), once: not of each of its targets, and for a day longer.
        expr=f"({_UNCOVERED} - {_MISSED} or {_UNCOVERED}) > {1 - COVERAGE_LOW_RATIO:g} "
        "unless on (target) thuocdo_maintenance_active",
        labels=("target",),
        hold="1h",
        vi=Texts(
            summary="Nhiều lần đo {{ $labels.target }} không kết luận được",
            description="Trong một ngày qua, {{ $value | humanizePercentage }} số lần đo {{ $labels.target }} không "
            "cho biết cổng có hoạt động hay không, thường do bị tường lửa chặn. Điểm số không bị trừ, nhưng sự cố thật "
            "có thể bị bỏ sót.",
        ),
        en=Texts(
            summary="Many probes of {{ $labels.target }} are inconclusive",
            description="Over the last day {{ $value | humanizePercentage }} of the probes of {{ $labels.target }} "
            "could not tell whether it works, mostly because a firewall blocks us. No score suffers, but a real outage "
            "may go unseen.",
        ),
        dashboard="thuocdo-target",
        variables=("target",),
        page="/",
    ),
)
