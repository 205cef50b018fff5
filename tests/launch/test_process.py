"""Whole trees of processes ended, and signals that stop the driver."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psutil
import pytest

from sweep.launch.process import Stopped, end_trees, stop_signals


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_ending_a_tree_ends_children_that_ignore_being_asked() -> None:
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {stubborn!r}])"
    process = subprocess.Popen(python(parent), stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    (child,) = psutil.Process(process.pid).children()
    end_trees([process.pid], grace_s=0.2)
    process.wait(timeout=10)
    process.stdout.close()
    child.wait(timeout=10)
    assert not child.is_running()


def test_ending_a_process_that_is_gone_is_no_error() -> None:
    process = subprocess.Popen(python(""))
    process.wait()
    end_trees([process.pid])


def test_being_told_to_stop_raises_in_the_driver_and_only_inside() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Stopped, match="SIGTERM"), stop_signals():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
