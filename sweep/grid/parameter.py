"""One parameter: a key, its alternatives, and how it stands in names. Every mistake in one `add` is found here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweep.base.canonical import canonical_text
from sweep.base.errors import GridError
from sweep.grid.distributions import Distribution
from sweep.grid.nesting import SEPARATOR
from sweep.grid.values import clean, is_array

# Arguments that a launch gives itself; a parameter of this name could never reach the thunk.
RESERVED = ("exp_name", "thunk", "num_cpu", "data_dir", "datestamp", "logger_kwargs")
SEED = "seed"
_SHORTHAND_KEY = re.compile(r"^(?P<key>[^\[\]]+)\[(?P<shorthand>[^\[\]]*)\]$")


@dataclass(frozen=True)
class Fixed:
    """What `fixed` returns: a value that is one alternative, whatever its type."""

    value: Any


def fixed(value: Any) -> Fixed:
    """Mark a list, range, generator or array as one value: ``add('hidden_sizes', fixed([64, 64]))``."""
    return Fixed(value)


@dataclass(frozen=True)
class Parameter:
    """One key with its alternatives.

    Attributes:
        key: colon-nested.
        values: the alternatives; empty only for a distribution that `sample` draws from.
        shorthand: as the user gave it; None asks for an automatic one.
        in_name: whether it stands in names although it has one alternative.
        labels: what stands for each alternative in names, in place of its cleaned value.
        runtime_only: whether it is left out of the identity (a number of workers, a path).
        distribution: where values come from, if they are drawn.
        written: how a YAML file wrote the values, if it did, to write them again.
    """

    key: str
    values: tuple[Any, ...]
    shorthand: str | None = None
    in_name: bool = False
    labels: tuple[str, ...] | None = None
    runtime_only: bool = False
    distribution: Distribution | None = None
    written: Any = None

    @property
    def drawn_later(self) -> bool:
        """Whether it has no alternatives before `sample` draws them."""
        return self.distribution is not None and self.distribution.n is None


def parameter(
    key: str,
    vals: Any,
    shorthand: str | None = None,
    in_name: bool = False,
    labels: Sequence[str] | None = None,
    runtime_only: bool = False,
    written: Any = None,
) -> Parameter:
    """Check one `add` and return the parameter.

    Raises:
        GridError: about the key, the alternatives, the shorthand or the labels.
    """
    check_key(key)
    if shorthand is not None and not isinstance(shorthand, str):
        raise GridError(f"{key!r}: the shorthand is {shorthand!r}; it must be text, or None for an automatic one.")
    if not isinstance(in_name, bool):
        raise GridError(f"{key!r}: in_name is {in_name!r}; it must be True or False.")
    distribution = vals if isinstance(vals, Distribution) else None
    values = tuple(alternatives(key, vals))
    if runtime_only and (len(values) != 1 or key == SEED):
        raise GridError(
            f"{key!r} is runtime-only, so it does not count in the identity: it must have one value, not {len(values)}."
        )
    checked = _labels(key, labels, values)
    return Parameter(key, values, shorthand, in_name, checked, runtime_only, distribution, written)


def split_shorthand(key: str) -> tuple[str, str | None]:
    """Split ``ac_kwargs:hidden_sizes[hid]`` into the key and the shorthand, which is None without brackets."""
    match = _SHORTHAND_KEY.match(key)
    return (match["key"], match["shorthand"]) if match else (key, None)


def check_key(key: Any) -> None:
    """Refuse a key that is not text, has an empty part, or is one that the launch needs.

    Raises:
        GridError
    """
    if not isinstance(key, str):
        raise GridError(f"the key {key!r} is a {type(key).__name__}; a key is text, for example 'ac_kwargs:lr'.")
    if not key or any(not part for part in key.split(SEPARATOR)):
        raise GridError(f"the key {key!r} has an empty part; nested keys are written 'outer:inner'.")
    if key.split(SEPARATOR)[0] in RESERVED:
        name = key.split(SEPARATOR)[0]
        raise GridError(
            f"the key {key!r} is reserved: {name} is set by run() itself. Pass it there, or rename the parameter."
        )


def alternatives(key: str, vals: Any) -> list[Any]:
    """Return the alternatives that `vals` stands for.

    A list, range, generator or one-dimensional array is several values; a distribution with n is its draws; anything
    else (tuple, dict, text, array of more dimensions, `fixed(...)`) is one.

    Raises:
        GridError: there are none, two are the same, or one cannot be told apart from others.
    """
    if isinstance(vals, Distribution):
        return vals.draws(key) if vals.n else []
    values = _listed(vals)
    if not values:
        raise GridError(f"{key!r} has no alternatives ({vals!r}); give at least one value.")
    for value in values:
        _check_value(key, value)
    _check_different(key, values)
    return values


def _listed(vals: Any) -> list[Any]:
    if isinstance(vals, Fixed):
        return [vals.value]
    if isinstance(vals, (list, range, Iterator)):
        return [item.value if isinstance(item, Fixed) else item for item in vals]
    if is_array(vals, dimensions=1):
        return list(vals.tolist())
    return [vals]


def _check_value(key: str, value: Any) -> None:
    if isinstance(value, Distribution):
        raise GridError(f"{key!r}: a distribution stands alone, not inside a list of alternatives.")
    if key == SEED and (isinstance(value, bool) or not hasattr(value, "__index__")):
        raise GridError(f"a seed is a whole number, not {value!r} ({type(value).__name__}).")
    _check_dict_keys(key, value)


def _check_dict_keys(key: str, value: Any) -> None:
    if isinstance(value, Mapping):
        kinds = sorted({type(name).__name__ for name in value})
        if len(kinds) > 1:
            raise GridError(
                f"{key!r}: a dict value has keys of mixed types ({', '.join(kinds)}), which cannot be sorted or saved; "
                "use text for all of them."
            )
        for item in value.values():
            _check_dict_keys(key, item)


def _check_different(key: str, values: Iterable[Any]) -> None:
    seen: set[str] = set()
    for value in values:
        try:
            form = canonical_text(value)
        except Exception as error:  # whatever an object's own reduce protocol raises
            raise GridError(
                f"{key!r}: the value {value!r} cannot be saved: {error}. Pass what it is made from."
            ) from error
        if form in seen:
            raise GridError(
                f"{key!r} lists {value!r} twice. If the list is meant as one value, write fixed([...]) or [[...]]; "
                "otherwise remove the repetition."
            )
        seen.add(form)


def _labels(key: str, labels: Sequence[str] | None, values: tuple[Any, ...]) -> tuple[str, ...] | None:
    if labels is None:
        return None
    if isinstance(labels, str) or not all(isinstance(label, str) for label in labels):
        raise GridError(f"{key!r}: labels is {labels!r}; it must be a list of texts, one for each value.")
    if len(labels) != len(values):
        raise GridError(f"{key!r} has {len(values)} values but {len(labels)} labels; give one label a value.")
    if len({clean(label) for label in labels}) != len(labels):
        raise GridError(f"{key!r}: the labels {list(labels)} are not all different as they stand in names.")
    return tuple(labels)
