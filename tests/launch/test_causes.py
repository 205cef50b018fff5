"""Why a run ended as it did, in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.base.files import write_json
from sweep.launch.causes import Cause, ended_cause, launcher_cause, written_cause
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind


@pytest.mark.parametrize(
    ("exit_code", "kind", "words"),
    [
        (-9, Kind.KILLED, "rank 1 was killed by SIGKILL"),
        (-63, Kind.KILLED, "rank 1 was killed by signal 63"),
        (3, Kind.ERROR, "rank 1 ended with exit code 3 before the function returned"),
        (0, Kind.ERROR, "rank 1 ended with exit code 0 before the function returned"),
    ],
)
def test_an_exit_code_in_words(exit_code: int, kind: Kind, words: str) -> None:
    assert ended_cause(exit_code, "rank 1") == Cause(kind, words)


@pytest.mark.parametrize(
    ("exit_code", "kind", "words"),
    [
        (-9, Kind.LOST, "the launcher was killed by SIGKILL"),
        (137, Kind.KILLED, "the launcher ended with exit code 137 before the function returned: "
                           "a rank was killed by SIGKILL"),
        (250, Kind.ERROR, "the launcher ended with exit code 250 before the function returned"),
        (1, Kind.ERROR, "the launcher ended with exit code 1 before the function returned"),
    ],
)  # fmt: skip
def test_a_launcher_s_exit_code_may_be_a_rank_s_signal(exit_code: int, kind: Kind, words: str) -> None:
    assert launcher_cause(exit_code) == Cause(kind, words)


def test_the_rank_that_failed_first_gives_the_cause(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    run.own.mkdir()
    write_json(run.failure(0), {"rank": 0, "time": 2.0, "error": "Aborted"})
    write_json(run.failure(1), {"rank": 1, "time": 1.0, "error": "ValueError: no"})
    assert written_cause(run) == Cause(Kind.ERROR, "rank 1: ValueError: no")


@pytest.mark.parametrize("error", ["MemoryError", "numpy._core._exceptions._ArrayMemoryError: Unable to allocate"])
def test_a_lack_of_memory_is_a_class_of_its_own(tmp_path: Path, error: str) -> None:
    run = RunDir(tmp_path)
    run.own.mkdir()
    write_json(run.failure(0), {"rank": 0, "time": 2.0, "error": error})
    assert written_cause(run) == Cause(Kind.MEMORY, f"rank 0: {error}")


def test_a_damaged_word_of_a_rank_is_passed_over(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    run.own.mkdir()
    run.failure(0).write_text('{"rank": 0, "er')
    assert written_cause(run) is None
