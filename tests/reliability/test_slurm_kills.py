"""Jobs of Slurm whose processes are killed, and jobs that are asked to leave: nothing is lost, nothing is run twice."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from slurm_bench import RUNS, SlurmBench

pytest_plugins = ("slurm_fixtures",)


@pytest.mark.limit(90)
def test_whatever_a_job_dies_of_the_same_command_goes_on_with_its_run(slurm: SlurmBench, undisturbed: Path) -> None:
    slurm.submit("steps", runs=RUNS)
    slurm.under_way(RUNS)
    os.kill(slurm.batch_pid(0), signal.SIGKILL)
    os.kill(slurm.supervisor_pid(1), signal.SIGKILL)
    os.kill(slurm.last("jobs_num2_s0").pid, signal.SIGKILL)
    slurm.cluster.run("scancel", slurm.job_of(3))
    slurm.cluster.run("scancel", "--batch", "--signal=USR1", slurm.job_of(4))
    slurm.cluster.run("scontrol", "requeue", slurm.job_of(5))
    held = slurm.job_of(6)
    slurm.cluster.run("scontrol", "requeuehold", held)
    slurm.wait("start", RUNS + 2)  # two come again by themselves
    slurm.cluster.run("scontrol", "update", f"JobId={held}", "Reason=launch_failed_requeued_held")
    slurm.go.touch()
    slurm.quiet()
    assert list(slurm.causes()) == [f"jobs_num{number}_s0" for number in (0, 1, 2, 3, 6)]
    causes = list(slurm.causes().values())
    assert causes[0].startswith("SIGUSR1 came; it goes on after step "), "its supervisor has seen to it"
    assert causes[1:3] == ["the supervisor was killed by SIGKILL", "rank 0 was killed by SIGKILL"]
    assert causes[3].startswith("SIGTERM came; it goes on after step ")
    slurm.submit("steps", runs=RUNS)
    slurm.quiet()
    assert list(slurm.causes()) == ["jobs_num2_s0"], "what has failed is not run again unasked"
    slurm.finish("steps", runs=RUNS, retry_failed=True)
    assert slurm.faults(undisturbed, RUNS) == {}, slurm.told()
    assert slurm.count("start") == 2 * RUNS
