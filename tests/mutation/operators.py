"""What is put in a place: cosmic-ray's operators but those that only break the import, and three of our own.

An operator has the two methods of cosmic-ray's `Operator`: where in a node of the syntax tree it can mutate, and how.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import parso
from cosmic_ray.ast import ast_nodes
from cosmic_ray.plugins import get_operator, operator_names

Node = Any
Span = tuple[tuple[int, int], tuple[int, int]]

LEFT_OUT = ("core/RemoveDecorator", "core/ExceptionReplacer", "core/Variable")
"""A dataclass without its decorator, and a name that is not defined, are noticed by whoever imports the module."""

REPLACED = ("core/ReplaceComparisonOperator", "core/ReplaceBinaryOperator")
ALIKE = (
    {"Is", "IsNot"},
    {"Eq", "NotEq", "Lt", "LtE", "Gt", "GtE"},
    {"Add", "Sub", "Mul", "Div", "FloorDiv", "Mod"},
    {"BitOr", "BitAnd", "BitXor"},
    {"LShift", "RShift"},
)
"""What is put in place of a comparison or a calculation: one that the same operands have a meaning for."""


class Operator(Protocol):
    """A kind of change."""

    def mutation_positions(self, node: Node) -> Iterator[Span]:
        """Yield the places in a node, one for each way to change it."""

    def mutate(self, node: Node, index: int) -> Node:
        """Return what stands in place of a node, changed in the way of an index."""


class DeleteStatement:
    """Leave out a statement of a function."""

    KINDS = ("expr_stmt", "atom_expr", "power", "return_stmt", "raise_stmt", "yield_expr", "del_stmt")

    def mutation_positions(self, node: Node) -> Iterator[Span]:
        """Yield a simple statement that does something."""
        function = _function_of(node) if node.type == "simple_stmt" else None
        if function is not None and node.children[0].type in self.KINDS and not _defines(node.children[0], function):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Node, index: int) -> Node:
        """Do nothing instead."""
        return parso.parse(f"{node.get_first_leaf().prefix}pass\n")


class DropOperand:
    """Leave out a condition of several that are joined by `and` or `or`."""

    def mutation_positions(self, node: Node) -> Iterator[Span]:
        """Yield each operand."""
        if node.type in ("and_test", "or_test"):
            for operand in node.children[::2]:
                yield operand.start_pos, operand.end_pos

    def mutate(self, node: Node, index: int) -> Node:
        """Join the others."""
        word = f" {node.children[1].value} "
        return _without(node, node.children[::2], index, word, "")


class DropMember:
    """Leave out a member of a set, a list or a tuple that is written out."""

    def mutation_positions(self, node: Node) -> Iterator[Span]:
        """Yield each member."""
        for member in self._members(node):
            yield member.start_pos, member.end_pos

    def mutate(self, node: Node, index: int) -> Node:
        """Write down the others."""
        return _without(node, self._members(node), index, ", ", ",")

    def _members(self, node: Node) -> list[Node]:
        between = node.children[1::2] if node.type in ("testlist_comp", "dictorsetmaker") else []
        commas = all(child.type == "operator" and child.value == "," for child in between)
        members = node.children[::2] if between and commas else []
        # A pair is most often a key and its value, of which none can do without the other.
        return members if len(members) > 2 or node.type == "dictorsetmaker" else []


def _without(node: Node, members: list[Node], index: int, between: str, end: str) -> Node:
    rest = [one.get_code(include_prefix=False) for number, one in enumerate(members) if number != index]
    return parso.parse(f"{node.get_first_leaf().prefix}{between.join(rest)}{end}")


def _function_of(node: Node) -> Node | None:
    """Return the innermost function that a node stands in."""
    while node is not None and node.type != "funcdef":
        node = node.parent
    return node


def _defines(statement: Node, function: Node) -> bool:
    """Tell whether a statement gives a name its only value, so that without it the name is not defined."""
    target = statement.children[0] if statement.type == "expr_stmt" else None
    if target is None or target.type != "name":
        return False
    given = [one for one in ast_nodes(function) if one.type == "name" and one.value == target.value]
    return len([one for one in given if one.is_definition()]) == 1


def _is_alike(name: str) -> bool:
    """Tell whether an operator is left as it is or replaced by one of its kin."""
    before, _, after = name.partition("_")[2].rpartition("_")
    return not before or any({before, after} <= kin for kin in ALIKE)


OPERATORS: Mapping[str, Operator] = {
    **{
        name: get_operator(name)()
        for name in operator_names()
        if not name.startswith(LEFT_OUT) and (not name.startswith(REPLACED) or _is_alike(name))
    },
    **{one.__name__: one() for one in (DeleteStatement, DropOperand, DropMember)},
}
"""By name; what stands before an underscore is the kind, such as the replacement of a comparison."""
