"""A log directory of TensorBoard: a folder a run with its curves, and the page HParams with a row a setting.

Seeds are sessions of their setting, so `seed` is no parameter there. The sweep's own folder tells which values each
parameter has, which the page needs to filter by them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sweep.results.export import events
from sweep.results.export.material import Material
from sweep.results.export.needed import needed
from sweep.results.export.parameters import Scalar, chosen_keys, typed
from sweep.results.export.place import Destination
from sweep.results.run import Run
from sweep.results.table_file import Table

# The same at every export, so that another one replaces it.
_FILE = "events.out.tfevents.0000000000.sweep"
_SCORE = "score"


def write_tensorboard(material: Material, place: Destination) -> None:
    """Write the directory.

    Raises:
        UsageError: tensorboard is not installed.
    """
    needed("tensorboard.compat.proto.event_pb2", "tensorboard")
    values = _values(material)
    times = {run: _times(run, material.table(run)) for run in material.runs}
    created_s = min((one[0] for one in times.values()), default=0.0)
    metrics = [_score_tag(material), *([material.score.metric] if material.columns else [])]
    root = events.experiment(_domains(values), metrics, created_s)
    events.write_events(place.file(_FILE), [events.event(root, 0, created_s)])
    for run, own in zip(material.runs, values, strict=True):
        events.write_events(place.file(material.names[run], _FILE), _of_run(material, run, own, times[run]))


def _values(material: Material) -> list[dict[str, Scalar]]:
    found = typed([run.config for run in material.runs], chosen_keys(material))
    return [
        {key: value if isinstance(value, bool | str) else float(value) for key, value in one.items()} for one in found
    ]


def _domains(values: Sequence[Mapping[str, Scalar]]) -> dict[str, list[Scalar]]:
    seen: dict[str, dict[Scalar, None]] = {}
    for one in values:
        for key, value in one.items():
            seen.setdefault(key, {})[value] = None
    return {key: list(found) for key, found in seen.items()}


def _score_tag(material: Material) -> str:
    return _SCORE if _SCORE not in material.columns else f"sweep/{_SCORE}"


def _times(run: Run, table: Table) -> list[float]:
    """Return when a run began, and when each row was written, in seconds since the epoch."""
    start = run.status.started if run.status and run.status.started else 0.0
    clock = table.columns.get("Time")
    if clock is None:
        return [start] * (table.rows + 1)
    return [start, *(start + (value if math.isfinite(value) else 0.0) for value in clock.tolist())]


def _of_run(material: Material, run: Run, values: Mapping[str, Scalar], times: Sequence[float]) -> Iterator[Any]:
    """Yield the events of a run: that it is a session, its rows, its score, and how it ended."""
    table = material.table(run)
    steps = material.steps(table)
    yield events.event(events.session_start(values, material.groups[run.setting], times[0]), 0, times[0])
    for index, step in enumerate(steps):
        row = {name: float(column[index]) for name, column in table.columns.items() if not math.isnan(column[index])}
        if row:
            yield events.event(events.scalars(row), step, times[index + 1])
    last, ended = (steps[-1] if steps else 0), times[-1]
    score = material.scores.get(run, math.nan)
    if not math.isnan(score):
        yield events.event(events.scalars({_score_tag(material): score}), last, ended)
    if run.status is not None and run.status.ended:
        ended = run.status.ended
    yield events.event(events.session_end(str(run.state), ended), last, ended)
