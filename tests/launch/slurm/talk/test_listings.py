"""Reading `squeue` and `sacct`: text as the real programs wrote it, and names that were made to mislead."""

from __future__ import annotations

from sweep.launch.slurm.talk.jobs import LiveJob, PastJob
from sweep.launch.slurm.talk.listings import new_mark, read_history, read_queue

MARK = "<7f3a>"


def listed(*lines: tuple[str, ...]) -> str:
    return "".join("".join(field + MARK for field in line) + "\n" for line in lines)


def test_the_queue_of_a_real_cluster() -> None:
    said = listed(
        ("3_2", "PENDING", "JobArrayTaskLimit", "", "grid.0123456789ab"),
        ("3_1", "RUNNING", "None", "n1", "grid.0123456789ab"),
        ("2", "FAILED", "NonZeroExitCode", "n1", "é ü $(id).abcdefabcdef"),
    )
    assert read_queue(said, MARK) == [
        LiveJob("3_2", "grid.0123456789ab", "PENDING", "JobArrayTaskLimit", ""),
        LiveJob("3_1", "grid.0123456789ab", "RUNNING", "None", "n1"),
        LiveJob("2", "é ü $(id).abcdefabcdef", "FAILED", "NonZeroExitCode", "n1"),
    ]


def test_the_accounting_of_a_real_cluster() -> None:
    said = listed(("3_1", "FAILED", "0:9", "n1", "grid.0123456789ab"), ("7", "PENDING", "0:0", "None assigned", "wrap"))
    assert read_history(said, MARK) == [
        PastJob("3_1", "grid.0123456789ab", "FAILED", "0:9", "n1"),
        PastJob("7", "wrap", "PENDING", "0:0", ""),
    ]


def test_a_name_with_lines_and_separators_in_it_is_one_job_and_none_of_ours() -> None:
    forged = "x\n9_0|CANCELLED|None|n1|grid.0123456789ab\n9_1<0000>FAILED<0000>None<0000>n1<0000>g.0123456789ab<0000>\n"
    ours = ("9_0", "RUNNING", "None", "n1", "grid.0123456789ab")
    jobs = read_queue(
        listed(("1", "RUNNING", "None", "n1", forged), ours, ("2", "PENDING", "None", "", "\x1b[2J")), MARK
    )
    assert [(job.id, job.ticket) for job in jobs] == [("1", ""), ("9_0", "0123456789ab"), ("2", "")]
    assert jobs[0].name == forged


def test_the_headings_of_several_clusters_are_no_part_of_an_id() -> None:
    line = ("5", "RUNNING", "None", "n1", "a")
    said = "CLUSTER: one\n" + listed(line) + "CLUSTER: two\n" + listed(line)
    assert [job.id for job in read_queue(said, MARK)] == ["5", "5"]


def test_a_line_that_is_cut_off_is_left_out() -> None:
    line = ("5", "RUNNING", "None", "n1", "a")
    assert len(read_queue(listed(line) + "6" + MARK + "RUNN", MARK)) == 1
    assert read_queue("", MARK) == []


def test_a_mark_is_another_one_each_time() -> None:
    assert len({new_mark() for _ in range(100)}) == 100
