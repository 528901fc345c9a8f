"""Names and paths are shown as they are: whoever names an agency does not decide how a command ends."""

import io

import pytest
from rich.table import Table

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
