"""MPI command lines, environments and worlds: pure text in, pure text out."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.base.errors import MpiError
from sweep.base.mpi_command import (
    Launcher,
    World,
    find_launcher,
    mpi_argv,
    mpi_environment,
    parse_version,
    world_from_environment,
)

MPICH = """HYDRA build details:
    Version:                                 5.0.2
    Release Date:                            Fri Sep 25 20:45:26 UTC 2026
    Configure options:                       --with-device=ch4:ucx,ofi --with-pm=hydra:gforker
"""
OPENMPI_4 = "mpiexec (OpenRTE) 4.1.4\n\nReport bugs to http://www.open-mpi.org/community/help/\n"
OPENMPI_5 = "mpirun (Open MPI) 5.0.11\n\nReport bugs to https://www.open-mpi.org/community/help/\n"
INTEL = (
    "Intel(R) MPI Library for Linux* OS, Version 2021.11 Build 20231005 (id: 74c4a23)\n"
    "Copyright 2003-2023, Intel Corporation.\n"
)


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


def launcher(family: str) -> Launcher:
    return Launcher(Path("/bin/mpiexec"), family)


@pytest.mark.parametrize(
    ("text", "family", "version"),
    [
        (MPICH, "mpich", "5.0.2"),
        (OPENMPI_4, "openmpi", "4.1.4"),
        (OPENMPI_5, "openmpi", "5.0.11"),
        (INTEL, "intel", "2021.11"),
        ("some batch system 3.1", "unknown", "3.1"),
        ("", "unknown", ""),
    ],
)
def test_family_and_version_are_read_from_the_version_text(text: str, family: str, version: str) -> None:
    assert parse_version(text) == (family, version)


def test_the_setting_comes_before_everything_else(tmp_path: Path) -> None:
    program(tmp_path / "venv/mpiexec")
    mine = program(tmp_path / "mine/my-mpiexec")
    found = find_launcher(str(mine), {"PATH": ""}, python=str(tmp_path / "venv/python"), ask=lambda _: OPENMPI_5)
    assert found == Launcher(mine, "openmpi", "5.0.11")


def test_the_setting_may_be_a_name_on_the_path(tmp_path: Path) -> None:
    mine = program(tmp_path / "my-mpiexec")
    assert find_launcher("my-mpiexec", {"PATH": str(tmp_path)}, ask=lambda _: "").path == mine


def test_a_launcher_beside_the_interpreter_comes_before_the_path(tmp_path: Path) -> None:
    beside = program(tmp_path / "venv/bin/mpiexec")
    program(tmp_path / "system/mpiexec")
    found = find_launcher(None, {"PATH": str(tmp_path / "system")}, str(tmp_path / "venv/bin/python"), lambda _: MPICH)
    assert found == Launcher(beside, "mpich", "5.0.2")


def test_the_interpreters_own_link_is_not_followed_out_of_a_virtual_environment(tmp_path: Path) -> None:
    program(tmp_path / "system/python")
    program(tmp_path / "system/mpiexec")
    beside = program(tmp_path / "venv/mpiexec")
    (tmp_path / "venv/python").symlink_to(tmp_path / "system/python")
    assert find_launcher(None, {"PATH": ""}, str(tmp_path / "venv/python"), lambda _: "").path == beside


def test_mpirun_on_the_path_is_the_last_resort(tmp_path: Path) -> None:
    mpirun = program(tmp_path / "system/mpirun")
    python = str(tmp_path / "venv/python")
    assert find_launcher(None, {"PATH": str(tmp_path / "system")}, python, lambda _: "").path == mpirun
    mpiexec = program(tmp_path / "system/mpiexec")
    assert find_launcher(None, {"PATH": str(tmp_path / "system")}, python, lambda _: "").path == mpiexec


def test_no_launcher_is_an_error_that_names_the_places_and_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(MpiError) as caught:
        find_launcher(None, {"PATH": str(tmp_path)}, python=str(tmp_path / "bin/python"))
    assert f"{tmp_path}/bin/mpiexec" in str(caught.value)
    assert "mpirun on PATH" in str(caught.value)
    assert "pip install 'sweep[mpich]'" in str(caught.value)


def test_a_setting_that_is_no_program_is_an_error_even_if_another_launcher_exists(tmp_path: Path) -> None:
    program(tmp_path / "mpiexec")
    with pytest.raises(MpiError, match="'/no/such/mpiexec' is not a program"):
        find_launcher("/no/such/mpiexec", {"PATH": str(tmp_path)}, str(tmp_path / "python"))


def test_a_launcher_that_cannot_say_its_version_is_of_unknown_family(tmp_path: Path) -> None:
    broken = program(tmp_path / "mpiexec")  # an empty file is no program that the kernel can start
    assert find_launcher(str(broken), {}) == Launcher(broken, "unknown", "")


@pytest.mark.parametrize(
    ("family", "bind", "middle"),
    [
        ("mpich", False, []),
        ("mpich", True, ["-bind-to", "core"]),
        ("intel", False, []),
        ("intel", True, ["-genv", "I_MPI_PIN_DOMAIN", "core"]),
        ("openmpi", False, ["--oversubscribe", "--bind-to", "none"]),
        ("openmpi", True, ["--oversubscribe", "--bind-to", "core:overload-allowed"]),
        ("unknown", False, []),
    ],
)
def test_command_line_of_each_family(family: str, bind: bool, middle: list[str]) -> None:
    argv = mpi_argv(launcher(family), 3, ["python", "x.py"], flags=["--mine", "1"], bind_to_core=bind)
    assert argv == ["/bin/mpiexec", "-n", "3", *middle, "--mine", "1", "python", "x.py"]


def test_only_open_mpi_is_told_that_it_may_run_as_root() -> None:
    assert "--allow-run-as-root" in mpi_argv(launcher("openmpi"), 2, ["x"], as_root=True)
    assert "--allow-run-as-root" not in mpi_argv(launcher("openmpi"), 2, ["x"])
    assert mpi_argv(launcher("mpich"), 2, ["x"], as_root=True) == ["/bin/mpiexec", "-n", "2", "x"]


def test_binding_with_an_unknown_launcher_is_refused_instead_of_ignored() -> None:
    with pytest.raises(MpiError, match="is not known"):
        mpi_argv(launcher("unknown"), 2, ["x"], bind_to_core=True)


def test_ranks_are_marked_and_given_one_thread_each() -> None:
    mine = {"HOME": "/me", "OMP_NUM_THREADS": "8"}
    assert mpi_environment(mine, "unknown") == {
        "HOME": "/me",
        "IN_MPI": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "NUMEXPR_NUM_THREADS": "1",
    }
    assert mine == {"HOME": "/me", "OMP_NUM_THREADS": "8"}
    assert mpi_environment({}, "mpich", threads=4)["MKL_NUM_THREADS"] == "4"


@pytest.mark.parametrize(
    ("family", "name", "value"), [("openmpi", "OMPI_MCA_btl", "^ofi"), ("mpich", "MPIR_CVAR_CH4_NETMOD", "ofi")]
)
def test_start_up_is_made_fast_unless_the_user_has_chosen(family: str, name: str, value: str) -> None:
    assert mpi_environment({}, family)[name] == value
    assert mpi_environment({name: "mine"}, family)[name] == "mine"
    assert name not in mpi_environment({}, "intel")


@pytest.mark.parametrize(
    ("environ", "world"),
    [
        ({"PMI_RANK": "1", "PMI_SIZE": "2"}, World(1, 2, "PMI_SIZE")),
        (
            {"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "4", "PMIX_RANK": "0"},
            World(0, 4, "OMPI_COMM_WORLD_SIZE"),
        ),
        ({"PMIX_RANK": "3", "PMIX_SIZE": "8"}, World(3, 8, "PMIX_SIZE")),
        ({"PMIX_RANK": "3", "SLURM_STEP_NUM_TASKS": "8"}, World(3, 8, "SLURM_STEP_NUM_TASKS")),
        ({"PMIX_RANK": "3"}, World(3, 0, "PMIX_RANK")),
        ({"PMI_RANK": "what", "PMI_SIZE": "2"}, None),
        ({"MPI_LOCALRANKID": "1", "MPI_LOCALNRANKS": "2"}, None),
        ({"SLURM_PROCID": "1", "SLURM_NTASKS": "2", "SLURM_STEP_NUM_TASKS": "2"}, None),
        ({"IN_MPI": "1"}, None),
        ({}, None),
    ],
)
def test_world_that_an_environment_describes(environ: dict[str, str], world: World | None) -> None:
    assert world_from_environment(environ) == world


def test_a_launcher_inside_another_ones_single_task_counts() -> None:
    nested = {"PMI_RANK": "0", "PMI_SIZE": "1", "OMPI_COMM_WORLD_RANK": "2", "OMPI_COMM_WORLD_SIZE": "4"}
    assert world_from_environment(nested) == World(2, 4, "OMPI_COMM_WORLD_SIZE")
