"""What a run records of where its results come from."""

from __future__ import annotations

import json
import os
import socket
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.base.files import write_json
from sweep.rundir.supervised import ORIGIN_VARIABLE
from sweep.runtime import provenance
from sweep.runtime.provenance import Facts, begin_provenance, end_provenance, facts_of_this_process, most, peak_memory

FACTS = Facts("{}", "{}")
PEAK = {"memory_mb": 12.5, "ranks": 1}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "provenance.json"


def attempts(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(file.read_text())["attempts"]
    return found


def test_an_attempt_says_what_ran_where(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    begin_provenance(file)
    (found,) = attempts(file)
    assert found["machine"]["host"] == socket.gethostname()
    assert found["machine"]["cpu"]["usable"] == len(os.sched_getaffinity(0))
    assert found["program"]["command"] == sys.orig_argv
    assert found["program"]["directory"] == str(Path.cwd())
    assert found["program"]["packages"]["numpy"] == np.__version__
    assert (found["gpus_given"], found["peak"], found["program"]["source"]) == ("1", None, None)


def test_what_the_launch_comes_from_is_repeated_but_for_what_is_long(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = tmp_path / "abc.json"
    git, source = {"commit": "abc", "diff": "- \udcff", "untracked": ["x"]}, {"digest": "0", "left_out": [["a", "b"]]}
    write_json(origin, {"command": ["c"], "directory": "/d", "git": git, "source": source, "notes": ["n"], "more": 1})
    monkeypatch.setenv(ORIGIN_VARIABLE, str(origin))
    begin_provenance(file)
    program = attempts(file)[0]["program"]
    assert ORIGIN_VARIABLE not in os.environ
    known = {"command": ["c"], "directory": "/d", "git": {"commit": "abc"}, "source": {"digest": "0"}, "notes": ["n"]}
    assert {key: program[key] for key in known} == known
    assert program["origin"] == "abc.json"
    assert "more" not in program


def test_an_origin_that_cannot_be_read_is_noted(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    program = json.loads(facts_of_this_process(str(tmp_path / "loop")).program)
    assert program["notes"] == [f"{tmp_path / 'loop'} cannot be read: Too many levels of symbolic links"]


def test_the_end_adds_what_was_used_and_a_second_attempt_keeps_the_first(file: Path) -> None:
    end_provenance(begin_provenance(file, FACTS), PEAK)
    first = attempts(file)[0]
    assert first["peak"] == PEAK
    second = begin_provenance(file, FACTS)
    assert attempts(file)[0] == first
    assert attempts(file)[1]["peak"] is None
    end_provenance(second, {**PEAK, "memory_mb": 99.0})
    assert [one["peak"]["memory_mb"] for one in attempts(file)] == [12.5, 99.0]


def test_of_very_many_attempts_the_newest_are_kept(file: Path) -> None:
    write_json(file, {"attempts": [{"number": number} for number in range(200)]})
    begin_provenance(file, FACTS)
    assert [one.get("number") for one in attempts(file)] == [*range(151, 200), None]


def test_peaks_of_ranks_are_the_largest_of_each_kind() -> None:
    assert peak_memory()["memory_mb"] > 5
    assert most([{"memory_mb": 3.0}, {"memory_mb": 2.0, "gpu_memory_mb": 7.0}]) == {
        "memory_mb": 3.0, "gpu_memory_mb": 7.0, "ranks": 2,
    }  # fmt: skip


def test_the_mpi_library_is_named_if_it_was_started(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.delitem(sys.modules, "mpi4py.MPI", raising=False)
    attempt = begin_provenance(file, FACTS)
    assert attempts(file)[0]["mpi"] == ""
    assert "mpi4py.MPI" not in sys.modules
    said = "MPICH Version: 5.0.2\nDevice: ch4\0"
    fake = types.SimpleNamespace(Get_library_version=lambda: said, Is_initialized=lambda: False)
    monkeypatch.setitem(sys.modules, "mpi4py.MPI", fake)
    end_provenance(attempt, PEAK)
    assert attempts(file)[0]["mpi"] == ""
    fake.Is_initialized = lambda: True
    end_provenance(attempt, PEAK)
    assert attempts(file)[0]["mpi"] == "MPICH Version: 5.0.2"


def test_however_an_mpi_library_is_called_there_is_room_for_it(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    attempt = begin_provenance(file, FACTS)
    fake = types.SimpleNamespace(Get_library_version=lambda: "\udcff" * 5000, Is_initialized=lambda: True)
    monkeypatch.setitem(sys.modules, "mpi4py.MPI", fake)
    end_provenance(attempt, {"memory_mb": 1 / 3, "gpu_memory_mb": 1e300 / 3, "ranks": 10**6})
    assert attempts(file)[0]["peak"]["ranks"] == 10**6


def test_gpus_are_read_from_the_driver(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(provenance, "_GPUS", tmp_path)
    assert provenance.gpus() == []
    for number, name in enumerate(["NVIDIA A", "NVIDIA B"]):
        (tmp_path / f"000{number}").mkdir()
        (tmp_path / f"000{number}" / "information").write_text(f"Model: \t\t {name}\nIRQ: 5\n")
    assert provenance.gpus() == ["NVIDIA A", "NVIDIA B"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"attempts": 3}', '{"attempts": [3]}'])
def test_a_damaged_record_is_begun_anew(file: Path, content: str) -> None:
    file.write_text(content)
    end_provenance(begin_provenance(file, FACTS), PEAK)
    assert [one["peak"] for one in attempts(file)] == [PEAK]


def test_a_disk_that_refuses_is_told_and_does_not_end_the_run(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert begin_provenance(tmp_path / "missing" / "provenance.json", FACTS) is None
    end_provenance(None, PEAK)
    assert "no record of where this run comes from: FileNotFoundError" in capsys.readouterr().err
    attempt = begin_provenance(file, FACTS)
    file.unlink()
    end_provenance(attempt, PEAK)
    assert "FileNotFoundError" in capsys.readouterr().err
    assert not file.exists()
