"""Functions that do to their process, and to those around it, what a run should not."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

_FOR_EVER_S = 600.0
_PIECE = b"x" * 65_535
KEPT: list[Any] = []


def harmless() -> None:
    """Do nothing."""


def leave_threads() -> None:
    """Leave threads that would never end."""
    for _ in range(5):
        threading.Thread(target=time.sleep, args=(_FOR_EVER_S,), daemon=True).start()


def leave_a_thread_that_counts() -> None:
    """Leave a thread that an interpreter waits for."""
    threading.Thread(target=time.sleep, args=(_FOR_EVER_S,)).start()


def _live_on(file: str) -> None:
    """Be a process that only a signal ends, and not every one."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    Path(file).write_text(str(os.getpid()))
    time.sleep(_FOR_EVER_S)
    os._exit(0)


def _wait_for(file: str) -> None:
    while not Path(file).exists() or not Path(file).read_text():
        time.sleep(0.005)


def leave_a_child(file: str) -> None:
    """Fork a child that lives on."""
    if os.fork() == 0:
        _live_on(file)
    _wait_for(file)


def leave_a_daemon(file: str) -> None:
    """Leave a daemon: its parent is gone, it leads a session, and nothing of ours is open in it."""
    middle = os.fork()
    if middle == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 4096)
            os.setsid()
            _live_on(file)
        os._exit(0)
    os.waitpid(middle, 0)
    _wait_for(file)


def leave_a_program(file: str, bare: bool) -> None:
    """Leave a daemon that is a program of its own, if `bare` with nothing in its environment."""
    middle = os.fork()
    if middle == 0:
        words = "import signal,time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"
        environ = {} if bare else dict(os.environ)
        program = subprocess.Popen([sys.executable, "-c", words], env=environ, start_new_session=True)
        Path(file).write_text(str(program.pid))
        os._exit(0)
    os.waitpid(middle, 0)


def leave_a_daemon_and_raise(file: str) -> None:
    """Fail, with a daemon left."""
    leave_a_daemon(file)
    raise ValueError("on purpose")


def wait(file: str) -> None:
    """Return when there is such a file."""
    while not Path(file).exists():
        time.sleep(0.005)


def go_on_whatever_comes(file: str) -> None:
    """Ignore every signal that can be ignored."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    _live_on(file)


def close_everything() -> None:
    """Close all descriptors, one's own and those of the runtime."""
    os.closerange(0, 4096)


def eat_memory() -> None:
    """Ask for more memory than it allows itself."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + 2**27, used + 2**27))
    while True:
        KEPT.append(bytearray(2**24))


def leave_at_once() -> None:
    """End the process without a word."""
    os._exit(0)


def crash() -> None:
    """Read where there is nothing."""
    ctypes.string_at(0)


def flood(size: int, lines: bool) -> None:
    """Print so many bytes, in one line or in many, and a word before and after."""
    piece = (b"x" * 99 + b"\n") * 655 if lines else _PIECE
    os.write(1, b"the beginning\n")
    for _ in range(size // len(piece)):
        _write_all(piece)
    _write_all(b"\nthe end\n")


def flood_for_ever() -> None:
    """Print without an end."""
    while True:
        _write_all(_PIECE)


def _write_all(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


def kill_parent(seconds: float) -> None:
    """Kill what has started this process, some time after the start."""
    time.sleep(seconds)
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(_FOR_EVER_S)


def kill_group() -> None:
    """Kill the own process group."""
    os.killpg(0, signal.SIGKILL)


def kill_all_it_finds() -> None:
    """Ask every process of this launch but itself to end."""
    token = os.environ["SWEEP_TOKEN"].encode()
    for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))):  # noqa: PTH208
        try:
            if pid != os.getpid() and token in Path(f"/proc/{pid}/environ").read_bytes():
                os.kill(pid, signal.SIGTERM)
        except OSError:
            continue


def remove_own_directory() -> None:
    """Remove the run's directory."""
    shutil.rmtree(os.environ["SWEEP_RUN_DIR"])


def fill_temporary_directory(fail: bool) -> None:
    """Leave temporary files, the last of which there is no room for if it is to fail."""
    folder = Path(os.environ["TMPDIR"])
    (folder / "some").mkdir()
    (folder / "some" / "file").write_bytes(bytes(2**20))
    if fail:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
        (folder / "more").write_bytes(bytes(2**22))


def lock_directory() -> None:
    """Make the run's directory one that nobody can write to, and what is in it too."""
    own = Path(os.environ["SWEEP_RUN_DIR"])
    (own / "status.json").unlink()
    (own / "status.json").mkdir()
