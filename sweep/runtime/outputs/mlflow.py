"""MLflow."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from typing import Any

from sweep.runtime.outputs.hyperparameters import Scalar
from sweep.runtime.outputs.needed import needed
from sweep.runtime.outputs.numbers import numbers_of
from sweep.runtime.outputs.output import Home
from sweep.runtime.outputs.run_ids import run_id

_HELD_S = 5.0  # a call costs its store some 30 ms, however many numbers it brings
_HELD = 500  # numbers; a call takes at most 1000
_PARAMETER_LENGTH = 500  # characters, the shortest limit among its stores
_PARAMETERS = 100  # of one call
_STATES = {"done": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}


class MlflowOutput:
    """Sends rows to a run of MLflow, in batches of some seconds.

    A run that goes on has the same id there. What was sent cannot be taken back: rows that are computed again are there
    twice, with the same step. The store is that of `MLFLOW_TRACKING_URI`, as everywhere in MLflow.
    """

    name = "mlflow"

    def __init__(self, tracking_uri: str | None = None, experiment: str | None = None) -> None:
        """Args: tracking_uri, experiment: by default those of MLflow's own variables."""
        self._uri = tracking_uri
        self._experiment = experiment
        self._held: list[tuple[str, float, int, int]] = []
        self._sent = time.monotonic()

    def open(self, home: Home, goes_on: bool) -> None:
        self._client = needed("mlflow", self.name).MlflowClient(self._uri)
        self._entities = needed("mlflow.entities", self.name)
        self._id = run_id(home.run, self.name, goes_on, lambda: self._created(home))
        if goes_on:
            self._client.update_run(self._id, status="RUNNING")

    def row(self, row: Mapping[str, Any], step: int) -> None:
        self.scalars(row, step)

    def scalars(self, values: Mapping[str, Any], step: int) -> None:
        now = int(time.time() * 1000)
        self._held += [(_key(tag), value, now, step) for tag, value in numbers_of(values).items()]
        if len(self._held) >= _HELD or time.monotonic() - self._sent >= _HELD_S:
            self.flush()

    def text(self, tag: str, text: str, step: int) -> None:
        self._client.log_text(self._id, text, f"{_key(tag)}/{step}.txt")

    def figure(self, tag: str, figure: Any, step: int) -> None:
        self._client.log_figure(self._id, figure, f"{_key(tag)}/{step}.png")

    def hparams(self, values: Mapping[str, Scalar]) -> None:
        """Log the parameters; those that are there already stay, as MLflow never changes one."""
        there = self._client.get_run(self._id).data.params
        new = [(_key(name), str(value)[:_PARAMETER_LENGTH]) for name, value in values.items()]
        wanted = [self._entities.Param(name, value) for name, value in new if name not in there]
        for start in range(0, len(wanted), _PARAMETERS):
            self._client.log_batch(self._id, params=wanted[start : start + _PARAMETERS])

    def message(self, text: str, color: str) -> None:
        """It has no place for it."""

    def mark(self) -> dict[str, str]:
        self.flush()
        return {"id": self._id}

    def roll_back(self, mark: Mapping[str, Any]) -> None:
        self._held.clear()

    def flush(self) -> None:
        held, self._held, self._sent = self._held, [], time.monotonic()
        for start in range(0, len(held), _HELD):
            metrics = [self._entities.Metric(*one) for one in held[start : start + _HELD]]
            self._client.log_batch(self._id, metrics=metrics)

    def close(self, state: str) -> None:
        self.flush()
        if state:
            self._client.set_terminated(self._id, _STATES.get(state, "FINISHED"))

    def _created(self, home: Home) -> str:
        experiment = self._experiment_id()
        tags = {"sweep.setting": home.exp_name or home.folder.name, "sweep.directory": str(home.folder)}
        made: str = self._client.create_run(experiment, tags=tags, run_name=home.folder.name).info.run_id
        return made

    def _experiment_id(self) -> str:
        name = self._experiment or os.environ.get("MLFLOW_EXPERIMENT_NAME")
        if not name:
            return os.environ.get("MLFLOW_EXPERIMENT_ID", "0")
        there = self._client.get_experiment_by_name(name)
        made: str = there.experiment_id if there else self._client.create_experiment(name)
        return made


def _key(name: str) -> str:
    """Return a name that MLflow takes: letters, digits and a few signs, at most 250 of them."""
    return re.sub(r"[^\w\-./: ]", "_", name)[:250]
