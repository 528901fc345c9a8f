"""Alerts about ourselves: they go to the central team."""

from dashboards.alert import Alert, Severity, Texts

_OF_AGENT = ("agent", "vantage")

SILENT_SECONDS = 60
"""An agent gives a sign of life every 5 s."""

JUDGE_SILENT_SECONDS = 120
"""The judge runs every 10 s."""

RANKING_DUE_SECONDS = 7200
"""A ranking is computed within minutes of when it is due; only of tens of millions of rows it takes longer."""

UNSAVED_LIMIT = 200
"""More than all portals together give in a minute."""

CLOCK_OFFSET_SECONDS = 0.1
SATURATED_RATIO = 0.2
MISSED_RATIO = 0.05
MISSED_LEAST = 2
BROWSER_RESTARTS = 3
PROCESS_RESTARTS = 5
"""In a quarter of an hour: one that dies as it starts does so six times within a minute, one that was killed once does not."""

_SILENT_JUDGE = f"max(time() - thuocdo_judge_last_run_timestamp_seconds) > {JUDGE_SILENT_SECONDS}"
_NO_JUDGE = "absent(thuocdo_judge_last_run_timestamp_seconds) unless on () absent(thuocdo_build_info)"


def _share(part: str, whole: str) -> str:
    return f"sum by (agent, vantage) (rate({part}[15m])) / sum by (agent, vantage) ({whole})"


def _by_kind(how: str, counter: str) -> str:
    return f"sum by (agent, vantage, kind) ({how}(thuocdo_agent_kind_{counter}_total[30m]))"


PROBER_ALERTS: tuple[Alert, ...] = (
    Alert(
        name="Watchdog",
        group="thuocdo-prober",
        severity=Severity.NONE,
        expr="vector(1)",
        vi=Texts(
            summary="Hệ thống cảnh báo vẫn hoạt động",
            description="Cảnh báo này luôn bật và được gửi đều đặn tới bên nhận tín hiệu sống. Chỉ khi KHÔNG còn nhận "
            "được nó mới là sự cố: đường cảnh báo đã đứt ở Prometheus, Alertmanager hoặc mạng.",
        ),
        en=Texts(
            summary="The alerting pipeline works",
            description="This alert always fires and is sent to a dead man's switch. Its ABSENCE is the fault: the "
            "pipeline is broken in Prometheus, in Alertmanager or in the network.",
        ),
    ),
    Alert(
        name="ProberAbsent",
        group="thuocdo-prober",
        severity=Severity.CRITICAL,
        expr="absent(thuocdo_build_info)",
        hold="1m",
        vi=Texts(
            summary="Không còn số liệu nào từ Thước Đo",
            description="Prometheus không đọc được /metrics của Thước Đo. Từ lúc này không sự cố nào của các cổng được "
            "báo nữa.",
        ),
        en=Texts(
            summary="No metrics from Thước Đo",
            description="Prometheus cannot scrape /metrics of Thước Đo. Until it can, no outage of any portal is reported.",
        ),
    ),
    Alert(
        name="AgentSilent",
        group="thuocdo-prober",
        severity=Severity.CRITICAL,
        expr=f"time() - max by (agent, vantage) (thuocdo_agent_last_seen_timestamp_seconds) > {SILENT_SECONDS}",
        labels=_OF_AGENT,
        hold="1m",
        vi=Texts(
            summary="Tiến trình đo {{ $labels.agent }} ở điểm đo {{ $labels.vantage }} không còn tín hiệu",
            description="Đã <length> không có tín hiệu từ tiến trình đo {{ $labels.agent }} ở "
            "điểm đo {{ $labels.vantage }}. Phần việc của nó không được đo.",
        ),
        en=Texts(
            summary="Agent {{ $labels.agent }} at vantage point {{ $labels.vantage }} is silent",
            description="For <length> agent {{ $labels.agent }} at vantage point "
            "{{ $labels.vantage }} has given no sign of life. What it does is not measured.",
        ),
    ),
    Alert(
        name="MeasurementsOverdue",
        group="thuocdo-prober",
        severity=Severity.CRITICAL,
        expr="time() - max by (vantage) (thuocdo_vantage_last_measurement_timestamp_seconds) "
        "> on (vantage) max by (vantage) (thuocdo_vantage_silence_limit_seconds)",
        labels=("vantage",),
        hold="1m",
        vi=Texts(
            summary="Điểm đo {{ $labels.vantage }} không có kết quả đo mới",
            description="Kết quả mới nhất của điểm đo {{ $labels.vantage }} đã cách đây <length>, quá năm chu kỳ đo. Các tiến "
            "trình đo có thể vẫn báo tín hiệu sống nhưng không đo gì, hoặc kết quả không tới được kho.",
        ),
        en=Texts(
            summary="Vantage point {{ $labels.vantage }} gives no new measurements",
            description="The newest measurement of vantage point {{ $labels.vantage }} is <length> old, more than five cadences. "
            "Its agents may give signs of life and measure nothing, or what they measure does not reach the store.",
        ),
    ),
    Alert(
        name="ProcessRestarts",
        group="thuocdo-prober",
        severity=Severity.WARNING,
        expr=f"max by (process) (increase(thuocdo_process_restarts_total[15m])) > {PROCESS_RESTARTS}",
        labels=("process",),
        vi=Texts(
            summary="Tiến trình {{ $labels.process }} liên tục phải khởi động lại",
            description="Trong mười lăm phút qua tiến trình {{ $labels.process }} đã phải khởi động lại khoảng <count> lần. Phần "
            "việc của nó bị gián đoạn cho tới khi nó chạy ổn định.",
        ),
        en=Texts(
            summary="Process {{ $labels.process }} has to be started again and again",
            description="Within fifteen minutes process {{ $labels.process }} was started anew about <count> times. What it does "
            "is interrupted until it stays up.",
        ),
    ),
    Alert(
        name="JudgeStalled",
        group="thuocdo-prober",
        severity=Severity.CRITICAL,
        expr=f"{_SILENT_JUDGE} or ({_NO_JUDGE})",
        hold="1m",
        vi=Texts(
            summary="Bộ phận phán định sự cố ngừng làm việc",
            description="Kết quả đo vẫn có thể đang được ghi nhưng không ai phán định: sự cố mới không được mở, sự cố "
            "cũ không được đóng.",
        ),
        en=Texts(
            summary="Incidents are not judged any more",
            description="Measurements may still be stored, but nobody judges them: no incident is opened, and none is "
            "ended.",
        ),
    ),
    Alert(
        name="RankingOverdue",
        group="thuocdo-prober",
        severity=Severity.WARNING,
        expr="time() - max by (criteria_set) (thuocdo_ranking_due_timestamp_seconds) > " + str(RANKING_DUE_SECONDS),
        labels=("criteria_set",),
        hold="5m",
        vi=Texts(
            summary="Bảng xếp hạng theo bộ tiêu chí {{ $labels.criteria_set }} đã quá hạn tính lại",
            description="Bảng xếp hạng lẽ ra phải được tính từ <length> trước. Trang web vẫn hiển thị "
            "bảng cũ, hoặc chưa có bảng nào để hiển thị.",
        ),
        en=Texts(
            summary="The ranking by criteria set {{ $labels.criteria_set }} is overdue",
            description="The ranking has been due to be computed for <length>. Pages still show the old "
            "one, or none at all.",
        ),
    ),
    Alert(
        name="AgentSaturated",
        group="thuocdo-prober",
        severity=Severity.WARNING,
        expr=_share("thuocdo_agent_saturated_probes_total", "rate(thuocdo_agent_probes_total[15m])")
        + f" > {SATURATED_RATIO}",
        labels=_OF_AGENT,
        hold="10m",
        vi=Texts(
            summary="Máy đo ở điểm đo {{ $labels.vantage }} quá tải",
            description="<share> số lần đo của tiến trình {{ $labels.agent }} diễn ra lúc "
            "máy quá tải; thời gian của các lần này bị loại khỏi điểm số.",
        ),
        en=Texts(
            summary="The prober at vantage point {{ $labels.vantage }} is too busy",
            description="<share> of the probes of agent {{ $labels.agent }} fell on a busy "
            "machine; their times take no part in scores.",
        ),
    ),
    Alert(
        name="ProbesMissed",
        group="thuocdo-prober",
        severity=Severity.WARNING,
        # Of a kind that is due a few times a day, one that was missed is a large share and no matter.
        expr=f"{_by_kind('rate', 'missed')} / {_by_kind('rate', 'due')} > {MISSED_RATIO} "
        f"and {_by_kind('increase', 'missed')} > {MISSED_LEAST}",
        labels=(*_OF_AGENT, "kind"),
        hold="10m",
        vi=Texts(
            summary="Điểm đo {{ $labels.vantage }} bỏ lỡ nhiều phép đo {{ $labels.kind }}",
            description="<share> số phép đo {{ $labels.kind }} của tiến trình {{ $labels.agent }} đến "
            "giờ mà không kịp bắt đầu nên bị bỏ: lịch đo vượt sức của máy này. Đây không phải lỗi của các cổng, chỉ có độ phủ "
            "bị giảm. Hãy bớt đối tượng đo hoặc giãn lịch, tăng `browser.cpu_share` nếu là phép đo bằng trình duyệt, hoặc dùng "
            "máy mạnh hơn.",
        ),
        en=Texts(
            summary="Vantage point {{ $labels.vantage }} misses many probes of kind {{ $labels.kind }}",
            description="<share> of the {{ $labels.kind }} probes of agent {{ $labels.agent }} were "
            "due and could not be started in time: the schedule asks for more than this machine can do. No portal is to blame, "
            "only coverage falls. Measure fewer targets or less often, raise `browser.cpu_share` where it is a browser's "
            "probes, or use a stronger machine.",
        ),
    ),
    Alert(
        name="BrowserRestarts",
        group="thuocdo-prober",
        severity=Severity.WARNING,
        expr=f"sum by (agent, vantage) (increase(thuocdo_agent_browser_restarts_total[1h])) > {BROWSER_RESTARTS}",
        labels=_OF_AGENT,
        vi=Texts(
            summary="Trình duyệt ở điểm đo {{ $labels.vantage }} liên tục phải khởi động lại",
            description="Trong một giờ qua trình duyệt đã phải khởi động lại khoảng <count> lần, "
            "thường do thiếu bộ nhớ.",
        ),
        en=Texts(
            summary="The browser at vantage point {{ $labels.vantage }} has to be started again and again",
            description="Within the last hour the browser was started anew about <count> times, mostly "
            "for lack of memory.",
        ),
    ),
    Alert(
        name="StoreBacklog",
        group="thuocdo-prober",
        severity=Severity.CRITICAL,
        expr=f"max by (agent, vantage) (thuocdo_agent_unsaved_measurements) > {UNSAVED_LIMIT}",
        labels=_OF_AGENT,
        hold="5m",
        vi=Texts(
            summary="Kết quả đo ở điểm đo {{ $labels.vantage }} không ghi kịp vào kho",
            description="Tiến trình {{ $labels.agent }} đang giữ <count> kết quả trong bộ nhớ vì kho "
            "dữ liệu không nhận kịp. Nếu máy tắt lúc này, các kết quả đó sẽ mất.",
        ),
        en=Texts(
            summary="Measurements at vantage point {{ $labels.vantage }} are not stored in time",
            description="Agent {{ $labels.agent }} holds <count> measurements in memory, because the "
            "store does not take them. They are lost if the machine goes down now.",
        ),
    ),
    Alert(
        name="ClockOffset",
        group="thuocdo-prober",
        severity=Severity.WARNING,
        expr=f"max by (agent, vantage) (abs(thuocdo_agent_clock_offset_seconds)) > {CLOCK_OFFSET_SECONDS}",
        labels=_OF_AGENT,
        hold="5m",
        vi=Texts(
            summary="Đồng hồ máy đo ở điểm đo {{ $labels.vantage }} chạy sai",
            description="Đồng hồ lệch <length>. Thời điểm ghi trong kết quả đo và trong sự cố không còn chính xác.",
        ),
        en=Texts(
            summary="The clock at vantage point {{ $labels.vantage }} is wrong",
            description="The clock is off by <length>. Instants in measurements and incidents are not exact any more.",
        ),
    ),
    Alert(
        name="ConfigReloadFailed",
        group="thuocdo-prober",
        severity=Severity.WARNING,
        # 1 where it failed: an alert's value is above 0.
        expr="1 - min(thuocdo_config_last_reload_successful) > 0",
        vi=Texts(
            summary="Tệp cấu hình mới có lỗi nên chưa được áp dụng",
            description="Lần nạp lại cấu hình gần nhất thất bại; Thước Đo vẫn dùng bản cũ.<mistakes> Chạy `thuocdo config "
            "check` để xem mọi lỗi.",
        ),
        en=Texts(
            summary="The new configuration has mistakes and is not in force",
            description="The last reload failed; Thước Đo still uses what was in force before.<mistakes> `thuocdo config "
            "check` names every mistake.",
        ),
    ),
)
