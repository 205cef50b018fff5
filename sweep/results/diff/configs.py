"""In which parameters two groups of runs differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sweep.base.jsonable import to_jsonable
from sweep.results.parameters import ABSENT
from sweep.results.run import Run
from sweep.results.text.numbers import by_size, value_text
from sweep.results.text.slices import slices

# Of more values than these the rest is counted.
_SHOWN = 6


@dataclass(frozen=True)
class Values:
    """The values that a parameter has in two groups, each once, by size.

    Attributes:
        key: with colons; 'seed' and 'function' stand for those of the runs.
    """

    key: str
    a: tuple[object, ...]
    b: tuple[object, ...]

    @property
    def differ(self) -> bool:
        return set(map(repr, self.a)) != set(map(repr, self.b))

    def texts(self) -> tuple[str, str]:
        """Return both as people read them."""
        return _text(self.key, self.a), _text(self.key, self.b)

    def as_json(self) -> dict[str, Any]:
        return {"key": self.key, "a": to_jsonable(list(self.a)), "b": to_jsonable(list(self.b))}


def compared(a: Sequence[Run], b: Sequence[Run]) -> list[Values]:
    """Return the values of every key that either group has, and of the functions and seeds."""
    keys = dict.fromkeys(key for run in (*a, *b) for key in run.config)
    parameters = [Values(key, _values(a, key), _values(b, key)) for key in keys]
    functions = Values("function", _once(run.thunk for run in a), _once(run.thunk for run in b))
    seeds = Values("seed", _once(sorted(_seeds(a))), _once(sorted(_seeds(b))))
    return [functions, *parameters, seeds]


def _values(runs: Sequence[Run], key: str) -> tuple[object, ...]:
    return tuple(sorted(_once(run.config.get(key, ABSENT) for run in runs), key=by_size))


def _once(values: Any) -> tuple[object, ...]:
    return tuple({repr(value): value for value in values}.values())


def _seeds(runs: Sequence[Run]) -> list[int]:
    return [run.seed for run in runs if run.seed is not None]


def _text(key: str, values: tuple[object, ...]) -> str:
    if key == "seed" and values:
        return slices(value for value in values if isinstance(value, int))
    rest = len(values) - _SHOWN
    told = ", ".join(value_text(value) for value in values[:_SHOWN])
    return told + (f" and {rest} more" if rest > 0 else "") or ABSENT
