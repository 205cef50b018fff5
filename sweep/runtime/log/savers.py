"""What a thunk saves through its logger: its state and its torch model, in Spinning Up's files.

Both are pickles: for going on and for looking at one's own runs, not for files from elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cloudpickle

from sweep.base.files import write_atomic


def state_path(folder: Path, itr: int | None) -> Path:
    """Return `vars.pkl`, or `vars{itr}.pkl` where every state is kept."""
    return folder / f"vars{_number(itr)}.pkl"


def torch_path(folder: Path, itr: int | None) -> Path:
    """Return `pyt_save/model.pt`, or `pyt_save/model{itr}.pt` where every model is kept."""
    return folder / "pyt_save" / f"model{_number(itr)}.pt"


def _number(itr: int | None) -> str:
    return "" if itr is None else str(int(itr))


def save_state(path: Path, state: Any) -> None:
    """Pickle a state, atomically; whatever stops that is raised, and the file before it stays."""
    write_atomic(path, lambda file: cloudpickle.dump(state, file))


def save_torch(path: Path, what: Any) -> None:
    """Save a module (or anything else) with `torch.save`, atomically, making the folder."""
    import torch

    path.parent.mkdir(exist_ok=True)
    write_atomic(path, lambda file: torch.save(what, file))


def unpicklable(state: Any) -> list[str]:
    """Return the keys of a dict whose values cannot be pickled; [] for anything else."""
    return [str(key) for key, value in state.items() if not _pickles(value)] if isinstance(state, Mapping) else []


def _pickles(value: Any) -> bool:
    try:
        cloudpickle.dumps(value)
    except Exception:  # whatever an object's own reduce method raises
        return False
    return True
