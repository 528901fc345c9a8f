"""Names and paths are shown as they are: whoever names an agency does not decide how a command ends."""

import io
import re

import pytest
from rich.table import Table
from rich.text import Text

from thuocdo.cli.context import OwnConsole

TEXTS = ("[/b] Huế", "[red]Huế", "[link=http://evil.test]x[/link]", ":warning:", "[/", "\\[b]", "[@click=x]y[/]")


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_no_markup(text):
    console = OwnConsole(file=io.StringIO(), width=100)
    console.print(text)
    table = Table(title=text)
    table.add_column(text)
    table.add_row(text)
    console.print(table)
    assert console.file.getvalue().count(text) == 4


@pytest.mark.parametrize("order", ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\x1bP", "a\rb", "\x08\x08", "\x7f", "\0"])
def test_what_a_portal_says_is_no_order_to_a_terminal(order):
    console = OwnConsole(file=io.StringIO(), width=100)
    table = Table(title=order)
    table.add_column(order)
    table.add_row(f"x {order} y")
    for shown in (order, Text(f"x {order} y"), table):
        console.print(shown)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", console.file.getvalue())


def test_colours_stay():
    console = OwnConsole(file=io.StringIO(), width=100, force_terminal=True, color_system="standard", no_color=False)
    console.print(Text("Huế\ntwo", style="red"), end="")
    assert console.file.getvalue() == "\x1b[31mHuế\x1b[0m\n\x1b[31mtwo\x1b[0m"
