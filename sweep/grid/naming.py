"""The name of a variant: the grid's name, then one part for each parameter that varies."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sweep.base.canonical import canonical_text, digest
from sweep.base.errors import GridError
from sweep.base.text import shown
from sweep.grid.definition import Definition
from sweep.grid.identity import without
from sweep.grid.nesting import lookup, nested_pairs
from sweep.grid.parameter import SEED, Parameter
from sweep.grid.shorthands import resolve
from sweep.grid.values import clean

# A directory's name is at most 255 bytes on every common file system; a date stamp and `_s<seed>` are added to this.
LENGTH_LIMIT = 200
_HASH_BYTES = 8
# Names that open a device on Windows, in whatever directory they stand, with an ending too.
_DEVICE = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³]|conin\$|conout\$) *(\.|$)", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')


@dataclass(frozen=True)
class NamedKey:
    """How one key stands in names.

    Attributes:
        prefix: the cleaned shorthand.
        flag: whether all alternatives are True or False, which are written as the prefix or nothing.
        labels: exact form of a value to its label.
        inner: keys nested in this one, which have parts of their own; as colon keys under this one.
    """

    key: str
    prefix: str
    flag: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    inner: tuple[str, ...] = ()

    def part(self, value: Any) -> str:
        if self.inner and isinstance(value, Mapping):
            value = without(value, self.inner)
            if not value:  # a nested variant does not tell an empty dict from none
                return ""
        if self.flag:
            return f"_{self.prefix}" if value else ""
        label = self.labels.get(canonical_text(value)) if self.labels else None
        return f"_{self.prefix}{clean(value if label is None else label)}"


@dataclass(frozen=True)
class Naming:
    """The names of one grid's variants.

    Attributes:
        base: the grid's name.
        keys: in the order of their parts.
    """

    base: str
    keys: tuple[NamedKey, ...]

    def name(self, variant: Mapping[str, Any]) -> str:
        """Return the name of a variant, nested or flat; a key that it lacks has no part."""
        return finished(self.base + "".join(self._part(key, variant) for key in self.keys))

    @staticmethod
    def _part(key: NamedKey, variant: Mapping[str, Any]) -> str:
        try:
            return key.part(lookup(variant, key.key))
        except KeyError:
            return ""


def finished(text: str) -> str:
    """Return a name in its final form: no leading underscores, and at most 200 bytes.

    A longer one is cut, and a hash of the whole of it added.
    """
    return _cut(text.lstrip("_"))


def _cut(name: str) -> str:
    if len(name.encode()) <= LENGTH_LIMIT:
        return name
    kept = name.encode()[: LENGTH_LIMIT - 2 * _HASH_BYTES - 1].decode(errors="ignore")
    return f"{kept}-{digest(name, _HASH_BYTES)}"


def check_grid_name(name: Any) -> str:
    """Return a grid's name if directories' names may begin with it; it may be empty, and of any length.

    Raises:
        GridError: not text, a path, or a character that a file system refuses.
    """
    return _checked_name(name, "the grid's name")


def check_run_name(name: Any) -> str:
    """Return an `exp_name` if a directory may be called so; a name of more than 200 bytes is cut as in `finished`.

    Raises:
        GridError
    """
    checked = _checked_name(name, "exp_name")
    if not checked:
        raise GridError("exp_name is empty; a run's directory needs a name.")
    fault = name_fault(checked)
    if fault:
        raise GridError(f"exp_name {checked!r} {fault}; choose another.")
    return _cut(checked)


def name_fault(name: str) -> str:
    """Return why a directory should not have a finished name, or ''; its characters are not judged."""
    if name.startswith("-"):
        return "begins with a dash, so that commands take it for an option"
    return "is the name of a Windows device" if _DEVICE.match(name) else ""


def _checked_name(name: Any, what: str) -> str:
    if not isinstance(name, str):
        raise GridError(f"{what} is {shown(name)}; it must be text, for example 'ppo'.")
    text = unicodedata.normalize("NFC", name)
    unsafe = _FORBIDDEN.search(text) or not text.isprintable()
    if unsafe or text.strip() != text or text.startswith((".", "-")) or text.endswith("."):
        raise GridError(
            f'{what} {shown(text)} cannot name a directory: no / \\ : * ? " < > |, no control character, no space at '
            "an end, no dot at an end and no dash in front."
        )
    return text


@dataclass
class _Column:
    """All that is said about one key anywhere in a grid."""

    shorthand: str | None = None
    in_name: bool = False
    sometimes: bool = False
    drawn: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def take(self, parameter: Parameter) -> None:
        forms = [canonical_text(value) for value in parameter.values]
        self.shorthand = parameter.shorthand if self.shorthand is None else self.shorthand
        self.in_name |= parameter.in_name
        self.drawn |= parameter.drawn_later
        self.values.update(zip(forms, parameter.values, strict=True))
        self.labels.update(zip(forms, parameter.labels or (), strict=False))

    @property
    def appears(self) -> bool:
        return len(self.values) > 1 or self.in_name or self.sometimes or self.drawn


def naming(definition: Definition) -> Naming:
    """Return how the variants of a grid are named.

    A key appears if it has more than one alternative anywhere in the grid, or is asked for, or if only some of the
    parts of a union (or some cases) have it; the seed never appears.
    """
    columns: dict[str, _Column] = {}
    for parameter in definition.parameters():
        columns.setdefault(parameter.key, _Column()).take(parameter)
    for one in definition.all_derived():
        column = columns.setdefault(one.key, _Column())
        column.shorthand = one.shorthand if column.shorthand is None else column.shorthand
        column.in_name |= one.in_name
    for key in _sometimes(definition):
        columns[key].sometimes = True
    stands = {key: column for key, column in columns.items() if column.appears and key != SEED}
    prefixes = resolve({key: column.shorthand for key, column in stands.items()}, definition.default_shorthand)
    inner: dict[str, list[str]] = {}
    for outer, nested in nested_pairs(columns):
        inner.setdefault(outer, []).append(nested[len(outer) + 1 :])
    keys = (_named_key(key, prefixes[key], column, inner.get(key, ())) for key, column in stands.items())
    return Naming(definition.name, tuple(keys))


def _named_key(key: str, prefix: str, column: _Column, inner: Sequence[str]) -> NamedKey:
    flag = bool(column.values) and all(isinstance(value, bool) for value in column.values.values())
    return NamedKey(key, clean(prefix), flag and not column.labels and not column.drawn, column.labels, tuple(inner))


def _sometimes(definition: Definition) -> set[str]:
    """Return the keys that some points have and others lack, where no condition explains the lack."""
    sets = list(_key_sets(definition))
    everywhere = set.intersection(*sets) if sets else set[str]()
    inside = set[str]().union(*map(_sometimes, definition.parts))
    return inside | set[str]().union(*sets) - everywhere


def _key_sets(definition: Definition) -> Iterator[set[str]]:
    """Yield the keys of each kind of point: those of the product, of a case, of a step of an ablation, of a part."""
    own = {parameter.key for parameter in definition.block.all_parameters()}
    if definition.has_own_points:
        yield own
    for case in definition.cases:
        yield own | {parameter.key for parameter in case.parameters}
    for ablation in definition.ablations:
        base = own | {parameter.key for parameter in ablation.base}
        yield base
        yield from (base | {parameter.key} for parameter in ablation.parameters)
    yield from map(_all_keys, definition.parts)


def _all_keys(definition: Definition) -> set[str]:
    return {parameter.key for parameter in definition.parameters()}


def shown_shorthands(definition: Definition, keys: Sequence[str]) -> dict[str, str | None]:
    """Return the shorthand that a report shows for each key: the one in names, else the one it would have."""
    named = {one.key: one.prefix for one in naming(definition).keys}
    given = {parameter.key: parameter.shorthand for parameter in definition.parameters()}
    plain = {key: named.get(key, resolve({key: given.get(key)}, definition.default_shorthand)[key]) for key in keys}
    return {
        key: sh if given.get(key) is not None or definition.default_shorthand else None for key, sh in plain.items()
    }
