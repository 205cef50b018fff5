"""Which column a name means, and which one is meant if none is named."""

from __future__ import annotations

from collections.abc import Sequence

from sweep.base.errors import UsageError, did_you_mean, listed

# Spinning Up's word for the return: of the evaluation if there is one, else of the training.
PERFORMANCE = "Performance"
_RETURNS = (
    "AverageTestEpRet", "AverageEpRet",  # Spinning Up
    "eval/mean_reward", "rollout/ep_rew_mean", "r",  # Stable-Baselines3, and its monitor
    "Evaluation/AverageReturn", "AverageReturn", "EpRet",  # garage, rllab; an average without its word
)  # fmt: skip
_PLACES = (
    "TotalEnvInteracts",
    "time/total_timesteps", "total_timesteps",  # Stable-Baselines3
    "TotalEnvSteps", "Sampler/TotalEnvSteps",  # garage
    "Epoch", "epoch", "Iteration", "Itr", "itr", "time/iterations", "Step", "step", "global_step",
)  # fmt: skip
_CLOCKS = ("Time", "time", "time/time_elapsed", "time/fps", "t", "l", "EpLen", "seed")


class UnknownMetric(UsageError):
    """No run has such a column; the message lists those that there are."""


def resolve_metric(name: str, columns: Sequence[str]) -> tuple[str, str]:
    """Return the column that a name means, and a note where it is not the name itself, else ''.

    Raises:
        UnknownMetric: there is none.
    """
    if name in columns:
        return name, ""
    if name == PERFORMANCE:
        column = next((column for column in _RETURNS if column in columns), None)
        if column is not None:
            return column, f"{PERFORMANCE} is {column} here"
    if f"Average{name}" in columns:  # what the epoch logger makes of a value that is stored
        return f"Average{name}", f"{name} is Average{name} here"
    if not columns:
        raise UnknownMetric(f"there is no metric {name!r}: no run has written a row yet.")
    raise UnknownMetric(f"there is no metric {name!r}; there are {listed(columns, 30)}.{did_you_mean(name, columns)}")


def default_metric(columns: Sequence[str]) -> str:
    """Return the column that one would look at first: a return, else the first that is neither step nor time.

    Raises:
        UnknownMetric: there are no columns.
    """
    for column in (*_RETURNS, *columns):
        if column in columns and column not in _PLACES and column not in _CLOCKS:
            return column
    return resolve_metric(columns[0] if columns else PERFORMANCE, columns)[0]


def default_x(columns: Sequence[str]) -> str:
    """Return the column that counts how far a run is; '' is the number of the row."""
    return next((column for column in _PLACES if column in columns), "")
