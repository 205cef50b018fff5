"""What a person asks of a report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReportRequest:
    """What a report is about.

    Attributes:
        paths: what was named, for the commands that make its parts again.
        metric: the column that counts; empty takes the one that would be looked at first.
        how, better: see `sweep.results.score.Score`.
        x: the column that says how far a run is; empty takes the first of the usual ones.
        parallel: draw parallel coordinates too.
        task: the parameters that say what the task of a run is; empty for runs of one task.
        normalise: see `sweep.results.tasks.scale.scale_of`.
    """

    paths: tuple[str, ...] = ()
    metric: str = ""
    how: str = "last10%"
    better: str = "max"
    x: str = ""
    parallel: bool = False
    task: tuple[str, ...] = ()
    normalise: tuple[str, ...] = ()
