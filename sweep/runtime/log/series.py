"""The values of one diagnostic between two rows, kept as moments."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from sweep.base.errors import LoggerError
from sweep.base.text import shown
from sweep.runtime.moments import EMPTY, Moments, as_floats, merged, moments_of

Put = Callable[[Any], None]

_ROOM = 4096  # values held back before they are folded: 32 kB, at which numpy's cost per call no longer counts
_NUMBERS = (float, int, np.floating, np.integer)


class Series:
    """A stream of numbers, of which memory holds the moments and at most 4096 values.

    Attributes:
        put: takes a number, an array or a tensor (by element, copied), and keeps nothing else of it.
    """

    __slots__ = ("_buffer", "_moments", "_name", "put")

    def __init__(self, name: str) -> None:
        self._name = name
        self._buffer = array("d")
        self._moments = EMPTY
        self.put: Put = self._make_put()

    def _make_put(self) -> Put:
        """Build the hot path as a closure: looking three names up on `self` costs a third of a call."""
        append: Put = self._buffer.append
        buffer, other, fold = self._buffer, self._put_other, self._fold

        def put(value: Any) -> None:
            if isinstance(value, _NUMBERS):
                try:
                    append(value)
                except OverflowError:  # a whole number beyond the range of floats
                    other(value)
                if len(buffer) >= _ROOM:
                    fold()
            else:
                other(value)

        return put

    def _put_other(self, value: Any) -> None:
        try:
            values = as_floats(value)
        except (TypeError, ValueError, OverflowError, RuntimeError) as error:
            raise LoggerError(
                f"store({self._name}={shown(value, 60)}) is not numeric ({error}); "
                "store numbers, arrays or tensors, and log texts with log_tabular(key, value)."
            ) from error
        if values.size == 1:
            self.put(values.item())
        else:
            self._moments = merged(self._moments, moments_of(values))

    def _fold(self) -> None:
        values = np.array(self._buffer)
        del self._buffer[:]  # the same array goes on: `put` holds its append
        self._moments = merged(self._moments, moments_of(values))

    def moments(self) -> Moments:
        """Return the moments of everything put since the last `clear`."""
        self._fold()
        return self._moments

    def state(self) -> str:
        """Return everything held, as text: going on from it gives the same bits as going on from here."""
        return _state_of(self._moments, self._buffer)

    def back_to(self, state: str) -> None:
        """Hold what `state` has told; `put` stays the function it is.

        Raises:
            TypeError, ValueError: this is no state.
        """
        values = np.frombuffer(bytes.fromhex(state), "<f8").tolist()
        moments = Moments(*values[: len(EMPTY)])
        if len(values) < len(EMPTY):
            raise ValueError("the state of a series is cut off")
        self.clear()
        self._moments = moments
        self._buffer.extend(values[len(EMPTY) :])

    def clear(self) -> None:
        del self._buffer[:]
        self._moments = EMPTY


def _state_of(moments: Moments, held: Iterable[float]) -> str:
    return np.array([*moments, *held], "<f8").tobytes().hex()


EMPTY_STATE = _state_of(EMPTY, ())  # of a series that holds nothing
