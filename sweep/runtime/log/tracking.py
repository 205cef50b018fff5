"""Values that are tracked by tag, and written now and then as one number each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sweep.base.errors import LoggerError
from sweep.base.text import shown
from sweep.runtime.log.intervals import AUTO, interval_of, is_due
from sweep.runtime.log.series import Series


class Tracker:
    """What was tracked since the last write.

    The rules are skrl's (`Agent.track_data`): of the values of a tag that ends in ``(min)`` the smallest is written,
    of one that ends in ``(max)`` the largest, of any other the mean, every `write_interval` steps.
    """

    def __init__(self, write_interval: int | str = AUTO) -> None:
        """Args: write_interval: see `intervals.interval_of`.

        Raises:
            LoggerError: it is no interval.
        """
        interval_of(write_interval, None)
        self._interval = write_interval
        self._series: dict[str, Series] = {}
        self._last = 0

    def add(self, tag: str, value: Any) -> None:
        """Take a number, an array or a tensor (by element).

        Raises:
            LoggerError: the tag is no text, or the value is not numeric.
        """
        if not isinstance(tag, str):
            raise LoggerError(f"track({shown(tag, 60)}, ...): the tag must be a text; then the value.")
        if not interval_of(self._interval, None):
            return
        if tag not in self._series:
            self._series[tag] = Series(tag)
        self._series[tag].put(value)

    def due(self, step: int, total: int | None) -> dict[str, float]:
        """Return what is to be written after so many steps, and forget it; mostly nothing.

        Args:
            step: how many steps are over, counted from 1.
            total: how many there will be, None if it is not known.
        """
        if not is_due(step, self._last, interval_of(self._interval, total)):
            return {}
        self._last = step
        return self.taken()

    def taken(self) -> dict[str, float]:
        """Return all there is, and forget it."""
        found = {tag: _reduced(tag, series) for tag, series in self._series.items()}
        self._series.clear()
        return found

    def mark(self) -> dict[str, Any]:
        """Return what `back_to` needs, as JSON holds it."""
        return {"last": self._last, "series": {tag: series.state() for tag, series in self._series.items()}}

    def back_to(self, mark: Mapping[str, Any]) -> None:
        """Hold what was held at a mark."""
        self._last = int(mark["last"])
        self._series = {tag: Series(tag) for tag in mark["series"]}
        for tag, state in mark["series"].items():
            self._series[tag].back_to(state)


def _reduced(tag: str, series: Series) -> float:
    found = series.moments()
    return found.low if tag.endswith("(min)") else found.high if tag.endswith("(max)") else found.mean
