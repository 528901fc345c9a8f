"""How long until a procedure's declaration form can be filled in; nothing is ever submitted."""

from thuocdo.core.kinds.kind import Better, DefaultCadence, Engine, Kind, Nature, Value, availability
from thuocdo.core.model import TargetRole

KIND = Kind(
    name="eform",
    vi="Mở biểu mẫu điện tử (eForm)",
    en="eForm",
    help="How long until a procedure's declaration form can be filled in; nothing is ever submitted",
    engine=Engine.BROWSER,
    roles=frozenset({TargetRole.EFORM}),
    deadline_seconds=25.0,
    cadence=DefaultCadence(every_seconds=1800, communes_every_seconds=86400, hours=("06:00", "23:00"), runs_in_round=3),
    tells_use=True,
    tells_steps=True,
    varying_attributes=("step_seconds",),
    values=(
        Value(
            name="entry_seconds",
            vi="Mở trang vào biểu mẫu",
            en="Entry usable",
            help="Time from the first navigation until the procedure's page, or the login before the form, can be used",
            nature=Nature.DURATION,
            bounds=(1.0, 2.0, 4.0, 8.0),
        ),
        Value(
            name="ready_seconds",
            vi="Biểu mẫu sẵn sàng nhập liệu",
            en="Form ready",
            help="Time from the last click or navigation that opens the form until all its fields can be used",
            nature=Nature.DURATION,
            main=True,
            ranked=True,
        ),
        Value(
            name="first_field_seconds",
            vi="Thời gian đến khi nhập được ô đầu tiên",
            en="Time until the first field can be used",
            help="Time from the click or navigation that opens the form until its first field can be used",
            nature=Nature.DURATION,
        ),
        Value(
            name="load_seconds",
            vi="Tải xong trang",
            en="Page loaded",
            help="Time from the same click or navigation until the load event; "
            "absent where the form came into a page that was there already",
            nature=Nature.DURATION,
        ),
        Value(
            name="fields",
            vi="Số ô nhập liệu",
            en="Fields",
            help="Fields a person can see and use, a group of radio buttons being one",
            nature=Nature.COUNT,
            better=Better.NEITHER,
        ),
        Value(
            name="required_fields",
            vi="Số ô bắt buộc",
            en="Required fields",
            help="Required fields among those that a person can see and use",
            nature=Nature.COUNT,
            better=Better.NEITHER,
        ),
        Value(
            name="typing_seconds",
            vi="Độ trễ lớn nhất khi gõ phím",
            en="Longest delay after a key press",
            help="Longest wait for the next frame after a key press, over some fields; tried where all evidence is taken",
            nature=Nature.DURATION,
            paint=True,
        ),
        Value(
            name="choosing_seconds",
            vi="Độ trễ lớn nhất khi chọn trong danh sách",
            en="Longest delay after a choice in a list",
            help="Longest wait for the next frame after another choice, over some lists; tried where all evidence is taken",
            nature=Nature.DURATION,
            paint=True,
        ),
        Value(
            name="session_expiry_timestamp_seconds",
            vi="Thời điểm phiên đăng nhập dùng để đo hết hạn",
            en="When the login session used for measuring runs out",
            help="Unix time at which the login session that was supplied for the portal runs out",
            nature=Nature.INSTANT,
            better=Better.HIGHER,
        ),
    ),
    ratios=(availability("Tỷ lệ mở được"),),
)
