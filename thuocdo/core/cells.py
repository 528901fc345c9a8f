"""
Cells of tables that people open in a spreadsheet: every writer of CSV takes them from here.

A portal, or whoever names an agency, can put any text into what we quote, and a spreadsheet runs some of it as a formula.
"""

import re

from thuocdo.core.wire import storable

_BLANK = r"\s\x00-\x20\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
_SIGN = r"[=+\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b]"
_FORMULA = re.compile(rf"[{_BLANK}]*{_SIGN}|[\t\r\n]")
"""What begins a formula in some spreadsheet: full-width forms count, and so does what stands behind blanks."""

_BETWEEN = re.compile(rf"([{_BLANK};]+)({_SIGN})?")
_ENDS_OF_CELLS = ";\t\r\n"
"""By country a spreadsheet takes something else than a comma for what parts cells; quotes count for nothing then."""


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
    """Return text that no spreadsheet takes for a formula, nor a part of it: with an apostrophe before what could be one."""
    guarded = _BETWEEN.sub(_guarded, text)
    return f"'{guarded}" if _FORMULA.match(text) else guarded


def _guarded(found: re.Match[str]) -> str:
    """Return blanks and what follows, with an apostrophe where a cell of somebody's spreadsheet would begin as a formula."""
    blanks, sign = found.groups("")
    begins = 1 + max(blanks.rfind(end) for end in _ENDS_OF_CELLS)
    return f"{blanks[:begins]}'{blanks[begins:]}{sign}" if sign and begins else found[0]
