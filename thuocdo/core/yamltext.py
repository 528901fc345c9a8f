"""
The one door for YAML text: bounded before anything is built of it.

What a file may cost follows from its size alone: anchors and aliases, with which a few lines stand for billions of values, are
refused where they stand, and so are tags, deep nesting, and more text or values than any file of ours needs. The look for them
reads libyaml's stream of events, which is no recursion and stops at the first breach.

The same look makes the values, as far as they are what nearly every file holds: a registry of thousands of agencies is read in a
third of the time that nodes take, which are a second tree of objects beside the first. What is unusual (a merge key, a mapping as
a key, a number that is none) is left to PyYAML's nodes, and so are the lines, which only messages about mistakes need.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
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

_TEXT = "tag:yaml.org,2002:str"

MOST_DIGITS = 64
"""Of one number: reading base 60 (1:59:59:…) takes time with the square of its length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YamlText:
    """
    One YAML text within the bounds, and its values.

    data: None for a text that holds nothing. has_odd_keys: keys may stand twice (the last counts in data), or are no text.
    """

    text: str
    data: Any
    has_odd_keys: bool

    def nodes(self) -> yaml.Node | None:
        """Return the root of the nodes, which know their lines; None for a text that holds nothing."""
        return _Loader(self.text).get_single_node()


def compose(path: Path) -> YamlText:
    """
    Read a YAML file.

    Raises:
        ConfigurationError: the file cannot be read, is no YAML, or is beyond the bounds; one line, with that of the file.
    """
    text = _text(path)
    try:
        _refuse_directives(text)
        look = _Look(text)
        data = look.values()
        if look.is_unusual:
            loader = _Loader(text)
            root = loader.get_single_node()
            data = None if root is None else loader.construct_document(root)
        return YamlText(text=text, data=data, has_odd_keys=look.has_odd_keys or look.is_unusual)
    except yaml.YAMLError as exc:
        raise ConfigurationError(f"{path}:{one_line(_problem(exc, text))}") from exc


class _BoundError(yaml.MarkedYAMLError):
    """YAML that is valid, and beyond what is taken; its problem says what to do."""


class _Loader(yaml.CSafeLoader):
    """The safe loader in C, whose mistakes all have a line; a day that no calendar has (2025-02-30) stays text."""


LONGEST_WORD = len("false")
"""Of those that stand for something else than text: yes, no, on, off, true, false, null."""

_MEANT = frozenset(_Loader.yaml_implicit_resolvers)
"""First letters of plain scalars that may be more than text."""


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


def events(text: str) -> Iterator[yaml.Event]:
    """Return what libyaml meets in a text, one after the other, read no further than it is asked for."""
    return iter(yaml.CSafeLoader(text).get_event, None)  # yaml.parse asks twice for each


class _Look:
    """
    One pass over a text's events: refuses what is beyond the bounds, at its place, and makes the values.

    is_unusual: the values are not to be used, PyYAML's own are; known once the pass has ended, so that the bounds hold for them.
    """

    def __init__(self, text: str) -> None:
        self.has_odd_keys = self.is_unusual = False
        self._events = events(text)
        self._scalars = _Loader("")  # knows what a plain scalar means
        self._left, self._depth = MOST_VALUES, 0

    def values(self) -> Any:
        """Return the values of the text; None where it holds nothing."""
        data, documents = None, 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                data = self._value(next(self._events))
        self.is_unusual = self.is_unusual or documents > 1
        return data

    def _value(self, event: yaml.Event) -> Any:
        """Return the value that begins with an event; the bound of depth is also that of this recursion."""
        self._left -= 1
        if type(event) is yaml.ScalarEvent:
            value: str = event.value
            size = len(value)
            if event.anchor is not None or event.tag is not None or self._left < 0 or size > MOST_CHARACTERS:
                self._refuse(event)
            # As libyaml's composer does: what stands in quotes, or begins as no number, day or word of YAML does, is text.
            first = value[:1]
            if first not in _MEANT or (size > LONGEST_WORD and first.isalpha()) or not event.implicit[0]:
                return value
            return self._meaning(event)
        self._refuse(event)
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise _beyond(event, f"nested more than {MOST_DEPTH} deep; no file needs that, take the brackets out")
        data = self._mapping() if isinstance(event, yaml.MappingStartEvent) else self._sequence()
        self._depth -= 1
        return data

    def _refuse(self, event: yaml.Event) -> None:
        """Raise what is wrong with an event, if anything is."""
        if isinstance(event, yaml.AliasEvent):
            raise _beyond(event, f"alias '*{event.anchor}' is refused; write out what it stands for")
        assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)
        if event.anchor is not None:
            raise _beyond(event, f"anchor '&{event.anchor}' is refused; write the value out wherever it is meant")
        if event.tag is not None:
            raise _beyond(event, f"tag '{event.tag}' is refused; write the value alone, text in quotes")
        if self._left < 0:
            raise _beyond(event, f"more than {MOST_VALUES} values in one file; split it")
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > MOST_CHARACTERS:
            raise _beyond(event, f"a text of more than {MOST_CHARACTERS} characters; shorten it")

    def _sequence(self) -> list[Any]:
        items = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._value(event))
        return items

    def _mapping(self) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        count = 0
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._value(event)
            value = self._value(next(self._events))
            count += 1
            if type(key) is str:
                mapping[key] = value
            elif isinstance(key, Hashable):
                mapping[key] = value
                self.has_odd_keys = True
            else:
                self.is_unusual = True
        self.has_odd_keys = self.has_odd_keys or len(mapping) < count
        return mapping

    def _meaning(self, event: yaml.ScalarEvent) -> Any:
        """Return what a plain scalar stands for."""
        value: str = event.value
        tag: str = self._scalars.resolve(yaml.ScalarNode, value, event.implicit)  # type: ignore[no-untyped-call]
        if tag == _TEXT:
            return value
        try:
            return self._scalars.yaml_constructors[tag](self._scalars, yaml.ScalarNode(tag, value))
        except (KeyError, yaml.YAMLError):
            self.is_unusual = True
            return value


def _refuse_directives(text: str) -> None:
    at = -1
    for _ in range(MOST_DIRECTIVES + 1):
        at = text.find("\n%", at + 1)
        if at < 0:
            return
    problem = f"more than {MOST_DIRECTIVES} lines begin with %, and no file needs one; take them out"
    raise _BoundError(problem=problem, problem_mark=yaml.Mark("", 0, text.count("\n", 0, at + 1), 0, None, 0))


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
