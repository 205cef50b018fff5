"""From colon keys to nested dicts: ``{'a:b': 1, 'a:c': 2}`` is ``{'a': {'b': 1, 'c': 2}}``.

A grid of a million variants unfolds the same keys a million times, so the unfolding is compiled once: a tree of the
keys becomes the syntax tree of one dict display, ``lambda v0, v1: {'a': {'b': v0, 'c': v1}}``. The tree is built from
nodes, never from text, so no key can be anything but a string in it. This file is the only one that makes code.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sweep.base.errors import GridError
from sweep.base.text import shown
from sweep.grid.values import fresh

SEPARATOR = ":"


@dataclass
class _Node:
    """One place in the nested dict: a value of its own, keys below it, or both (a dict that sub-keys extend)."""

    leaf: ast.expr | None = None
    children: dict[str, _Node] = field(default_factory=dict)

    def display(self) -> ast.expr:
        if not self.children:
            assert self.leaf is not None
            return self.leaf
        below = ast.Dict(
            keys=[ast.Constant(key) for key in self.children],
            values=[child.display() for child in self.children.values()],
        )
        return below if self.leaf is None else _call("merged", self.leaf, below)


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(func=ast.Name(name, ast.Load()), args=list(arguments), keywords=[])


def merged(value: Any, below: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Return a new dict: a parameter's own dict value with the keys of its sub-parameters added.

    Raises:
        GridError: the value is not a dict, or already holds one of the keys.
    """
    if not isinstance(value, Mapping):
        raise GridError(
            f"{path or 'a parameter'} has the value {shown(value)}, so it cannot have the sub-keys {list(below)}."
        )
    joined = {key: fresh(item) for key, item in value.items()}
    for key, item in below.items():
        if key in joined and isinstance(item, Mapping) and isinstance(joined[key], Mapping):
            joined[key] = merged(joined[key], item, f"{path}{SEPARATOR}{key}")
        elif key in joined:
            raise GridError(f"the key {key!r} is given twice: inside the dict value and as a sub-key. Keep one.")
        else:
            joined[key] = item
    return joined


def compile_unfold(shape: Sequence[Sequence[str]], copied: frozenset[str]) -> Callable[..., dict[str, Any]]:
    """Return a function from one row per dimension to a nested dict.

    Args:
        shape: the keys of each dimension. A dimension of one key gives its value, one of several keys a tuple.
        copied: the keys with values that must be copied for each variant.
    """
    root = _Node()
    for number, keys in enumerate(shape):
        row: ast.expr = ast.Name(f"v{number}", ast.Load())
        for place, key in enumerate(keys):
            value = row if len(keys) == 1 else ast.Subscript(row, ast.Constant(place), ast.Load())
            _descend(root, key).leaf = _call("fresh", value) if key in copied else value
    display = root.display() if root.children else ast.Dict(keys=[], values=[])
    return _function([f"v{number}" for number in range(len(shape))], display)


def _descend(root: _Node, key: str) -> _Node:
    for part in key.split(SEPARATOR):
        root = root.children.setdefault(part, _Node())
    return root


def _function(arguments: list[str], body: ast.expr) -> Callable[..., dict[str, Any]]:
    parameters = ast.arguments(
        posonlyargs=[], args=[ast.arg(name) for name in arguments], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    tree = ast.Expression(ast.Lambda(args=parameters, body=body))
    code = compile(ast.fix_missing_locations(tree), "<unfold>", "eval")
    inner = next(item for item in code.co_consts if isinstance(item, types.CodeType))
    return types.FunctionType(inner, {"fresh": fresh, "merged": merged, "__builtins__": {}}, "unfold")


def unfold(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Return a nested dict of flat colon keys, sharing no container with it."""
    return _unfolder(tuple(flat))(*flat.values())


@lru_cache(maxsize=256)
def _unfolder(keys: tuple[str, ...]) -> Callable[..., dict[str, Any]]:
    return compile_unfold([(key,) for key in keys], frozenset(keys))


def lookup(variant: Mapping[str, Any], key: str) -> Any:
    """Return a value from a nested or flat dict; the full key at the top wins, as in the reference.

    Raises:
        KeyError: the variant has no such key.
    """
    if key in variant:
        return variant[key]
    first, colon, rest = key.partition(SEPARATOR)
    if not colon or not isinstance(variant.get(first), Mapping):
        raise KeyError(key)
    return lookup(variant[first], rest)


def nested_pairs(keys: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield (outer, inner) for every key that lies in another: ``('a', 'a:b')``."""
    known = dict.fromkeys(keys)
    for inner in known:
        parts = inner.split(SEPARATOR)
        for end in range(1, len(parts)):
            outer = SEPARATOR.join(parts[:end])
            if outer in known:
                yield outer, inner


def check_nests(outer: str, value: Any, inner: str) -> None:
    """Refuse a value that cannot take a sub-key: it is not a dict, or holds the key already.

    Raises:
        GridError
    """
    below = value
    parts = inner[len(outer) + 1 :].split(SEPARATOR)
    for place, part in enumerate(parts):
        if not isinstance(below, Mapping):
            raise GridError(
                f"{outer!r} has the value {shown(value)}, so {inner!r} cannot be nested in it; "
                "use a dict as the value, or other keys."
            )
        if part not in below:
            return
        if place == len(parts) - 1:
            raise GridError(f"{outer!r} already holds {part!r} in its dict value, and {inner!r} gives it; keep one.")
        below = below[part]
