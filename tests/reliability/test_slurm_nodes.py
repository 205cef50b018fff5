"""Nodes that freeze, die and come back, with an old copy of a run alive; and nodes that do not see the data."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from slurm_bench import ONLY_LONG, SlurmBench

from sweep.launch.slurm.script import UNSEEN
from sweep.launch.slurm.talk.client import Slurm

pytest_plugins = ("slurm_fixtures",)


def give_up(slurm: SlurmBench, node: str) -> None:
    """Have Slurm take a node for dead at once, as it does by itself after SlurmdTimeout."""
    slurm.cluster.run("scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=test")


@pytest.mark.limit(120)
@pytest.mark.parametrize("verb", ["freeze", pytest.param("stop", marks=ONLY_LONG)])
def test_a_copy_that_is_started_while_an_old_one_lives_waits_for_it(
    slurm: SlurmBench, undisturbed: Path, verb: str
) -> None:
    slurm.submit("steps", runs=2)
    slurm.under_way(2)
    node, old = slurm.last("jobs_num0_s0").node, slurm.batch_pid(0)
    slurm.cluster.node(node, verb)
    give_up(slurm, node)
    slurm.cluster.until(lambda: "older copy" in slurm.printed(0), 40)
    seen = slurm.count("step")
    slurm.wait("step", seen + 2)
    assert {line.pid for line in slurm.lines()["jobs_num0_s0"]} == {slurm.last("jobs_num0_s0").pid}
    os.kill(old, signal.SIGKILL)  # as when such a node is switched off at last
    slurm.wait("start", 3)
    slurm.go.touch()
    slurm.quiet()
    assert slurm.faults(undisturbed, 2) == {}, slurm.told()
    assert slurm.last("jobs_num0_s0").node != node


@pytest.mark.limit(120)
@ONLY_LONG
def test_an_old_copy_that_comes_to_its_end_is_believed(slurm: SlurmBench) -> None:
    slurm.submit("steps")
    slurm.wait("step", 2)
    node = slurm.last("jobs_s0").node
    slurm.cluster.node(node, "freeze")
    give_up(slurm, node)
    slurm.cluster.until(lambda: "older copy" in slurm.printed(0), 40)
    slurm.go.touch()
    slurm.quiet()
    assert slurm.faults() == {}, slurm.told()
    assert slurm.count("start") == 1
    assert "nothing is left to be done by this job" in slurm.printed(0)


@pytest.mark.limit(200)
@ONLY_LONG
def test_a_node_that_comes_back_ends_its_old_copy_before_the_new_one_writes(slurm: SlurmBench) -> None:
    slurm.submit("steps", runs=4)
    slurm.under_way(4)
    slurm.cluster.node("n1", "freeze")
    slurm.cluster.until(lambda: "down" in slurm.cluster.sinfo()["n1"], 90)
    time.sleep(8)
    slurm.cluster.node("n1", "thaw")
    time.sleep(5)
    slurm.finish("steps", runs=4)
    assert slurm.faults(runs=4) == {}, slurm.told()


def test_a_node_that_does_not_see_the_data_says_so_and_spares_the_other_jobs(slurm: SlurmBench) -> None:
    slurm.submit("short", runs=3, parallel=1, slurm={"directives": ["--hold"]})
    job = slurm.job_of().partition("_")[0]
    away = slurm.data.rename(slurm.home / "elsewhere")
    Slurm().release(job)
    slurm.quiet()
    away.rename(slurm.data)
    slurm.cluster.until(lambda: f"{UNSEEN}:0" in {one.exit_code for one in Slurm().history([job])})
    assert len(slurm.causes()) == 3
    assert all("does not see the data directory" in cause for cause in slurm.causes().values())
    assert slurm.count("start") == 0
    slurm.finish("short", runs=3)
    assert slurm.faults(runs=3) == {}, slurm.told()
