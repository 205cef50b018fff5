"""What a thunk saves through its logger: its state and its torch model, in Spinning Up's files.

Both are pickles: for going on and for looking at one's own runs, not for files from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cloudpickle

from sweep.base.files import write_atomic
from sweep.rundir.paths import RunDir
from sweep.rundir.saved_files import write_import_path


def save_state(path: Path, state: Any) -> None:
    """Pickle a state, atomically; whatever stops that is raised, and the file before it stays."""
    write_atomic(path, lambda file: cloudpickle.dump(state, file))


def save_torch(path: Path, what: Any) -> None:
    """Save a module (or anything else) with `torch.save`, atomically, making the folder.

    A class of the script itself goes into the file: no other program could import it.
    """
    import torch

    path.parent.mkdir(exist_ok=True)
    write_atomic(path, lambda file: torch.save(what, file, pickle_module=cloudpickle))


def remember_modules(folder: Path) -> None:
    """Record in a run's directory where modules are found, for who loads what was saved; elsewhere nothing."""
    if (run := RunDir(folder)).own.is_dir():
        write_import_path(run)


def unpicklable(state: Any) -> list[str]:
    """Return the keys of a dict whose values cannot be pickled; [] for anything else."""
    return [str(key) for key, value in state.items() if not _pickles(value)] if isinstance(state, Mapping) else []


def _pickles(value: Any) -> bool:
    try:
        cloudpickle.dumps(value)
    except Exception:  # whatever an object's own reduce method raises
        return False
    return True
