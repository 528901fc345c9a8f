"""What lists of procedures cost: 10,000 rows taken from a workbook, and two of them compared."""

import io
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from statistics import median
from typing import TypeVar

from xlsxwriter import Workbook

from benchmarks.report import Figure, publish
from benchmarks.tables import heading, table
from thuocdo.catalogue.comparing import compare_lists
from thuocdo.catalogue.reading import ListBrought, read_list
from thuocdo.core.model import ListKind
from thuocdo.core.version import __version__

ROWS, TIMES = 10_000, 5
MUST_TAKE_SECONDS, MUST_COMPARE_SECONDS = 3.0, 1.0
NOW = datetime(2026, 12, 1, tzinfo=UTC)
HEADING = ("Mã số", "Tên", "Cơ quan ban hành", "Cơ quan thực hiện", "Lĩnh vực", "Mức độ", "Số quyết định", "Tình trạng")
WORDS = (
    "cấp",
    "đổi",
    "gia hạn",
    "thu hồi",
    "giấy phép",
    "chứng nhận",
    "đăng ký",
    "xác nhận",
    "hồ sơ",
    "kinh doanh",
    "đất đai",
)

Made = TypeVar("Made")


def workbook(other: int) -> bytes:
    """Return a list; each `other`th name and level is another one, 0 = none."""
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("Danh mục")
    sheet.merge_range(0, 0, 0, len(HEADING) - 1, "DANH SÁCH THỦ TỤC HÀNH CHÍNH")
    sheet.write_row(1, 0, HEADING)
    for number in range(ROWS):
        is_other = other and number % other == 0
        words = [WORDS[(number * step + step) % len(WORDS)] for step in (1, 3, 5, 7)]
        name = " ".join(["Thủ tục", *words, f"loại {number}", *(["khác hẳn", "tên trước"] if is_other else [])])
        level = "Một phần" if is_other else "Toàn trình"
        row = (
            f"1.{number:06d}",
            name,
            "Bộ Tư pháp",
            "UBND cấp xã\nSở Tư pháp",
            "Hộ tịch",
            level,
            f"{number}/QĐ-BTP",
            "Còn hiệu lực",
        )
        sheet.write_row(number + 2, 0, row)
    book.close()
    return out.getvalue()


def timed(work: Callable[[], Made]) -> tuple[float, Made]:
    """Return the median CPU seconds of some work, and what it gave."""
    taken = []
    for _ in range(TIMES):
        began = time.process_time()
        made = work()
        taken.append(time.process_time() - began)
    return median(taken), made


def main(_: Sequence[str] | None = None) -> None:
    """Measure and publish."""
    rows, figures, lists = [], [], []
    for owner, kind, other in (("national", ListKind.NATIONAL_LIST, 0), ("bo-tu-phap", ListKind.PORTAL_LIST, 20)):
        content = workbook(other)
        brought = ListBrought(
            name="a.xlsx",
            content=content,
            owner=owner,
            kind=kind,
            taken_on=date(2026, 11, 1),
            entered_by="An",
            received_at=NOW,
        )
        seconds, read = timed(partial(read_list, brought))
        lists.append(read.snapshot)
        rows.append([f"{ROWS} rows taken ({kind.value})", len(content) / 1e6, seconds])
        figures.append(Figure(figure=f"CPU s to take {ROWS} rows, {kind.value}", value=seconds, must=MUST_TAKE_SECONDS))
    national, portal = lists
    seconds, found = timed(lambda: compare_lists(portal, [national]))
    rows.append([f"compared: {len(found.differences)} differences", 0.0, seconds])
    figures.append(Figure(figure=f"CPU s to compare two lists of {ROWS}", value=seconds, must=MUST_COMPARE_SECONDS))
    print(heading("Lists of procedures", {"thuocdo": __version__}))
    print(table(("what", "MB", "CPU s"), rows))
    publish("catalogue", figures)


if __name__ == "__main__":
    main()
