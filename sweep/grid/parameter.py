"""One parameter: a key, its alternatives, and how it stands in names. Every mistake in one `add` is found here."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sweep.base.canonical import canonical_text
from sweep.base.errors import GridError
from sweep.base.text import shown
from sweep.grid.distributions import Distribution
from sweep.grid.nesting import SEPARATOR
from sweep.grid.values import clean, fresh, is_array, plain

# Arguments that a launch gives itself; a parameter of this name could never reach the thunk.
RESERVED = ("exp_name", "thunk", "data_dir", "datestamp", "logger_kwargs")
SEED = "seed"
_MOST_ALTERNATIVES = 1_000_000
_KEY_LENGTH = 200
_KEY_PARTS = 20
_ROOM = 32  # levels that a key, and what holds a variant, put around a value
_SHORTHAND_KEY = re.compile(r"^(?P<key>[^\[\]]+)\[(?P<shorthand>[^\[\]]*)\]$")


@dataclass(frozen=True)
class Fixed:
    """What `fixed` returns: a value that is one alternative, whatever its type."""

    value: Any


def fixed(value: Any) -> Fixed:
    """Mark a list, range, generator or array as one value: ``add('hidden_sizes', fixed([64, 64]))``."""
    return Fixed(value)


@dataclass(frozen=True)
class Written:
    """What a YAML file gave: alternatives as `add` takes them, or a condition, and plain data to write it again."""

    vals: Any
    form: Any


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
        written: how a YAML file wrote the entry, if it did, to write it again (`Written.form`).
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
    repeats: bool = False,
) -> Parameter:
    """Check one `add` and return the parameter.

    Args:
        repeats: whether a value may come twice, as in one column of a `zip`.

    Raises:
        GridError: about the key, the alternatives, the shorthand or the labels.
    """
    check_key(key)
    if isinstance(vals, Written):
        vals, written = vals.vals, vals.form
    check_shown(key, shorthand, in_name)
    if not isinstance(runtime_only, bool):
        raise GridError(f"{key!r}: runtime_only is {shown(runtime_only)}; it must be True or False.")
    distribution = _distribution(key, vals) if isinstance(vals, Distribution) else None
    values = tuple(alternatives(key, distribution or vals, repeats))
    if runtime_only and (len(values) != 1 or key == SEED):
        raise GridError(
            f"{key!r} is runtime-only, so it does not count in the identity: it must have one value, not {len(values)}."
        )
    checked = _labels(key, labels, values)
    return Parameter(key, values, shorthand, in_name, checked, runtime_only, distribution, written)


def check_shown(key: str, shorthand: Any, in_name: Any) -> None:
    """Refuse a shorthand that is not text, and an in_name that is no flag.

    Raises:
        GridError
    """
    if shorthand is not None and not isinstance(shorthand, str):
        raise GridError(f"{key!r}: the shorthand is {shown(shorthand)}; it must be text, or None for an automatic one.")
    if not isinstance(in_name, bool):
        raise GridError(f"{key!r}: in_name is {shown(in_name)}; it must be True or False.")


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
        raise GridError(f"the key {shown(key)} is a {type(key).__name__}; a key is text, for example 'ac_kwargs:lr'.")
    parts = key.split(SEPARATOR)
    if not all(parts):
        raise GridError(f"the key {shown(key)} has an empty part; nested keys are written 'outer:inner'.")
    if not key.isprintable() or "[" in key or "]" in key:
        raise GridError(f"the key {shown(key)} holds a control character or a bracket; a shorthand is 'key[sh]'.")
    if len(key) > _KEY_LENGTH or len(parts) > _KEY_PARTS:
        raise GridError(
            f"the key {shown(key)} is too long: {_KEY_LENGTH} characters in {_KEY_PARTS} parts are allowed."
        )
    if parts[0] in RESERVED:
        raise GridError(
            f"the key {key!r} is reserved: {parts[0]} is set by run() itself. Pass it there, or rename the parameter."
        )


def alternatives(key: str, vals: Any, repeats: bool = False) -> list[Any]:
    """Return the alternatives that `vals` stands for, as the grid keeps them: its own copies.

    A list, range, generator or one-dimensional array is several values; a distribution with n is its draws; anything
    else (tuple, dict, text, array of more dimensions, `fixed(...)`) is one.

    Raises:
        GridError: there are none, two are the same, or one cannot be told apart from others.
    """
    if isinstance(vals, Distribution):
        return vals.draws(key) if vals.n else []
    kept = [_kept(key, value) for value in listed_values(key, vals)]
    if not kept:
        raise GridError(f"{key!r} has no alternatives ({shown(vals)}); give at least one value.")
    if not repeats:
        _check_different(key, kept)
    return [value for value, _ in kept]


def listed_values(key: str, vals: Any) -> list[Any]:
    """Return the values that `vals` lists; a value that is no list is one."""
    if isinstance(vals, Fixed):
        return [vals.value]
    if isinstance(vals, (list, range, Iterator)):
        found = list(islice(vals, _MOST_ALTERNATIVES + 1))
        if len(found) > _MOST_ALTERNATIVES:
            raise GridError(f"{key!r} has more than {_MOST_ALTERNATIVES:,} alternatives, or has no end; give fewer.")
        return [item.value if isinstance(item, Fixed) else item for item in found]
    if is_array(vals, dimensions=1):
        return list(vals.tolist())
    return [vals]


def _distribution(key: str, drawn: Distribution) -> Distribution:
    """Return a distribution with its options checked and copied as values are."""
    if key == SEED:
        raise GridError("a seed is not drawn from a distribution; list the seeds, for example [0, 1, 2].")
    if drawn.kind != "choice":
        return drawn
    return replace(drawn, arguments=tuple(_kept(key, option)[0] for option in drawn.arguments))


def _kept(key: str, value: Any) -> tuple[Any, str]:
    """Return the grid's own copy of a value, and its exact form."""
    if key == SEED:
        value = _seed(value)
    try:
        canonical_text(value, _ROOM)
        own = fresh(plain(value))
        form = canonical_text(own, _ROOM)
    except Exception as error:  # whatever an object's own reduce protocol raises
        raise GridError(
            f"{key!r}: the value {shown(value)} cannot be saved: {error}. Pass what it is made from."
        ) from error
    _check_inside(key, own)
    return own, form


def checked_value(key: str, value: Any) -> Any:
    """Return the grid's own copy of a value that a parameter can have.

    Raises:
        GridError
    """
    return _kept(key, value)[0]


def _seed(value: Any) -> int:
    try:
        if not isinstance(value, bool):
            return operator.index(value)
    except TypeError:
        pass
    raise GridError(f"a seed is a whole number, not {shown(value)} ({type(value).__name__}).")


def _check_inside(key: str, value: Any) -> None:
    if isinstance(value, (Distribution, Fixed)):
        what = "a distribution" if isinstance(value, Distribution) else "fixed(...)"
        raise GridError(f"{key!r}: {what} stands alone or in the list of alternatives, not inside a value.")
    if isinstance(value, Mapping):
        _check_dict_keys(key, value)
    if isinstance(value, (list, tuple, Mapping)):
        for item in value.values() if isinstance(value, Mapping) else value:
            _check_inside(key, item)


def _check_dict_keys(key: str, value: Mapping[Any, Any]) -> None:
    kinds = sorted({type(name).__name__ for name in value})
    if len(kinds) > 1:
        raise GridError(
            f"{key!r}: a dict value has keys of mixed types ({', '.join(kinds)}), which cannot be sorted or saved; "
            "use text for all of them."
        )


def _check_different(key: str, kept: Iterable[tuple[Any, str]]) -> None:
    seen: set[str] = set()
    for value, form in kept:
        if form in seen:
            raise GridError(
                f"{key!r} lists {shown(value)} twice. If the list is meant as one value, write fixed([...]) or "
                "[[...]]; otherwise remove the repetition."
            )
        seen.add(form)


def _labels(key: str, labels: Any, values: tuple[Any, ...]) -> tuple[str, ...] | None:
    if labels is None:
        return None
    if not isinstance(labels, Sequence) or isinstance(labels, str) or not all(isinstance(one, str) for one in labels):
        raise GridError(f"{key!r}: labels is {shown(labels)}; it must be a list of texts, one for each value.")
    if len(labels) != len(values):
        raise GridError(f"{key!r} has {len(values)} values but {len(labels)} labels; give one label a value.")
    if len({clean(label) for label in labels}) != len(labels):
        raise GridError(f"{key!r}: the labels {shown(list(labels))} are not all different as they stand in names.")
    return tuple(labels)
