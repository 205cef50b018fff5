"""What `save_state` writes, when its process is killed in the middle of it."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import pytest

KILLED = """
import sys, time
from sweep import Logger

logger = Logger("run", outputs=["-console"])
if "torch" in sys.argv:
    import torch
    model = torch.nn.Linear(100, 100)
    logger.setup_pytorch_saver(model)
logger.save_state({"turn": [0] * 10_000})
print("begun", flush=True)
for turn in range(10**6):
    logger.save_state({"turn": [turn] * 10_000})
"""


def kill_in_the_middle(folder: Path, *words: str) -> None:
    writer = subprocess.Popen([sys.executable, "-c", KILLED, *words], cwd=folder, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    with writer.stdout:
        assert any(line == "begun\n" for line in writer.stdout)
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()


def test_a_state_is_whole_wherever_its_writer_was_killed(tmp_path: Path) -> None:
    for _ in range(3):
        kill_in_the_middle(tmp_path)
        turns = pickle.loads((tmp_path / "run" / "vars.pkl").read_bytes())["turn"]
        assert (len(turns), len(set(turns))) == (10_000, 1)


def test_a_torch_model_is_whole_too(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    kill_in_the_middle(tmp_path, "torch")
    model = torch.load(tmp_path / "run" / "pyt_save" / "model.pt", weights_only=False)
    assert model.weight.shape == (100, 100)
