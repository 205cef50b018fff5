"""What a run records of where its results come from."""

from __future__ import annotations

import json
import os
import socket
import sys
import types
from pathlib import Path

import numpy as np
import pytest

from sweep.base.git import Checkout
from sweep.runtime import provenance
from sweep.runtime.provenance import begin_provenance, end_provenance


def attempts(file: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(file.read_text())["attempts"]
    return found


def test_an_attempt_says_what_ran_where(tmp_path: Path) -> None:
    file = tmp_path / "provenance.json"
    begin_provenance(file, Checkout(tmp_path, "abc", "- \udcff", 12, ("new\udcff.py",)))
    (found,) = attempts(file)
    assert found["host"] == socket.gethostname()
    assert found["command"] == sys.orig_argv
    assert found["directory"] == str(Path.cwd())
    assert found["packages"]["numpy"] == np.__version__  # type: ignore[index]
    assert found["git"] == {
        "root": str(tmp_path), "commit": "abc", "dirty": True, "diff": "- ?", "diff_bytes": 12,
        "untracked": ["new?.py"],
    }  # fmt: skip
    assert found["cpu"]["usable"] == len(os.sched_getaffinity(0))  # type: ignore[index]


def test_the_end_adds_what_was_used_and_a_second_attempt_keeps_the_first(tmp_path: Path) -> None:
    file = tmp_path / "provenance.json"
    begin_provenance(file)
    end_provenance(file)
    first = attempts(file)[0]
    begin_provenance(file)
    assert attempts(file)[0] == first
    assert first["git"] is None
    assert first["peak"]["memory_mb"] > 5  # type: ignore[index]
    assert "peak" not in attempts(file)[1]


def test_the_mpi_library_is_named_if_it_is_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delitem(sys.modules, "mpi4py.MPI", raising=False)
    file = tmp_path / "provenance.json"
    begin_provenance(file)
    assert attempts(file)[0]["mpi"] == ""
    assert "mpi4py.MPI" not in sys.modules
    fake = types.SimpleNamespace(Get_library_version=lambda: "MPICH Version: 5.0.2\nDevice: ch4\0")
    monkeypatch.setitem(sys.modules, "mpi4py.MPI", fake)
    end_provenance(file)
    assert attempts(file)[0]["mpi"] == "MPICH Version: 5.0.2"


def test_gpus_are_read_from_the_driver(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(provenance, "_GPUS", tmp_path)
    assert provenance.gpus() == []
    for number, name in enumerate(["NVIDIA A", "NVIDIA B"]):
        (tmp_path / f"000{number}").mkdir()
        (tmp_path / f"000{number}" / "information").write_text(f"Model: \t\t {name}\nIRQ: 5\n")
    assert provenance.gpus() == ["NVIDIA A", "NVIDIA B"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"attempts": 3}', '{"attempts": [3]}'])
def test_a_damaged_record_is_begun_anew(tmp_path: Path, content: str) -> None:
    file = tmp_path / "provenance.json"
    file.write_text(content)
    end_provenance(file)
    assert file.read_text() == content
    begin_provenance(file)
    assert len(attempts(file)) == 1


def test_a_disk_that_refuses_does_not_end_the_run(tmp_path: Path) -> None:
    begin_provenance(tmp_path / "missing" / "provenance.json")
    assert not (tmp_path / "missing").exists()
