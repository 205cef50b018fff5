"""From nodes to what the methods of a grid take: alternatives, columns, conditions; and values of a command line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sweep.grid.given import one_parameter
from sweep.grid.grid import Grid
from sweep.grid.parameter import Written, split_shorthand
from sweep.grid.spec.compose import compose
from sweep.grid.spec.generators import generated
from sweep.grid.spec.keys import COLUMN, ENTRY, OPTIONS
from sweep.grid.spec.tree import Node, Source
from sweep.grid.spec.values import decode, is_tagged

_DICT_HINT = " A dict that is one value is written in a list: [{key: value}]."


def alternatives(node: Node, what: str) -> Any:
    """Return alternatives as `Grid.add` takes them: a list is several values, a scalar or tagged value is one.

    Raises:
        SpecError: a mapping that is no generator.
    """
    if node.is_list:
        return decode(node)
    if not node.is_mapping or is_tagged(node):
        return [decode(node)]
    node.closed(what, COLUMN, _DICT_HINT)
    return generated(node, what)


def add_entry(grid: Grid, key: str, node: Node) -> None:
    """Add one entry of `grid:` to a grid."""
    what = repr(key)
    vals, options = _split(node, what)
    with node.blamed():
        grid.add(key, Written(vals, node.data()), **options)


def _split(node: Node, what: str) -> tuple[Any, dict[str, Any]]:
    """Return the alternatives of an entry, and the other arguments of `Grid.add`."""
    if not node.is_mapping or is_tagged(node):
        return alternatives(node, what), {}
    children = node.closed(what, ENTRY, _DICT_HINT)
    options = {key: child.data() for key, child in children.items() if key in OPTIONS}
    rest = {key: child for key, child in children.items() if key not in OPTIONS}
    if "vals" not in rest:
        return generated(Node(rest, node.source, node.line), what), options
    for key, child in rest.items():
        if key != "vals":
            raise child.error(f"{what}: {key!r} stands in place of vals, not beside it; keep one.")
    return _listed(rest["vals"], f"{what}: vals"), options


def _listed(node: Node, what: str) -> list[Any]:
    if node.is_mapping and not is_tagged(node):
        raise node.error(f"{what} must be a list or one value, not {node.shown}; a generator stands in its place.")
    return decode(node) if node.is_list else [decode(node)]


def columns(node: Node, what: str, repeats: bool = False) -> dict[str, Written]:
    """Return a mapping of keys to alternatives, each checked under its own line.

    Args:
        repeats: whether a value may come twice, as in one column of a `zip`.

    Raises:
        SpecError: an entry is wrong, or a key is there twice, with and without a shorthand.
    """
    found: dict[str, Written] = {}
    for key, child in distinct(node, what):
        written = Written(alternatives(child, repr(key)), child.data())
        with child.blamed():
            one_parameter(key, written, repeats=repeats)
        found[key] = written
    return found


def distinct(node: Node, what: str) -> Iterator[tuple[str, Node]]:
    """Yield the entries of a mapping whose keys differ without their shorthands too."""
    seen: dict[str, str] = {}
    for key, child in node.mapping(what).items():
        bare = split_shorthand(key)[0]
        if bare in seen:
            raise child.error(f"{what} has {bare!r} twice, as {seen[bare]!r} and as {key!r}; keep one.")
        seen[bare] = key
        yield key, child


def rule(node: Node, what: str) -> str | Written:
    """Return a condition: an expression, or a mapping of keys to the values wanted."""
    if node.is_mapping:
        return Written({key: decode(child) for key, child in node.value.items()}, node.data())
    return node.text(f"{what}, if it is not a mapping,")


def parse_value(text: str, source: str = "") -> Any:
    """Return the value of a command-line text, by the rules of a grid file: ``1e-3``, ``[0, 1]``, ``{a: 1}``, ``no``.

    Args:
        source: what an error message begins with.

    Raises:
        SpecError: the text is empty, or has characters that want quotes.
    """
    return decode(compose(text, Source(source), _COMMAND_LINE))


def parse_alternatives(text: str, source: str = "") -> Any:
    """Return alternatives as `Grid.add` and `Grid.override` take them, from a text in the form of a grid's entry.

    As `parse_value`, but a mapping is a generator: ``{range: [0, 5]}``.
    """
    return alternatives(compose(text, Source(source), _COMMAND_LINE), f"the value {text!r}")


_COMMAND_LINE = "the value"
