"""All kinds of export, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sweep.base.errors import UsageError
from sweep.results.export.csv import write_csv
from sweep.results.export.material import Material
from sweep.results.export.optuna import write_optuna
from sweep.results.export.parquet import write_parquet
from sweep.results.export.place import Destination
from sweep.results.export.tensorboard import write_tensorboard
from sweep.results.export.wandb import write_wandb

KINDS: Mapping[str, Callable[[Material, Destination], Any]] = {
    "csv": write_csv,
    "parquet": write_parquet,
    "tensorboard": write_tensorboard,
    "wandb": write_wandb,
    "optuna": write_optuna,
}


def export(material: Material, kind: str, place: Destination, each: bool = False) -> list[str]:
    """Write runs in a format of others; return what a reader must know, in words.

    Args:
        kind: one of `KINDS`.
        each: for optuna, a trial for each run instead of one for each setting.

    Raises:
        UsageError: a package is missing, a file cannot be written, or `each` for another kind.
    """
    if each and kind != "optuna":
        raise UsageError(f"--each is for trials of optuna; an export to {kind} has every run by itself anyway.")
    try:
        told = write_optuna(material, place, each) if kind == "optuna" else KINDS[kind](material, place)
    except OSError as error:
        raise UsageError(f"{str(place.path)!r} cannot be written to: {error.strerror or error}.") from None
    return [*material.notes, *(told or [])]
