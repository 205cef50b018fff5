"""A launch that is killed at any moment while it submits: nothing is lost, nothing is run twice."""

from __future__ import annotations

import signal

import pytest
from slurm_bench import ONLY_LONG, SlurmBench

from sweep.launch.slurm.talk.client import Slurm

pytest_plugins = ("slurm_fixtures",)


@pytest.mark.parametrize(
    "death",
    [
        pytest.param("before prepare 2", marks=ONLY_LONG),
        "after prepare 2",
        pytest.param("before sbatch", marks=ONLY_LONG),
        pytest.param("after sbatch", marks=ONLY_LONG),
    ],
)
def test_a_launch_that_was_killed_is_made_good_by_the_next_one(slurm: SlurmBench, death: str) -> None:
    slurm.go.touch()
    driver = slurm.start("short", death, runs=3)
    assert driver.wait() == -signal.SIGKILL, driver.text
    if death != "after sbatch":
        assert slurm.alive() == []
    said = slurm.submit("short", runs=3)
    slurm.quiet()
    assert slurm.faults(runs=3) == {}, said + slurm.told()
    assert slurm.count("start") == 3


def test_jobs_of_a_launch_whose_number_nobody_noted_are_known_by_their_ticket(slurm: SlurmBench) -> None:
    driver = slurm.start("steps", "after sbatch", runs=2, slurm={"directives": ["--begin=now+1hour"]})
    assert driver.wait() == -signal.SIGKILL, driver.text
    (job,) = {one.id.partition("_")[0] for one in slurm.alive()}
    assert list(slurm.data.glob(".sweep/slurm/*/job")) == []
    said = slurm.submit("steps", runs=2, slurm={"directives": ["--begin=now+1hour"]})
    assert {one.id.partition("_")[0] for one in slurm.alive()} == {job}, said
    slurm.cluster.run("scancel", job)
    slurm.finish("steps", runs=2)
    assert slurm.faults(runs=2) == {}, slurm.told()


@ONLY_LONG
def test_jobs_that_come_after_their_runs_were_submitted_anew_leave_them_alone(slurm: SlurmBench) -> None:
    slurm.submit("steps", runs=2, slurm={"directives": ["--hold"]})
    (old,) = {one.id.partition("_")[0] for one in slurm.alive()}
    for run in slurm.runs():  # as if Slurm had lost the jobs, and found them again
        run.submission.unlink()
    slurm.submit("steps", runs=2)
    slurm.under_way(2)
    Slurm().release(old)
    slurm.cluster.until(lambda: not [one for one in slurm.alive() if one.id.startswith(old)])
    slurm.go.touch()
    slurm.quiet()
    assert slurm.faults(runs=2) == {}, slurm.told()
    assert slurm.count("start") == 2
