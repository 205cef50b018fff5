"""What a person asks of a plot."""

from __future__ import annotations

from dataclasses import dataclass

from sweep.base.errors import UsageError, did_you_mean
from sweep.results.statistics.bands import ESTIMATES, KINDS

_OF_A_MEAN = ("t", "sd", "se")


@dataclass(frozen=True)
class PlotRequest:
    """What is drawn, and how.

    Attributes:
        y: metrics, a figure each; ``Performance`` is the reference's word for the evaluation's return, or the
            training's.
        x: the metric on the x axis; empty takes the first of TotalEnvInteracts, Epoch and the like that is there.
        color, row, col: parameters that choose a line's colour and its panel; empty chooses by itself.
        legend: a name for each line, in the order of the lines; equal names make one line.
        count: a line for each run, instead of one for each setting.
        smooth: how many rows each point is the mean of: itself and those before it.
        est: what the line is of several seeds, mean, median, min, max or iqm.
        band: what is shaded: t, sd, se, iqr, minmax, boot or none; empty is ``t`` around a mean and ``iqr`` around
            all else.
        seeds: draw each seed too, thinly.
        which: 'done' draws runs that are done; 'all' those too that run, failed or were cut off.
        in_window: make the figures for windows, see `sweep.results.plotting.files.show`.

    Raises:
        UsageError: an unknown band or estimate, or a band that is not about it, or a window below one row.
    """

    y: tuple[str, ...] = ("Performance",)
    x: str = ""
    color: str = ""
    row: str = ""
    col: str = ""
    legend: tuple[str, ...] = ()
    count: bool = False
    smooth: int = 1
    est: str = "mean"
    band: str = ""
    seeds: bool = False
    which: str = "all"
    in_window: bool = False

    def __post_init__(self) -> None:
        _check("est", self.est, ESTIMATES)
        if self.band:
            _check("band", self.band, KINDS)
        if self.band in _OF_A_MEAN and self.est != "mean":
            raise UsageError(
                f"band {self.band!r} is one of a mean, not of the {self.est}; use iqr, minmax, boot or none."
            )
        if self.smooth < 1:
            raise UsageError(f"smooth {self.smooth} is no number of rows; 1 draws what was logged.")

    @property
    def band_kind(self) -> str:
        """The band that is drawn."""
        return self.band or ("t" if self.est == "mean" else "iqr")


def _check(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(f"{name} {value!r} is unknown; there are {', '.join(allowed)}.{did_you_mean(value, allowed)}")
