"""Functions that leave something to be finished at the end of their process, or use more processes than one."""

from __future__ import annotations

import atexit
import ctypes
import gzip
import multiprocessing
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

KEPT: list[Any] = []
LINES = 1000


def leave_files_open(folder: str) -> None:
    """Leave files open in a global, with data that is not on disk."""
    here = Path(folder)
    text = (here / "text").open("w")
    text.write("line\n" * LINES)
    binary = (here / "binary").open("wb")
    binary.write(b"line\n" * LINES)
    KEPT.extend([text, binary])


def leave_archives_open(folder: str) -> None:
    """Leave archives open, whose end is only written when they are closed."""
    packed = gzip.open(Path(folder) / "packed.gz", "wb")  # noqa: SIM115
    packed.write(b"line\n" * LINES)
    archive = zipfile.ZipFile(Path(folder) / "archive.zip", "w")
    archive.writestr("lines", "line\n" * LINES)
    KEPT.extend([packed, archive])


def print_in_c() -> None:
    """Print through the C library, which holds it back as standard output is no terminal."""
    ctypes.CDLL(None).printf(b"printed in C\n")
    sys.stdout.write("printed in Python, no end of line")


def leave_a_thread(file: str) -> None:
    """Return while a thread works."""

    def work() -> None:
        time.sleep(0.3)
        Path(file).write_text("finished")

    threading.Thread(target=work).start()


def register_handlers(folder: str) -> None:
    """Register what is to be called at the end, in the order of registration backwards."""
    atexit.register(Path(folder, "first").write_text, "called")
    atexit.register(_note, Path(folder, "order"), "registered first")
    atexit.register(_note, Path(folder, "order"), "registered last")


def _note(file: Path, word: str) -> None:
    with file.open("a") as notes:
        notes.write(word + "\n")


def compute_in_a_pool(method: str, file: str) -> None:
    """Use a pool of processes."""
    with multiprocessing.get_context(method).Pool(2) as pool:
        Path(file).write_text(str(sum(pool.map(abs, range(-10, 10)))))


def use_a_program(file: str) -> None:
    """Run a program and read what it says and reads."""
    words = "import sys; print(len(sys.stdin.read()))"
    Path(file).write_text(
        subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True).stdout
    )


def read_input(file: str) -> None:
    """Read the standard input to its end."""
    Path(file).write_text(repr(sys.stdin.read()))


class ByName:
    """A module's `train`, which is imported where it is unpickled and not where it is pickled."""

    def __init__(self, module: str) -> None:
        self.module = module

    def __call__(self) -> None:
        raise AssertionError("it was not pickled")

    def __reduce__(self) -> Any:
        return _train_of, (self.module,)


def _train_of(module: str) -> Any:
    import importlib

    return importlib.import_module(module).train
