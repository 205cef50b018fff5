"""sweep itself, through its public door: `ExperimentGrid.run`, whose times are read from the runs' `status.json`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sweep import ExperimentGrid

Statuses = list[dict[str, Any]]


def empty(count: int, folder: Path) -> list[float]:
    import thunks

    return ended(swept(thunks.empty, count, folder))


def late(count: int, folder: Path) -> list[float]:
    import thunks_late

    return ended(swept(thunks_late.empty, count, folder))


def spawned(count: int, folder: Path) -> list[float]:
    import thunks

    return ended(swept(thunks.empty, count, folder, start="spawn"))


def allreduce(count: int, folder: Path) -> list[float]:
    import thunks

    return ended(swept(thunks.allreduce, count, folder, num_cpu=2))


def torch(count: int, folder: Path) -> list[float]:
    import thunks_torch

    return ended(swept(thunks_torch.empty, count, folder))


def burning(count: int, folder: Path) -> list[float]:
    """Take every core; the first mark is the start of the first run."""
    import thunks

    found = swept(thunks.burn, count, folder, parallel="auto")
    return [min(status["started"] for status in found), *ended(found)]


def swept(thunk: Callable[..., object], count: int, folder: Path, **options: Any) -> Statuses:
    """Run a grid of `count` variants and return what each run's `status.json` says.

    Raises:
        RuntimeError: not every run is done, or they were not started alike.
    """
    grid = ExperimentGrid("bench")
    grid.add("i", list(range(count)), in_name=True)
    grid.run(thunk, data_dir=folder / "data", wait=0, **{"parallel": 1, **options})
    found = [json.loads(path.read_text()) for path in (folder / "data").rglob("status.json")]
    done = sum(status["state"] == "done" for status in found)
    if done != count:
        raise RuntimeError(f"{done} of {count} runs are done")
    (folder / "note").write_text(how(found))
    return found


def how(found: Statuses) -> str:
    """Return in words how the runs' processes were made."""
    ways = {(status.get("start", ""), status.get("start_note", "")) for status in found}
    return "; ".join(sorted(f"{start} ({note})" if note else start for start, note in ways if start))


def ended(found: Statuses) -> list[float]:
    return sorted(status["ended"] for status in found)
