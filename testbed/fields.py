"""The fields of simulated eForms: labels as on real declaration forms, in sections, 15 to 80 of them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from testbed.agencies import AGENCIES
from thuocdo.core.model import Block

SMALLEST, LARGEST = 15, 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """
    One field. kind: text, date, tel, email, number, textarea, file, checkbox, radio or select.

    choices: labels of a radio group. options: name of the option list of a select. labelled: False plants a barrier.
    """

    name: str
    label: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    options: str = ""
    labelled: bool = True

    @property
    def controls(self) -> int:
        """Number of controls on the page: one, or one per choice."""
        return len(self.choices) or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Fields under one heading."""

    title: str
    fields: tuple[Field, ...]


def _select(name: str, label: str, options: str, *, required: bool = False) -> Field:
    return Field(name=name, label=label, kind="select", options=options, required=required)


_PERSON = (
    Field(name="ho-ten", label="Họ, chữ đệm, tên", required=True),
    Field(name="ngay-sinh", label="Ngày, tháng, năm sinh", kind="date", required=True),
    Field(name="gioi-tinh", label="Giới tính", kind="radio", choices=("Nam", "Nữ"), required=True),
    Field(name="so-dinh-danh", label="Số định danh cá nhân", required=True),
    _select("tinh", "Tỉnh/Thành phố nơi thường trú", "tinh-thanh", required=True),
    _select("xa", "Phường/Xã/Đặc khu nơi thường trú", "phuong-xa", required=True),
    Field(name="dia-chi", label="Số nhà, đường, thôn/xóm"),
    Field(name="dien-thoai", label="Số điện thoại", kind="tel"),
    _select("dan-toc", "Dân tộc", "dan-toc"),
    _select("quoc-tich", "Quốc tịch", "quoc-tich"),
    Field(name="ngay-cap", label="Ngày cấp thẻ căn cước", kind="date"),
    _select("noi-cap", "Nơi cấp thẻ căn cước", "noi-cap"),
    Field(name="email", label="Thư điện tử", kind="email"),
)
_REQUEST = (
    Field(name="noi-dung", label="Nội dung đề nghị giải quyết", kind="textarea", required=True),
    _select("truong-hop", "Trường hợp giải quyết", "truong-hop", required=True),
    Field(name="so-ban", label="Số lượng bản sao đề nghị cấp", kind="number"),
    Field(name="quan-he", label="Quan hệ với người được đề nghị giải quyết"),
    Field(name="giay-to", label="Số giấy tờ liên quan"),
    Field(name="ngay-giay-to", label="Ngày cấp giấy tờ liên quan", kind="date"),
    Field(name="co-quan-cap", label="Cơ quan cấp giấy tờ liên quan"),
    Field(name="ghi-chu", label="Ghi chú", kind="textarea"),
)
_FILES = (
    Field(name="tep-to-khai", label="Tờ khai theo mẫu (PDF, tối đa 10 MB)", kind="file", required=True),
    Field(name="tep-giay-to", label="Giấy tờ chứng minh nơi cư trú", kind="file"),
    Field(name="tep-uy-quyen", label="Văn bản ủy quyền được chứng thực", kind="file"),
    Field(name="tep-khac", label="Giấy tờ khác", kind="file"),
)
_RESULT = (
    Field(
        name="nhan-ket-qua",
        label="Hình thức nhận kết quả",
        kind="radio",
        choices=("Trực tuyến", "Qua bưu chính công ích", "Tại Trung tâm Phục vụ hành chính công"),
        required=True,
    ),
    Field(name="dia-chi-nhan", label="Địa chỉ nhận kết quả"),
    Field(name="cam-doan", label="Tôi cam đoan những lời khai trên là đúng sự thật", kind="checkbox", required=True),
)
_PEOPLE = (
    ("nguoi-nop", "Thông tin người nộp hồ sơ"),
    ("nguoi-duoc", "Thông tin người được đề nghị giải quyết"),
    ("cha", "Thông tin người cha"),
    ("me", "Thông tin người mẹ"),
    ("nguoi-dai-dien", "Thông tin người đại diện"),
)

OPTION_LISTS: dict[str, tuple[str, ...]] = {
    "tinh-thanh": tuple(agency.name_vi for agency in AGENCIES if agency.block is Block.PROVINCE),
    "phuong-xa": tuple(
        f"Phường {name}" for name in ("An Bình", "Bình Minh", "Cẩm Lệ", "Đông Hải", "Hòa Xuân", "Kim Liên")
    )
    + tuple(
        f"Xã {name}" for name in ("Bắc Sơn", "Hòa Tiến", "Long Phú", "Nam Giang", "Tân Lập", "Thạnh Mỹ", "Yên Thành")
    ),
    "dan-toc": (
        "Kinh",
        "Tày",
        "Thái",
        "Hoa",
        "Khmer",
        "Mường",
        "Nùng",
        "Mông",
        "Dao",
        "Gia-rai",
        "Ê-đê",
        "Ba-na",
        "Chăm",
    ),
    "quoc-tich": ("Việt Nam", "Lào", "Campuchia", "Trung Quốc", "Hàn Quốc", "Nhật Bản", "Hoa Kỳ", "Pháp", "Đức"),
    "noi-cap": ("Bộ Công an", "Cục Cảnh sát quản lý hành chính về trật tự xã hội", "Công an cấp tỉnh"),
    "truong-hop": ("Giải quyết lần đầu", "Cấp lại do bị mất", "Cấp đổi do hư hỏng", "Điều chỉnh thông tin"),
}
"""Choices of the selects, by list name."""


def sections(
    count: int, *, unlabelled_inputs: int = 0, unlabelled_selects: int = 0, seed: int = 0
) -> tuple[Section, ...]:
    """
    Return a form of `count` fields (15..80), a radio group counting as one.

    unlabelled_inputs, unlabelled_selects: how many get no label that software can read.
    """
    if not SMALLEST <= count <= LARGEST:
        raise ValueError(f"an eForm of the testbed has {SMALLEST} to {LARGEST} fields, not {count}")
    left = count - len(_RESULT) - 2
    chosen: list[Section] = []
    for title, fields in _bodies():
        taken = fields[:left]
        left -= len(taken)
        if taken:
            chosen.append(Section(title=title, fields=taken))
    chosen.append(Section(title="Thành phần hồ sơ", fields=_FILES[: 2 + left]))
    chosen.append(Section(title="Hình thức nhận kết quả", fields=_RESULT))
    return _plant(chosen, {"input": unlabelled_inputs, "select": unlabelled_selects}, seed)


def _bodies() -> Iterator[tuple[str, tuple[Field, ...]]]:
    for index, (prefix, title) in enumerate(_PEOPLE):
        yield title, tuple(replace(field, name=f"{prefix}-{field.name}") for field in _PERSON)
        if index == 0:
            yield "Nội dung đề nghị", _REQUEST


def _plant(chosen: Sequence[Section], wanted: dict[str, int], seed: int) -> tuple[Section, ...]:
    names = {
        "input": [f.name for s in chosen for f in s.fields if f.kind in {"text", "tel", "date"}],
        "select": [f.name for s in chosen for f in s.fields if f.kind == "select"],
    }
    dice = random.Random(seed)
    bad = {name for kind, number in wanted.items() for name in dice.sample(names[kind], number)}
    return tuple(
        replace(section, fields=tuple(replace(f, labelled=f.name not in bad) for f in section.fields))
        for section in chosen
    )
