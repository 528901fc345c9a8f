"""What becomes of a half-filled form when the line is gone for 20 seconds; nothing is ever submitted."""

from thuocdo.core.kinds.kind import Better, DefaultCadence, Engine, Kind, Nature, Value, availability
from thuocdo.core.model import TargetRole

KIND = Kind(
    name="resilience",
    vi="Khi mất sóng",
    en="When the line is lost",
    help="What becomes of a half-filled form when the line is gone for 20 seconds; nothing is ever submitted",
    engine=Engine.BROWSER,
    roles=frozenset({TargetRole.EFORM}),
    deadline_seconds=70.0,
    cadence=DefaultCadence(every_seconds=86400, hours=("09:00", "16:00")),
    timed=False,
    needs_mandate=True,
    values=(
        Value(
            name="survived_ratio",
            vi="Biểu mẫu còn nguyên sau khi mất sóng",
            en="The form survives a lost line",
            help="Whether the form was still there and answered when the line came back: 1 or 0",
            nature=Nature.SHARE,
            better=Better.HIGHER,
        ),
        Value(
            name="values_kept_ratio",
            vi="Tỷ lệ nội dung đã nhập còn giữ được",
            en="Share of typed values that are kept",
            help="Share of the typed values that were still there, 0..1",
            nature=Nature.SHARE,
            better=Better.HIGHER,
            main=True,
        ),
        Value(
            name="told_ratio",
            vi="Trang có báo mất kết nối",
            en="The page says that the line is lost",
            help="Whether the page said that the line was gone: 1 or 0",
            nature=Nature.SHARE,
            better=Better.HIGHER,
        ),
        Value(
            name="recovery_seconds",
            vi="Thời gian kết nối lại với máy chủ",
            en="Time until the server is reached again",
            help="Time from the line's return until the page got an answer again, which the prober gives; nothing leaves",
            nature=Nature.DURATION,
        ),
    ),
    ratios=(availability("Tỷ lệ lần thử có kết quả", "Share of tries that came to a result"),),
)
