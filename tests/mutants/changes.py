"""The small changes that make mutants of a module: each is one place of its syntax tree, changed in one way.

Nothing is changed in types, defaults, assertions, texts and what a refusal says of its numbers: those decide nothing.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

# From the root of a tree down to a node: fields, and places in those that are lists.
Way = tuple[tuple[str, int | None], ...]

# What a reader could take for each other: half of them by a slip of the hand, half because they mostly are equal.
NEIGHBOURS = [
    ("any", "all"),
    ("min", "max"),
    ("expected", "present"),
    ("issued", "returned"),
    ("valid", "spoiled"),
    ("for_", "against"),
    ("elected", "tied"),
    ("first", "second"),
    ("seats", "have"),
    ("needed", "missing"),
    ("error", "warning"),
    ("_error", "_warning"),
    ("ERROR", "WARNING"),
    ("FIRST", "SECOND"),
    ("EXPECTED", "PRESENT"),
    ("E", "W"),
]
OTHER = {one: other for pair in NEIGHBOURS for one, other in (pair, pair[::-1])}
# Of these also the bare name; a local name of a figure stands for what was read before.
MISTAKEN_NAMES = {"any", "all", "min", "max", "_error", "_warning", "E", "W"}
COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
# Calls that put something into words: what they are given by name is only told.
WORDING = {"Refused", "Finding", "_error", "_warning", "error", "warning", "_missing", "BadContest", "ValueError"}
# Functions that print the tables of the docs.
PRINTING = {"print_table"}
LONGEST = 110


@dataclass(frozen=True)
class Mutant:
    """A changed place. `within`: the function, or the table of the module, that is another one by it; `said`: the change as
    it reads, the same wherever in the file it stands.
    """

    within: str
    said: str
    line: int
    way: Way
    changed: ast.AST

    def tree(self, source: str) -> ast.Module:
        """The whole module with the change."""
        tree = ast.parse(source)
        *above, (name, place) = self.way
        node: ast.AST = tree
        for step in above:
            node = _step(node, step)
        if place is None:
            setattr(node, name, self.changed)
        else:
            getattr(node, name)[place] = self.changed
        return ast.fix_missing_locations(tree)


def mutants_of(source: str) -> list[Mutant]:
    """Every mutant of a module, in the order of its lines. No two are said alike."""
    tree = ast.parse(source)
    found: list[Mutant] = []
    said: dict[tuple[str, str], int] = {}
    for within, way in _places(tree):
        nodes = _nodes(tree, way)
        for changed in _changes(nodes[-1]):
            text = _said(nodes, way, changed)
            again = said[within, text] = said.get((within, text), 0) + 1
            text += f" ({again})" if again > 1 else ""
            line = next(node.lineno for node in reversed(nodes) if isinstance(node, ast.expr | ast.stmt))
            found.append(Mutant(within, text, line, way, changed))
    return found


# Places


def _step(node: ast.AST, step: tuple[str, int | None]) -> ast.AST:
    name, place = step
    value = getattr(node, name)
    found: ast.AST = value if place is None else value[place]
    return found


def _nodes(tree: ast.AST, way: Way) -> list[ast.AST]:
    """The nodes along a way, the root first."""
    nodes = [tree]
    for step in way:
        nodes.append(_step(nodes[-1], step))
    return nodes


def _below(node: ast.AST, way: Way) -> Iterator[tuple[ast.AST, Way]]:
    for name, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield value, (*way, (name, None))
        elif isinstance(value, list):
            yield from ((one, (*way, (name, place))) for place, one in enumerate(value) if isinstance(one, ast.AST))


def _places(tree: ast.Module) -> Iterator[tuple[str, Way]]:
    """The places in functions and methods, each with its function, and in the tables that a module keeps."""

    def in_body(node: ast.AST, way: Way, names: str) -> Iterator[tuple[str, Way]]:
        for one, here in _below(node, way):
            if isinstance(one, ast.ClassDef):
                yield from in_body(one, here, f"{names}{one.name}.")
            elif isinstance(one, ast.FunctionDef) and one.name not in PRINTING:
                for place, statement in enumerate(one.body):
                    for inner in _deciding(statement, (*here, ("body", place))):
                        yield f"{names}{one.name}", inner
            elif isinstance(one, ast.Assign | ast.AnnAssign) and not names and (name := assigned(one)) != "__all__":
                assert one.value is not None
                if name.isidentifier() and not isinstance(one.value, ast.Subscript):  # that is the name of a type
                    yield from ((name, inner) for inner in _deciding(one.value, (*here, ("value", None))))

    yield from in_body(tree, (), "")


def assigned(statement: ast.Assign | ast.AnnAssign) -> str:
    """The name that a statement of a module gives."""
    target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
    return ast.unparse(target)


def _deciding(node: ast.AST, way: Way) -> Iterator[Way]:
    """This place and those in it, but for what decides nothing."""
    if isinstance(node, ast.Assert | ast.JoinedStr | ast.arguments):
        return
    yield way
    wording = isinstance(node, ast.Call) and _name(node.func) in WORDING
    for one, here in _below(node, way):
        name = here[-1][0]
        if name in ("annotation", "returns") or (wording and name in ("args", "keywords")):
            continue
        if not isinstance(one, ast.expr_context | ast.operator | ast.cmpop | ast.boolop | ast.unaryop):
            yield from _deciding(one, here)


def _name(node: ast.AST) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


# Changes


def _changes(node: ast.AST) -> Iterable[ast.AST]:
    """Everything else that could stand in this place."""
    match node:
        case ast.Compare():
            yield from _compared(node)
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
            yield from (_with(node, values=kept) for kept in _each_left_out(node.values))
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.BinOp() | ast.AugAssign() if type(node.op) in COUNTED:
            yield _with(node, op=COUNTED[type(node.op)]())
            if isinstance(node, ast.AugAssign):
                yield ast.Pass()
        case ast.If() | ast.While() if node.orelse or not _falls_alone(node.body):
            yield _with(node, test=ast.Constant(False))
        case ast.IfExp():
            yield from (node.body, node.orelse)
        case ast.comprehension(ifs=[_, *_]):
            yield from (_with(node, ifs=kept) for kept in _each_left_out(node.ifs))
        case ast.Slice():
            yield from (_with(node, **{name: None}) for name in ("lower", "upper") if getattr(node, name) is not None)
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.Raise() if "super()" not in _line(node):
            yield ast.Pass()
        case ast.Dict():
            for place in range(len(node.keys)):
                rows = [row for at, row in enumerate(zip(node.keys, node.values, strict=True)) if at != place]
                yield ast.Dict([key for key, _ in rows], [value for _, value in rows])
        case ast.Tuple(ctx=ast.Load()) | ast.Set() | ast.List(ctx=ast.Load()) if len(node.elts) > 1:
            yield from (_with(node, elts=kept) for kept in _each_left_out(node.elts))
        case ast.Call():
            yield from _called(node)
        case ast.Name(id=name, ctx=ast.Load()) if name in MISTAKEN_NAMES:
            yield ast.Name(OTHER[name], ast.Load())
        case ast.Attribute(attr=name, ctx=ast.Load()) if name in OTHER:
            yield _with(node, attr=OTHER[name])


def _falls_alone(body: list[ast.stmt]) -> bool:
    """Whether a guard without its only statement is the same as no guard: the statement's own mutant is that already."""
    return len(body) == 1 and isinstance(body[0], ast.Raise | ast.AugAssign | ast.Expr)


def _compared(node: ast.Compare) -> Iterator[ast.AST]:
    for place, op in enumerate(node.ops):
        for other in COMPARED[type(op)]:
            yield _with(node, ops=[*node.ops[:place], other(), *node.ops[place + 1 :]])


def _called(node: ast.Call) -> Iterator[ast.AST]:
    if _name(node.func) in ("replace", "_judged"):
        yield node.args[0]
        if len(node.keywords) > 1:
            yield from (_with(node, keywords=kept) for kept in _each_left_out(node.keywords))
    if _name(node.func) in ("sorted", "strip"):
        inner = node.args[0] if node.args else getattr(node.func, "value", None)
        if inner is not None:
            yield ast.Call(ast.Name("list", ast.Load()), [inner], []) if node.args else inner


def _each_left_out(items: list[Any]) -> Iterator[list[Any]]:
    yield from ([one for at, one in enumerate(items) if at != place] for place in range(len(items)))


def _with(node: ast.AST, **fields: object) -> ast.AST:
    """The same node, with other fields."""
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    values = getattr(changed, "values", None)
    if isinstance(changed, ast.BoolOp) and values is not None and len(values) == 1:
        only: ast.AST = values[0]
        return only
    return changed


# Words


def _said(nodes: list[ast.AST], way: Way, changed: ast.AST) -> str:
    """`old → new`, with as much around it as is read at a glance."""
    text = f"{_line(nodes[-1])} → {_line(changed)}"
    after = changed
    for node, step in zip(reversed(nodes[:-1]), reversed(way), strict=False):
        name, place = step
        if place is None:
            after = _with(node, **{name: after})
        else:
            many = list(getattr(node, name))
            many[place] = after
            after = _with(node, **{name: many})
        wider = f"{_line(node)} → {_line(after)}"
        if not isinstance(node, ast.expr | ast.keyword | ast.comprehension | ast.Return) or len(wider) > 2 * LONGEST:
            break
        text = wider
    return text if len(text) <= 4 * LONGEST else text[: 2 * LONGEST] + " …"


def _line(node: ast.AST) -> str:
    """How a node reads on one line; of a statement with others in it only how it begins."""
    return ast.unparse(node).strip().split("\n")[0]
