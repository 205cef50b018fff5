"""The names of what a function saves to be used elsewhere, or to be played: Spinning Up's, exports, and what makes a
policy again.

    vars.pkl, vars{itr}.pkl                     a state, pickled: the environment, for one
    pyt_save/model.pt, pyt_save/model{itr}.pt   a torch model, pickled whole
    tf1_save/, tf1_save{itr}/                   a TensorFlow SavedModel; before 2020 `simple_save`
    exports/NAME_step_000000012.npz             weights alone; exports/best_NAME.npz is a copy of the best
    .sweep/moulds/policy.pkl                    an object as it was at the start of the loop, without what it learned
    .sweep/import_path.json                     where its modules were found
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sweep.base.files import read_json, write_json
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import snapshot_name

TORCH_FOLDER = "pyt_save"
TF_FOLDERS = ("tf1_save", "simple_save")
MODEL_INFO = "model_info.pkl"
_NUMBERED = r"(\d*)"


def number_text(itr: int | None) -> str:
    """Return what a save's number adds to its name: '' where only the last one is kept."""
    return "" if itr is None else str(int(itr))


def state_path(folder: Path, itr: int | None) -> Path:
    """Return `vars.pkl`, or `vars{itr}.pkl` where every state is kept."""
    return folder / f"vars{number_text(itr)}.pkl"


def torch_path(folder: Path, itr: int | None) -> Path:
    """Return `pyt_save/model.pt`, or `pyt_save/model{itr}.pt` where every model is kept."""
    return folder / TORCH_FOLDER / f"model{number_text(itr)}.pt"


def tf_path(folder: Path, itr: int | None) -> Path:
    """Return `tf1_save`, or `tf1_save{itr}` where every model is kept."""
    return folder / f"{TF_FOLDERS[0]}{number_text(itr)}"


def torch_saves(folder: Path) -> dict[int | None, Path]:
    """Return the torch models in a run's folder by their number; None is the one without."""
    return _numbered(folder / TORCH_FOLDER, rf"model{_NUMBERED}\.pt")


def tf_saves(folder: Path) -> dict[int | None, Path]:
    """Return the TensorFlow models in a run's folder by their number; None is the one without."""
    return _numbered(folder, rf"(?:{'|'.join(TF_FOLDERS)}){_NUMBERED}")


def _numbered(folder: Path, pattern: str) -> dict[int | None, Path]:
    if not folder.is_dir():
        return {}
    named = [(re.fullmatch(pattern, path.name), path) for path in sorted(folder.iterdir())]
    return {int(match[1]) if match[1] else None: path for match, path in named if match is not None}


def mould_path(run: RunDir, name: str) -> Path:
    """Return where an object stays as it was at the start of the loop."""
    return run.own / "moulds" / f"{name}.pkl"


def export_path(run: RunDir, name: str, step: int, suffix: str) -> Path:
    """Return where the weights of a step go."""
    return run.path / "exports" / f"{name}_{snapshot_name(step)}.{suffix}"


def best_export_path(run: RunDir, name: str, suffix: str) -> Path:
    """Return where a copy of the best weights goes."""
    return run.path / "exports" / f"best_{name}.{suffix}"


def import_path_file(run: RunDir) -> Path:
    return run.own / "import_path.json"


def write_import_path(run: RunDir) -> None:
    """Record where this process finds modules; a disk that refuses it does not end the run."""
    with suppress(OSError):
        write_json(import_path_file(run), [str(Path(folder).absolute()) for folder in sys.path])


def read_import_path(run: RunDir) -> Iterator[str]:
    """Yield the folders in which the process of a run found modules; nothing if that is not known."""
    data = read_json(import_path_file(run))
    yield from (one for one in data if isinstance(one, str)) if isinstance(data, list) else ()
