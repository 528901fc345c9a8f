"""
The one door for YAML text: bounded before anything is built of it.

What a file may cost follows from its size alone: anchors and aliases, with which a few lines stand for billions of values, are
refused where they stand, and so are tags, deep nesting, and more text or values than any file of ours needs. The look for them
reads libyaml's stream of events, which is no recursion and stops at the first breach; only then are nodes and values made.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import ConstructorError

from thuocdo.core.bounded import read_bounded
from thuocdo.core.errors import ConfigurationError

MOST_BYTES = 4 * 1024 * 1024
MOST_VALUES = 500_000
MOST_DEPTH = 32
MOST_CHARACTERS = 64 * 1024
"""Of one value or key."""

MOST_DIRECTIVES = 32
"""Lines that begin with %: libyaml compares each tag that is declared with all before it."""

LARGEST_NUMBER = 2**63 - 1
"""Of whole numbers; beyond it, thousands of keys can be made that all lie in one place of a mapping."""

LONGEST_PROBLEM = 1_000

MOST_DIGITS = 64
"""Of one number: reading base 60 (1:59:59:…) takes time with the square of its length."""


def compose(path: Path) -> tuple[yaml.Node | None, Any]:
    """
    Return the root node of a YAML file and its data; None and None for a file that holds nothing.

    Raises:
        ConfigurationError: the file cannot be read, is no YAML, or is beyond the bounds; one line, with that of the file.
    """
    text = _text(path)
    try:
        _look_through(text)
        loader = _Loader(text)
        root = loader.get_single_node()
        return root, None if root is None else loader.construct_document(root)
    except yaml.YAMLError as exc:
        raise ConfigurationError(f"{path}:{one_line(_problem(exc, text))}") from exc


class _BoundError(yaml.MarkedYAMLError):
    """YAML that is valid, and beyond what is taken; its problem says what to do."""


class _Loader(yaml.CSafeLoader):
    """The safe loader in C, whose mistakes all have a line; a day that no calendar has (2025-02-30) stays text."""


def _text(path: Path) -> str:
    try:
        content = read_bounded(path, MOST_BYTES)  # never all of it: /dev/zero has no end
        if len(content) > MOST_BYTES:
            raise ConfigurationError(
                f"{path}:1: the file has more than {MOST_BYTES // 1024**2} MiB; split it, or take out what is no setting"
            )
        return content.decode("utf-8")
    except (OSError, ValueError) as exc:
        raise ConfigurationError(
            f"{path}: cannot be read ({exc}); check the path, its rights and that it is UTF-8"
        ) from exc


def _look_through(text: str) -> None:
    """Refuse what is beyond the bounds, at its place, without building anything."""
    _refuse_directives(text)
    depth = values = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        match event:
            case yaml.CollectionEndEvent():
                depth -= 1
            case yaml.AliasEvent():
                raise _beyond(event, f"alias '*{event.anchor}' is refused; write out what it stands for")
            case yaml.CollectionStartEvent() | yaml.ScalarEvent():
                _refuse_marks(event)
                values += 1
                depth += isinstance(event, yaml.CollectionStartEvent)
        if values > MOST_VALUES:
            raise _beyond(event, f"more than {MOST_VALUES} values in one file; split it")
        if depth > MOST_DEPTH:
            raise _beyond(event, f"nested more than {MOST_DEPTH} deep; no file needs that, take the brackets out")


def _refuse_directives(text: str) -> None:
    at = -1
    for _ in range(MOST_DIRECTIVES + 1):
        at = text.find("\n%", at + 1)
        if at < 0:
            return
    problem = f"more than {MOST_DIRECTIVES} lines begin with %, and no file needs one; take them out"
    raise _BoundError(problem=problem, problem_mark=yaml.Mark("", 0, text.count("\n", 0, at + 1), 0, None, 0))


def _refuse_marks(event: yaml.CollectionStartEvent | yaml.ScalarEvent) -> None:
    """Refuse what stands before a value, and a value that is too long."""
    if event.anchor is not None:
        raise _beyond(event, f"anchor '&{event.anchor}' is refused; write the value out wherever it is meant")
    if event.tag is not None:
        raise _beyond(event, f"tag '{event.tag}' is refused; write the value alone, text in quotes")
    if isinstance(event, yaml.ScalarEvent) and len(event.value) > MOST_CHARACTERS:
        raise _beyond(event, f"a text of more than {MOST_CHARACTERS} characters; shorten it")


def _beyond(event: yaml.Event, problem: str) -> _BoundError:
    return _BoundError(problem=problem, problem_mark=event.start_mark)  # type: ignore[arg-type] # the C parser's own Mark


def _at_its_line(construct: Callable[[Any, yaml.ScalarNode], object]) -> Callable[[_Loader, yaml.ScalarNode], object]:
    """Return a constructor that names the place of what it cannot read, as PyYAML's own do not."""

    def constructed(loader: _Loader, node: yaml.ScalarNode) -> object:
        if len(node.value) > MOST_DIGITS:
            raise ConstructorError(None, None, f"a number of more than {MOST_DIGITS} characters", node.start_mark)
        try:
            return construct(loader, node)
        except (ValueError, OverflowError) as exc:
            raise ConstructorError(None, None, f"'{node.value}' is no number", node.start_mark) from exc

    return constructed


def _whole_number(loader: Any, node: yaml.ScalarNode) -> int:
    number: int = _Loader.construct_yaml_int(loader, node)
    if abs(number) > LARGEST_NUMBER:
        problem = f"a number beyond {LARGEST_NUMBER}; put it in quotes if it is text"
        raise ConstructorError(None, None, problem, node.start_mark)
    return number


def _date_or_text(loader: _Loader, node: yaml.ScalarNode) -> object:
    try:
        return loader.construct_yaml_timestamp(node)
    except (ValueError, OverflowError):
        return node.value


_Loader.add_constructor("tag:yaml.org,2002:int", _at_its_line(_whole_number))
_Loader.add_constructor("tag:yaml.org,2002:float", _at_its_line(_Loader.construct_yaml_float))
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _date_or_text)


def one_line(text: str) -> str:
    """Return a message as one line of readable length: what it quotes of a file may hold anything."""
    seen = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:LONGEST_PROBLEM])
    return seen if len(seen) <= LONGEST_PROBLEM and len(text) <= LONGEST_PROBLEM else f"{seen[:LONGEST_PROBLEM]}…"


def _problem(exc: yaml.YAMLError, text: str) -> str:
    """Return `line: text` of a mistake."""
    mark = getattr(exc, "problem_mark", None)
    if isinstance(exc, _BoundError) and mark:
        return f"{mark.line + 1}: {exc.problem}"
    said = getattr(exc, "problem", None) or getattr(exc, "reason", None) or str(exc)
    if mark is None:  # a character that YAML forbids; its position counts bytes
        position = getattr(exc, "position", 0) or 0
        line = text.encode()[:position].count(b"\n") + 1
        return f"{line}: no valid YAML ({said}); remove what is no text there"
    return (
        f"{mark.line + 1}: no valid YAML (column {mark.column + 1}: {said}); look at the indentation and quotes there"
    )
