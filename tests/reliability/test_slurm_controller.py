"""A controller that is restarted, killed or away, accounting that is down, and jobs that Slurm has lost or holds."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from slurm_bench import ONLY_LONG, RUNS, SlurmBench
from slurm_cluster import Cluster

from sweep.launch.slurm.talk.client import Slurm
from sweep.launch.slurm.truth import Queue

pytest_plugins = ("slurm_fixtures",)


@pytest.mark.limit(120)
@pytest.mark.parametrize("verb", [pytest.param("stop", marks=ONLY_LONG), "kill"])
def test_an_array_survives_its_controller_while_accounting_is_down(
    slurm: SlurmBench, undisturbed: Path, verb: str, long: bool
) -> None:
    slurm.submit("steps", runs=RUNS, threads=2)  # more than there is room for at once
    slurm.under_way(4)
    slurm.cluster.dbd("stop")
    slurm.cluster.ctld(verb)
    slurm.go.touch()
    time.sleep(20 if long else 1)
    slurm.cluster.dbd("start")  # first: a controller that has not yet saved anything does not start without it
    slurm.cluster.ctld("start")
    slurm.cluster.until(lambda: not slurm.alive() or slurm.is_drained)
    slurm.finish("steps", runs=RUNS, threads=2)
    assert slurm.faults(undisturbed, RUNS) == {}, slurm.told()


@ONLY_LONG
def test_while_no_controller_answers_nothing_is_taken_for_dead(slurm: SlurmBench) -> None:
    slurm.submit("steps", slurm={"directives": ["--begin=now+1hour"]})
    slurm.cluster.ctld("stop")
    (run,) = slurm.runs()
    queue = Queue(Slurm())
    assert not queue.is_over(run)
    assert "Slurm does not answer" in queue.waits(run)


def test_a_job_that_was_accepted_and_lost_is_submitted_again_though_its_number_is_another_s(slurm: SlurmBench) -> None:
    state = slurm.cluster.dir / "state"
    slurm.cluster.ctld("stop")
    before = {file: file.read_bytes() for file in state.iterdir() if file.is_file()}
    slurm.cluster.ctld("start")
    slurm.submit("steps", slurm={"directives": ["--begin=now+1hour"]})
    lost = slurm.job_of().partition("_")[0]
    slurm.cluster.ctld("kill")
    for file in state.iterdir():  # it had no time to save anything
        if file.is_file():
            file.write_bytes(before[file]) if file in before else file.unlink()
    slurm.cluster.ctld("start")
    words = ("sbatch", "--parsable", "--begin=now+1hour", "--array=0-0", "--output=/dev/null", "--wrap=true")
    other = slurm.cluster.run(*words).stdout.strip()
    assert other == lost
    assert list(slurm.causes()) == ["jobs_s0"]
    slurm.finish("steps")
    assert slurm.faults() == {}, slurm.told()
    slurm.cluster.run("scancel", other)


def test_accounting_is_not_needed(home: Path, cluster_without_accounting: Cluster) -> None:
    slurm = SlurmBench(home, cluster_without_accounting)
    slurm.submit("careless", runs=2)
    slurm.under_way(2)
    cluster_without_accounting.run("scancel", "--full", "--signal=KILL", slurm.job_of(0))
    slurm.cluster.until(lambda: len(slurm.alive()) == 1)
    assert list(slurm.causes()) == ["jobs_num0_s0"]
    assert slurm.causes()["jobs_num0_s0"], "there is a cause"
    slurm.finish("careless", runs=2)
    assert slurm.faults(runs=2) == {}, slurm.told()
    assert slurm.count("start") == 3


@ONLY_LONG
def test_a_cancelled_job_has_its_cause_while_accounting_is_down(slurm: SlurmBench) -> None:
    slurm.cluster.dbd("stop")
    slurm.submit("steps", runs=2)
    slurm.under_way(2)
    slurm.cluster.run("scancel", slurm.job_of(0))
    slurm.cluster.until(lambda: len(slurm.alive()) == 1)
    assert list(slurm.causes()) == ["jobs_num0_s0"]
    slurm.finish("steps", runs=2)
    assert slurm.faults(runs=2) == {}, slurm.told()
