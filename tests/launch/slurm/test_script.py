import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.launch.slots import Demand
from sweep.launch.slurm.options import Options
from sweep.launch.slurm.script import UNSEEN, job_name, job_script, quoted, slurm_time

TICKET = "0123456789ab"


def script(command=("true",), demand=None, options=None, at_once=None, count=3):
    return job_script("ppo." + TICKET, TICKET, count, demand or Demand(), options or Options(), command, at_once)


def directives(text):
    return [line.removeprefix("#SBATCH ") for line in text.splitlines() if line.startswith("#SBATCH")]


def test_an_array_has_one_job_a_run_and_what_a_run_needs():
    found = directives(script(demand=Demand(4, 2, 2, 3 * 2**30), at_once=16))
    assert found == [
        "--job-name=ppo.0123456789ab",
        "--array=0-2%16",
        "--nodes=1",
        "--ntasks=4",
        "--cpus-per-task=2",
        "--mem=3072M",
        "--gres=gpu:2",
        "--signal=B:USR1@60",
        "--requeue",
        "--output=/dev/null",
    ]


def test_over_several_nodes_memory_is_by_core_and_gpus_are_in_all():
    found = directives(script(demand=Demand(4, 2, 2, 2**30), options=Options(nodes=2)))
    assert {"--nodes=2", "--mem-per-cpu=128M", "--gpus=2"} < set(found)


def test_the_user_s_own_words_come_last():
    options = Options(partition="gpu", account="lab", time_s=5400, directives=("--qos=long",), lead_s=90.5)
    assert directives(script(options=options))[-6:] == [
        "--requeue",
        "--output=/dev/null",
        "--partition=gpu",
        "--account=lab",
        "--time=0-01:30:00",
        "--qos=long",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"), [(60, "0-00:01:00"), (59.2, "0-00:01:00"), (3661, "0-01:01:01"), (90061, "1-01:01:01")]
)
def test_times_are_written_as_slurm_does(seconds, text):
    assert slurm_time(seconds) == text


@pytest.mark.parametrize(
    ("grid", "name"),
    [("ppo", "ppo"), ("", "sweep"), ("a/b c\n$(d)", "a_b_c___d_"), ("x" * 40, "x" * 20), ("größe", "gr__e")],
)
def test_a_job_s_name_holds_nothing_that_means_something(grid, name):
    assert job_name(grid, TICKET) == f"{name}.{TICKET}"


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("--exclusive", "--exclusive"),
        ("--constraint=a100&ib", "--constraint=a100&ib"),
        ("--constraint a100", "--constraint=a100"),
        ("--comment=a --array=0-9", '--comment="a --array=0-9"'),
        ("--comment=a#b", '--comment="a#b"'),
        ('--comment="a b"', '--comment="a b"'),
        ("--comment='a b'", "--comment='a b'"),
        ("--comment='a' --array=0 'b'", """--comment="'a' --array=0 'b'\""""),
        ('--comment=a\\" b', '--comment="a\\\\\\" b"'),
    ],
)
def test_a_directive_stays_one_word(said, written):
    assert quoted(said) == written
    assert written in directives(script(options=Options(directives=(said,))))


def run_in(folder, text):
    environ = {"PATH": os.environ["PATH"], "SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_JOB_ID": "1"}
    return subprocess.run(["bash", "-c", text], cwd=folder, env=environ, capture_output=True)


words = st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20), max_size=4)


@given(words)
def test_the_command_goes_through_a_real_shell_as_it_is(tmp_path_factory, arguments):
    folder = tmp_path_factory.mktemp("a b'\n$(c)") / TICKET
    folder.mkdir()
    run_in(folder, script(["printf", "%s\\0", "begin", *arguments]))
    assert (folder / "7.out").read_bytes().decode().split("\0")[1:-1] == [*arguments, str(folder), "1_7"]


def test_setup_lines_come_before_the_command(tmp_path):
    (folder := tmp_path / TICKET).mkdir()
    command = ["sh", "-c", 'echo "$GREETING"']
    run_in(folder, script(command, options=Options(setup=("export GREETING='hello you'",))))
    assert (folder / "7.out").read_text() == "hello you\n"


def test_setup_lines_may_go_elsewhere_and_change_what_slurm_has_said(tmp_path):
    (folder := tmp_path / TICKET).mkdir()
    setup = ("cd /", "unset SLURM_ARRAY_TASK_ID SLURM_ARRAY_JOB_ID")
    run_in(folder, script(["echo"], options=Options(setup=setup)))
    assert (folder / "7.out").read_text() == f"{folder} 1_7\n"


def test_an_array_waits_for_the_one_before_where_there_would_be_too_many_at_a_time():
    text = job_script("ppo." + TICKET, TICKET, 3, Demand(), Options(), ["true"], 2, after="12")
    assert {"--array=0-2%2", "--dependency=afterany:12"} < set(directives(text))


def test_a_job_that_has_hardly_begun_does_not_die_of_the_signal_that_asks_it_to_save(tmp_path):
    (folder := tmp_path / TICKET).mkdir()
    run_in(folder, script(["sh", "-c", "echo still here"], options=Options(setup=("kill -s USR1 $$",))))
    assert (folder / "7.out").read_text() == "still here\n"


def test_a_node_that_does_not_see_the_folder_says_so_by_its_exit_code_and_writes_nothing(tmp_path):
    assert run_in(tmp_path, script(["touch", "here"])).returncode == UNSEEN
    assert list(tmp_path.iterdir()) == []
