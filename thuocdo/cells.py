"""
Cells of tables that people open in a spreadsheet: every writer of CSV takes them from here.

A portal, or whoever names an agency, can put any text into what we quote, and a spreadsheet runs some of it as a formula.
"""

import re

from thuocdo.wire import storable

_FORMULA = re.compile(
    r"[\s\x00-\x20\u200b-\u200f\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b]|[\t\r\n]"
)
"""What begins a formula in some spreadsheet: full-width forms count, and so does what stands behind blanks."""


def cell(value: object) -> str:
    """Return a value as the text of a cell; None, which is not zero, is an empty one."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return safe_text(storable(value))
    return str(value)


def safe_text(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: with an apostrophe before it where it could be one."""
    return f"'{text}" if _FORMULA.match(text) else text
