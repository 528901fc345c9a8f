"""An agency with three units, and tables as offices make them."""

import io
from datetime import UTC, date, datetime

import pytest
from openpyxl import Workbook

from thuocdo.core.model import Agency, Block
from thuocdo.declared.taking import Brought, take
from thuocdo.declared.units import AgencyUnit, DeclaringAgency, Goal, GoalSide

NOW = datetime(2026, 11, 5, 3, 0, tzinfo=UTC)


def unit(name, name_vi, **more):
    return AgencyUnit(id=name, kind=more.pop("kind", "Sở"), name_vi=name_vi, name_en=f"{name} (en)", **more)


def goal(unit_id="so-tu-phap", indicator="online_share", percent=80.0, **more):
    values = {
        "side": GoalSide.AT_LEAST,
        "first": date(2026, 1, 1),
        "due": date(2026, 12, 31),
        "decision": "766/QĐ-UBND",
        "decided_on": date(2026, 1, 15),
    }
    return Goal(unit_id=unit_id, indicator=indicator, percent=percent, **values | more)


@pytest.fixture
def whose():
    agency = Agency(id="tinh-mau", block=Block.PROVINCE, name_vi="Tỉnh Mẫu", name_en="Sample Province")
    units = [
        unit("so-tu-phap", "Sở Tư pháp"),
        unit("so-xay-dung", "Sở Xây dựng"),
        unit("phuong-hoa-binh", "Phường Hoà Bình", kind="Xã, phường"),
    ]
    return DeclaringAgency(agency=agency, units={one.id: one for one in units}, goals=(goal(),))


@pytest.fixture
def taken(whose):
    def read(content, name="bang.csv", **more):
        data = content.encode() if isinstance(content, str) else content
        return take(Brought(name=name, content=data, entered_by="An", received_at=NOW, **more), whose)

    return read


@pytest.fixture
def rows(taken):
    return lambda *arguments, **more: taken(*arguments, **more).file.rows


def workbook(*rows, merged=(), formats=None, sheets=("Số liệu",), hidden=()):
    """Return a workbook of rows from A1; formats: number formats by cell; merged: areas."""
    book = Workbook()
    for number, name in enumerate(sheets):
        sheet = book.active if not number else book.create_sheet()
        sheet.title = name
        for row, values in enumerate(rows, start=1):
            for column, value in enumerate(values, start=1):
                if value is not None:
                    sheet.cell(row, column, value)
        for area in merged:
            sheet.merge_cells(area)
        for cell, shown in (formats or {}).items():
            sheet[cell].number_format = shown
        for row in hidden:
            sheet.row_dimensions[row].hidden = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
