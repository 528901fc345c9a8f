"""
Every line that code can write as the detail of a measurement or an incident, read off the code itself.

A line is looked for wherever one is given away: to whatever is called `detail`, or beside a reason. From there names, parameters,
helpers, raised errors and pieces are followed to the literals they are made of; in a place of an f-string of which nothing is
known stands a word that nobody says. What leads nowhere is told, so that no line is passed over in silence.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path

UNKNOWN, PASSED = "\0", "\1"
"""What leads nowhere, and what holds a line that was given away elsewhere or that others wrote (servers, the system)."""

MOST_SAMPLES = 48
TIMES = 2
"""Expressions that lead to each other know after the first time what they have together."""
NAMED = frozenset({"detail"})
OF_ACTS = frozenset({"detail", "why"})
"""In probes/accessibility, where acts say why they came to no end."""
OF_SYSTEM = frozenset({"ConnectionResetError"})
"""Errors of the system that we raise ourselves, with words of ours in the second place."""
FROM_OTHERS = frozenset({"strerror", "verify_message", "value", "__name__", "message"})
KEEPS = ("kept_", "redact_")
"""Functions of probes.redaction: what they return others wrote."""
ERRORS = frozenset({"BrowserUnavailableError", "journey_problem"})
"""What is wrong on this machine or in people's files, told with its remedy: these lines are errors, and told as such."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A function, or a whole file, with what is around it. owner: name of the class it stands in."""

    path: str
    node: Function | ast.Module
    around: "Scope | None" = None
    owner: str = ""

    def own(self) -> Iterator[ast.AST]:
        """Yield all nodes that are not those of a function within."""
        waiting: list[ast.AST] = list(ast.iter_child_nodes(self.node))
        while waiting:
            node = waiting.pop()
            yield node
            if not isinstance(node, Function):
                waiting += ast.iter_child_nodes(node)

    def parameter(self, name: str) -> int | None:
        """Return which parameter has the name, self and cls not counted; -1 = one that is given by name only."""
        if isinstance(self.node, ast.Module):
            return None
        given = [*self.node.args.posonlyargs, *self.node.args.args]
        names = [one.arg for one in given if one.arg not in ("self", "cls")]
        return (
            names.index(name) if name in names else -1 if name in [a.arg for a in self.node.args.kwonlyargs] else None
        )


@dataclass(slots=True)
class Code:
    """
    The code of some folders.

    samples: each line that can be written, and where. astray: where a detail leads nowhere.
    """

    samples: dict[str, str] = field(default_factory=dict)
    astray: dict[str, str] = field(default_factory=dict)
    _scopes: list[Scope] = field(default_factory=list)
    _named: dict[str, list[Scope]] = field(default_factory=lambda: defaultdict(list))
    _calls: dict[str, list[tuple[Scope, ast.Call]]] = field(default_factory=lambda: defaultdict(list))
    _kept: dict[str, list[tuple[Scope, ast.expr]]] = field(default_factory=lambda: defaultdict(list))
    _classes: set[str] = field(default_factory=set)
    _heirs: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _known: dict[tuple[ast.expr, Scope], frozenset[str]] = field(default_factory=dict)
    _before: dict[tuple[ast.expr, Scope], frozenset[str]] = field(default_factory=dict)
    _under_way: set[tuple[ast.expr, Scope]] = field(default_factory=set)

    @classmethod
    def of(cls, root: Path, read: Iterable[str], asked: Sequence[str], but: Container[str] = ()) -> "Code":
        """
        Return what code writes.

        Args:
            root: of the tree.
            read: folders with all that may help to follow a line.
            asked: files, or beginnings of their paths, where details are given away.
            but: files that are not asked.
        """
        code = cls()
        for file in sorted(one for folder in read for one in (root / folder).rglob("*.py")):
            path = str(file.relative_to(root))
            code._enter(Scope(path, ast.parse(file.read_text(encoding="utf-8"))))
        given = [
            (scope, expr)
            for scope in code._scopes
            if scope.path.startswith(tuple(asked)) and scope.path not in but
            for expr in code._given_away(scope)
        ]
        for _ in range(TIMES):
            code._before, code._known = code._known, {}
            for scope, expr in given:
                code._take(scope, expr)
        return code

    def _enter(self, scope: Scope) -> None:
        self._scopes.append(scope)
        for node in scope.own():
            if isinstance(node, ast.Call):
                self._calls[_name(node.func)].append((scope, node))
            if isinstance(node, ast.ClassDef):
                self._classes.add(node.name)
                for base in node.bases:
                    self._heirs[_name(base)].append(node.name)
            for target, value in _set(node):
                if isinstance(target, ast.Attribute):
                    self._kept[target.attr].append((scope, value))
        owners = {id(one): node.name for node in scope.own() if isinstance(node, ast.ClassDef) for one in node.body}
        for node in scope.own():
            if isinstance(node, Function):
                inner = Scope(scope.path, node, scope, owners.get(id(node), ""))
                name = inner.owner if node.name == "__init__" else node.name
                self._named[name].append(inner)
                self._enter(inner)

    def _take(self, scope: Scope, expr: ast.expr) -> None:
        at = f"{scope.path}: {ast.unparse(expr)}"
        for line in self._lines(scope, expr):
            if line == UNKNOWN:
                self.astray.setdefault(at, line)
            elif has_words(line):
                self.samples.setdefault(line, f"{scope.path}:{expr.lineno}")

    def _given_away(self, scope: Scope) -> Iterator[ast.expr]:
        """Yield every expression that becomes a detail."""
        node, named = scope.node, OF_ACTS if scope.path.startswith("probes/accessibility/") else NAMED
        if isinstance(node, Function):
            yield from (ast.copy_location(ast.Name(one), node) for one in named if scope.parameter(one) is not None)
            if node.name in named or _is_lack(node.returns):
                for value in _returned(scope):
                    yield from (
                        value.elts[1:2] if isinstance(value, ast.Tuple) else () if _is_lack(node.returns) else (value,)
                    )
        for one in scope.own():
            if isinstance(one, ast.Tuple) and len(one.elts) == 2 and ast.unparse(one.elts[0]).startswith("Reason."):
                yield from () if ast.unparse(one.elts[1]).startswith("Reason.") else one.elts[1:]
            if isinstance(one, ast.Call):
                yield from (given.value for given in one.keywords if given.arg in named)
                yield from one.args[1:2] if _name(one.func) in OF_SYSTEM else ()
            for target, value in _set(one):
                if isinstance(target, ast.Attribute) and target.attr in named:
                    yield value

    def _lines(self, scope: Scope, expr: ast.expr) -> frozenset[str]:
        """Return all lines that an expression may have."""
        key = (expr, scope)
        if key in self._known:
            return self._known[key]
        if key in self._under_way:
            return self._before.get(key, frozenset({PASSED}))
        self._under_way.add(key)
        self._known[key] = frozenset(self._read(scope, expr))
        self._under_way.discard(key)
        return self._known[key]

    def _read(self, scope: Scope, expr: ast.expr) -> Iterator[str]:
        match expr:
            case ast.Constant(value=str() as text):
                yield text
            case ast.Constant() | ast.Subscript():
                yield PASSED
            case ast.JoinedStr():
                yield from self._written(scope, expr)
            case ast.IfExp():
                yield from self._lines(scope, expr.body) | self._lines(scope, expr.orelse)
            case ast.BoolOp():
                yield from (line for one in expr.values for line in self._lines(scope, one))
            case ast.BinOp(op=ast.Add()):
                yield from _woven("", [self._filled(scope, expr.left), self._filled(scope, expr.right)])
            case ast.List() | ast.Tuple() | ast.Set():
                yield from (line for one in expr.elts for line in self._lines(scope, one))
            case ast.Starred() | ast.Await() | ast.NamedExpr():
                yield from self._lines(scope, expr.value)
            case ast.GeneratorExp() | ast.ListComp():
                yield from self._lines(scope, expr.elt)
            case ast.Name():
                yield from self._of_name(scope, expr.id)
            case ast.Attribute():
                yield from self._of_attribute(expr)
            case ast.Call():
                yield from self._of_call(scope, expr)
            case _:
                yield UNKNOWN

    def _written(self, scope: Scope, text: ast.JoinedStr) -> Iterator[str]:
        pieces = [
            [str(one.value)] if isinstance(one, ast.Constant) else self._place(scope, one)
            for one in text.values
            if isinstance(one, ast.Constant | ast.FormattedValue)
        ]
        yield from _woven("", pieces)

    def _place(self, scope: Scope, place: ast.FormattedValue) -> list[str]:
        """Return what may stand in a place; what is formatted is a number."""
        return [_nobodys(place.value)] if place.format_spec else self._filled(scope, place.value)

    def _filled(self, scope: Scope, expr: ast.expr) -> list[str]:
        """Return what may stand in a place: sentences and pieces of one, which may be left out, else a word that nobody says."""
        found = self._lines(scope, expr)
        said = sorted(one for one in found if " " in one and (has_words(one) or one[0] in " ,;:"))
        left_out = [""] if "" in found and any(one[0] in " ,;:" for one in said) else []
        return [*said, *left_out, *([_nobodys(expr)] if len(said) + len(left_out) < len(found) else [])]

    def _of_name(self, scope: Scope, name: str) -> Iterator[str]:
        here: Scope | None = scope
        while here is not None:
            values = [*self._bound(here, name)]
            if values:
                yield from (line for value in values for line in value)
                return
            at = here.parameter(name)
            if at is not None:
                yield from self._arguments(here, name, at)
                return
            here = here.around
        yield from self._imported(scope, name)

    def _bound(self, scope: Scope, name: str) -> Iterator[Iterable[str]]:
        """Yield what a name is set to, each of the values it gets."""
        for node in scope.own():
            for target, value in _set(node):
                if isinstance(target, ast.Name) and target.id == name:
                    yield self._lines(scope, value)
                elif isinstance(target, ast.Tuple) and any(
                    isinstance(t, ast.Name) and t.id == name for t in target.elts
                ):
                    yield (PASSED,)
            if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
                names = [one.id for one in ast.walk(node.target) if isinstance(one, ast.Name)]
                if name in names:
                    yield (PASSED,)
            elif isinstance(node, ast.ExceptHandler) and node.name == name and node.type is not None:
                yield self._raised(node.type)
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == f"{name}.append":
                yield self._lines(scope, node.args[0])
            elif isinstance(node, ast.withitem) and node.optional_vars and ast.unparse(node.optional_vars) == name:
                yield (PASSED,)

    def _imported(self, scope: Scope, name: str) -> Iterator[str]:
        """Yield what a name of another file is set to there."""
        for one in ast.walk(self._file(scope).node):
            if isinstance(one, ast.ImportFrom) and one.module and name in [given.name for given in one.names]:
                path = one.module.replace(".", "/") + ".py"
                there = next((s for s in self._scopes if s.path == path and isinstance(s.node, ast.Module)), None)
                if there:
                    yield from (line for value in self._bound(there, name) for line in value)
                    return
        yield UNKNOWN

    @staticmethod
    def _file(scope: Scope) -> Scope:
        while scope.around is not None:
            scope = scope.around
        return scope

    def _raised(self, kind: ast.expr) -> Iterator[str]:
        """Yield what errors of a kind say; those of others say what others wrote."""
        kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
        for one in kinds:
            is_ours = _name(one) not in ERRORS and (self._named.get(_name(one)) or _name(one) in self._classes)
            calls = [call for name in self._with_heirs(_name(one)) for call in self._calls[name]] if is_ours else []
            if not calls:
                yield PASSED
            for scope, call in calls:
                yield from self._lines(scope, call.args[0]) if call.args else (PASSED,)

    def _with_heirs(self, name: str) -> list[str]:
        return [name, *(one for heir in self._heirs[name] for one in self._with_heirs(heir))]

    def _arguments(self, scope: Scope, name: str, at: int) -> Iterator[str]:
        """Yield what callers give for a parameter."""
        assert not isinstance(scope.node, ast.Module)
        function = scope.owner if scope.node.name == "__init__" else scope.node.name
        arguments = scope.node.args
        defaults = dict(zip([a.arg for a in arguments.args[::-1]], arguments.defaults[::-1], strict=False))
        if name in defaults:
            yield from self._lines(scope, defaults[name])
        for caller in self._with_heirs(function) if scope.node.name == "__init__" else [function]:
            for there, call in self._calls[caller]:
                if not self._is_meant(there, call, scope):
                    continue
                given = next((one.value for one in call.keywords if one.arg == name), None)
                if given is None and 0 <= at < len(call.args):
                    given = call.args[at]
                    if any(isinstance(one, ast.Starred) for one in call.args[: at + 1]):
                        given = None
                yield from self._lines(there, given) if given is not None else (PASSED,)

    def _is_meant(self, there: Scope, call: ast.Call, scope: Scope) -> bool:
        """Tell whether a call is one of this function, and not of another one with its name."""
        return there.path == scope.path or not _name(call.func).startswith("_")

    def _of_attribute(self, expr: ast.Attribute) -> Iterator[str]:
        name = expr.attr
        if name in NAMED or name in FROM_OTHERS:
            yield PASSED
            return
        functions = [one for one in self._named[name] if isinstance(one.node, Function) and _is_text(one.node.returns)]
        yield from (line for one in functions for value in _returned(one) for line in self._lines(one, value))
        yield from (line for scope, value in self._kept[name] for line in self._lines(scope, value))
        if not functions and not self._kept[name]:
            yield UNKNOWN

    def _of_call(self, scope: Scope, call: ast.Call) -> Iterator[str]:
        name = _name(call.func)
        if name == "join" and isinstance(call.func, ast.Attribute):
            yield from self._joined(scope, call.func.value, call.args[0])
        elif name in ("str", "next", "filter", "iter", "map", "storable"):
            yield from (line for one in call.args for line in self._lines(scope, one) if line != UNKNOWN)
            yield PASSED
        elif name in ("removeprefix", "removesuffix", "strip", "partition", "replace") and isinstance(
            call.func, ast.Attribute
        ):
            yield from self._lines(scope, call.func.value)
        elif name == "get":
            yield from (PASSED, *(line for one in call.args[1:] for line in self._lines(scope, one)))
        elif name.startswith(KEEPS) or name in ERRORS:
            yield PASSED
        else:
            functions = [one for one in self._named[name] if self._is_meant(scope, call, one)]
            texts = [one for one in functions if isinstance(one.node, Function) and _is_text(one.node.returns)]
            yield from (line for one in texts for value in _returned(one) for line in self._lines(one, value))
            if not texts:
                yield PASSED if functions and _is_lack_of(functions) else UNKNOWN

    def _joined(self, scope: Scope, between: ast.expr, parts: ast.expr) -> Iterator[str]:
        sign = between.value if isinstance(between, ast.Constant) else ""
        elements = parts.elts if isinstance(parts, ast.List | ast.Tuple) else [parts]
        pieces = [self._filled(scope, one.value if isinstance(one, ast.Starred) else one) for one in elements]
        yield from _woven(sign, pieces)


def _woven(between: str, pieces: Sequence[Sequence[str]]) -> Iterator[str]:
    yield from islice((between.join(filter(None, some)) for some in product(*pieces)), MOST_SAMPLES)


def has_words(line: str) -> bool:
    """Tell whether a line says anything besides what stands in its places."""
    return re.search("[a-z]{2}", re.sub(r"X\d+x\d+X", "", line)) is not None


def _nobodys(expr: ast.expr) -> str:
    return f"X{expr.lineno}x{expr.col_offset}X"


def _name(expr: ast.expr) -> str:
    return expr.attr if isinstance(expr, ast.Attribute) else expr.id if isinstance(expr, ast.Name) else ""


def _set(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    match node:
        case ast.Assign():
            yield from ((target, node.value) for target in node.targets)
        case ast.AnnAssign(value=ast.expr()) | ast.AugAssign() | ast.NamedExpr():
            yield node.target, node.value


def _returned(scope: Scope) -> list[ast.expr]:
    return [one.value for one in scope.own() if isinstance(one, ast.Return) and one.value is not None]


def _is_text(returns: ast.expr | None) -> bool:
    return returns is not None and ast.unparse(returns) in ("str", "str | None")


def _is_lack(returns: ast.expr | None) -> bool:
    told = ast.unparse(returns) if returns is not None else ""
    return "tuple[Reason, str]" in told or "Lack" in told.split(" | ")


def _is_lack_of(functions: Iterable[Scope]) -> bool:
    return any(isinstance(one.node, Function) and _is_lack(one.node.returns) for one in functions)
