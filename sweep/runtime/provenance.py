"""Where a run's results come from: the program, its libraries, the machine, and what it used of it.

.sweep/provenance.json   {"attempts": [{"command": ..., "packages": ..., "git": ..., "peak": ...}, ...]}
"""

from __future__ import annotations

import os
import platform
import re
import resource
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sweep.base.files import read_json, write_json
from sweep.base.git import Checkout

_DISTRIBUTION = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+?)(-py[\d.]+)?\.(dist|egg)-info")
_GPUS = Path("/proc/driver/nvidia/gpus")
_CPU = Path("/proc/cpuinfo")


def begin_provenance(file: Path, checkout: Checkout | None = None) -> None:
    """Add an attempt to a run's provenance; rank 0 alone calls it. A disk that refuses it does not end the run.

    Args:
        file: made if it is not there; its folder must exist.
        checkout: of the user's code, from `sweep.base.git.checkout_of`; once for a sweep, as asking git takes time.
    """
    facts = {**facts_of_this_process(), "git": None if checkout is None else git_facts(checkout)}
    with suppress(OSError):
        write_json(file, {"attempts": [*_attempts(file), facts]})


def end_provenance(file: Path) -> None:
    """Add to the newest attempt what it has used, and an MPI library that was loaded on the way."""
    attempts = _attempts(file)
    if not attempts:
        return
    mpi = mpi_library()
    last = {**attempts[-1], "peak": peak_memory(), **({"mpi": mpi} if mpi else {}), "gpus": gpus()}
    with suppress(OSError):
        write_json(file, {"attempts": [*attempts[:-1], last]})


def _attempts(file: Path) -> list[dict[str, Any]]:
    data = read_json(file)
    found = data.get("attempts") if isinstance(data, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def git_facts(checkout: Checkout) -> dict[str, Any]:
    """Return what a run records of the working copy."""
    return {
        "root": os.fspath(checkout.root),
        "commit": checkout.commit,
        "dirty": checkout.dirty,
        "diff": checkout.diff.encode(errors="replace").decode(),
        "diff_bytes": checkout.diff_bytes,
        "untracked": [name.encode(errors="replace").decode() for name in checkout.untracked],
    }


def facts_of_this_process() -> dict[str, Any]:
    """Return what can be known at the start, without importing anything heavy."""
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": list(sys.orig_argv),
        "directory": str(Path.cwd()),
        "host": socket.gethostname(),
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "executable": sys.executable,
        "packages": packages(),
        "mpi": mpi_library(),
        "cpu": cpu(),
        "gpus": gpus(),
    }


def packages() -> dict[str, str]:
    """Return the versions of the installed packages, read from the names of their folders: fast, and in order."""
    found: dict[str, str] = {}
    for name, version in _distributions():
        found.setdefault(name, version)  # the first on the path is the one that is imported
    return dict(sorted(found.items()))


def _distributions() -> Iterator[tuple[str, str]]:
    for folder in sys.path:
        with suppress(OSError):
            for entry in os.listdir(folder or "."):  # noqa: PTH208
                if match := _DISTRIBUTION.fullmatch(entry):
                    yield match["name"].lower().replace("_", "-"), match["version"]


def mpi_library() -> str:
    """Return the first line of what the MPI library says of itself; empty if none is loaded, which is not changed."""
    mpi = sys.modules.get("mpi4py.MPI")
    return str(mpi.Get_library_version()).split("\n")[0].strip("\0 ") if mpi is not None else ""


def cpu() -> dict[str, Any]:
    """Return the processor's name, the machine's cores, and how many of them this process may use."""
    model = re.search(r"^model name\s*:\s*(.*)$", _text(_CPU), re.MULTILINE)
    name = model[1] if model else platform.machine()
    return {"model": name, "cores": os.cpu_count(), "usable": len(os.sched_getaffinity(0))}


def gpus() -> list[str]:
    """Return the names of the NVIDIA GPUs of the machine; empty where there are none."""
    with suppress(OSError):
        texts = [_text(folder / "information") for folder in sorted(_GPUS.iterdir())]
        return [match[1].strip() for text in texts if (match := re.search(r"^Model:\s*(.*)$", text, re.MULTILINE))]
    return []


def peak_memory() -> Mapping[str, float]:
    """Return the most memory that this process has held, in MB (10**6 bytes); of a GPU what torch had there."""
    # Linux counts in units of 1024 bytes.
    peak = {"memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6}
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        devices = range(torch.cuda.device_count())
        peak["gpu_memory_mb"] = max(torch.cuda.max_memory_allocated(device) for device in devices) / 1e6
    return peak


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""
