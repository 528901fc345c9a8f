"""Elements in findings: what they are and where, nothing that is read on the page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.redaction.markup import kept_selector, outline
from probes.redaction.words import HIDDEN


@pytest.mark.parametrize(
    ("markup", "clean"),
    [
        (
            """<div role="button" data-k="bimat" onclick="f('bimat')" style="color:#eee">Lê Hoàng Long</div>""",
            f'<div role="button" onclick="{HIDDEN}" style="{HIDDEN}">{HIDDEN}</div>',
        ),
        ("<img src='data:image/png,bimat'>", f'<img src="data:{HIDDEN}">'),
        ("<select><option>Ngô Đình Khoa</option></select>", f"<select><option>{HIDDEN}</option></select>"),
        (
            '<a class="btn btn-primary nguyen" href="/tra-cuu?token=t#a">Tra cứu</a>',
            f'<a class="btn btn-primary {HIDDEN}" href="/tra-cuu?token={HIDDEN}">{HIDDEN}</a>',
        ),
        (
            '<input id="txtEmail" value="Lê" placeholder="x" required="" aria-required="true" tabindex="-1">',
            f'<input id="txtEmail" value="{HIDDEN}" placeholder="{HIDDEN}" required aria-required="true" tabindex="-1">',
        ),
        ('<nguyen-van-an nguyen title="Lê">', f'<{HIDDEN} title="{HIDDEN}">'),
        ("<!-- Lê --><p>Lê</p>", f"<p>{HIDDEN}</p>"),
        ("<script>ten = 'Lê'</script>", f"<script>{HIDDEN}</script>"),
        ('<input value="Lê' + "x" * 600, f"<input {HIDDEN}>"),
        ("<![Lê[", ""),
        ("Lê", ""),
    ],
)
def test_an_element_is_told_by_what_machines_read(markup: str, clean: str) -> None:
    assert outline(markup) == clean


@pytest.mark.parametrize(
    ("selectors", "clean"),
    [
        ('img[src="/a.png"]', 'img[src="/a.png"]'),
        ("#content > .nav.menu", "#content > .nav.menu"),
        ("#nguyenvana > p\nhtml > body > div:nth-of-type(3) > p", "html > body > div:nth-of-type(3) > p"),
        ('a[href="mailto:x@y.vn"]', f'a[href="mailto:{HIDDEN}"]'),
        ('a[title="Lê Hoàng"]', f'a[title="{HIDDEN}"]'),
        ("div:nth-child(2) >>> *:nth-child(3)", "div:nth-child(2) >>> *:nth-child(3)"),
        ("nguyen-van-an:nth-child(3)", f"{HIDDEN}:nth-child(3)"),
        (".nguyen\\:van", f".{HIDDEN}"),
        ("", ""),
    ],
)
def test_a_place_is_told_by_known_words_or_by_positions(selectors: str, clean: str) -> None:
    assert kept_selector(selectors) == clean


@given(st.text(alphabet=st.characters(exclude_characters="\"'<>&", exclude_categories=("Cs", "Cc")), min_size=4))
def test_no_text_and_no_value_survives(value: str) -> None:
    secret = f"bí mật {value}"
    fields = f'<input name="n" value="{secret}"><textarea rows=2>{secret}</textarea><meta content=\'{secret}\'>'
    markup = f'{fields}<p title="{secret}">{secret}'
    assert secret not in outline(markup)


@given(st.text(max_size=200))
def test_whatever_stands_there_is_taken(text: str) -> None:
    outline(text)
    outline(f"<p {text}>{text}")
    kept_selector(text)


@pytest.mark.parametrize("unit", ["<", "<a ", "<!", "&", "<p>", "<a b='", "</", "x=", "[a=", ".a", "\\", " > "])
def test_a_megabyte_is_read_no_further_than_its_beginning(unit: str) -> None:
    text = unit * (1_048_576 // len(unit))
    assert len(outline(text)) < 20_000
    assert len(kept_selector(text)) < 10_000
