"""Runs of Weights & Biases, written without a network: settings are groups, seeds are types of job."""

from __future__ import annotations

import math
from typing import Any

from sweep.base.jsonable import to_jsonable
from sweep.results.export.material import Material
from sweep.results.export.needed import needed
from sweep.results.export.place import Destination
from sweep.results.run import Run

_ROW = "row"
_EXIT_CODES = {"done": 0, "failed": 1, "interrupted": 75}


def write_wandb(material: Material, place: Destination) -> None:
    """Write an offline run for each run; `wandb sync` sends them.

    Raises:
        UsageError: wandb is not installed.
    """
    wandb = needed("wandb", "wandb")
    folder = place.folder()
    quiet = wandb.Settings(silent=True, console="off")  # else it prints a page a run, and records what is printed
    for run in material.runs:
        _write(wandb.init(**_options(material, run, str(folder)), settings=quiet), material, run)
    place.files += sorted((folder / "wandb").glob("offline-run-*"))


def _options(material: Material, run: Run, folder: str) -> dict[str, Any]:
    """Return the arguments of `wandb.init`; parameters have a key of their own, apart from what belongs to the run."""
    about = {"seed": run.seed, "state": str(run.state), "source": run.source, "path": str(run.path)}
    config = {key: to_jsonable(value) for key, value in run.config.items()}
    return {
        "mode": "offline",
        "dir": folder,
        "name": material.names[run],
        "group": material.groups[run.setting],
        "job_type": f"seed {run.seed}",
        "tags": [str(run.state)],
        "config": {"config": config, "run": about},
        "reinit": "create_new",
        "save_code": False,
    }


def _write(session: Any, material: Material, run: Run) -> None:
    table = material.table(run)
    x = material.x if material.x in table.columns else _ROW
    session.define_metric("*", step_metric=x)
    for index in range(table.rows):
        row = {name: float(column[index]) for name, column in table.columns.items() if not math.isnan(column[index])}
        session.log(row if x in table.columns else {**row, _ROW: index})
    score = material.scores.get(run, math.nan)
    if not math.isnan(score):
        session.summary["score"] = score
    session.finish(exit_code=_EXIT_CODES.get(str(run.state)))
