"""What was stored under names since the last row."""

from __future__ import annotations

from collections.abc import Mapping

from sweep.runtime.log.series import EMPTY_STATE, Put, Series


class Stored(dict[str, Put]):
    """The `put` of each series by name, made when it is first asked for.

    Attributes:
        series: the series themselves.
    """

    def __init__(self) -> None:
        super().__init__()
        self.series: dict[str, Series] = {}

    def __missing__(self, name: str) -> Put:
        series = self.series[name] = Series(name)
        put = self[name] = series.put
        return put

    def mark(self) -> dict[str, str]:
        """Return what `back_to` needs, as JSON holds it."""
        return {name: series.state() for name, series in self.series.items()}

    def back_to(self, mark: Mapping[str, str]) -> None:
        """Hold what was held at a mark.

        Raises:
            TypeError, ValueError, AttributeError: it is none.
        """
        stored = {str(name): str(state) for name, state in mark.items()}
        for name in stored:
            _ = self[name]
        for name, series in self.series.items():
            series.back_to(stored.get(name, EMPTY_STATE))
