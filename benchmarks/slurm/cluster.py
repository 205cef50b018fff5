"""A throw-away Slurm on this machine, and who calls its programs how often."""

from __future__ import annotations

import os
import re
import shutil
import stat
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "tests" / "slurm_up.sh"
DAEMONS = ("munged", "slurmctld", "slurmd", "slurmdbd", "mariadbd")
PROGRAMS = ("sbatch", "squeue", "scancel", "sacct", "scontrol", "sinfo", "srun", "sacctmgr")
# So late accounting may hear of a job's end.
_LAG_S = 3.0
_PLACES = os.pathsep.join(("/usr/local/sbin", "/usr/sbin", "/sbin"))


def missing() -> str:
    """Return which of the daemons are not here; '' if all are."""
    path = f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{_PLACES}"
    return ", ".join(name for name in DAEMONS if shutil.which(name, path=path) is None)


@contextmanager
def cluster() -> Iterator[None]:
    """Have a cluster of two virtual nodes of 4 cores for as long as this lasts, and no longer if this process dies.

    Raises:
        CalledProcessError: it cannot be started.
    """
    folder = Path(tempfile.mkdtemp(prefix="sl-", dir="/tmp"))  # a socket's path may not be long
    # Its input ends when this process does, however that dies.
    end = 'cat > /dev/null; bash "$0" down "$1"; rm -rf "$1"'
    words = ["bash", "-c", end, str(SCRIPT), str(folder)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True):
        subprocess.run(["bash", str(SCRIPT), "up", str(folder)], check=True, stdin=subprocess.DEVNULL)
        os.environ["SLURM_CONF"] = str(folder / "etc" / "slurm.conf")
        yield


@contextmanager
def counted(folder: Path) -> Iterator[Counter[str]]:
    """Count the calls of Slurm's programs by this process and all it starts; the counter is filled at the end."""
    shims, log, path = folder / "shims", folder / "calls", os.environ["PATH"]
    shims.mkdir(exist_ok=True)
    log.write_text("")
    for name in PROGRAMS:
        real = shutil.which(name, path=path)
        shim = shims / name
        shim.write_text(f'#!/bin/sh\necho {name} >> "{log}"\nexec "{real}" "$@"\n')
        shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
    calls: Counter[str] = Counter()
    os.environ["PATH"] = f"{shims}{os.pathsep}{path}"
    try:
        yield calls
    finally:
        os.environ["PATH"] = path
        calls.update(log.read_text().split())


def in_words(calls: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(calls.items())) or "none"


def cancel_all() -> None:
    """End all jobs, and wait until none is left."""
    subprocess.run(["scancel", "--user", str(os.getuid())], check=True)
    wait_until_idle()


def wait_until_idle() -> None:
    """Wait until no job waits or runs, so that nobody measures the end of another's."""
    while subprocess.run(["squeue", "--noheader"], capture_output=True, text=True, check=True).stdout.strip():
        time.sleep(0.5)


def cpu_s(array: str) -> float:
    """Return the processor time of a job of an array, as accounting has it: of all its processes, the median job's."""
    time.sleep(_LAG_S)
    words = ["sacct", "--noheader", "--parsable2", f"--jobs={array}", "--format=JobID,TotalCPU"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    jobs = dict(line.split("|") for line in said.splitlines())
    return statistics.median(_seconds(spent) for job, spent in jobs.items() if re.fullmatch(r"\d+_\d+", job))


def _seconds(time_spent: str) -> float:
    """Return 62.5 of '01:02.500', and of '00:01:02.500'."""
    return sum(float(part) * 60.0**place for place, part in enumerate(reversed(time_spent.split(":"))))


def version() -> str:
    return subprocess.run(["sbatch", "--version"], capture_output=True, text=True, check=True).stdout.strip()
