"""The logger that averages: statistics of whatever was stored since the last row, over all ranks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sweep.runtime.log.intervals import AUTO
from sweep.runtime.log.journal import no_text
from sweep.runtime.log.logger import Logger
from sweep.runtime.log.series import Put
from sweep.runtime.moments import EMPTY, Moments
from sweep.runtime.mpi.helpers import across_ranks, num_procs
from sweep.runtime.outputs.output import Output

_STORED: Final = object()  # not None, which is a value that a user may want to log


class EpochLogger(Logger):
    """A logger for quantities that are computed many times in an epoch.

    `store` them as they come, then `log_tabular` their name once an epoch: the columns are the mean, standard deviation
    and range of all values of all ranks, in float64. Memory does not grow with the number of values.

        logger.store(Loss=0.3)
        logger.log_tabular("Loss", with_min_and_max=True)    # AverageLoss, StdLoss, MaxLoss, MinLoss
        logger.dump_tabular()

    `log_tabular` of a stored name, and `get_stats`, are collective: every rank must call them in the same order. A rank
    that stored nothing takes part all the same.
    """

    def __init__(
        self,
        output_dir: str | None = None,
        output_fname: str = "progress.txt",
        exp_name: str | None = None,
        *,
        outputs: Iterable[str | Output] = (),
        write_interval: int | str = AUTO,
    ) -> None:
        """As `Logger`."""
        super().__init__(output_dir, output_fname, exp_name, outputs=outputs, write_interval=write_interval)
        self._puts = self._journal.stored
        self._is_shared = num_procs() > 1

    def store(self, /, **values: Any) -> None:
        """Add a value to each named quantity.

        Args:
            values: numbers, arrays or tensors; the elements of an array count one by one, and are read now.

        Raises:
            LoggerError: a value is not numeric, or a whole number beyond the range of float64.
        """
        puts = self._puts
        for name in values:
            puts[name](values[name])

    def channel(self, name: str) -> Put:
        """Return a function that stores one value under a name: `store` at a third of the cost, for hot loops."""
        return self._puts[name]

    def log_tabular(
        self, key: str, val: Any = _STORED, with_min_and_max: bool = False, average_only: bool = False
    ) -> None:
        """Put a value, or the statistics of what was stored under this key, into the current row.

        The columns are `AverageK`, `StdK`, `MaxK`, `MinK`. What was stored is forgotten either way.

        Args:
            key: the column, or the name that was stored. Where no rank has stored anything the columns are NaN.
            val: a value to log as it is, None included; leave it out for what was stored.
            with_min_and_max: add `MaxK` and `MinK`.
            average_only: drop `StdK`, and call `AverageK` just `K`.

        Raises:
            LoggerError: the row has one of the columns already, or the key is no text.
        """
        if val is _STORED:
            if not isinstance(key, str):
                raise no_text(key)
            for column, value in _columns(key, self._moments(key), with_min_and_max, average_only).items():
                super().log_tabular(column, value)
        else:
            Logger.log_tabular(self, key, val)  # super() costs half as much again, twelve times a row
        series = self._puts.series.get(key)
        if series is not None:
            series.clear()

    def get_stats(self, key: str) -> tuple[float, float]:
        """Return mean and (population) standard deviation of what is stored, over all ranks; NaN if nothing is."""
        found = self._moments(key)
        return found.mean, found.std

    def _moments(self, key: str) -> Moments:
        series = self._puts.series.get(key)
        local = series.moments() if series else EMPTY
        return across_ranks(local) if self._is_shared else local


def _columns(key: str, found: Moments, with_min_and_max: bool, average_only: bool) -> dict[str, float]:
    columns = {key: found.mean} if average_only else {f"Average{key}": found.mean, f"Std{key}": found.std}
    return columns | ({f"Max{key}": found.high, f"Min{key}": found.low} if with_min_and_max else {})
