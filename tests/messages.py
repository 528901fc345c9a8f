"""
Finds, by reading the code, what it may tell a person who made a mistake, or whose machine did.

A message is an expression: a text, a text with places to fill in, one of two texts, or what another function of ours returns. Of
each, samples are made in which every place holds a word that stands in no message (`X1`, `X2`): the rest is the message's own.
"""

import ast
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from thuocdo.core.retelling import retold

ERRORS = frozenset(
    {
        "AgentAwayError",
        "AgentBrokeError",
        "BrowserUnavailableError",
        "ConfigurationError",
        "HTTPException",
        "StoreError",
        "SealedPackageError",
        "StoreUnavailableError",
        "TimestampAwayError",
        "ThuocdoError",
        "UnknownTargetError",
        "ValueError",
        "_BoundError",
        "ConstructorError",
    }
)
LISTS = frozenset({"problems", "unreadable", "differing", "broken", "wrong"})
"""What lists of messages are called; whatever is added to them is one."""

ATTEMPTS = frozenset({"wrapped", "_beyond", "_told", "told", "of_file", "transaction", "reading", "snapshot", "_line"})
"""What takes a text of something attempted, or a remedy, that becomes part of an error."""

MOST_SAMPLES = 24
DEEPEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    One place in the code that tells something.

    where: file and line. error: what is raised, or empty. samples: what it may say.
    """

    where: str
    error: str
    samples: tuple[str, ...]


class Code:
    """
    The modules of some folders.

    Args:
        root: what the folders are below.
        folders: whose modules are read.
    """

    def __init__(self, root: Path, folders: Iterable[str]) -> None:
        self._root = root
        self._modules = {
            path: ast.parse(path.read_text(encoding="utf-8"))
            for folder in folders
            for path in sorted((root / folder).rglob("*.py"))
            if "migrations" not in path.parts
        }

    @cached_property
    def functions(self) -> Mapping[str, list["Scope"]]:
        """Every function by its bare name; several may share one."""
        found: dict[str, list[Scope]] = {}
        for path, tree in self._modules.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    found.setdefault(node.name, []).append(Scope(self, path, tree, node))
        return found

    def messages(self) -> Iterator[Message]:
        """Yield what may be told, file by file."""
        for path, tree in self._modules.items():
            scopes = {
                id(inner): scope
                for scope in (one for many in self.functions.values() for one in many if one.path == path)
                for inner in ast.walk(scope.node)
            }  # of nested functions the innermost comes last, and stays
            top = Scope(self, path, tree, tree)
            for node in ast.walk(tree):
                for error, told in _told_by(node):
                    samples = scopes.get(id(node), top).samples(told)
                    where = f"{path.relative_to(self._root)}:{node.lineno}"
                    if texts := tuple(one for one in samples if " " in one):
                        yield Message(where=where, error=error, samples=texts)


class Scope:
    """A function, or a module, in which names mean something."""

    def __init__(self, code: Code, path: Path, tree: ast.Module, node: ast.AST) -> None:
        self.path, self.node = path, node
        self._code, self._tree = code, tree

    def samples(self, told: ast.expr, depth: int = 0) -> list[str]:
        """Return what an expression may come to; `X` and a number stand for what the code does not say."""
        if depth > DEEPEST:
            return []
        match told:
            case ast.Constant(value=str(text)):
                return [text]
            case ast.JoinedStr():
                return self._joined([self._part(one, depth) for one in told.values])
            case ast.BinOp(op=ast.Add()):
                return self._joined([self.samples(one, depth) for one in (told.left, told.right)])
            case ast.IfExp():
                return self.samples(told.body, depth) + self.samples(told.orelse, depth)
            case ast.BoolOp():
                return [text for one in told.values for text in self.samples(one, depth)]
            case ast.List() | ast.Tuple() | ast.Set():
                return [text for one in told.elts for text in self.samples(one, depth)]
            case ast.Starred():
                return self.samples(told.value, depth)
            case ast.ListComp() | ast.GeneratorExp():
                return self.samples(told.elt, depth)
            case ast.Dict():
                return [text for one in told.values if one for text in self.samples(one, depth)]
            case ast.Name():
                return [text for one in self._assigned(told.id) for text in self.samples(one, depth + 1)]
            case ast.Call():
                return self._returned(told, depth)
        return []

    def _returned(self, call: ast.Call, depth: int) -> list[str]:
        """Return what a call of ours may come to; of a mapping's `get` both the values and what is given for others."""
        match call.func:
            case ast.Attribute(value=ast.Name(id=name), attr="get"):
                return [
                    text
                    for one in (*self._assigned(name), *call.args[1:])
                    for text in self.samples(one, depth + 1)
                    if " " in text
                ]
            case ast.Name(id=name) | ast.Attribute(attr=name):
                name = {"near": "nearest"}.get(name, name)
                scopes = self._code.functions.get(name, [])
                near = [one for one in scopes if one.path == self.path] or (scopes if len(scopes) == 1 else [])
                return [
                    text
                    for scope in near
                    for one in ast.walk(scope.node)
                    if isinstance(one, ast.Return) and one.value is not None
                    for text in scope.samples(one.value, depth + 1)
                ]
        return []

    def _part(self, part: ast.expr, depth: int) -> list[str]:
        if not isinstance(part, ast.FormattedValue):
            return self.samples(part, depth)
        found = list(dict.fromkeys(self.samples(part.value, depth + 1)))
        is_constant = isinstance(part.value, ast.Name) and part.value.id.isupper() and found
        return found if is_constant or any(" " in text for text in found) else ["\0"]

    def _joined(self, parts: list[list[str]]) -> list[str]:
        joined = ("".join(one) for one in itertools.product(*parts))
        return list(itertools.islice(joined, MOST_SAMPLES))

    def _assigned(self, name: str) -> Iterator[ast.expr]:
        """Yield what a name was given, in this function, else in this module."""
        for scope in (self.node, self._tree):
            found = list(_given_to(name, scope, top=scope is self._tree))
            if found:
                yield from found
                return


def filled(sample: str) -> str:
    """Return a sample whose places hold words of their own."""
    pieces = sample.split("\0")
    return "".join(piece + (f"X{number}" if number < len(pieces) else "") for number, piece in enumerate(pieces, 1))


def _given_to(name: str, scope: ast.AST, *, top: bool) -> Iterator[ast.expr]:
    nodes = scope.body if top and isinstance(scope, ast.Module) else ast.walk(scope)
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                yield value
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if found == name:
                yield value
            case ast.AugAssign(target=ast.Name(id=found), value=value) if found == name:
                yield value
            case ast.NamedExpr(target=ast.Name(id=found), value=value) if found == name:
                yield value


def _told_by(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield what a node tells: error (or nothing) and text."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if name in ERRORS:
            for one in args:
                yield name, one
            for one in node.keywords:
                if one.arg == "problem":
                    yield name, one.value
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=args) if name in ATTEMPTS:
            for one in args:
                yield "", one
        case ast.Call(func=ast.Attribute(attr="report") | ast.Name(id="report"), args=[*_, text]):
            yield "", text
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[text]) if name in LISTS:
            yield "", text
        case ast.AugAssign(target=ast.Name(id=name) | ast.Attribute(attr=name), value=text) if name in LISTS:
            yield "", text
        case ast.Assign(targets=[ast.Name(id=name)], value=text) if name in LISTS:
            yield "", text
        case ast.FunctionDef(name=name) if name.endswith(("problem", "_text")) or name in TELLING:
            for one in ast.walk(node):
                if isinstance(one, ast.Return) and one.value is not None:
                    yield "", one.value


TELLING = frozenset(
    {
        "_beyond",
        "difference",
        "driver_trouble",
        "machine_fault",
        "missing_browser",
        "why_not",
        "too_little_memory",
        "_no_letters",
        "_of_system",
        "without_folders",
        "nearest",
        "_mistake",
    }
)
"""Functions that return what is told, besides those whose name says so."""


STAYS = re.compile(r"yes, no, on, off, true và false|pip install")
"""Words of YAML, and a command."""

_OTHERS_WORDS = re.compile(r"`[^`]*`|“[^”]*”|--[a-z-]+|'[^']*'|\"[^\"]*\"")
_ENGLISH = re.compile(
    r"\b(the|is|are|not|of|with|give|which|this|that|it|there|by|and|or|has|have|cannot|must|be|was|were|no|at|as|its|on)\b",
    re.I,
)


def english_in(told: str, written: str) -> str:
    """Return what is still English in a message as it is told: a little word, or two words in a row as they were written."""
    bare = _OTHERS_WORDS.sub("|", STAYS.sub("|", told))
    if found := _ENGLISH.search(bare):
        return found[0]
    words = bare.split()
    pairs = (f"{first} {second}" for first, second in zip(words, words[1:], strict=False))
    return next(
        (pair for pair in pairs if re.fullmatch(r"[A-Za-z]{2,} [a-z]{2,}[,;:.)]?", pair) and pair in written), ""
    )


def told(line: str) -> str:
    """Return a message as it is told in Vietnamese, line by line."""
    return "\n".join(retold("vi", one) for one in line.split("\n"))


def has_words(sample: str) -> bool:
    """Tell whether a message says something itself, besides its parts."""
    return len(re.findall(r"\b[a-z]{2,}\b", re.sub(r"X\d+", "", sample))) > 1
