"""One process: its output kept, its whole tree ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from sweep.launch.process import Stopped, end_tree, run_process, stop_signals


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_what_it_prints_goes_to_the_log_and_not_to_the_screen(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "output.log"
    code = run_process(python("import sys; print('out'); print('err', file=sys.stderr)"), os.environ, log, echo=False)
    assert (code, sorted(log.read_text().split())) == (0, ["err", "out"])
    assert capfd.readouterr().out == ""


def test_echo_shows_it_as_well(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "output.log"
    assert run_process(python("print('seen')"), os.environ, log, echo=True) == 0
    assert (log.read_text(), capfd.readouterr().out) == ("seen\n", "seen\n")


def test_a_second_attempt_is_added_to_the_log(tmp_path: Path) -> None:
    log = tmp_path / "output.log"
    for word in ("first", "second"):
        run_process(python(f"print({word!r})"), os.environ, log, echo=False)
    assert log.read_text() == "first\nsecond\n"


def test_a_signal_is_a_negative_exit_code(tmp_path: Path) -> None:
    code = run_process(python("import os; os.kill(os.getpid(), 9)"), os.environ, tmp_path / "log", echo=False)
    assert code == -signal.SIGKILL


def test_its_input_is_empty(tmp_path: Path) -> None:
    assert run_process(python("import sys; sys.exit(len(sys.stdin.read()))"), os.environ, tmp_path / "log", False) == 0


def test_ending_a_tree_ends_children_that_ignore_being_asked() -> None:
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {stubborn!r}])"
    process = subprocess.Popen(python(parent), stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    (child,) = psutil.Process(process.pid).children()
    end_tree(process.pid, grace_s=0.2)
    process.wait(timeout=10)
    process.stdout.close()
    child.wait(timeout=10)
    assert not child.is_running()


def test_ending_a_process_that_is_gone_is_no_error() -> None:
    process = subprocess.Popen(python(""))
    process.wait()
    end_tree(process.pid)


def test_being_told_to_stop_raises_in_the_driver_and_only_inside() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Stopped, match="SIGTERM"), stop_signals():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
