"""Asking runs that Slurm has to stop."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.launch.slurm.stopping import ask_to_stop
from sweep.launch.slurm.talk.client import SlurmSilent
from sweep.launch.slurm.talk.fake import FakeSlurm
from sweep.launch.slurm.talk.jobs import LiveJob
from sweep.rundir.paths import RunDir
from sweep.rundir.submission import Submission, write_submission

TICKET = "0123456789ab"


@pytest.fixture
def runs(tmp_path: Path) -> list[RunDir]:
    found = [RunDir(tmp_path / f"g_s{index}") for index in range(3)]
    for index, run in enumerate(found):
        run.own.mkdir(parents=True)
        write_submission(run, Submission(TICKET, index, 1.0))
    return found


@pytest.fixture
def fake() -> FakeSlurm:
    states = (("12_0", "RUNNING"), ("12_1", "PENDING"), ("12_2", "COMPLETED"))
    return FakeSlurm(queue=[LiveJob(job, f"g.{TICKET}", state) for job, state in states])


def test_what_runs_is_told_in_its_directory_and_what_waits_is_cancelled(runs: list[RunDir], fake: FakeSlurm) -> None:
    found = ask_to_stop(runs, fake.slurm()).jobs
    assert {run: job.id for run, job in found.items()} == {runs[0]: "12_0", runs[1]: "12_1"}
    assert (fake.cancelled, runs[0].stop.exists(), runs[1].stop.exists()) == (["12_[1]"], True, True)


def test_where_no_job_is_left_no_note_is(runs: list[RunDir], fake: FakeSlurm) -> None:
    ask_to_stop(runs, fake.slurm())
    assert not runs[2].stop.exists()


def test_a_job_that_could_not_be_launched_is_cancelled_too(runs: list[RunDir], fake: FakeSlurm) -> None:
    fake.queue = [LiveJob("12_2", f"g.{TICKET}", "PENDING", "launch failed requeued held")]
    assert list(ask_to_stop(runs, fake.slurm()).jobs) == [runs[2]]
    assert fake.cancelled == ["12_[2]"]


def test_with_now_what_runs_is_cancelled_too(runs: list[RunDir], fake: FakeSlurm) -> None:
    ask_to_stop(runs, fake.slurm(), now=True)
    assert fake.cancelled == ["12_[0-1]"]


def test_where_slurm_does_not_answer_the_directories_say_it_all_the_same(runs: list[RunDir], fake: FakeSlurm) -> None:
    fake.silent = True
    with pytest.raises(SlurmSilent):
        ask_to_stop(runs, fake.slurm())
    assert all(run.stop.exists() for run in runs)


def test_what_is_with_another_cluster_is_not_reached_and_keeps_its_note(runs: list[RunDir], fake: FakeSlurm) -> None:
    for index, run in enumerate(runs):
        write_submission(run, Submission("f" * 12, index, 1.0, cluster="abc"))
    asked = ask_to_stop(runs, fake.slurm())
    assert (asked.jobs, list(asked.out_of_sight)) == ({}, runs)
    assert all(run.stop.exists() for run in runs)
    assert fake.calls["scontrol"] == 1


def test_of_our_own_cluster_nothing_is_out_of_sight(runs: list[RunDir], fake: FakeSlurm) -> None:
    fake.queue = []
    for index, run in enumerate(runs):
        write_submission(run, Submission(TICKET, index, 1.0, cluster=fake.cluster))
    assert ask_to_stop(runs, fake.slurm()).out_of_sight == {}
    assert not any(run.stop.exists() for run in runs)
