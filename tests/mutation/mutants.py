"""Mutants of a module: every place where an operator can change it, and a sample of what can be put there."""

from __future__ import annotations

import ast
import difflib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import parso
from cosmic_ray.ast import ast_nodes
from cosmic_ray.mutating import mutate_code

from mutation.modules import Module
from mutation.operators import OPERATORS


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A module with one change."""

    module: Module
    operator: str
    line: int
    code: str = field(repr=False)
    before: str = field(repr=False)

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        path, lines = self.module.path, (self.before.splitlines(), self.code.splitlines())
        return "\n".join(difflib.unified_diff(*lines, f"a/{path}", f"b/{path}", lineterm="", n=2))

    @property
    def change(self) -> tuple[str, str]:
        """What stood there and what does now, each as one line."""
        lines = list(difflib.ndiff(self.before.splitlines(), self.code.splitlines()))
        gone, new = ([one[2:].strip() for one in lines if one.startswith(sign)] for sign in "-+")
        return " ".join(gone), " ".join(new)


def sample(module: Module, source: str, size: int, seed: int) -> list[Mutant]:
    """Draw so many places of a module and a mutant at each, in the order of the lines; fewer where there are no more.

    The same source, size and seed give the same mutants.
    """
    chance = random.Random(f"{seed} {module.path}")  # noqa: S311 - repeatable on purpose
    places: dict[tuple[str, tuple[int, int]], list[tuple[str, int]]] = {}
    for operator, occurrence, start in _positions(module, source):
        places.setdefault((operator.partition("_")[0], start), []).append((operator, occurrence))
    found: list[Mutant] = []
    plain = _meaning(source)
    drawn = sorted(places)
    chance.shuffle(drawn)
    for place in drawn:
        if len(found) == size:
            break
        operator, occurrence = chance.choice(places[place])
        code = mutate_code(source, OPERATORS[operator], occurrence)
        if _meaning(code) not in (plain, None):
            found.append(Mutant(module=module, operator=operator, line=place[1][0], code=code, before=source))
    return sorted(found, key=lambda one: one.line)


def _positions(module: Module, source: str) -> Iterator[tuple[str, int, tuple[int, int]]]:
    """Yield each way to change a module: operator, how manieth of this operator, line and column."""
    alone = [range(one.lineno, (one.end_lineno or one.lineno) + 1) for one in _left_alone(module, ast.parse(source))]
    nodes = list(ast_nodes(parso.parse(source)))
    for name, operator in OPERATORS.items():
        spans = (span for node in nodes for span in operator.mutation_positions(node))
        for occurrence, (start, _) in enumerate(spans):
            if not any(start[0] in lines for lines in alone):
                yield name, occurrence, start


def _left_alone(module: Module, tree: ast.Module) -> Iterator[ast.stmt | ast.expr]:
    """Yield the stories of a module, and what decorates its classes: that values are frozen is the type checker's."""
    for statement in tree.body:
        names = {one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        if module.stories & ({statement.name} if isinstance(statement, ast.FunctionDef) else names):
            yield statement
        if isinstance(statement, ast.ClassDef):
            yield from statement.decorator_list


def _meaning(code: str) -> str | None:
    """Return a program without what no run of it depends on; None if it is none."""
    try:
        return ast.dump(_Plain().visit(ast.parse(code)))
    except SyntaxError:
        return None


class _Plain(ast.NodeTransformer):
    """Leaves out annotations and docstrings."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        node.annotation = ast.Constant(None)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> Any:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        node.returns = None
        return self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> Any:
        if isinstance(node.value, ast.Constant):
            node.value = ast.Constant(None)
        return self.generic_visit(node)
