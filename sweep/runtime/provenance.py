"""Where a run's results come from: the program, its libraries, the machine, and what it used of it.

RUN/.sweep/provenance.json   {"attempts": [{"started", "gpus_given", "mpi", "peak", "machine", "program"}, ...]}
"""

from __future__ import annotations

import json
import os
import platform
import re
import resource
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweep.base.files import read_json, write_text
from sweep.rundir.origin import attempts_of
from sweep.rundir.supervised import ORIGIN_VARIABLE

_DISTRIBUTION = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+?)(-py[\d.]+)?\.(dist|egg)-info")
_GPUS = Path("/proc/driver/nvidia/gpus")
_CPU = Path("/proc/cpuinfo")
# Of what a launch comes from, what each of its runs repeats; the rest, as its diff, is in the launch's own file.
_REPEATED = ("command", "directory", "git", "source", "notes")
_KEPT_APART = {"git": ("diff", "untracked"), "source": ("left_out",)}
# A run that is tried again for ever does not fill the disk with this.
_MOST_ATTEMPTS = 50
_OPENING = '{"attempts": [\n'
# Characters of an MPI library's name, and of what is known of an attempt at its end (a name may be all escapes).
_LONGEST_NAME, _ROOM = 100, 900


@dataclass(frozen=True)
class Facts:
    """What is the same in all runs of a process, as JSON: gathered once, so that a run has little left to do.

    Attributes:
        program: the launch's command line, directory, commit and source; Python and its packages.
        machine: host, system, processor and GPUs.
    """

    program: str
    machine: str


def facts_of_this_process(origin: str = "") -> Facts:
    """Return what can be known before a run begins, without importing anything heavy.

    Args:
        origin: the file that says what the launch comes from; empty if there is none.
    """
    return Facts(_json({**_origin(origin), **_python()}), _json(_machine()))


def facts_if_possible(origin: str) -> Facts | None:
    """Return the same, or None where that fails: every run then tries for itself, and tells why not."""
    try:
        return facts_of_this_process(origin)
    except Exception:  # whatever a user's modules have made of ours
        return None


def take_origin() -> str:
    """Return the file that a launch names in the environment, and take it out: a launch in a run has its own."""
    return os.environ.pop(ORIGIN_VARIABLE, "")


def _json(data: Mapping[str, Any]) -> str:
    return json.dumps(data, indent=1, sort_keys=True)


def _origin(file: str) -> dict[str, Any]:
    if not file:
        return {"origin": "", "command": list(sys.orig_argv), "directory": _directory(), "git": None, "source": None}
    try:
        data = read_json(Path(file))
    except OSError as error:
        return {"origin": "", "notes": [f"{file} cannot be read: {error.strerror}"]}
    found = {key: value for key, value in data.items() if key in _REPEATED} if isinstance(data, dict) else {}
    for key, apart in _KEPT_APART.items():
        if isinstance(found.get(key), dict):
            found[key] = {name: value for name, value in found[key].items() if name not in apart}
    return {**found, "origin": Path(file).name}


def _directory() -> str:
    with suppress(OSError):  # it is gone
        return os.getcwd()  # noqa: PTH109
    return ""


def _python() -> dict[str, Any]:
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "executable": sys.executable,
        "packages": packages(),
    }


def _machine() -> dict[str, Any]:
    return {"host": socket.gethostname(), "system": platform.platform(), "cpu": cpu(), "gpus": gpus()}


class Attempt:
    """The record of an attempt that goes on, of which rank 0 alone keeps one.

    It is written when the attempt begins, with room for what is known at its end: that is then one write in place, too
    small to be torn when a process is killed. A run may take no longer than this, so that all this is worth its while.
    """

    def __init__(self, file: Path, facts: Facts) -> None:
        self._file, self._facts, self._offset = os.fspath(file), facts, 0

    def begin(self) -> None:
        """Add the attempt to the file; its folder must exist.

        Raises:
            OSError: it cannot be written.
        """
        try:
            descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        except FileExistsError:
            write_text(Path(self._file), self._text(attempts_of(Path(self._file))), durable=False)
            return
        try:
            os.write(descriptor, self._text().encode())
        finally:
            os.close(descriptor)

    def _text(self, earlier: Sequence[Mapping[str, Any]] = ()) -> str:
        """Return the file's text, with room for the end of this attempt, and note where that is."""
        given = json.dumps(os.environ.get("CUDA_VISIBLE_DEVICES"))
        before = [_json(one) + ",\n" for one in earlier[1 - _MOST_ATTEMPTS :]]
        start = "".join([_OPENING, *before, f'{{"started": {time.time()!r},\n"gpus_given": {given},\n'])
        self._offset = len(start)
        facts = f'"machine": {self._facts.machine},\n"program": {self._facts.program}'
        return f"{start}{_use(None)},\n{facts}}}\n]}}\n"

    def end(self, peak: Mapping[str, float]) -> None:
        """Add what it has used, and an MPI library that was loaded on the way.

        Raises:
            OSError: it cannot be written.
        """
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            os.pwrite(descriptor, _use(peak).encode(), self._offset)
        finally:
            os.close(descriptor)


def _use(peak: Mapping[str, float] | None) -> str:
    """Return what is known at the end of an attempt, always of the same length; all of it is ASCII."""
    used = json.dumps(None if peak is None else dict(peak))
    return f'"mpi": {json.dumps(mpi_library()[:_LONGEST_NAME])},\n"peak": {used}'.ljust(_ROOM)


def begin_provenance(file: Path, facts: Facts | None = None) -> Attempt | None:
    """Begin the record of an attempt; rank 0 alone calls it. Return what it is ended with; None if it cannot be kept.

    Args:
        file: made if it is not there; its folder must exist.
        facts: of this process, if they were gathered before.
    """
    origin = take_origin()  # even where it is known: the function has no use for it
    try:
        attempt = Attempt(file, facts or facts_of_this_process(origin))
        attempt.begin()
    except Exception as error:  # a record is never a reason for a run to fail
        _tell(error)
        return None
    return attempt


def end_provenance(attempt: Attempt | None, peak: Mapping[str, float]) -> None:
    """Complete the record of an attempt.

    Args:
        peak: see `most`.
    """
    if attempt is None:
        return
    try:
        attempt.end(peak)
    except Exception as error:  # as above
        _tell(error)


def _tell(error: Exception) -> None:
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"no record of where this run comes from: {type(error).__name__}: {error}\n")


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
    """Return the first line of what the MPI library says of itself; empty unless MPI was started, which it is not."""
    mpi = sys.modules.get("mpi4py.MPI")
    if mpi is None or not mpi.Is_initialized():
        return ""
    return str(mpi.Get_library_version()).split("\n")[0].strip("\0 ")


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


def peak_memory() -> dict[str, float]:
    """Return the most memory that this process has held, in MB (10**6 bytes); of a GPU what torch had there."""
    # Linux counts in units of 1024 bytes.
    peak = {"memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6}
    torch = sys.modules.get("torch")
    with suppress(Exception):  # a driver may be in any state by then
        if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
            devices = range(torch.cuda.device_count())
            peak["gpu_memory_mb"] = max(torch.cuda.max_memory_allocated(device) for device in devices) / 1e6
    return peak


def most(peaks: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the peak of the rank that used most, for each kind of memory, and of how many ranks it is."""
    kinds = sorted({kind for one in peaks for kind in one})
    return {**{kind: max(one.get(kind, 0.0) for one in peaks) for kind in kinds}, "ranks": len(peaks)}


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""
