"""What raw HTML hides by its own tags is not read."""

import pytest

from probes.hidden_parts import without_hidden


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<p>a</p>", "<p>a</p>"),
        ("a<div style='color:red; display: none'>b</div>c", "a </div>c"),
        ("a<DIV HIDDEN>b<div>c</div>d</DIV>e", "a </DIV>e"),
        ("a<div class='modal fade'>b</div>c", "a </div>c"),
        ("a<div class='modal show'>b</div>c", "a<div class='modal show'>b</div>c"),
        ("a<nav class='hidden md:flex'>b</nav>c", "a<nav class='hidden md:flex'>b</nav>c"),
        ("a<div hidden>b", "a<div hidden>b"),
        ("<body style='display:none'>a</body>", "<body style='display:none'>a</body>"),
        ("<input hidden>a<span hidden>b</span>", "<input hidden>a </span>"),
        ("<!-- <p hidden> --><p>a</p>", "<!-- <p hidden> --><p>a</p>"),
        ("<script>'<p hidden>'</script><p>a</p>", "<script>'<p hidden>'</script><p>a</p>"),
        ("<p class=hiddenness>a</p>", "<p class=hiddenness>a</p>"),
    ],
)
def test_what_is_hidden_goes_and_all_else_stays(html, left):
    assert without_hidden(html) == left
