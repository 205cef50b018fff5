"""Weights & Biases."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sweep.runtime.outputs.hyperparameters import Scalar
from sweep.runtime.outputs.needed import needed
from sweep.runtime.outputs.numbers import numbers_of
from sweep.runtime.outputs.output import Home
from sweep.runtime.outputs.run_ids import run_id

STEP = "global_step"


class WandbOutput:
    """Sends rows to a run of Weights & Biases.

    A run that goes on has the same id there. What was sent cannot be taken back: rows that are computed again are sent
    again, with the same `global_step`, which is the axis of every chart.
    """

    name = "wandb"

    def __init__(self, **options: Any) -> None:
        """Args: options: further arguments of `wandb.init`, such as `project`; they win over ours."""
        self._options = options

    def open(self, home: Home, goes_on: bool) -> None:
        self._wandb = needed("wandb", self.name)
        options = {
            "id": run_id(home.run, self.name, goes_on, lambda: uuid.uuid4().hex),
            "name": home.folder.name,
            "group": home.exp_name,
            "dir": str(home.folder),
            "resume": "allow",
            "reinit": "create_new",  # two loggers of one process are two runs
        }
        self._run = self._wandb.init(**(options | self._options))
        self._run.define_metric(STEP)
        self._run.define_metric("*", step_metric=STEP)

    def row(self, row: Mapping[str, Any], step: int) -> None:
        self.scalars(row, step)

    def scalars(self, values: Mapping[str, Any], step: int) -> None:
        if found := numbers_of(values):
            self._run.log({**found, STEP: step})

    def histogram(self, tag: str, values: Any, step: int) -> None:
        self._run.log({tag: self._wandb.Histogram(values), STEP: step})

    def text(self, tag: str, text: str, step: int) -> None:
        self._run.log({tag: text, STEP: step})

    def figure(self, tag: str, figure: Any, step: int) -> None:
        self._run.log({tag: self._wandb.Image(figure), STEP: step})

    def hparams(self, values: Mapping[str, Scalar]) -> None:
        self._run.config.update(dict(values), allow_val_change=True)

    def message(self, text: str, color: str) -> None:
        """What is printed it collects by itself."""

    def mark(self) -> dict[str, str]:
        return {"id": self._run.id}

    def roll_back(self, mark: Mapping[str, Any]) -> None:
        """What was sent stays there."""

    def flush(self) -> None:
        """It sends by itself."""

    def close(self, state: str) -> None:
        self._run.finish(exit_code={"done": 0, "failed": 1, "interrupted": 75}.get(state))
