"""Launches that meet runs which Slurm has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_cluster import fake_cluster

from sweep import ExperimentGrid, call_experiment
from sweep.base.errors import LaunchError
from sweep.front.summary import Sweep
from sweep.front.verdict import Verdict
from sweep.launch.engines.fake import FakeClock, FakeEngine
from sweep.launch.job import Job
from sweep.launch.slurm.talk.fake import FakeSlurm
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, read_status, write_status
from sweep.rundir.submission import Submission, read_submission, write_submission

from .conftest import TICKET, finish


def train(lr: float = 0.1, seed: int = 0) -> None: ...


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeSlurm:
    return fake_cluster(monkeypatch)


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


Then = Callable[[], object]


@pytest.fixture
def launched_beside(first: RunDir, monkeypatch: pytest.MonkeyPatch) -> Callable[[Then], Sweep]:
    """Return a function that launches here, where the second run is to be done, and lets something happen meanwhile."""
    second = RunDir(first.path.with_name("g_s1"))
    write_status(second, Status(State.PENDING))

    def go(then: Then) -> Sweep:
        def end(job: Job) -> int:
            then()
            return finish(job)

        played = FakeEngine(FakeClock(), on_end=end)
        monkeypatch.setattr("sweep.front.sites.here.LocalEngine", lambda *words, **more: played)
        return launch()

    return go


def test_what_slurm_has_done_by_the_end_of_a_launch_is_done(
    first: RunDir, fake: FakeSlurm, launched_beside: Callable[[Then], Sweep]
) -> None:
    sweep = launched_beside(lambda: write_status(first, Status(State.DONE)))
    assert (sweep.done, sweep.with_slurm, sweep.exit_code) == (1, 0, 0)
    assert "1 run done with Slurm meanwhile" in sweep.summary()
    assert "with Slurm already" not in sweep.summary()


def test_what_has_failed_with_slurm_by_the_end_of_a_launch_is_told_with_its_cause(
    first: RunDir, launched_beside: Callable[[Then], Sweep]
) -> None:
    sweep = launched_beside(lambda: write_status(first, Status(State.FAILED, cause="rank 0: no")))
    assert (sweep.done, sweep.with_slurm, sweep.exit_code) == (1, 0, 1)
    assert "failed with Slurm: g seed 0: rank 0: no" in sweep.summary()
    assert "--retry-failed" in sweep.summary()


def test_what_slurm_has_lost_by_the_end_of_a_launch_is_to_be_done_yet(
    fake: FakeSlurm, launched_beside: Callable[[Then], Sweep]
) -> None:
    sweep = launched_beside(lambda: fake.ends(TICKET, "CANCELLED"))
    assert (sweep.with_slurm, sweep.exit_code) == (0, 75)
    assert "1 run not with Slurm any more, and not done; run the same again to go on" in sweep.summary()


def test_what_is_with_slurm_still_at_the_end_of_a_launch_stays_so(launched_beside: Callable[[Then], Sweep]) -> None:
    sweep = launched_beside(lambda: None)
    assert (sweep.done, sweep.with_slurm, sweep.exit_code) == (1, 1, 2)


def test_of_a_run_with_other_values_than_its_job_has_the_report_says_so(
    workplace: Path, engines: Any, fake: FakeSlurm, capsys: pytest.CaptureFixture[str]
) -> None:
    def go(epochs: int) -> Sweep:
        grid = ExperimentGrid("g").add("seed", [0, 1]).add("lr", [epochs])
        return grid.run(train, wait=0, engine="slurm", extendable="lr")

    assert go(1).submitted == [("12", 2)]
    capsys.readouterr()
    assert go(1).with_slurm == 2
    assert "old values" not in capsys.readouterr().out
    assert go(5).with_slurm == 2
    said = " ".join(capsys.readouterr().out.split())
    note = "2 runs with Slurm: their jobs do the old values (lr 1 -> 5); the same command extends them afterwards"
    assert note in said


def test_what_is_with_another_cluster_is_not_submitted_again_from_here(
    workplace: Path, fake: FakeSlurm, capsys: pytest.CaptureFixture[str]
) -> None:
    launch(engine="slurm")
    for run in (RunDir(workplace / "data" / "g" / f"g_s{seed}") for seed in (0, 1)):
        write_submission(run, Submission("f" * 12, 0, 1.0, cluster="abc"))
    again = launch(engine="slurm")
    assert (again.submitted, again.with_slurm, len(fake.scripts)) == ([], 2, 1)
    with pytest.raises(LaunchError, match="it is with the cluster 'abc', and this is 'throwaway'; ask there"):
        call_experiment("g", train, seed=0)
