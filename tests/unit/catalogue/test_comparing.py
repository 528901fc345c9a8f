"""In what two lists differ, class by class."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from thuocdo.catalogue.comparing import DifferenceKind, Weight, compare_lists, likeness
from thuocdo.core.model import CatalogueRow, CatalogueSnapshot, LevelScheme, ListKind, OnlineLevel, ProcedureStatus

NOW = datetime(2026, 12, 1, tzinfo=UTC)
NEW = LevelScheme.NEW


def row(number, name=None, **more):
    code = number if isinstance(number, str) else f"1.{number:06d}"
    return CatalogueRow(code=code, code_raw=code, name=name or f"Cấp giấy phép số {code}", where="2", **more)


def snapshot(*rows, kind=ListKind.PORTAL_LIST, on=date(2026, 11, 1), **more):
    owner = "national" if kind is ListKind.NATIONAL_LIST else "hue"
    return CatalogueSnapshot(
        owner=owner, kind=kind, taken_on=on, digest="d", name="a", entered_by="An", received_at=NOW, rows=rows, **more
    )


def national(*rows, **more):
    return snapshot(*rows, kind=ListKind.NATIONAL_LIST, **more)


def kinds(found):
    return [(one.kind, one.code) for one in found.differences]


def test_lists_that_say_the_same_differ_in_nothing():
    found = compare_lists(snapshot(row(1), row(2)), [national(row(1), row(2), row(3))])
    assert kinds(found) == []
    assert (found.listed, found.matched, found.of_national, found.of_approved) == (2, 2, 3, None)


def test_a_code_that_nobody_knows_and_one_of_another_form_are_to_be_verified():
    found = compare_lists(snapshot(row(1), row("C08_X")), [national(row(2))])
    assert kinds(found) == [(DifferenceKind.UNKNOWN_CODE, "1.000001"), (DifferenceKind.MALFORMED_CODE, "C08_X")]
    assert {one.weight for one in found.differences} == {Weight.TO_VERIFY}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("THỦ TỤC đăng ký khai sinh (cấp xã)", None),
        ("Đăng ký lại khai sinh", DifferenceKind.NAME_DIFFERS),
        ("Đăng ký khai sinh cho trẻ em có yếu tố nước ngoài tại khu vực biên giới cấp xã", DifferenceKind.NAME_DIFFERS),
    ],
)
def test_names_are_compared_without_brackets_and_the_word_procedure(name, kind):
    found = compare_lists(snapshot(row(1, name)), [national(row(1, "Đăng ký khai sinh"))])
    assert [one.kind for one in found.differences] == ([kind] if kind else [])


def test_a_name_that_is_written_a_little_otherwise_is_for_information():
    long = "Cấp giấy chứng nhận đủ điều kiện kinh doanh dịch vụ bảo vệ"
    found = compare_lists(snapshot(row(1, f"{long} mới")), [national(row(1, long))])
    assert [(one.kind, one.weight) for one in found.differences] == [(DifferenceKind.NAME_VARIANT, Weight.INFORMATION)]
    assert found.matched == 1


def test_the_order_of_words_does_not_count_but_other_words_do():
    assert likeness("Khai sinh đăng ký", "đăng ký khai sinh") == 1.0
    assert likeness("Khai tử", "Khai sinh") == 0.5
    assert likeness("(a)", "(b)") == 1.0


def test_levels_are_compared_as_sets_of_all_services_of_a_code():
    full, part = (row(1, level=level, level_scheme=NEW) for level in (OnlineLevel.FULL, OnlineLevel.PARTIAL))
    found = compare_lists(snapshot(full), [national(part)])
    assert [(one.kind, one.portal, one.reference) for one in found.differences] == [
        (DifferenceKind.LEVEL_DIFFERS, "full", "partial")
    ]
    assert DifferenceKind.LEVEL_DIFFERS not in compare_lists(snapshot(full, part), [national(part, full)]).counts
    assert kinds(compare_lists(snapshot(full), [national(row(1))])) == []  # an unknown level differs from none
    assert compare_lists(snapshot(full, part), [national(row(1))]).levels == {OnlineLevel.PARTIAL: 1}


def test_a_code_twice_is_told_once():
    assert kinds(compare_lists(snapshot(row(1), row(1)), [national(row(1))])) == [
        (DifferenceKind.DUPLICATE, "1.000001")
    ]


def test_what_the_national_list_calls_expired_is_a_finding():
    gone = row(1, status=ProcedureStatus.EXPIRED, status_raw="Hết hiệu lực")
    found = compare_lists(snapshot(row(1)), [national(row(1)), national(gone)])
    assert kinds(found) == [(DifferenceKind.EXPIRED_SHOWN, "1.000001")]
    young = compare_lists(snapshot(row(1)), [national(row(1)), national(gone)], is_in_grace=True)
    assert kinds(young) == [(DifferenceKind.PENDING, "1.000001")]
    known = compare_lists(snapshot(row(1)), [national(gone), national(gone)], is_in_grace=True)
    assert kinds(known) == [(DifferenceKind.EXPIRED_SHOWN, "1.000001")]  # it was so before the new list


def test_what_is_gone_from_two_complete_lists_has_expired_and_from_one_is_only_not_known():
    was, without = national(row(1), row(2)), national(row(2))
    assert kinds(compare_lists(snapshot(row(1), row(2)), [was, without, without])) == [
        (DifferenceKind.EXPIRED_SHOWN, "1.000001")
    ]
    assert kinds(compare_lists(snapshot(row(1), row(2)), [was, without])) == [(DifferenceKind.UNKNOWN_CODE, "1.000001")]
    part = replace(without, is_truncated=True)
    assert kinds(compare_lists(snapshot(row(1), row(2)), [was, part, part])) == [
        (DifferenceKind.UNKNOWN_CODE, "1.000001")
    ]


def test_what_the_agencys_own_list_has_is_missing():
    approved = snapshot(row(1), row(2), kind=ListKind.APPROVED_LIST)
    found = compare_lists(snapshot(row(1)), [national(row(1), row(2), row(3))], approved=approved)
    assert kinds(found) == [(DifferenceKind.MISSING, "1.000002")]
    assert found.of_approved == 2


def test_what_stood_there_before_and_is_in_force_is_missing():
    found = compare_lists(snapshot(row(1)), [national(row(1), row(2))], before=snapshot(row(1), row(2), row(3)))
    assert kinds(found) == [(DifferenceKind.MISSING, "1.000002")]


def test_of_a_part_nothing_is_missing():
    approved = snapshot(row(1), row(2), kind=ListKind.APPROVED_LIST)
    for part in (snapshot(row(1), is_truncated=True), snapshot(row(1), declared_total=7)):
        assert kinds(compare_lists(part, [national(row(1), row(2))], approved=approved)) == []


def test_what_only_the_national_list_calls_the_agencys_is_to_be_verified():
    mine = row(2, issuing="Bộ Tư pháp", executing=("Sở Tư pháp", "Bộ Tư pháp"))
    other = row(3, issuing="Bộ Xây dựng")
    found = compare_lists(snapshot(row(1)), [national(row(1), mine, other)], called=["Bộ Tư pháp"])
    assert kinds(found) == [(DifferenceKind.MISSING_UNVERIFIED, "1.000002")]
    news = compare_lists(
        snapshot(row(1)), [national(row(1)), national(row(1), mine)], called=["Bộ Tư pháp"], is_in_grace=True
    )
    assert kinds(news) == [(DifferenceKind.PENDING, "1.000002")]


def test_a_part_that_is_online_needs_its_reason_since_july_where_the_list_gives_any():
    part, with_reason = (row(n, level=OnlineLevel.PARTIAL, level_scheme=NEW) for n in (1, 2))
    reasoned = replace(with_reason, reason="Phải kiểm tra thực địa")
    known = national(row(1), row(2))
    assert kinds(compare_lists(snapshot(part, reasoned), [known])) == [
        (DifferenceKind.PARTIAL_WITHOUT_REASON, "1.000001")
    ]
    assert kinds(compare_lists(snapshot(part, with_reason), [known])) == []
    assert kinds(compare_lists(snapshot(part, reasoned, on=date(2026, 6, 30)), [known])) == []


def test_another_field_is_for_information():
    found = compare_lists(snapshot(row(1, field="Hộ tịch")), [national(row(1, field="Quốc tịch"))])
    assert [(one.kind, one.weight) for one in found.differences] == [(DifferenceKind.FIELD_DIFFERS, Weight.INFORMATION)]
