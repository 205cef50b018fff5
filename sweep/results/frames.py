"""Runs, rows and settings as pandas frames.

Columns are in namespaces, so that no parameter hides a method: ``config/lr``, ``metric/AverageEpRet``, ``run/state``,
``score/mean``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sweep.base.errors import UsageError
from sweep.results.numbers import Column
from sweep.results.parameters import ABSENT, fixed, varying
from sweep.results.run import Run
from sweep.results.settings import Setting
from sweep.results.statistics.interval import sd, t_interval
from sweep.results.table_file import Table


def pandas() -> Any:
    """Return pandas.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise UsageError("frames need pandas, which is not installed: pip install 'sweep[plot]'.") from None
    return pd


def runs_frame(runs: Sequence[Run], last: Callable[[Run], Mapping[str, float]]) -> Any:
    """Return a row a run: what differs, seed and state, the last row of its table; then the rest.

    Args:
        last: returns a run's last row.
    """
    told = {f"config/{key}": [run.config.get(key, ABSENT) for run in runs] for key in varying(runs)}
    told |= {f"run/{name}": [getattr(run, name) for run in runs] for name in ("seed", "state", "name")}
    rows = [last(run) for run in runs]
    names = dict.fromkeys(name for row in rows for name in row)
    told |= {f"metric/{name}": [row.get(name, math.nan) for row in rows] for name in names}
    told["run/label"] = [run.label for run in runs]
    told["run/duration_s"] = [_duration_s(run) for run in runs]
    told["run/attempt"] = [0 if run.status is None else run.status.attempt for run in runs]
    told["run/cause"] = ["" if run.status is None else run.status.cause for run in runs]
    told |= {f"run/{name}": [str(getattr(run, name)) for run in runs] for name in ("source", "thunk", "path")}
    told |= {f"config/{key}": [value] * len(runs) for key, value in fixed(runs).items()}
    return _frame(told)


def _duration_s(run: Run) -> float:
    known = None if run.status is None else run.status.duration_s
    return math.nan if known is None else known


def curves_frame(runs: Sequence[Run], tables: Sequence[Table], columns: Sequence[str]) -> Any:
    """Return a row for each row of each table: what differs, which run it is, and some columns.

    A column that a run does not have is nan there.

    Args:
        columns: of the tables; '' is the number of the row, called `run/row`.
    """
    import numpy as np

    lengths = [table.rows for table in tables]
    told: dict[str, Any] = {
        f"config/{key}": _repeated([run.config.get(key, ABSENT) for run in runs], lengths) for key in varying(runs)
    }
    told |= {
        f"run/{name}": _repeated([getattr(run, name) for run in runs], lengths) for name in ("seed", "state", "name")
    }
    for column in columns:
        parts = [_rows(table, column) for table in tables]
        told[f"metric/{column}" if column else "run/row"] = np.concatenate(parts) if parts else np.empty(0)
    return pandas().DataFrame(told)


def _rows(table: Table, column: str) -> Column:
    import numpy as np

    if not column:
        return np.arange(table.rows, dtype=np.float64)
    found = table.columns.get(column)
    return np.full(table.rows, math.nan) if found is None else found


def _repeated(values: Sequence[object], lengths: Sequence[int]) -> Any:
    return _series(values).repeat(lengths).reset_index(drop=True)


def settings_frame(settings: Iterable[Setting]) -> Any:
    """Return a row a setting, the best first: what differs, then its score, and how many runs are left out.

    Of the score there are mean, sd, n, the ends of the 95 % t interval (nan for fewer than two seeds), and the lowest
    and the highest seed's.
    """
    found = list(settings)
    keys = found[0].params if found else ()
    told: dict[str, list[Any]] = {f"config/{key}": [one.params[key] for one in found] for key in keys}
    intervals = [t_interval(one.values) for one in found]
    told["score/mean"] = [one.mean for one in found]
    told["score/sd"] = [sd(one.values) for one in found]
    told["score/n"] = [one.n for one in found]
    told["score/low"] = [math.nan if interval is None else interval.low for interval in intervals]
    told["score/high"] = [math.nan if interval is None else interval.high for interval in intervals]
    told["score/min"] = [float(min(one.values, default=math.nan)) for one in found]
    told["score/max"] = [float(max(one.values, default=math.nan)) for one in found]
    told["run/left_out"] = [one.left_out for one in found]
    told["run/label"] = [one.label for one in found]
    return _frame(told)


def _frame(told: Mapping[str, Sequence[Any]]) -> Any:
    return pandas().DataFrame({name: _series(values) for name, values in told.items()})


def _series(values: Sequence[object]) -> Any:
    """Return values as a column: of numbers if all are, else of objects, which tuples and mixed types stay in."""
    pd = pandas()
    kinds = {type(value) for value in values}
    if kinds == {int, type(None)} and max(abs(value) for value in values if isinstance(value, int)) < 2**63:
        return pd.Series(values, dtype="Int64")
    plain = kinds in ({int}, {float}, {int, float}, {bool}, {str})
    return pd.Series(values) if plain else pd.Series(values, dtype=object)
