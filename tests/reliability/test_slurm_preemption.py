"""Jobs that must make way for more urgent ones, or whose time is over: they save, and come again by themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from slurm_bench import ONLY_LONG, SlurmBench

pytest_plugins = ("slurm_fixtures",)

# Takes both nodes, whoever has them.
URGENT = ("sbatch", "--partition=urgent", "--nodes=2", "--exclusive", "--output=/dev/null", "--wrap=sleep 1")


@pytest.fixture(params=["warned", pytest.param("not warned", marks=ONLY_LONG)])
def warned(request: pytest.FixtureRequest, slurm: SlurmBench) -> Iterator[bool]:
    """Whether the cluster sends a preempted job the signal that it has asked for."""
    if request.param == "warned":
        yield True
        return
    with slurm.configured("SlurmctldParameters=.*\n", ""):
        yield False


@pytest.mark.limit(120)
def test_a_preempted_run_saves_and_goes_on_by_itself(slurm: SlurmBench, warned: bool) -> None:
    slurm.submit("steps", sweep={"saves": [True, False], "epochs": [120]}, threads=4)
    slurm.under_way(2, 4)
    assert slurm.cluster.run(*URGENT).returncode == 0
    slurm.wait("start", 4, 60)
    slurm.go.touch()
    slurm.quiet()
    assert slurm.faults(runs=2) == {}, slurm.told()
    assert {line.restarts for line in slurm.only("end")} == {1}
    begun = [line for line in slurm.only("step") if line.attempt == 2]
    first = [min(int(line.more[0]) for line in begun if line.pid == pid) for pid in {line.pid for line in begun}]
    assert min(first) == 0 < max(first), "one has gone on from what it had saved, and one had saved nothing"


def tell(slurm: SlurmBench) -> None:
    """Do what Slurm does some time before a job's time is over."""
    slurm.cluster.run("scancel", "--batch", "--signal=USR1", slurm.job_of())


@ONLY_LONG
def test_a_run_that_saves_nothing_new_is_not_started_again_for_ever(slurm: SlurmBench) -> None:
    slurm.submit("careless")
    slurm.under_way(1)
    tell(slurm)
    slurm.quiet()
    assert "it has saved nothing new" in slurm.printed(0)
    assert slurm.causes() == {"jobs_s0": "stopped by SIGUSR1"}
    assert slurm.count("start") == 1
    slurm.finish("careless")
    assert slurm.faults() == {}, slurm.told()


def test_a_function_that_ignores_signals_is_ended_all_the_same(
    slurm: SlurmBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWEEP_GRACE", "1")
    slurm.submit("deaf", slurm={"lead": 1})
    slurm.under_way(1)
    tell(slurm)
    slurm.quiet()
    assert slurm.causes() == {"jobs_s0": "stopped by SIGUSR1"}
    assert "it has saved nothing new" in slurm.printed(0)
    assert slurm.count("start") == 1


@ONLY_LONG
def test_a_run_that_takes_too_long_is_ended_by_its_job(slurm: SlurmBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWEEP_GRACE", "1")
    slurm.submit("deaf", timeout=3, slurm={"lead": 1})
    slurm.quiet()
    (cause,) = slurm.causes().values()
    assert cause.startswith("timeout: it took longer than 3"), cause


@pytest.mark.limit(300)
@ONLY_LONG
def test_a_run_that_needs_more_time_than_a_job_has_gets_several(slurm: SlurmBench) -> None:
    slurm.submit(
        "steps", sweep={"epochs": [300, 301]}, slurm={"time": "3min", "lead": 30}
    )  # it is told up to 60 s early
    slurm.wait("start", 4, 240)
    slurm.go.touch()
    slurm.quiet()
    assert slurm.faults(runs=2) == {}, slurm.told()
    assert {line.restarts for line in slurm.only("end")} == {1}
    assert min(int(line.more[0]) for line in slurm.only("step") if line.attempt == 2) > 0


def test_the_last_job_of_an_array_goes_on_without_the_others(slurm: SlurmBench) -> None:
    """Its number is that of the whole array."""
    slurm.submit("steps", runs=2)
    slurm.under_way(2, 3)
    slurm.cluster.run("scancel", "--batch", "--signal=USR1", slurm.job_of(1))
    slurm.wait("start", 3)
    slurm.finish("steps", runs=2)
    assert slurm.faults(runs=2) == {}, slurm.told()
    assert slurm.count("start") == 3, slurm.told()
