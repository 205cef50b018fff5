"""What a launch must know of a grid first: how many, which names, and that no two variants share one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sweep.base.canonical import canonical_text
from sweep.base.errors import GridError, NameClash, listed
from sweep.base.text import shown
from sweep.grid.conditions import related
from sweep.grid.definition import Definition, Dimension, is_seed
from sweep.grid.expansion import check, ordered
from sweep.grid.expression import compiled
from sweep.grid.naming import Naming, finished, name_fault, naming
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
        first: name of the first variant in the order as given; `last` and `longest` alike.
        nameless: whether some variant has an empty name.
        unfit: a name that begins with a dash or is that of a Windows device, if there is one.
    """

    runs: int
    settings: int
    first: str
    last: str
    longest: str
    nameless: bool = False
    unfit: str = ""


def survey(definition: Definition) -> Survey:
    """Prove that the names are unique, and return what there is to say about them.

    Raises:
        NameClash: two different settings would get one name.
        GridError: there is no variant at all, or a rule of the grid is wrong.
    """
    check(definition)
    names = naming(definition)
    if definition.plain and _provable(names, definition):
        return _survey_product(definition, names)
    return _survey_points(definition, names)


def check_named(found: Survey) -> None:
    """Refuse a grid of which a variant would have no name, or one that not every directory can have.

    Raises:
        GridError
    """
    if found.nameless:
        raise GridError(
            "a variant has no name: no parameter of it stands in names. Give the grid one: ExperimentGrid('ppo')."
        )
    if found.unfit:
        raise GridError(
            f"a variant would be called {found.unfit!r}, which {name_fault(found.unfit)}; give the grid a name that "
            "puts something else in front: ExperimentGrid('ppo')."
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
    settings = [_setting_rows(dimension, row) for dimension, row in zip(product.dimensions, parts, strict=True)]
    clash = find_clash([[part for _, part in rows] for rows in settings])
    if clash:
        one, other = (_point(product, settings, places) for places in clash)
        raise _clash(definition, names, one, other)
    first, last = (names.name(product.flat(place)) for place in (0, product.count - 1))
    longest = finished(names.base + "".join(max(row, key=len) for row in parts))
    nameless = not (names.base + "".join(min(row, key=_letters) for row in parts)).lstrip("_")
    unfit = next((name for name in _plainest(names.base, parts) if name_fault(name)), "")
    return Survey(product.count, math.prod(map(len, settings)), first, last, longest, nameless, unfit)


def _plainest(base: str, parts: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield names of a product among which is an unfit one, if the product has any.

    Every part begins with an underscore, so what makes a name unfit is the base, or without one the first part that is
    not empty: each part is shown among the shortest ones of the other dimensions.
    """
    shortest = [min(row, key=_letters) for row in parts]
    yield finished(base + "".join(shortest))
    if base.lstrip("_"):
        return
    for place, row in enumerate(parts):
        before, after = "".join(shortest[:place]), "".join(shortest[place + 1 :])
        yield from (finished(base + before + part + after) for part in row)


def _letters(part: str) -> int:
    return len(part.lstrip("_"))


def _setting_rows(dimension: Dimension, parts: Sequence[str]) -> list[tuple[Any, str]]:
    """Return the rows that make settings, with their parts: of rows that differ in the seed alone only the first."""
    rows = zip(dimension.rows, parts, strict=True)
    if not is_seed(dimension):
        return list(rows)
    found: dict[str, tuple[Any, str]] = {}
    for row, part in rows:
        form = canonical_text({key: value for key, value in dimension.items(row) if key != SEED})
        found.setdefault(form, (row, part))
    return list(found.values())


def _point(product: Product, settings: list[list[tuple[Any, str]]], places: list[int]) -> Flat:
    point: Flat = {}
    for dimension, rows, place in zip(product.dimensions, settings, places, strict=True):
        point.update(dimension.items(rows[place][0]))
    return point


def _survey_points(definition: Definition, names: Naming) -> Survey:
    """Look at every point, where rules decide which there are."""
    loose = _following_seed(definition)
    apart = definition.uncounted() | loose
    runs = _Runs(definition, names) if len(apart) > 1 else None
    settings: dict[str, str] = {}
    number, longest, last, unfit = 0, "", "", ""
    for point in ordered(definition):
        last = names.name(point)
        form = canonical_text({key: value for key, value in point.items() if key not in apart})
        if settings.setdefault(last, form) != form:
            raise _clash(definition, names, _first_named(definition, names, last), point)
        if runs:
            runs.take(last, point)
        number, longest = number + 1, max(longest, last, key=len)
        unfit = unfit or (last if name_fault(last) else "")
    if not number:
        raise GridError("no variant is left: every one is excluded. Loosen the rules of exclude.")
    return Survey(number, len(set(settings.values())), next(iter(settings)), last, longest, "" in settings, unfit)


def _following_seed(definition: Definition) -> frozenset[str]:
    """Return the seed and the derived keys that may follow from it, such as ``seed + 1000``: no part of a setting."""
    found = {SEED}
    for one in definition.all_derived():
        paths = compiled(one.rule).paths if isinstance(one.rule, str) else None
        if paths is None or any(related(path, key) for path in paths for key in found):
            found.add(one.key)
    return frozenset(found)


class _Runs:
    """The runs so far, where keys that are no part of a setting could make two of what is one run."""

    def __init__(self, definition: Definition, names: Naming) -> None:
        self._definition, self._names = definition, names
        self._ignored = definition.uncounted()
        self._exact: set[str] = set()
        self._places: dict[tuple[str, Any], Flat] = {}

    def take(self, name: str, point: Flat) -> None:
        exact = canonical_text({key: value for key, value in point.items() if key not in self._ignored})
        if exact in self._exact:
            raise GridError(
                f"two variants called {name!r} differ in extendable or runtime-only keys alone "
                f"({listed(sorted(self._ignored))}), so they would be one run; let one of them go."
            )
        self._exact.add(exact)
        other = self._places.setdefault((name, point.get(SEED)), point)
        if other is not point:
            raise _clash(self._definition, self._names, other, point)


def _first_named(definition: Definition, names: Naming, name: str) -> Flat:
    return next(point for point in ordered(definition) if names.name(point) == name)


def _clash(definition: Definition, names: Naming, one: Flat, other: Flat) -> NameClash:
    absent = object()
    keys = [key for key in dict.fromkeys([*one, *other]) if key != SEED]
    differing = [key for key in keys if not _equal(one.get(key, absent), other.get(key, absent))]
    ours, theirs = ({key: point[key] for key in differing if key in point} for point in (one, other))
    return NameClash(
        f"two variants would both be called {names.name(one)!r}: {shown(ours)} and {shown(theirs)} "
        f"(they differ in {listed(map(repr, differing))}). {_mend(definition, names, differing)}"
    )


def _equal(one: Any, other: Any) -> bool:
    return one is other or canonical_text(one) == canonical_text(other)


def _mend(definition: Definition, names: Naming, differing: list[str]) -> str:
    derived = {one.key for one in definition.all_derived()}
    given = [key for key in differing if key not in derived]
    visible = {key.key for key in names.keys}
    if not given:
        return f"Show the difference: derive({differing[0]!r}, ..., in_name=True)."
    if not any(key in visible for key in differing):
        return f"Show the difference: add({given[0]!r}, ..., in_name=True)."
    if len(given) == 1:
        return f"Name the values apart: add({given[0]!r}, [...], labels=['one', 'other'])."
    return f"Give one of them another shorthand: add({given[0]!r}, [...], shorthand='...'), or labels=[...]."
