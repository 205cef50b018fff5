"""`run.export`: the weights of a step into a file of their own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sweep.base.files import write_atomic
from sweep.rundir.paths import RunDir
from sweep.rundir.saved_files import best_export_path, export_path
from sweep.runtime.exports.errors import WeightsError
from sweep.runtime.exports.formats import writer_of
from sweep.runtime.exports.weights import weights_of
from sweep.runtime.mpi.helpers import proc_id

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")


def export(run: RunDir, name: str, what: Any, step: int | None, format: str, best: bool) -> Path:
    """Write weights to ``exports/NAME_step_000000012.FORMAT``, atomically; rank 0 alone writes.

    Args:
        what: see `weights_of`.
        step: None is an error that says what to do.
        best: write them to ``exports/best_NAME.FORMAT`` too, in place of what is there.

    Returns:
        the file.

    Raises:
        WeightsError: what was given has no weights, or name, step or format cannot be.
        OSError: it cannot be written; a file of that name is as it was.
    """
    write = writer_of(format)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise WeightsError(f"export({name!r}, ...): a name is letters, digits, '_', '-' and '.', such as 'policy'.")
    if step is None:
        raise WeightsError(f"export({name!r}, ...) outside the run's loop needs the step: step=...")
    if isinstance(step, bool) or not isinstance(step, int) or step < 0:
        raise WeightsError(f"export(step={step!r}): a step is a number from 0 on.")
    path = export_path(run, name, step, format)
    if proc_id() != 0:
        return path
    weights, words = weights_of(what), {"name": name, "step": str(step)}
    path.parent.mkdir(parents=True, exist_ok=True)
    for file in (path, *([best_export_path(run, name, format)] if best else [])):
        write_atomic(file, lambda opened: write(opened, weights, words))
    return path
