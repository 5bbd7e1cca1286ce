"""A module in, its mutants out, each with one comparison, boolean, constant or condition changed."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

Change = tuple[str, Callable[[], object]]

_SQL = re.compile(r"\b(SELECT|UPDATE|INSERT INTO|DELETE FROM|WHERE|ON CONFLICT|DO UPDATE)\b")
_CLAUSE = re.compile(r"\b(SET|WHERE|AND|OR|ON|SELECT|BY)\b")
_SQL_CHANGES = [
    (re.compile(pattern), becomes)
    for pattern, becomes in (
        (r">=", "<"),
        (r"<=", ">"),
        (r"(?<![<>=])<(?![<>=])", ">="),
        (r"(?<![<>=])>(?![<>=])", "<="),
        (r"<>", "="),
        (r"(?<=[\w)]) = (?=[\w:?('])", " <> "),
        (r"\bAND\b", "OR"),
        (r"\bOR\b(?! REPLACE| IGNORE)", "AND"),
        (r"\bmax\(", "min("),
        (r"\bmin\(", "max("),
        (r"\bDESC\b", "ASC"),
        (r"(ORDER BY [\w.]+)(?! DESC)", r"\1 DESC"),
        (r"\bIS NOT NULL\b", "IS NULL"),
        (r"\bIS NULL\b", "IS NOT NULL"),
        (r"\bNOT EXISTS\b", "EXISTS"),
        (r"\bNOT IN\b", "IN"),
        (r"(?<!NOT )\bIN \(SELECT\b", "NOT IN (SELECT"),
        (r"\bDISTINCT ", ""),
        (r"\bUNION ALL\b", "UNION"),
        (r"'\w+'", "'x'"),
        (r"\b\d+\b", "7"),
        (r"\s+AND [^()]+?(?=\s+(?:AND|ORDER|GROUP|LIMIT)\b|\s*$)", ""),
    )
]
_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclass(frozen=True, slots=True, order=True)
class Mutant:
    """A module with one change: which of the changes of which of its nodes, and what it is in words."""

    path: Path
    line: int
    node: int
    number: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"

    @property
    def module(self) -> str:
        """The name of its module."""
        return ".".join(self.path.with_suffix("").parts)

    @property
    def source(self) -> str:
        """The text of the mutant."""
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        if self.number < 0:
            return ast.unparse(tree)
        changes = _changes(list(_nodes(tree))[self.node])
        changes[self.number][1]()
        return ast.unparse(tree)


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for index, node in enumerate(_nodes(tree)):
        for number, (what, _) in enumerate(_changes(node)):
            yield Mutant(path, _line(node), index, number, what)


def _line(node: ast.AST) -> int:
    return node.target.lineno if isinstance(node, ast.comprehension) else getattr(node, "lineno", 0)


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs: no annotations, docstrings or lists of names."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for child in value if isinstance(value, list) else [value]:
            is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if isinstance(child, ast.AST) and not is_docstring:
                yield from _nodes(child)


def _changes(node: ast.AST) -> list[Change]:
    match node:
        case ast.Compare():
            return [
                (
                    f"{ast.unparse(node)}, {type(op).__name__} is {_COMPARISONS[type(op)].__name__}",
                    partial(node.ops.__setitem__, at, _COMPARISONS[type(op)]()),
                )
                for at, op in enumerate(node.ops)
            ]
        case ast.BoolOp():
            other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            what = f"{ast.unparse(node)}, {type(other).__name__}"
            return [(what, partial(setattr, node, "op", other))] + [
                (f"without {ast.unparse(value)}", partial(node.values.pop, at))
                for at, value in enumerate(node.values)
            ]
        case ast.If() | ast.IfExp() | ast.While():
            negated = ast.UnaryOp(ast.Not(), node.test)
            return [(f"if not {ast.unparse(node.test)}", partial(setattr, node, "test", negated))]
        case ast.comprehension():
            return [
                (f"without if {ast.unparse(test)}", partial(node.ifs.pop, at))
                for at, test in enumerate(node.ifs)
            ]
        case ast.Constant(value=bool()):
            return [(f"{not node.value}", partial(setattr, node, "value", not node.value))]
        case ast.Constant(value=int(number)):
            return [(f"{number} is {number + 1}", partial(setattr, node, "value", number + 1))]
        case ast.Constant(value=str(text)) if _SQL.search(text):
            return [
                _sql_change(node, text, found, becomes)
                for pattern, becomes in _SQL_CHANGES
                for found in pattern.finditer(text)
                if found[0] != " = " or _CLAUSE.findall(text[: found.start()])[-1:] != ["SET"]
            ]
    return []


def _sql_change(node: ast.Constant, text: str, found: re.Match[str], becomes: str) -> Change:
    changed = text[: found.start()] + found.expand(becomes) + text[found.end() :]
    around = " ".join(text[max(0, found.start() - 30) : found.end() + 20].split())
    return f"SQL …{around}…, {found[0].strip()!r} is {becomes!r}", partial(setattr, node, "value", changed)
