"""
Reads a YAML file that a person wrote and checks it against pydantic models.

Every mistake is reported with file, line, place and the nearest valid name; nothing is guessed or passed over. `load` is for
files that are one model; `read` is for those whose entries also refer to one another, so that checks across entries and files
can report beside the mistakes of shape, all at once.
"""

import difflib
import itertools
import re
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.yamltext import YamlText, compose, one_line

Place = tuple[str | int, ...]
"""Keys and list indices from the top of a file down to one of its parts."""


class Strict(BaseModel):
    """
    Base of all models of YAML files: unknown keys are refused, values do not change.

    No number is infinite or none at all, and nothing is taken for a number or a day that a person would not: YAML reads `yes` as
    true, which Python counts as 1, and pydantic reads a number as the seconds since 1970.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _means_what_it_says(cls, value: Any, info: ValidationInfo) -> Any:
        wanted = _wanted(cls, info.field_name or "")
        if wanted & _NUMBERS and bool not in wanted and _holds(value, bool):
            raise ValueError("yes, no, on, off, true and false are no number; give the number")
        if wanted & _DAYS and not wanted & {int, float} and _holds(value, int, float):
            raise ValueError("a number is no day; write it as 2026-12-31")
        return value


MOST_HINTS = 50

MOST_PROBLEMS = 300
"""Of one file that are told; more only cost time, and nobody reads them."""

_LOGIN = re.compile(r"//.*@", re.DOTALL)
"""A name and password before the host of an address: a message is no place for them."""

Model = TypeVar("Model", bound=BaseModel)


class YamlDocument:
    """One YAML file as it was read: its data, the line of each part, and the mistakes reported in it so far."""

    def __init__(self, path: Path, text: YamlText) -> None:
        self.path = path
        self.data = text.data
        self._text = text
        self._problems: list[tuple[int, str]] = []
        self._untold = 0

    @property
    def problems(self) -> tuple[str, ...]:
        """Mistakes reported so far as `file:line: text`, in the order of the lines; of very many the first that were met."""
        told = sorted(self._problems, key=lambda item: item[0])
        if self._untold:
            told.append((told[-1][0], f"and {self._untold} more mistakes; mend these first"))
        return tuple(f"{self.path}:{line}: {text}" for line, text in told)

    @cached_property
    def _places(self) -> tuple[dict[Place, int], list[tuple[Place, str]]]:
        """The line of each part, and the keys that stand twice; worked out where something is to be said of them."""
        lines: dict[Place, int] = {}
        twice: list[tuple[Place, str]] = []
        root = self._text.nodes()
        if root is not None:
            _walk(root, (), lines, twice)
        return lines, twice

    @property
    def _lines(self) -> dict[Place, int]:
        return self._places[0]

    def report_keys_that_stand_twice(self) -> None:
        """Note each key that stands more than once in its mapping; of its values only the last is in the data."""
        for place, problem in self._places[1]:
            self.report(place, problem)

    def line(self, place: Place) -> int:
        """Return the line (from 1) of a part, or of the nearest part around it that the file holds."""
        return next((self._lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in self._lines), 1)

    def mapping(self) -> Mapping[Any, Any]:
        """Return the data of a file that is one mapping; anything else is reported, and empty."""
        if self.data is None or isinstance(self.data, dict):
            return self.data or {}
        self.report((), "no mapping; write one `name: value` per line")
        return {}

    def report(self, place: Place, text: str) -> None:
        """Note a mistake at a place; text says what and what to do."""
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append((self.line(place), one_line(text)))
        else:
            self._untold += 1

    def check(self, model: type[Model], place: Place = (), label: str = "") -> Model | None:
        """
        Check one part of the file against a model and report its mistakes.

        Args:
            model: the shape it must have.
            place: which part; () = the whole file.
            label: what a person calls the part (`portal 'da-nang'`), said in place of the path of keys.

        Returns:
            The model, or None where there was a mistake.
        """
        value = self.data
        for part in place:
            value = value[part]
        try:
            return model.model_validate({} if value is None and not place else value)
        except ValidationError as exc:
            self._report_shapes(exc, model, place, label)
            return None

    def _report_shapes(self, exc: ValidationError, model: type[BaseModel], place: Place, label: str) -> None:
        """Report what is wrong with a part's shape, as far as anybody reads it: each costs a look for what was meant."""
        left = MOST_PROBLEMS - len(self._problems)
        if left <= 0:
            self._untold += exc.error_count()
            return
        errors = exc.errors(include_url=False)
        most = 10 * MOST_PROBLEMS  # of a union each branch complains
        self._untold += max(0, len(errors) - most)
        for error in _one_branch_of_unions(errors[:most], self._lines, place):
            if len(self._problems) < MOST_PROBLEMS:
                self._report_shape(error, model, place, label)
            else:
                self._untold += 1

    def _report_shape(self, error: Any, model: type[BaseModel], place: Place, label: str) -> None:
        location: Place = tuple(error["loc"])
        found, _ = _follow(location, self._lines, place)
        missing = error["type"] == "missing"
        where = label or ".".join(map(str, (*found, location[-1]) if missing else found)) or "top level"
        self.report(found, f"{where}: {_mistake(error, model, location, named=not label)}")


def load(path: Path, model: type[Model]) -> Model:
    """
    Read one YAML file as a model.

    Raises:
        ConfigurationError: the file cannot be read, is no YAML, or breaks the model; one line per mistake.
    """
    document = read(path)
    loaded = document.check(model)
    if loaded is None or document.problems:
        raise ConfigurationError(document.problems)
    return loaded


def read(path: Path) -> YamlDocument:
    """
    Read one YAML file without a model; keys that stand twice are reported in the document.

    Raises:
        ConfigurationError: the file cannot be read or is no YAML.
    """
    found = compose(path)
    document = YamlDocument(path, found)
    if found.has_odd_keys:
        document.report_keys_that_stand_twice()
    return document


_NUMBERS, _DAYS = frozenset({int, float}), frozenset({date, datetime})


@cache
def _wanted(model: type[BaseModel], field: str) -> frozenset[Any]:
    """Return the types that a field takes, inside lists and mappings too; nothing where models are among them."""
    found = frozenset(_leaves(model.model_fields[field].annotation)) if field in model.model_fields else frozenset()
    return frozenset() if any(isinstance(one, type) and issubclass(one, BaseModel) for one in found) else found


def _leaves(annotation: Any) -> Iterable[Any]:
    for option in _options(annotation):
        arguments = () if get_origin(option) is Literal else get_args(option)
        yield from itertools.chain.from_iterable(map(_leaves, arguments)) if arguments else (option,)


def _holds(value: Any, *types_: type) -> bool:
    """Tell whether a value, or one inside of it, is of one of the types; true and false are no numbers."""
    match value:
        case dict():
            return any(_holds(one, *types_) for one in value.values())
        case list() | tuple():
            return any(_holds(one, *types_) for one in value)
        case bool():
            return bool in types_
    return isinstance(value, types_)


def nearest(name: str, valid: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the nearest valid name, or an empty string where none is near."""
    close = difflib.get_close_matches(name, list(valid), n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


def _walk(node: yaml.Node, place: Place, lines: dict[Place, int], twice: list[tuple[Place, str]]) -> None:
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in seen:
                twice.append(((*place, key), f"key '{key}' stands twice (first in line {seen[key]}); remove one"))
            seen.setdefault(key, line)
            _walk(value_node, (*place, key), lines, twice)
            lines[(*place, key)] = line
    elif isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            _walk(child, (*place, index), lines, twice)


def hinting(valid: Iterable[str]) -> Callable[[str], str]:
    """
    Return `nearest` among these names for the first unknown ones.

    Each costs a look at all names: a large file full of mistakes would take hours for hints that nobody reads.
    """
    names, left = list(valid), iter(range(MOST_HINTS))
    return lambda name: nearest(name, names) if next(left, None) is not None else ""


def _follow(location: Place, lines: dict[Place, int], start: Place) -> tuple[Place, list[tuple[Place, str]]]:
    """Return the place in the file that a pydantic location means, and the union branches named on the way to it."""
    place, branches = start, []
    for part in location:
        if (*place, part) in lines:
            place = (*place, part)
        else:
            branches.append((place, str(part)))
    return place, branches


def _one_branch_of_unions(errors: Iterable[Any], lines: dict[Place, int], start: Place) -> list[Any]:
    """Keep of each union the branch that fits best: pydantic reports why every branch was refused."""
    kept: list[Any] = []
    unions: dict[Place, dict[str, list[Any]]] = {}
    for error in errors:
        location = tuple(error["loc"])
        _, branches = _follow(location[:-1] if error["type"] == "missing" else location, lines, start)
        if branches:
            place, branch = branches[0]
            unions.setdefault(place, {}).setdefault(branch, []).append(error)
        else:
            kept.append(error)
    for by_branch in unions.values():
        # A branch whose only complaint is about itself wants another type altogether, such as text where a mapping stands.
        inside = [group for branch, group in by_branch.items() if group[0]["loc"][-1] != branch]
        kept += sorted(inside, key=len)[0] if inside else itertools.chain(*by_branch.values())
    return kept


def _mistake(error: Any, model: type[BaseModel], location: Place, *, named: bool) -> str:
    name, given = location[-1] if location else "", error.get("input")
    if error["type"] == "extra_forbidden":
        return f"unknown key '{name}'{nearest(str(name), _valid_keys(model, location[:-1]))}"
    if error["type"] == "missing":
        return f"key '{name}' is missing; add it"
    key = "" if named or not location else f"{'.'.join(map(str, location))}: "
    message = error["msg"].removeprefix("Value error, ")
    shown = f" (given: {str(given)!r})" if isinstance(given, date) else ""
    if isinstance(given, str):
        shown = f" (given: {_LOGIN.sub('//…@', given)!r})"
    elif isinstance(given, int | float | bool):
        shown = f" (given: {given!r})"
    quotes = "; put it in quotes" if error["type"] == "string_type" and shown else ""
    return f"{key}{message}{shown}{quotes}{_enum_hint(error, given)}"


def _enum_hint(error: Any, given: object) -> str:
    expected = (error.get("ctx") or {}).get("expected")
    if not isinstance(expected, str) or not isinstance(given, str):
        return ""
    return nearest(given, [part.strip().strip("'") for part in expected.replace(" or ", ",").split(",")])


def _valid_keys(annotation: Any, location: Sequence[str | int]) -> set[str]:
    """Return the keys that are valid at a pydantic location: down through lists, mappings, optional parts and unions."""
    options = list(_options(annotation))
    models = [option for option in options if isinstance(option, type) and issubclass(option, BaseModel)]
    if not location:
        return {str(key) for option in models for key in _fields(option)}
    part, rest = location[0], location[1:]
    inner: list[Any] = [_fields(option)[part].annotation for option in models if part in _fields(option)]
    inner += [get_args(option)[-1] for option in options if get_origin(option) in (dict, Mapping)]
    if isinstance(part, int):
        inner += [argument for option in options for argument in get_args(option) if argument is not Ellipsis]
    if not inner:  # the name of a union's branch
        inner = [option for option in models if option.__name__ == part] or models
    return {key for option in inner for key in _valid_keys(option, rest)}


def _options(annotation: Any) -> Iterable[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _options(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for argument in get_args(annotation):
            yield from _options(argument)
    else:
        yield annotation


def _fields(model: type[BaseModel]) -> dict[str | int, FieldInfo]:
    return {info.alias or name: info for name, info in model.model_fields.items()}
