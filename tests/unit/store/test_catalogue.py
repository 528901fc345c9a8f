"""Lists of procedures in the store, on both engines."""

from dataclasses import replace
from datetime import UTC, date, datetime

from thuocdo.core.model import (
    CatalogueRow,
    CatalogueSnapshot,
    Explanation,
    LevelScheme,
    ListKind,
    OnlineLevel,
    ProcedureStatus,
)

NOW = datetime(2026, 12, 1, tzinfo=UTC)
ROW = CatalogueRow(
    code="1.001193", code_raw="1.001193.000.00.00.H01", name="Khai sinh", field="Hộ tịch", issuing="Bộ Tư pháp",
    executing=("UBND cấp xã",), executed_at="Cấp xã", level=OnlineLevel.FULL, level_raw="Mức độ 4",
    level_scheme=LevelScheme.OLD, decision="885/QĐ-BTP", status=ProcedureStatus.IN_FORCE, status_raw="Còn hiệu lực",
    reason="", where="Sheet1!3",
)  # fmt: skip
LIST = CatalogueSnapshot(
    owner="hue", kind=ListKind.PORTAL_LIST, taken_on=date(2026, 11, 1), digest="d", name="a.xlsx", entered_by="An",
    received_at=NOW, rows=(ROW,), declared_total=1,
)  # fmt: skip


def test_a_list_comes_back_as_it_was_and_is_kept_once(store):
    assert store.catalogue.add(LIST)
    assert not store.catalogue.add(replace(LIST, name="b.xlsx"))
    assert store.catalogue.of() == [LIST]


def test_lists_are_in_order_of_their_days(store):
    later = replace(LIST, taken_on=date(2026, 12, 1))
    other = replace(LIST, owner="national", kind=ListKind.NATIONAL_LIST)
    for one in (later, other, LIST):
        assert store.catalogue.add(one)
    assert store.catalogue.of("hue") == [LIST, later]
    assert store.catalogue.of("hue", ListKind.APPROVED_LIST) == []
    assert store.catalogue.of(kind=ListKind.NATIONAL_LIST) == [other]


def test_the_last_explanation_counts(store):
    first = Explanation(owner="hue", kind="missing", code="1.001193", text="Đang rà soát", entered_by="An", at=NOW)
    second = replace(first, text="Đã bổ sung")
    assert store.catalogue.explain([first, replace(first, code="1.001194")]) == 2
    assert store.catalogue.explain([second]) == 1
    assert store.catalogue.explanations("hue")["missing", "1.001193"] == second
    assert store.catalogue.explanations("da-nang") == {}
