"""Every YAML goes through one door, which bounds it before anything is built."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from thuocdo.core import yamltext
from thuocdo.core.errors import ConfigurationError
from thuocdo.core.yamltext import MOST_BYTES, MOST_CHARACTERS, MOST_DEPTH, MOST_DIRECTIVES, MOST_VALUES, compose

LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdef", "bcdefg", strict=True)
)


def problem_of(tmp_path: Path, text: str | bytes) -> str:
    file = tmp_path / "file.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigurationError) as caught:
        compose(file)
    (problem,) = caught.value.problems
    assert "\n" not in problem
    return problem.replace(str(file), "file.yaml")


def data_of(tmp_path: Path, text: str | bytes) -> object:
    file = tmp_path / "file.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return compose(file).data


@pytest.fixture
def pulled(monkeypatch):
    """Count the events that are pulled out of libyaml."""
    pulled, events = [], yamltext.events

    def counted(text):
        for event in events(text):
            pulled.append(event)
            yield event

    monkeypatch.setattr(yamltext, "events", counted)
    return pulled


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        (LAUGHS, 1, "anchor '&a' is refused; write the value out wherever it is meant"),
        ("x: 1\na: &self [*self]\n", 2, "anchor '&self' is refused"),
        ("# x\n&root {a: *root}\n", 2, "anchor '&root' is refused"),
        ("a: 1\nb:\n  - *nobody\n", 3, "alias '*nobody' is refused; write out what it stands for"),
        ("a: {x: 1}\n<<: *a\n", 2, "alias '*a' is refused"),
        ("&key a: 1\n", 1, "anchor '&key' is refused"),
        (
            "a: !!python/object/apply:os.getcwd []\n",
            1,
            "tag 'tag:yaml.org,2002:python/object/apply:os.getcwd' is refused",
        ),
        ("a: !!python/name:os.system ''\n", 1, "tag 'tag:yaml.org,2002:python/name:os.system' is refused"),
        ("a: 1\nb: !!bool x\n", 2, "tag 'tag:yaml.org,2002:bool' is refused; write the value alone, text in quotes"),
        ("a: !!timestamp x\n", 1, "tag "),
        ("a: !own x\n", 1, "tag '!own' is refused"),
    ],
)
def test_what_makes_more_of_a_file_than_stands_in_it_is_refused_at_its_line(tmp_path, text, line, what):
    assert problem_of(tmp_path, text).startswith(f"file.yaml:{line}: {what}")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{a: ", "{[", "{? "])
@pytest.mark.parametrize("count", [MOST_DEPTH + 1, 3_000, 100_000])
def test_nesting_ends_at_the_bound_however_deep_it_goes(tmp_path, pulled, opening, count):
    assert problem_of(tmp_path, opening * count) == (
        f"file.yaml:1: nested more than {MOST_DEPTH} deep; no file needs that, take the brackets out"
    )
    assert len(pulled) < 4 * MOST_DEPTH


def test_nesting_by_indentation_is_counted_too(tmp_path):
    text = "".join(f"{' ' * depth}a:\n" for depth in range(MOST_DEPTH + 1))
    assert problem_of(tmp_path, text + " " * MOST_DEPTH + "  a: 1\n").startswith(f"file.yaml:{MOST_DEPTH + 1}: nested")


def test_as_deep_as_the_bound_is_read(tmp_path):
    assert data_of(tmp_path, "[" * MOST_DEPTH + "]" * MOST_DEPTH)


def test_a_file_of_too_many_bytes_is_not_even_read_to_its_end(tmp_path):
    assert problem_of(tmp_path, b"# " + b"x" * MOST_BYTES).startswith(
        "file.yaml:1: the file has more than 4 MiB; split it"
    )
    with pytest.raises(ConfigurationError, match="more than 4 MiB"):
        compose(Path("/dev/zero"))


def test_values_are_counted(tmp_path, monkeypatch, pulled):
    monkeypatch.setattr(yamltext, "MOST_VALUES", 1_000)
    assert problem_of(tmp_path, "- 1\n" * 5_000).startswith(
        "file.yaml:1000: more than 1000 values in one file; split it"
    )
    assert len(pulled) < 1_010
    assert MOST_VALUES * 4 < MOST_BYTES


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_one_text_has_a_length(tmp_path, quote):
    text = f"a: 1\nb: {quote}{'x' * (MOST_CHARACTERS + 1)}{quote}\n"
    assert problem_of(tmp_path, text) == f"file.yaml:2: a text of more than {MOST_CHARACTERS} characters; shorten it"


@pytest.mark.parametrize("number", ["1" + ":59" * 40, "9" * 5_000, "1" + ":59" * 40 + ".5", "0x" + "f" * 80])
def test_one_number_has_a_length(tmp_path, number):
    assert "a number of more than 64 characters" in problem_of(tmp_path, f"a: {number}\n")


@pytest.mark.parametrize("number", [str(2**63), str(-(2**63)), hex(2**64), "1" + ":59" * 12, "1_" * 20 + "1"])
def test_a_whole_number_has_an_end(tmp_path, number):
    """Keys that are multiples of 2**61 - 1 all have one hash: 20,000 of them took 5 s, 170,000 fit into a file."""
    for text in (f"a: 1\n{number}: 1\n", f"a: 1\n? {number}\n: 1\n"):
        assert "put it in quotes if it is text" in problem_of(tmp_path, text)
    assert data_of(tmp_path, f"{2**63 - 1}: 1\n") == {2**63 - 1: 1}
    assert data_of(tmp_path, f"a: '{number}'\n") == {"a": number}


@pytest.mark.parametrize("directive", ["%TAG !a{}! b", "%YAML 1.1", "%x{}"])
def test_directives_are_counted(tmp_path, pulled, directive):
    """Tags that are declared are compared with each other: 40,000 took 8 s, 380,000 fit into a file."""
    text = "# x\n" + "".join(f"{directive.format(n)}\n" for n in range(1000)) + "---\na: 1\n"
    assert problem_of(tmp_path, text).startswith(f"file.yaml:{MOST_DIRECTIVES + 2}: more than {MOST_DIRECTIVES} lines")
    assert pulled == []
    assert data_of(tmp_path, "%YAML 1.1\n---\na: |\n  %\n" + "  %\n" * 1000) is not None


@pytest.mark.parametrize("number", ["0x_", "0b_", "-0x_"])
def test_what_looks_like_a_number_and_is_none_is_named_with_its_line(tmp_path, number):
    assert problem_of(tmp_path, f"a: 1\nb: {number}\n").startswith(
        f"file.yaml:2: no valid YAML (column 4: '{number}' is no number)"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [\n", 2),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 1\nb: \x00\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ("? [a]\n: b\n", 1),
        ("? {a: b}\n: b\n", 1),
        ("a: 1\n<<: 3\n", 2),
        ("a: 1\nb: =\n", 2),
        ('a: 1\nb: "\n', 3),
    ],
)
def test_what_is_no_yaml_is_named_with_its_line(tmp_path, text, line):
    assert problem_of(tmp_path, text).startswith(f"file.yaml:{line}: no valid YAML (")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "cp1258", "latin-1"])
def test_another_encoding_is_named(tmp_path, encoding):
    problem = problem_of(tmp_path, "a: é\n".encode(encoding))
    assert "UTF-8" in problem or "no valid YAML" in problem


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", None),
        ("# nothing\n", None),
        ("\ufeffa: 1\n", {"a": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("- 1\n", [1]),
        ("text\n", "text"),
        ("<<: {a: 1}\nb: 2\n", {"a": 1, "b": 2}),
        ("a: 017\n", {"a": 15}),
        ("a: 2025-02-30\n", {"a": "2025-02-30"}),
    ],
)
def test_what_people_and_editors_write_is_read(tmp_path, text, data):
    assert data_of(tmp_path, text) == data


PIECES = [
    *(
        "a",
        "b: ",
        "name_vi: ",
        ": ",
        "- ",
        "? ",
        "\n",
        "\n  ",
        "\n    ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "|\n   x\n",
        ">\n   x\n",
    ),
    *(
        "'",
        '"',
        "'yes'",
        "yes",
        "no",
        "~",
        "null",
        "0",
        "017",
        "0x1f",
        "1:30",
        "1_000",
        "-1.5e3",
        ".inf",
        ".nan",
        "2025-02-30",
    ),
    *(
        "2025-07-01",
        "2025-07-01 10:00:00",
        "<<: ",
        "<<: {a: 1}",
        "=",
        "= : 1",
        "---\n",
        "...\n",
        "#x\n",
        "é",
        "true: 1\n",
        "0x_",
    ),
]


def told(values):
    """Return values in a form in which 1, 1.0 and true differ, and not-a-number equals itself."""
    return repr(values)


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_the_values_are_those_of_pyyaml(tmp_path_factory, text):
    file = tmp_path_factory.mktemp("soup") / "file.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        theirs = told(yaml.load(text, Loader=yamltext._Loader))
    except yaml.YAMLError:
        with pytest.raises(ConfigurationError):
            compose(file)
        return
    assert told(compose(file).data) == theirs


def test_what_is_usual_is_read_in_one_pass_without_nodes(tmp_path, monkeypatch):
    text = "agencies:\n" + "".join(f"- {{id: a{n}, valid_from: 2025-07-01, n: {n}}}\n" for n in range(50))
    monkeypatch.setattr(yamltext._Loader, "get_single_node", lambda _: pytest.fail("nodes were made"))
    assert len(data_of(tmp_path, text)["agencies"]) == 50


def test_a_folder_and_a_path_that_is_none_are_named(tmp_path):
    for path in (tmp_path, tmp_path / "missing.yaml", Path("a\0b"), tmp_path / ("x" * 300)):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            compose(path)


def test_no_shipped_file_comes_near_the_bounds():
    root = Path(__file__).parents[2]
    folders = ("portals", "schedules", "criteria", "scenarios", "probes")
    files = [file for folder in folders for file in (root / folder).rglob("*.yaml")]
    assert len(files) > 20
    for file in files:
        compose(file)
        assert file.stat().st_size < MOST_BYTES / 10
