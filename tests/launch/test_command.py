"""Command lines and environments of runs: exact."""

from __future__ import annotations

from pathlib import Path

from sweep.base.mpi_command import Launcher
from sweep.launch.command import child_argv, child_environment
from sweep.launch.job import Job, Machine
from sweep.launch.slots import Slot
from sweep.rundir.paths import RunDir

MPICH = Machine(Path("/v/bin/python"), Launcher(Path("/v/bin/mpiexec"), "mpich"))
OPENMPI = Machine(
    Path("/v/bin/python"), Launcher(Path("/v/bin/mpiexec"), "openmpi"), ("--map-by", "core"), as_root=True
)


def job(num_cpu: int) -> Job:
    return Job(RunDir(Path("/data/a b/r")), "r", num_cpu)


def test_one_rank_needs_no_launcher() -> None:
    assert child_argv(job(1), MPICH) == ["/v/bin/python", "-m", "sweep.runtime.child", "/data/a b/r"]


def test_several_ranks_go_through_the_launcher_and_mpi4py_s_runner() -> None:
    ranks = ["/v/bin/python", "-m", "mpi4py", "-m", "sweep.runtime.child", "/data/a b/r"]
    assert child_argv(job(3), MPICH) == ["/v/bin/mpiexec", "-n", "3", *ranks]


def test_the_user_s_flags_stand_before_the_command() -> None:
    argv = child_argv(job(2), OPENMPI)
    assert argv[: argv.index("/v/bin/python")][-2:] == ["--map-by", "core"]
    assert "--allow-run-as-root" in argv


def test_one_rank_gets_the_driver_s_environment_with_its_threads_and_gpus() -> None:
    environ = child_environment(job(1), MPICH, Slot((0,), ("2",), 1), {"A": "1", "OMP_NUM_THREADS": "8"})
    assert (environ["A"], environ["OMP_NUM_THREADS"], environ["CUDA_VISIBLE_DEVICES"]) == ("1", "1", "2")
    assert "IN_MPI" not in environ


def test_several_ranks_get_one_thread_each_for_every_library() -> None:
    environ = child_environment(job(3), MPICH, Slot((0, 1, 2), (), 0), {"A": "1"})
    expected = {"IN_MPI", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"}
    assert {name for name in expected if environ[name] == "1"} == expected
    assert environ["A"] == "1"
