"""What a launch must know of a grid first: how many, which names, and that no two variants share one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sweep.base.canonical import canonical_text
from sweep.base.errors import GridError, NameClash
from sweep.grid.definition import Definition, is_seed
from sweep.grid.expansion import check, ordered
from sweep.grid.naming import NamedKey, Naming, finished, naming
from sweep.grid.parameter import SEED
from sweep.grid.points import Flat
from sweep.grid.product import Product
from sweep.grid.uniqueness import find_clash


@dataclass(frozen=True)
class Survey:
    """A grid in numbers and names.

    Attributes:
        runs: the number of variants, seeds counted.
        settings: the same without seeds.
        first: name of the first variant; `last` and `longest` alike.
    """

    runs: int
    settings: int
    first: str
    last: str
    longest: str


def survey(definition: Definition) -> Survey:
    """Prove that the names are unique, and return what there is to say about them.

    Raises:
        NameClash: two different settings would get one name.
        GridError: there is no variant at all, or one has no name.
    """
    check(definition)
    names = naming(definition)
    if definition.plain and _provable(names, definition):
        return _survey_product(definition, names)
    return _survey_points(definition, names)


def check_named(found: Survey) -> None:
    """Refuse a grid whose variants would have no name, so no directory.

    Raises:
        GridError
    """
    if not found.first or not found.last:
        raise GridError(
            "a variant has no name: no parameter of it stands in names. Give the grid one: ExperimentGrid('ppo')."
        )


def _provable(names: Naming, definition: Definition) -> bool:
    """Say whether parts can be judged without joining them.

    With a grid name they always can. Without one, the leading underscore is taken off what is joined, which loses
    nothing as long as no part begins with two.
    """
    if names.base.lstrip("_"):
        return True
    parts = Product(definition.block.dimensions).parts(names)
    return not any(part.startswith("__") or part == "_" for row in parts for part in row)


def _survey_product(definition: Definition, names: Naming) -> Survey:
    product = Product(definition.block.dimensions)
    parts = product.parts(names)
    settings = [(d, row) for d, row in zip(product.dimensions, parts, strict=True) if not is_seed(d) or any(row)]
    clash = find_clash([row for _, row in settings])
    if clash:
        one, other = (_point(settings, places) for places in clash)
        raise _clash(names, one, other)
    first, last = (names.name(product.flat(place)) for place in (0, product.count - 1))
    longest = finished(names.base + "".join(max(row, key=len) for row in parts))
    seeds = Product([d for d in product.dimensions if is_seed(d)]).count
    return Survey(product.count, product.count // seeds, first, last, longest)


def _point(settings: list[tuple[Any, list[str]]], places: list[int]) -> Flat:
    point: Flat = {}
    for (dimension, _), place in zip(settings, places, strict=True):
        point.update(dimension.items(dimension.rows[place]))
    return point


def _survey_points(definition: Definition, names: Naming) -> Survey:
    """Look at every point, where rules decide which there are."""
    ignored = definition.runtime_only() | {SEED}
    settings: dict[str, str] = {}
    runs, longest, last = 0, "", ""
    for point in ordered(definition):
        last = names.name(point)
        form = canonical_text({key: value for key, value in point.items() if key not in ignored})
        if settings.setdefault(last, form) != form:
            raise _clash(names, _first_named(definition, names, last), point)
        runs, longest = runs + 1, max(longest, last, key=len)
    if not runs:
        raise GridError("no variant is left: every one is excluded. Loosen the rules of exclude.")
    _check_runtime_only(settings)
    return Survey(runs, len(settings), next(iter(settings)), last, longest)


def _check_runtime_only(settings: Mapping[str, str]) -> None:
    if len(set(settings.values())) != len(settings):
        raise GridError("two variants differ in runtime-only keys alone, so they would be one run; let one of them go.")


def _first_named(definition: Definition, names: Naming, name: str) -> Flat:
    return next(point for point in ordered(definition) if names.name(point) == name)


def _clash(names: Naming, one: Flat, other: Flat) -> NameClash:
    absent = object()
    keys = [key for key in dict.fromkeys([*one, *other]) if key != SEED]
    differing = [key for key in keys if not _equal(one.get(key, absent), other.get(key, absent))]
    ours, theirs = ({key: point[key] for key in differing if key in point} for point in (one, other))
    return NameClash(
        f"two variants would both be called {names.name(one)!r}: {ours!r} and {theirs!r} "
        f"(they differ in {', '.join(map(repr, differing))}). {_mend(names, differing)}"
    )


def _equal(one: Any, other: Any) -> bool:
    return one is other or canonical_text(one) == canonical_text(other)


def _mend(names: Naming, differing: list[str]) -> str:
    shown: dict[str, NamedKey] = {key.key: key for key in names.keys}
    if not any(key in shown for key in differing):
        return f"Show the difference: add({differing[0]!r}, ..., in_name=True)."
    if len(differing) == 1:
        return f"Name the values apart: add({differing[0]!r}, [...], labels=['one', 'other'])."
    return f"Give one of them another shorthand: add({differing[0]!r}, [...], shorthand='...'), or labels=[...]."
