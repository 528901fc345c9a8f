import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from thuocdo.cli.watching import ProvisionalRanking
from thuocdo.core.i18n import translator


def drawn(registry, ranking, height):
    """What is on the terminal once a ranking has been drawn."""
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system=None, width=100, height=height)
    shown = SimpleNamespace(ranking=ranking, registry=registry)
    view = ProvisionalRanking(console, translator("vi"), lambda _: shown, ranking.criteria, 0.0)
    with view:
        view.update(30, 120)
        view._live.refresh()
        seen = out.getvalue()
    return seen[seen.rindex("Đang đo") :]


@pytest.mark.parametrize("height", [16, 24, 50])
def test_the_bar_and_both_blocks_are_in_sight(registry, ranking, height):
    seen = drawn(registry, ranking, height)
    assert "30/120" in seen.splitlines()[0]
    for block in ("Bộ, cơ quan ngang bộ", "Tỉnh, thành phố"):
        assert f"{block} (tạm thời)" in seen
    assert len(seen.splitlines()) <= height


def test_what_does_not_fit_is_counted(registry, ranking):
    assert "cơ quan nữa" in drawn(registry, ranking, 16)
    assert "cơ quan nữa" not in drawn(registry, ranking, 50)
