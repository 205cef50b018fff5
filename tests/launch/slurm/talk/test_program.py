"""Running a program: what it is given of the environment, and what becomes of one that is missing or does not end."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from sweep.launch.slurm.talk.program import NO_END, NOT_FOUND, environment, run_at_most, run_program

SCRIPT = "#!/bin/bash\n#SBATCH --job-name=g.0123456789ab\n#SBATCH --partition=gpu\n"


def test_a_persons_own_options_never_reach_the_programs() -> None:
    given = {"SQUEUE_FORMAT": "%A", "SBATCH_WAIT": "1", "SBATCH_ARRAY_INX": "0-9", "SACCT_FORMAT": "x", "HOME": "/h"}
    assert environment(given) == {"HOME": "/h", "LC_ALL": "C"}


def test_the_way_to_the_cluster_stays() -> None:
    given = {"SLURM_CONF": "/c", "SLURM_CLUSTERS": "one", "SLURM_JOB_ID": "7"}
    assert environment(given, SCRIPT) == {"SLURM_CONF": "/c", "SLURM_CLUSTERS": "one"}


def test_variables_of_the_job_that_we_are_in_are_not_passed_on_and_those_of_a_site_are() -> None:
    assert environment({"SLURM_JOB_ID": "7", "SLURM_CPUS_PER_TASK": "2", "SRUN_CPUS_PER_TASK": "2"}, SCRIPT) == {}
    assert environment({"SLURM_MPI_TYPE": "pmix"}, SCRIPT) == {"SLURM_MPI_TYPE": "pmix"}


def test_a_sites_default_stays_unless_the_script_says_otherwise() -> None:
    given = {"SBATCH_ACCOUNT": "physics", "SBATCH_PARTITION": "cpu"}
    assert environment(given, SCRIPT) == {"SBATCH_ACCOUNT": "physics"}


def test_a_job_keeps_the_locale_of_its_user() -> None:
    assert environment({"LC_ALL": "de_DE.UTF-8"}, SCRIPT) == {"LC_ALL": "de_DE.UTF-8"}


def test_a_program_that_is_not_there_is_told_from_one_that_fails() -> None:
    assert run_program(["/nowhere/sbatch"]).code == NOT_FOUND


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    answer = run_program([sys.executable, "-c", ""], "", tmp_path / "none")
    assert answer.code == NOT_FOUND
    assert str(tmp_path / "none") in answer.err


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_program_that_hangs_is_ended_with_what_it_started_and_what_it_said_is_kept() -> None:
    answer = run_at_most(1, ["bash", "-c", "sleep 60 & echo $!; echo so far >&2; wait"])
    assert answer.code == NO_END
    assert answer.err == "so far\n\nno answer within 1 s"
    deadline = time.monotonic() + 20
    while is_running(int(answer.out)):
        assert time.monotonic() < deadline


def test_a_program_is_told_nothing_of_a_ctrl_c() -> None:
    answer = run_program([sys.executable, "-S", "-c", "import os; print(os.getpgrp() == os.getpid())"])
    assert answer.out == "True\n"


def test_bytes_that_are_no_text_are_no_error() -> None:
    answer = run_program([sys.executable, "-c", "import os; os.write(1, b'\\xff|')"])
    assert (answer.code, answer.out) == (0, "\ufffd|")
