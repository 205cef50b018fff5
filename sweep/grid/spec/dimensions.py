"""From the keys `grid`, `zip` and `when` to the dimensions of a grid, in the order in which they expand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sweep.base.errors import did_you_mean, listed
from sweep.grid.conditions import Condition
from sweep.grid.grid import Grid
from sweep.grid.parameter import split_shorthand
from sweep.grid.spec import keys
from sweep.grid.spec.arguments import add_entry, columns, distinct, rule
from sweep.grid.spec.tree import Node

Sections = Mapping[str, Node]


def add_dimensions(grid: Grid, sections: Sections) -> None:
    """Add what is under `grid` and `zip`, then what depends on it."""
    entries = list(distinct(sections["grid"], "'grid'")) if "grid" in sections else []
    zips = [_zip(node) for node in sections["zip"].items("'zip'")] if "zip" in sections else []
    _check_places(zips, [split_shorthand(key)[0] for key, _ in entries])
    for key, node in entries:
        _add_zips(grid, zips, split_shorthand(key)[0])
        add_entry(grid, key, node)
    _add_zips(grid, zips, None)
    for item in sections["when"].items("'when'") if "when" in sections else ():
        _add_when(grid, item)


@dataclass(frozen=True)
class _Zip:
    """The arguments of one `Grid.zip`, and the entry of `grid` that it stands before."""

    node: Node
    vals: Node
    in_name: bool = False
    place: Node | None = None

    @property
    def before(self) -> str | None:
        return None if self.place is None else split_shorthand(self.place.text("'before'"))[0]


def _zip(node: Node) -> _Zip:
    children = node.mapping("an item of 'zip'")
    # A parameter may be called vals too; it has a list then.
    if "vals" not in children or not children["vals"].is_mapping:
        return _Zip(node, node)
    node.closed("an item of 'zip' with 'vals'", keys.ZIP)
    in_name = "in_name" in children and children["in_name"].flag("'in_name'")
    return _Zip(node, children["vals"], in_name, children.get("before"))


def _check_places(zips: list[_Zip], known: list[str]) -> None:
    for one in zips:
        if one.place is not None and one.before not in known:
            hint = did_you_mean(str(one.before), known)
            raise one.place.error(f"'before' names {one.before!r}; 'grid' has {listed(known) or 'no keys'}.{hint}")


def _add_zips(grid: Grid, zips: list[_Zip], before: str | None) -> None:
    for one in zips:
        if one.before == before:
            together = columns(one.vals, "an item of 'zip'", repeats=True)
            with one.node.blamed():
                grid.zip(together, in_name=one.in_name)


def _add_when(grid: Grid, node: Node) -> None:
    children = node.closed("an item of 'when'", keys.WHEN)
    if "if" not in children or len(children) == 1:
        raise node.error(f"an item of 'when' has 'if', and 'grid', 'zip' or 'when'; this is {node.shown}.")
    rule_given = condition(children["if"], "'if'")
    inner = Grid()
    add_dimensions(inner, children)
    with node.blamed():
        grid.when(rule_given, inner)


def condition(node: Node, what: str) -> Any:
    """Return a condition that holds of something, as `Grid.when` and `Grid.exclude` take it."""
    given = rule(node, what)
    with node.blamed():
        Condition(given)
    return given


def check_conditions(sections: Sections, known: list[str]) -> None:
    """Refuse a condition about an unknown key here, where its line is known."""
    for node in _conditions(sections):
        with node.blamed():
            Condition(rule(node, "a condition")).check_keys(known)


def _conditions(sections: Sections) -> Iterator[Node]:
    yield from sections["exclude"].value if "exclude" in sections else ()
    for item in sections["when"].value if "when" in sections else ():
        yield item.value["if"]
        yield from _conditions({key: child for key, child in item.value.items() if key == "when"})
