"""Where runs come from, in their directories: from a real launch to the source that is unpacked again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sweep.rundir.origin import read_origin
from sweep.rundir.paths import RunDir
from sweep.rundir.source import unpack_source

Write = Callable[[str, str], Path]
Tool = Callable[..., Any]

# Its second run fails; each tells whether it could see where its launch keeps the record.
TOY = """
import os
from helper import NUMBER

def train(lr=1):
    print("origin seen:", "SWEEP_RUN_ORIGIN" in os.environ)
    assert lr == 1, lr
"""


@pytest.fixture
def project(workplace: Path, write: Write, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of two modules in a folder of its own."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(workplace.parent))
    write("toy.py", TOY)
    write("helper.py", "NUMBER = 1\n")
    return workplace


def runs_in(project: Path) -> list[RunDir]:
    return [RunDir(file.parents[1]) for file in sorted((project / "data").glob("*/*/.sweep/provenance.json"))]


def attempts(run: RunDir) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run.provenance.read_text())["attempts"]
    return found


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_runs_record_where_they_come_from_and_what_they_used(project: Path, sweep: Tool, start: str) -> None:
    done = sweep("run", "--start", start, "toy:train", "--lr", "1", "2")
    assert done.returncode == 1, done.stderr
    for run in runs_in(project):
        (found,) = attempts(run)
        assert found["program"]["command"][-4:] == ["toy:train", "--lr", "1", "2"]
        assert found["program"]["directory"] == str(project)
        assert "cloudpickle" in found["program"]["packages"]
        assert (found["mpi"], found["peak"]["ranks"]) == ("", 1)
        assert found["peak"]["memory_mb"] > 5
        assert "origin seen: False" in run.output.read_text()
    assert len(runs_in(project)) == 2


def test_every_rank_counts_and_the_mpi_library_is_named(project: Path, sweep: Tool, mpi: None) -> None:
    assert sweep("run", "toy:train", "--num_cpu", "2").returncode == 0
    (run,) = runs_in(project)
    (found,) = attempts(run)
    assert found["peak"]["ranks"] == 2
    assert "MPI" in found["mpi"]


def test_a_run_in_the_calling_process_has_its_record_too(project: Path, sweep: Tool) -> None:
    done = sweep("run", "--start", "inline", "toy:train")
    assert done.returncode == 0, done.stderr
    assert "origin seen: False" in done.stdout
    (run,) = runs_in(project)
    assert read_origin(run) is not None


def test_the_source_of_a_run_is_had_again_after_it_has_changed(project: Path, sweep: Tool) -> None:
    for number in (1, 1, 2):
        (project / "helper.py").write_text(f"NUMBER = {number}\n")
        assert sweep("run", "--retry-failed", "toy:train", "--lr", "1", "2").returncode == 1
    first, second = runs_in(project)
    assert len(attempts(first)) == 1
    assert len(attempts(second)) == 3
    assert len(list((project / "data/.sweep/sources").iterdir())) == 2
    source = unpack_source(first, project / "first")
    unpack_source(second, project / "second")
    assert (project / "first/helper.py").read_text() == "NUMBER = 1\n"
    assert (project / "second/helper.py").read_text() == "NUMBER = 2\n"
    assert sorted(path.name for path in (project / "first").iterdir()) == ["helper.py", "toy.py"]
    assert source.files == 2


def test_a_run_that_is_tried_again_records_the_source_of_that_try(project: Path, sweep: Tool) -> None:
    sweep("run", "toy:train", "--lr", "2")
    (run,) = runs_in(project)
    (project / "helper.py").write_text("NUMBER = 5\n")
    assert sweep("retry", "data").returncode == 1
    assert [one["program"]["command"][-2:] for one in attempts(run)] == [["--lr", "2"], ["retry", "data"]]
    unpack_source(run, project / "again")
    assert (project / "again/helper.py").read_text() == "NUMBER = 5\n"


def test_commit_and_changes_are_recorded(project: Path, sweep: Tool, need: Callable[[str, bool, str], None]) -> None:
    need("git", shutil.which("git") is not None, "there is no git")
    who = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b.c"}
    who |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b.c"}
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=project, env={**os.environ, **who}, check=True)
    (project / "helper.py").write_text("NUMBER = 7\n")
    assert sweep("run", "toy:train").returncode == 0
    (run,) = runs_in(project)
    git, origin = attempts(run)[0]["program"]["git"], read_origin(run)
    assert (len(git["commit"]), git["dirty"], "diff" in git) == (40, True, False)
    assert origin is not None
    assert "+NUMBER = 7\n" in origin["git"]["diff"]
    assert origin["git"]["untracked"] == []


def test_a_second_launch_of_what_is_done_leaves_the_record_as_it_was(project: Path, sweep: Tool) -> None:
    sweep("run", "toy:train")
    (run,) = runs_in(project)
    before = run.provenance.read_bytes()
    (project / "helper.py").write_text("NUMBER = 2\n")
    assert sweep("run", "toy:train").returncode == 0
    assert run.provenance.read_bytes() == before
    assert len(list((project / "data/.sweep/sources").iterdir())) == 1


def test_a_record_that_cannot_be_kept_does_not_fail_the_runs(project: Path, sweep: Tool) -> None:
    (project / "data/.sweep").mkdir(parents=True)
    (project / "data/.sweep/origins").write_text("in the way")
    done = sweep("run", "toy:train")
    assert done.returncode == 0, done.stderr
    assert "note: no record of the source" in done.stdout
    (run,) = runs_in(project)
    assert attempts(run)[0]["program"]["source"] is None
