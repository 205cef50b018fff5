"""Runs that were handed to a batch system: how they stand by its word, and what is shown of that."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sweep.results.handed import to_ask_about, with_words
from sweep.results.logs.tail import job_log_of, lines_of_job
from sweep.results.run import Run
from sweep.results.status.survey import Survey, survey
from sweep.results.status.view import status_page
from sweep.results.status.waiting import waiting
from sweep.results.text.glyphs import ASCII
from sweep.results.text.page import plain_lines
from sweep.results.watch.look import Watcher
from sweep.results.watch.view import watch_page
from sweep.rundir.handed import Handed
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, write_status
from sweep.rundir.submission import Submission, ticket_folder, write_submission

from .conftest import DataDir

TICKET = "0123456789ab"
GONE = Handed(False, why="Slurm job 12_0 on n1 was cancelled by uid 0")
SILENT = Handed(None, why="Slurm does not answer (no)")
Hold = Callable[[RunDir], Any]


def queued(index: int = 0, state: str = "pending", reason: str = "Priority") -> Handed:
    return Handed(True, f"12_{index}", state, reason)


def handed(data_dir: DataDir, seed: int = 0, state: str = "pending", **more: Any) -> RunDir:
    run = data_dir.run(seed=seed, state=state, **more)
    write_submission(run, Submission(TICKET, seed, 1.0))
    return run


def told(data_dir: DataDir, *words: Handed) -> list[Run]:
    """Return the runs with a word for each."""
    runs = data_dir.find()
    return with_words(runs, {run.path: word for run, word in zip(runs, words, strict=True)})


def shown(found: Survey) -> str:
    return "\n".join(plain_lines(status_page(found, "data", ASCII)))


def test_only_what_was_submitted_and_is_open_is_asked_about(data_dir: DataDir, held: Hold) -> None:
    for seed, state in enumerate(("done", "failed", "pending", "interrupted", "running")):
        handed(data_dir, seed, state)
    data_dir.run("b", 0, state="pending")
    assert [run.seed for run in to_ask_about(data_dir.find())] == [2, 3, 4]
    with held(RunDir(data_dir.path / "ppo" / "ppo_s4")):
        assert [run.seed for run in to_ask_about(data_dir.find())] == [2, 3]


@pytest.mark.parametrize(
    ("state", "word", "host", "stands"),
    [
        ("pending", queued(), "", "queued"),
        ("pending", queued(state="running"), "", "queued"),
        ("interrupted", queued(), "", "queued"),
        ("running", queued(state="running"), "", "running"),
        ("running", queued(state="running"), "n1", "running"),
        ("running", queued(state="completing"), "n1", "running"),
        ("running", queued(), "n1", "queued"),
        ("pending", Handed(True, state="being submitted"), "", "queued"),
        ("pending", GONE, "", "pending"),
        ("interrupted", GONE, "", "interrupted"),
        ("running", GONE, "", "dead"),
        ("running", GONE, "n1", "dead"),
        ("pending", SILENT, "", "not known"),
        ("running", SILENT, "", "not known"),
        ("interrupted", SILENT, "n1", "not known"),
    ],
)
def test_a_run_stands_by_its_directory_and_by_its_job(
    data_dir: DataDir, state: str, word: Handed, host: str, stands: str
) -> None:
    handed(data_dir, state=state, host=host)
    assert told(data_dir, word)[0].state == stands


@pytest.mark.parametrize("word", [queued(), GONE, SILENT])
def test_a_run_whose_lock_is_held_goes_on_whatever_is_said_of_its_job(
    data_dir: DataDir, held: Hold, word: Handed
) -> None:
    run = handed(data_dir, state="running")
    with held(run):
        assert told(data_dir, word)[0].state == "running"


def test_a_run_that_ended_before_its_job_was_looked_for_has_ended(data_dir: DataDir) -> None:
    run = handed(data_dir, state="running", host="n1")
    [found] = data_dir.find()
    write_status(run, Status(State.DONE))
    [now] = with_words([found], {found.path: GONE})
    assert (now.state, now.handed) == ("done", None)


def test_what_is_queued_is_not_over_and_stands_with_its_jobs_and_their_reasons(data_dir: DataDir) -> None:
    for seed in range(3):
        handed(data_dir, seed)
    found = survey(told(data_dir, queued(0), queued(1), queued(2, reason="Resources")))
    assert (found.is_over, found.exit_code, found.counts) == (False, 75, {"queued": 3})
    text = shown(found)
    assert " ,  queued     3        ppo s0-2" in text
    assert "queued: 2 runs: job 12_[0,1], pending (Priority)" in text
    assert "queued: 1 run: job 12_2, pending (Resources)" in text


def test_many_reasons_of_many_arrays_are_told_with_the_most_first(data_dir: DataDir) -> None:
    for seed in range(3):
        handed(data_dir, seed)
    runs = told(data_dir, Handed(True, "7_0", "pending", ""), queued(4), queued(9))
    assert [(one.job, one.reason) for one in waiting(runs)] == [("12_[4,9]", "Priority"), ("7_0", "")]


def test_what_slurm_has_no_more_is_told_with_the_cause_those_of_an_array_together(data_dir: DataDir) -> None:
    for seed, state in enumerate(("pending", "interrupted", "running")):
        handed(data_dir, seed, state, cause="it saved" if state == "interrupted" else "")
    whys = [Handed(False, why=f"Slurm job 12_{seed} on n1 reached its time limit") for seed in (0, 1)]
    other = Handed(False, why="Slurm job 12_2: node n2 failed")
    found = survey(told(data_dir, *whys, other))
    assert found.is_over
    text = shown(found)
    assert "cut off: 2 runs: Slurm job 12_[0,1] on n1 reached its time limit\n    ppo s0,1" in text
    assert "cut off: 1 run: Slurm job 12_2: node n2 failed\n    ppo s2" in text
    assert "dead: 1 run" not in text
    kinds = json.loads(json.dumps(found.as_json()))["gone"]
    assert [(one["cause"], len(one["runs"])) for one in kinds] == [
        ("Slurm job 12_[0,1] on n1 reached its time limit", 2),
        ("Slurm job 12_2: node n2 failed", 1),
    ]
    assert kinds[0]["runs"][1]["own_cause"] == "it saved"


def test_where_slurm_does_not_answer_nothing_is_called_dead(data_dir: DataDir) -> None:
    handed(data_dir, state="running")
    found = survey(told(data_dir, SILENT))
    assert (found.is_over, found.exit_code) == (False, 75)
    assert "not known: 1 run: Slurm does not answer (no)" in shown(found)
    assert found.as_json()["why_not_known"] == "Slurm does not answer (no)"
    assert found.as_json()["dead"] == 0


def test_watching_goes_on_while_something_is_queued_and_shows_what_was_cut_off(data_dir: DataDir) -> None:
    handed(data_dir, 0)
    handed(data_dir, 1, "interrupted")
    look = Watcher().look(told(data_dir, queued(), GONE))
    text = "\n".join(plain_lines(watch_page(look, "data", ASCII)))
    assert not look.survey.is_over
    assert " , 1 queued   o 1 interrupted" in text
    assert "cut off: ppo s1: Slurm job 12_0 on n1 was cancelled by uid 0" in text


def test_what_a_job_printed_before_its_run_is_found_and_inert(data_dir: DataDir, tmp_path: Path) -> None:
    handed(data_dir, 3)
    [run] = data_dir.find()
    assert (job_log_of(run), lines_of_job(run, 5)) == (None, [])
    folder = ticket_folder(data_dir.path, TICKET)
    folder.mkdir(parents=True)
    (folder / "3.out").write_text("module load\n\x1b[2Jno such module\n")
    assert job_log_of(run) == folder.absolute() / "3.out"
    assert lines_of_job(run, 5) == ["module load", "\\x1b[2Jno such module"]
    assert lines_of_job(run, 0) == []


@pytest.mark.parametrize(
    ("whys", "told_as"),
    [
        (["job 46_0 ended", "job 46_3 ended", "job 46_7 ended"], ["job 46_[0,3,7] ended"]),
        (["job 46_[4-9] ended", "job 46_[4-9] ended"], ["job 46_[4-9] ended"]),
        (["job 46_[4-9] ended", "job 46_3 ended"], ["job 46 ended"]),
        (["job 46_1 ended", "job 47_1 ended"], ["job 46_1 ended", "job 47_1 ended"]),
        (
            ["job 46_1 was cancelled, as n2 is blind (job 46_0)", "job 46_2 was cancelled, as n2 is blind (job 46_0)"],
            ["job 46_[1,2] was cancelled, as n2 is blind (job 46_0)"],
        ),
    ],
)
def test_a_cause_of_several_elements_names_all_of_them_or_none(
    data_dir: DataDir, whys: list[str], told_as: list[str]
) -> None:
    for seed in range(len(whys)):
        handed(data_dir, seed)
    found = survey(told(data_dir, *(Handed(False, why=why) for why in whys)))
    assert [one.cause for one in found.gone] == told_as


def test_a_word_of_one_run_of_several_is_not_told_for_all(data_dir: DataDir) -> None:
    for seed, cause in enumerate(("it was asked by job 12_0", "it was asked by job 12_1", "")):
        handed(data_dir, seed, "interrupted", cause=cause)
    why = [Handed(False, why=f"Slurm job 12_{seed} was cancelled") for seed in range(3)]
    text = shown(survey(told(data_dir, *why)))
    assert "ppo s0,1: it was asked by job 12_[0,1]" in text


def test_a_run_whose_job_runs_and_that_has_not_begun_is_starting(data_dir: DataDir) -> None:
    for seed in range(3):
        handed(data_dir, seed)
    text = shown(survey(told(data_dir, queued(0, "running", ""), queued(1, "configuring", "None"), queued(2))))
    assert "starting: 1 run: job 12_0, running; the run is not under way yet" in text
    assert "starting: 1 run: job 12_1, configuring" in text
    assert "queued: 1 run: job 12_2, pending (Priority)" in text


def test_what_is_not_known_stands_with_each_reason(data_dir: DataDir) -> None:
    for seed in range(3):
        handed(data_dir, seed)
    far = Handed(None, why="it is with the cluster 'abc', and this is 'xyz'; ask there")
    found = survey(told(data_dir, SILENT, far, far))
    text = shown(found)
    assert "not known: 2 runs: it is with the cluster 'abc', and this is 'xyz'; ask there" in text
    assert "not known: 1 run: Slurm does not answer (no)" in text
    assert found.as_json()["why_not_known"] == f"{far.why}; {SILENT.why}"
    look = Watcher().look(list(found.runs))
    watched = "\n".join(plain_lines(watch_page(look, "data", ASCII)))
    assert "not known: ppo s1,2: it is with the cluster 'abc'" in watched
    assert "not known: ppo s0: Slurm does not answer (no)" in watched
