"""From the keys of a grid to the grid: each is one of its methods, called in one order, whatever the file's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import chain
from typing import Any, TypeVar

from sweep.base.errors import ExpressionError, GridError
from sweep.grid.definition import Definition
from sweep.grid.grid import Grid
from sweep.grid.points import block_points, kept
from sweep.grid.sampling import count_sampled
from sweep.grid.spec import keys
from sweep.grid.spec.arguments import columns, distinct
from sweep.grid.spec.dimensions import Sections, add_dimensions, check_conditions, condition
from sweep.grid.spec.tree import Node

G = TypeVar("G", bound=Grid)


def make_grid(node: Node, grid_class: type[G], default_shorthand: bool | None = None) -> G:
    """Build the grid of a document, or of one part of a union.

    Args:
        default_shorthand: of the document around it, unless this one says otherwise; None is what the class does.

    Raises:
        SpecError
    """
    sections = node.mapping("a grid")
    if "default_shorthand" in sections:
        default_shorthand = sections["default_shorthand"].flag("'default_shorthand'")
    grid = _begun(sections, grid_class, default_shorthand)
    add_dimensions(grid, sections)
    for key, apply in _STEPS.items():
        if key in sections:
            apply(grid, sections[key])
    check_conditions(sections, grid.definition.all_keys())
    _check_sample(grid.definition, sections)
    with suppress(GridError):  # what is no expression's fault is judged when the whole grid is known
        _check_first(grid.definition, sections)
    return grid


def _check_sample(definition: Definition, sections: Sections) -> None:
    """Refuse a sample of more settings than there are, where counting them is not expanding them."""
    if definition.sample and replace(definition, sample=None).plain:
        with sections["sample"].blamed():
            count_sampled(definition, definition.sample)


def _check_first(definition: Definition, sections: Sections) -> None:
    """Ask every rule about the first variant, so that one that fails on its values is an error of its own line.

    Not where there may be no such variant: in a union, a sample, or a grid of cases alone.
    """
    if definition.parts or definition.sample or not definition.has_own_points:
        return
    with _values_blamed(sections.get("when")):
        point = next(block_points(definition.block, {}), None)
    if point is None:
        return
    derived = (Definition(derived=(one,)) for one in definition.derived)
    excludes = (Definition(excludes=(one,)) for one in definition.excludes)
    places = [*sections["derive"].value.values()] if "derive" in sections else []
    places += sections["exclude"].value if "exclude" in sections else []
    for rule, place in zip(chain(derived, excludes), places, strict=True):
        with _values_blamed(place):
            left = next(kept(rule, [point]), None)
        if left is None:
            return


@contextmanager
def _values_blamed(place: Node | None) -> Iterator[None]:
    """Turn an expression that fails on values into an error of a line."""
    try:
        yield
    except ExpressionError as error:
        if place is None:
            raise
        raise place.error(str(error)) from error


def _begun(sections: Sections, grid_class: type[G], default_shorthand: bool | None) -> G:
    """Return a grid that has nothing but its name, or the union of its parts."""
    if "union" in sections:
        grid = _union(sections["union"], grid_class, default_shorthand)
    else:
        grid = grid_class()
        if default_shorthand is not None:
            grid._changed(default_shorthand=default_shorthand)  # a subclass may have no argument for it
    if "name" in sections:
        with sections["name"].blamed():
            grid.name(sections["name"].text("'name'"))
    return grid


def _union(node: Node, grid_class: type[G], default_shorthand: bool | None) -> G:
    items = node.items("'union'")
    if len(items) < 2:
        raise node.error(f"'union' joins two grids or more, not {len(items)}.")
    for item in items:
        item.closed("a part of 'union'", keys.GRID)
    union, *others = (make_grid(item, grid_class, default_shorthand) for item in items)
    for part in others:
        union = union | part
    return union


def _cases(grid: Grid, node: Node) -> None:
    for item in node.items("'cases'"):
        with item.blamed():
            grid.case(columns(item, "an item of 'cases'"))


def _ablations(grid: Grid, node: Node) -> None:
    if not node.is_list:
        with node.blamed():
            grid.ablate(columns(node, "'ablate', if it is not a list,"))
        return
    for item in node.items("'ablate'"):
        children = item.closed("an item of 'ablate'", keys.ABLATE)
        if "vals" not in children:
            raise item.error("an item of 'ablate' needs 'vals', what is tried; 'base' is what it is tried on.")
        vals, base = (columns(children[key], f"{key!r} of 'ablate'") if key in children else {} for key in keys.ABLATE)
        with item.blamed():
            grid.ablate(vals, base)


def _derivations(grid: Grid, node: Node) -> None:
    for key, child in distinct(node, "'derive'"):
        options: dict[str, Any] = {}
        rule = child
        if child.is_mapping:
            children = child.closed(repr(key), keys.DERIVE)
            options = {name: one.data() for name, one in children.items() if name != "rule"}
            rule = children.get("rule", child)
        with child.blamed():
            grid.derive(key, rule.text(f"the rule of {key!r}"), **options)


def _exclusions(grid: Grid, node: Node) -> None:
    for item in node.items("'exclude'"):
        grid.exclude(condition(item, "an item of 'exclude'"))


def _sample(grid: Grid, node: Node) -> None:
    children = node.closed("'sample'", keys.SAMPLE)
    if "n" not in children:
        raise node.error("'sample' needs 'n', the number of settings to draw.")
    with node.blamed():
        grid.sample(**{key: child.whole(f"'sample': {key!r}") for key, child in children.items()})


def _order(grid: Grid, node: Node) -> None:
    children = node.closed("'order'", keys.ORDER) if node.is_mapping else {"order": node}
    if "order" not in children:
        raise node.error("'order', if it is a mapping, needs 'order': as-given, seeds-outer or shuffle.")
    seed = children["seed"].whole("'order': 'seed'") if "seed" in children else 0
    with children["order"].blamed():
        grid.order(children["order"].text("'order'"), seed)


# Rules come after everything that has parameters, as they may name any of them.
_STEPS: dict[str, Callable[[Grid, Node], None]] = {
    "cases": _cases,
    "ablate": _ablations,
    "derive": _derivations,
    "exclude": _exclusions,
    "sample": _sample,
    "order": _order,
}
