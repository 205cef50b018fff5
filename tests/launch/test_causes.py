"""Why a run ended as it did, in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.base.files import write_json
from sweep.launch.causes import failure_cause, how_it_ended
from sweep.rundir.paths import RunDir


@pytest.mark.parametrize(
    ("exit_code", "words"),
    [
        (-9, "killed by SIGKILL"),
        (137, "killed by SIGKILL"),
        (-11, "killed by SIGSEGV"),
        (3, "exit code 3"),
        (255, "exit code 255"),
        (-63, "killed by signal 63"),
    ],
)
def test_an_exit_code_in_words(exit_code: int, words: str) -> None:
    assert how_it_ended(exit_code) == words


def test_the_rank_that_failed_first_gives_the_cause(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    run.own.mkdir()
    write_json(run.failure(0), {"rank": 0, "time": 2.0, "error": "Aborted"})
    write_json(run.failure(1), {"rank": 1, "time": 1.0, "error": "ValueError: no"})
    assert failure_cause(run, 9) == "rank 1: ValueError: no"


def test_an_exit_code_of_zero_is_no_success_by_itself(tmp_path: Path) -> None:
    assert failure_cause(RunDir(tmp_path), 0) == "the process ended with exit code 0 before the function returned"


@pytest.mark.parametrize(
    ("exit_code", "words"),
    [
        (9, "exit code 9, as after SIGKILL"),
        (137, "killed by SIGKILL"),
        (255, "exit code 255"),
        (1, "exit code 1"),
        (3, "exit code 3"),
        (11, "exit code 11, as after SIGSEGV"),
        (-9, "killed by SIGKILL"),
    ],
)
def test_of_several_ranks_the_launcher_s_word_is_told_as_such(tmp_path: Path, exit_code: int, words: str) -> None:
    cause = failure_cause(RunDir(tmp_path), exit_code, ranks=2)
    assert cause == f"a rank ended without a word; its launcher says: {words}"


def test_a_damaged_word_of_a_rank_is_passed_over(tmp_path: Path) -> None:
    run = RunDir(tmp_path)
    run.own.mkdir()
    run.failure(0).write_text("{")
    assert failure_cause(run, -9) == "killed by SIGKILL"
