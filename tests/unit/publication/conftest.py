"""A made-up round of three days as a package is made of it, and the same with all that people add."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from benchmarks.made_up_round import MadeUpRound, made_up_content
from thuocdo.core.model import Assessment
from thuocdo.publication.content import ReportedObjection, ReportedOverruling, RoundContent
from thuocdo.publication.tables import filled_tables
from thuocdo.store import Store


@pytest.fixture(scope="session")
def content(tmp_path_factory: pytest.TempPathFactory) -> RoundContent:
    """Eight ministries and eight provinces; a draft of simulated figures, issued by the made-up body."""
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('round')}/store.sqlite") as store:
        return made_up_content(store, MadeUpRound(agencies=8, days=3))


@pytest.fixture(scope="session")
def whole(content: RoundContent) -> RoundContent:
    """The same with points by hand, two objections and what it was published in spite of."""
    first, second, *_ = content.members
    return replace(
        content,
        assessments=[
            Assessment(
                agency_id=first,
                criteria_set_id="survey-2023",
                criterion_id="functions-by-hand",
                points=80.0,
                entered_by="Trần Thị Lan",
                entered_at=datetime(2026, 10, 9, 3, tzinfo=UTC),
                evidence_sha256="ab" * 32,
                round_id=content.round.id,
            )
        ],
        objections=[
            ReportedObjection(
                number="01/YK",
                agency_id=first,
                target="Trang chủ",
                kind="Bảo trì đã thông báo",
                claim="=Cổng bảo trì đêm 06/10",
                decision="Chấp nhận một phần",
                reason="Có thông báo trước 3 ngày",
                days=4,
                accepted=True,
            ),
            ReportedObjection(
                number="02/YK", agency_id=second, target="", kind="Giá trị đo", claim="Số đo cao", decision="Không chấp nhận",
                reason="Đã đo lại", days=7, accepted=False,
            ),
            ReportedObjection(number="03/YK", agency_id=second, target="", kind="Phương pháp", claim="Xem lại thang điểm"),
        ],
        overrulings=[
            ReportedOverruling(
                obstacle="Độ phủ dưới kế hoạch", by="Lê Văn Bình", on=date(2026, 10, 20), reason="Hai trạm đo mất điện."
            )
        ],
        reply_days=10,
    )  # fmt: skip


@pytest.fixture(scope="session")
def tables(whole: RoundContent):
    return filled_tables(whole)


@pytest.fixture(scope="session")
def a_burst(tmp_path_factory: pytest.TempPathFactory) -> RoundContent:
    """A round of one day, of which no order can be told."""
    with Store.open(f"sqlite:///{tmp_path_factory.mktemp('burst')}/store.sqlite") as store:
        return made_up_content(store, MadeUpRound(agencies=7, days=1))
