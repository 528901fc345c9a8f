"""Alerts about portals: an agency's own go to its team (label owner), those of many portals to the central team."""

from dashboards.alert import Alert, Severity, Texts
from dashboards.filling import DURATION, START
from dashboards.recording import unexplained_increase, unexplained_ratio

_INFO = "max by (target, owner, agency, block, family) (thuocdo_target_info)"
_OF_TARGET = ("target", "owner", "agency", "block", "family")

_OF_ITSELF = "scope='target',target='{{ $labels.target }}'"

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

FAST_LEAST = 4
SLOW_LEAST = 10
"""Failures that it takes: a portal that is probed every five minutes has spent its share with the first one."""

_OUTAGES = "PortalDown|PortalBroken|PortalReplaced|PortalFlapping"
"""Who was told of one of these knows that something is wrong."""

_FAST, _SLOW = "ErrorBudgetBurnFast", "ErrorBudgetBurnSlow"

_MAINTAINED = "thuocdo_maintenance_active"

_JUDGED_ANEW = "5m"
"""After planned maintenance: some probes, and what docs/operations.md reckons from a probe to a notice."""

_TOLD_FOR = "1m"
"""As long as the end of an incident is exported (thuocdo/web/watch.py)."""

_UNSEEN = (
    "max by (target) (thuocdo_measurement_outcome"
    '{kind="http",reason=~"blocked|captcha|login_required|redirected_elsewhere"}) > 0'
)
"""Who is kept out says nothing of a portal; the owner is the one who can let him in. Whatever is seen in between ends it."""

_UNCOVERED = 'max by (target) (1 - thuocdo_target_coverage_ratio{window="1d"})'
_MISSED = 'max by (target) (thuocdo_target_missed_ratio{window="1d"})'


def _with_info(expr: str) -> str:
    """Return a query by target with the labels that say whose target it is."""
    return f"{expr} * on (target) group_left (owner, agency, block, family) {_INFO}"


def _owned(expr: str) -> str:
    """Return a query by target with the labels that say whose target it is; in planned maintenance nobody is told."""
    return _with_info(f"({expr} unless on (target) thuocdo_maintenance_active)")


def _lasting(by: str, matchers: str) -> str:
    """Return how many seconds open incidents have lasted; at least 1, since clocks may disagree."""
    return f"clamp_min(time() - min by ({by}) ({START}{{{matchers}}}), 1)"


def _told(name: str, by: str, state: str) -> str:
    """
    Return what the alert of an incident stands for: seconds that incidents of a state last.

    An alert that stands is held a minute longer when its incident ends, or planned maintenance begins: only so do its texts,
    which are made while it holds, tell the true end and length, and why nothing more is said. No alert begins with that.
    """
    scope = f'scope="{by}"'
    lasting = _lasting(by, f'{scope},state="{state}"')
    over = f"clamp_min(max by ({by}) ({DURATION}{{{scope}}}), 1)"
    quiet = lasting
    if by == "target":
        over = (
            f"{over} or {lasting} and on (target) ({_MAINTAINED} unless on (target) {_MAINTAINED} offset {_TOLD_FOR})"
        )
        # What lasted before the maintenance is judged anew afterwards: until then nobody knows.
        quiet = f"{lasting} unless on (target) max_over_time({_MAINTAINED}[{_JUDGED_ANEW}])"
    return f"({quiet} or ({over}) and on ({by}) {_firing(name)})"


def _burning(name: str, factor: float, long: str, short: str, least: int) -> str:
    """
    Return targets that spend their error budget by what no incident explains, at least so many times too fast.

    Over a long window and still lately, and by so many failures at least: where little was measured, one is a large share. What
    was told within the long window is not told again, nor anything to somebody who has just been told of an outage; nothing
    begins while something stands that would keep it unsaid, or it would be said once that is over.
    """
    limit = f"{factor:g} * (1 - scalar(max(thuocdo_objective_ratio)))"
    # Half of one less: what a window holds is reckoned to its edges.
    enough = f"{unexplained_increase(long)} > {least - 0.5:g}"
    recent = long if name == _FAST else short
    told = f'max_over_time({_firing(name)}[{long}]) unless on (target) ALERTS{{alertname="{name}"}}'
    if name == _SLOW:
        told = f"max_over_time({_firing(_FAST)}[{long}]) or {told}"
    burning = (
        f"({unexplained_ratio(long)} > {limit} and {unexplained_ratio(short)} > {limit} and {enough} "
        f"unless on (target) ({told}) "
        f"unless on (target) max_over_time({_firing(_OUTAGES)}[{recent}]) "
        f"unless on () {_firing('VantageDown')})"
    )
    return f"{_owned(burning)} unless on (family) {_firing('FamilyDown')}"


def _firing(names: str) -> str:
    """Return the alerts of these names that stand now; names: joined by |."""
    return f'ALERTS{{alertname=~"{names}",alertstate="firing"}}'


def _expiring(days: int) -> str:
    """Return seconds until certificates end; while a portal is down its last certificate counts."""
    left = "min by (target) (last_over_time(probe_ssl_earliest_cert_expiry[1d])) - time()"
    # 1 for what has expired already: an alert's value is above 0.
    return f"clamp_min({left} < {days} * 86400, 1)"


_EXPIRES_VI = "Chứng thư số còn hạn <length>. Khi hết hạn, trình duyệt sẽ chặn người dân truy cập."
_EXPIRES_EN = "The certificate is valid for <length> more. Once it has expired, browsers keep citizens out."

PORTAL_ALERTS: tuple[Alert, ...] = (
    Alert(
        name="PortalDown",
        group="thuocdo-incidents",
        severity=Severity.CRITICAL,
        expr=_with_info(_told("PortalDown", "target", "down")),
        labels=_OF_TARGET,
        keep=_KEEP,
        about=_OF_ITSELF,
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
        dashboard="thuocdo-target",
        variables=("target",),
        page="/incidents?agency={{ $labels.agency }}",
    ),
    Alert(
        name="PortalBroken",
        group="thuocdo-incidents",
        severity=Severity.CRITICAL,
        expr=_with_info(_told("PortalBroken", "target", "broken")),
        labels=_OF_TARGET,
        keep=_KEEP,
        about=_OF_ITSELF,
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
        dashboard="thuocdo-target",
        variables=("target",),
        page="/incidents?agency={{ $labels.agency }}",
    ),
    Alert(
        name="PortalReplaced",
        group="thuocdo-incidents",
        severity=Severity.CRITICAL,
        expr=_with_info(_told("PortalReplaced", "target", "replaced")),
        labels=_OF_TARGET,
        keep=_KEEP,
        about=_OF_ITSELF,
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
        dashboard="thuocdo-target",
        variables=("target",),
        page="/incidents?agency={{ $labels.agency }}",
    ),
    Alert(
        name="PortalFlapping",
        group="thuocdo-incidents",
        severity=Severity.CRITICAL,
        expr=_with_info(_told("PortalFlapping", "target", "flapping")),
        labels=_OF_TARGET,
        keep=_KEEP,
        about=_OF_ITSELF,
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
        dashboard="thuocdo-target",
        variables=("target",),
        page="/incidents?agency={{ $labels.agency }}",
    ),
    Alert(
        name="PortalDegraded",
        group="thuocdo-incidents",
        severity=Severity.WARNING,
        expr=_with_info(_told("PortalDegraded", "target", "degraded")),
        labels=_OF_TARGET,
        keep=_KEEP,
        about=_OF_ITSELF,
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
        dashboard="thuocdo-target",
        variables=("target",),
        page="/incidents?agency={{ $labels.agency }}",
    ),
    Alert(
        name="FamilyDown",
        group="thuocdo-incidents",
        severity=Severity.CRITICAL,
        expr=_told("FamilyDown", "family", "down"),
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
        group="thuocdo-incidents",
        severity=Severity.CRITICAL,
        expr=_told("VantageDown", "vantage", "down"),
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
    Alert(
        name="CertificateExpiresVerySoon",
        group="thuocdo-certificates",
        severity=Severity.CRITICAL,
        expr=_owned(_expiring(CERTIFICATE_VERY_SOON_DAYS)),
        labels=_OF_TARGET,
        hold="10m",
        vi=Texts(
            summary=f"<portal>: chứng thư số hết hạn trong chưa đầy {CERTIFICATE_VERY_SOON_DAYS} ngày",
            description=_EXPIRES_VI,
        ),
        en=Texts(
            summary=f"<portal>: the certificate expires within {CERTIFICATE_VERY_SOON_DAYS} days",
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
            summary=f"<portal>: chứng thư số sắp hết hạn (dưới {CERTIFICATE_SOON_DAYS} ngày)",
            description=_EXPIRES_VI,
        ),
        en=Texts(
            summary=f"<portal>: the certificate expires within {CERTIFICATE_SOON_DAYS} days",
            description=_EXPIRES_EN,
        ),
        dashboard="thuocdo-target",
        variables=("target",),
        page="/agencies/{{ $labels.agency }}",
    ),
    Alert(
        name=_FAST,
        group="thuocdo-burning",
        severity=Severity.CRITICAL,
        expr=_burning(_FAST, FAST_BURN, "1h", "5m", FAST_LEAST),
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
        name=_SLOW,
        group="thuocdo-burning",
        severity=Severity.WARNING,
        expr=_burning(_SLOW, SLOW_BURN, "1d", "2h", SLOW_LEAST),
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
        expr="clamp_min(max by (target) (thuocdo_eform_session_expiry_timestamp_seconds) - time() "
        f"< {SESSION_SOON_HOURS} * 3600, 1)",
        labels=("target",),
        hold="10m",
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
        expr=_owned(_UNSEEN),
        labels=_OF_TARGET,
        hold="20m",
        keep="5m",
        vi=Texts(
            summary="<portal>: máy đo bị chặn hoặc cổng đổi hướng",
            description="Từ hai mươi phút nay máy đo chỉ gặp tường lửa, captcha, trang đăng nhập hoặc bị đưa sang cổng khác, nên "
            "không biết cổng có hoạt động hay không. Đây chưa phải sự cố của cổng và không bị trừ điểm.",
        ),
        en=Texts(
            summary="<portal>: the prober is kept out, or led elsewhere",
            description="For twenty minutes the prober has met nothing but a firewall, a captcha, a login, or another portal, so "
            "nobody knows whether this one works. It is no outage, and no score suffers.",
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
        expr=f"({_UNCOVERED} - {_MISSED} or {_UNCOVERED}) > {1 - COVERAGE_LOW_RATIO:g} "
        "unless on (target) thuocdo_maintenance_active",
        labels=("target",),
        hold="1h",
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
