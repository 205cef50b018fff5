"""Launches that meet runs which Slurm has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sweep import ExperimentGrid, call_experiment
from sweep.base.errors import LaunchError
from sweep.front.summary import Sweep
from sweep.front.verdict import Verdict
from sweep.launch.slurm.fake import FakeSlurm
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, read_status, write_status
from sweep.rundir.submission import Submission, read_submission, write_submission

from .conftest import TICKET


def train(lr: float = 0.1, seed: int = 0) -> None: ...


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeSlurm:
    fake = FakeSlurm()
    for place in ("sweep.front.verdict.Slurm", "sweep.front.sites.on_slurm.Slurm"):
        monkeypatch.setattr(place, fake.slurm)
    return fake


def launch(**options: Any) -> Sweep:
    return ExperimentGrid("g").add("seed", [0, 1]).run(train, wait=0, **options)


@pytest.fixture
def first(workplace: Path, engines: Any, fake: FakeSlurm) -> RunDir:
    """Leave two runs of a grid behind, of which the first is with Slurm."""
    launch()
    run = RunDir(workplace / "data" / "g" / "g_s0")
    write_status(run, Status(State.PENDING))
    write_submission(run, Submission(TICKET, 0, 1.0))
    fake.array(TICKET, 1)
    return run


def test_a_grid_is_submitted_once_and_its_command_may_be_given_again(workplace: Path, fake: FakeSlurm) -> None:
    sweep = launch(engine="slurm")
    assert (sweep.submitted, sweep.exit_code, len(fake.scripts)) == ([("12", 2)], 0, 1)
    again = launch(engine="slurm")
    assert (again.submitted, again.exit_code, len(fake.scripts)) == ([], 0, 1)
    assert "0 runs submitted to Slurm" in again.summary()
    assert "2 runs with Slurm already, not submitted again" in again.summary()


def test_a_launch_here_leaves_what_is_with_slurm_to_it(first: RunDir) -> None:
    sweep = launch()
    assert (sweep.done, sweep.exit_code) == (0, 2)
    assert "1 run with Slurm already, left to it" in sweep.summary()
    assert read_submission(first) is not None


def test_a_launch_that_shares_does_not_wait_for_slurm(first: RunDir, workplace: Path, engines: Any) -> None:
    write_status(RunDir(workplace / "data" / "g" / "g_s1"), Status(State.PENDING))
    sweep = launch(share=True)
    assert (sweep.done, sweep.with_slurm, sweep.held_runs, sweep.exit_code) == (1, 1, 0, 2)


def test_a_run_whose_job_is_over_is_run_here(first: RunDir, fake: FakeSlurm) -> None:
    fake.ends(TICKET, "CANCELLED")
    assert (launch().done, read_submission(first)) == (1, None)


def test_where_slurm_does_not_answer_a_run_is_left_alone(first: RunDir, fake: FakeSlurm) -> None:
    fake.silent = True
    assert (launch().with_slurm, read_submission(first) is not None) == (1, True)


def test_what_is_with_slurm_is_not_done_anew_beside_that(first: RunDir) -> None:
    with pytest.raises(LaunchError, match=r"g_s0 is in Slurm's queue: job 12_0, pending, and is not done anew"):
        launch(fresh=True)


def test_a_single_run_that_is_with_slurm_is_an_error_that_names_the_job(first: RunDir) -> None:
    with pytest.raises(LaunchError, match=r"job 12_0, pending\. Wait for it"):
        call_experiment("g", train, seed=0)


def test_the_plan_says_what_is_with_slurm(first: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    ExperimentGrid("g").add("seed", [0, 1]).print(train)
    assert "1 done, 1 with Slurm" in capsys.readouterr().out


def test_a_run_that_is_submitted_when_its_turn_comes_is_counted(first: RunDir, fake: FakeSlurm) -> None:
    sweep = launch(dry_run=True)
    [planned] = sweep.plan.of(Verdict.QUEUED)
    sweep.take_held(planned)
    assert (sweep.queued, sweep.held_runs) == (1, 0)
    assert read_status(first) == Status(State.PENDING)
