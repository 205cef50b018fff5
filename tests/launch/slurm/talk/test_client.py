"""The client of Slurm against recorded answers of its programs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sweep.base.errors import LaunchError
from sweep.launch.slurm.talk.client import PAUSES_S, Slurm, SlurmSilent
from sweep.launch.slurm.talk.program import Answer

FOLDER = Path("/data/.sweep/slurm/0123456789ab")
SCRIPT = "#!/bin/bash\n#SBATCH --job-name=grid.0123456789ab\n#SBATCH --array=0-3\ntrue\n"
GONE = Answer(
    1, err="sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)\n"
)
UNHEARD = Answer(1, err="sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n")
NO_QUEUE = Answer(1, err="slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n")
PARTITIONS = Answer(0, "main*~1-00:00:00~4~4000~(null)~2~\nurgent~1-00:00:00~4~4000~(null)~2~\n")


class Programs:
    """Plays Slurm's programs: each gives its answers one after the other, and the last for ever; '~' ends a field."""

    def __init__(self, **answers: Answer | list[Answer]) -> None:
        self.answers = {name: [said] if isinstance(said, Answer) else said for name, said in answers.items()}
        self.calls: list[list[str]] = []
        self.slept: list[float] = []
        self.given: list[tuple[str, Path | None]] = []

    def ask(self, argv: Sequence[str], text: str, cwd: Path | None) -> Answer:
        self.calls.append(list(argv))
        self.given.append((text, cwd))
        answers = self.answers.get(argv[0], [Answer(0)])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        mark = re.search(r"<[0-9a-f]{12}>", " ".join(argv))
        return Answer(answer.code, answer.out.replace("~", mark[0]) if mark else answer.out, answer.err)

    @property
    def slurm(self) -> Slurm:
        return Slurm(self.ask, self.slept.append, lambda: 1_700_000_000.0, self.find)

    def find(self, program: str) -> str | None:
        return None if self.answers.get(program, [Answer(0)])[0].code == 127 else f"/usr/bin/{program}"

    def of(self, program: str) -> list[list[str]]:
        return [call[1:] for call in self.calls if call[0] == program]


def queue(*lines: str) -> Answer:
    return Answer(0, "".join(f"{line}~\n" for line in lines))


def test_a_script_is_submitted_from_its_folder_and_its_id_comes_back() -> None:
    programs = Programs(sbatch=Answer(0, "12\n"))
    assert programs.slurm.submit(SCRIPT, FOLDER) == "12"
    assert programs.calls == [["sbatch", "--parsable"]]
    assert programs.given == [(SCRIPT, FOLDER)]


def test_the_name_of_a_cluster_behind_an_id_is_no_part_of_it() -> None:
    assert Programs(sbatch=Answer(0, "12;left\n")).slurm.submit(SCRIPT, FOLDER) == "12"


def test_words_before_the_id_are_passed_over() -> None:
    assert (
        Programs(sbatch=Answer(0, "sbatch: welcome, you have 3 days left\n12\n")).slurm.submit(SCRIPT, FOLDER) == "12"
    )


def test_an_answer_without_an_id_is_an_error() -> None:
    with pytest.raises(LaunchError, match="does not take these jobs"):
        Programs(sbatch=Answer(0, "hello\n")).slurm.submit(SCRIPT, FOLDER)


def test_a_controller_that_is_away_is_tried_again_with_growing_pauses() -> None:
    programs = Programs(sbatch=[GONE, GONE, Answer(0, "12\n")], squeue=queue())
    assert programs.slurm.submit(SCRIPT, FOLDER) == "12"
    assert programs.slept == [1.0, 2.0]


def test_a_controller_that_stays_away_is_an_error_after_all_tries() -> None:
    programs = Programs(sbatch=GONE, squeue=queue())
    with pytest.raises(SlurmSilent, match=r"does not answer \(sbatch: Unable to contact .*scontrol ping"):
        programs.slurm.submit(SCRIPT, FOLDER)
    assert tuple(programs.slept) == PAUSES_S


def test_a_submission_that_was_heard_although_nothing_came_back_is_not_made_again() -> None:
    programs = Programs(sbatch=UNHEARD, squeue=queue("12_1~PENDING~None~~grid.0123456789ab"))
    assert programs.slurm.submit(SCRIPT, FOLDER) == "12"
    assert len(programs.of("sbatch")) == 1


def test_a_job_of_another_submission_is_not_taken_for_this_one() -> None:
    others = queue("12_1~PENDING~None~~grid.ba9876543210", "13~PENDING~None~~wrap")
    programs = Programs(sbatch=[UNHEARD, Answer(0, "14\n")], squeue=others)
    assert programs.slurm.submit(SCRIPT, FOLDER) == "14"


def test_nothing_is_submitted_again_before_the_queue_says_that_the_first_was_not_heard() -> None:
    programs = Programs(sbatch=[UNHEARD, Answer(0, "14\n")], squeue=[NO_QUEUE, NO_QUEUE, queue()])
    assert programs.slurm.submit(SCRIPT, FOLDER) == "14"
    assert [call[0] for call in programs.calls] == ["sbatch", "squeue", "squeue", "squeue", "sbatch"]


def test_an_unknown_partition_is_answered_with_those_there_are() -> None:
    said = "sbatch: error: invalid partition specified: nope\n"
    general = "sbatch: error: Batch job submission failed: Invalid partition name specified\n"
    with pytest.raises(LaunchError) as caught:
        Programs(sbatch=Answer(1, err=said + general), sinfo=PARTITIONS).slurm.submit(SCRIPT, FOLDER)
    assert str(caught.value) == (
        "Slurm does not take these jobs: invalid partition specified: nope; Invalid partition name specified; "
        "there are main (the default), urgent."
    )


def test_an_array_that_is_too_large_is_answered_with_the_limit() -> None:
    said = "sbatch: error: Batch job submission failed: Invalid job array specification\n"
    config = Answer(0, "MaxArraySize            = 501\n")
    with pytest.raises(LaunchError, match="an array may have 501 jobs at most"):
        Programs(sbatch=Answer(1, err=said), scontrol=config).slurm.submit(SCRIPT, FOLDER)


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ("error: Batch job submission failed: Invalid account or account/partition combination specified", "sacctmgr"),
        ("error: Batch job submission failed: Invalid qos specification", "show qos"),
        (
            "error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size "
            "and/or time limits)",
            "wait until some of your jobs are over",
        ),
        ("error: Memory specification can not be satisfied", "less memory"),
        ("error: Invalid generic resource (gres) specification", "%G"),
        ("error: Batch job submission failed: Requested reservation is invalid", "show reservation"),
        ("unrecognized option '--tim3=1'\nTry \"sbatch --help\" for more information", "directives of this launch"),
    ],
)
def test_a_refusal_is_one_line_with_slurms_reason_and_a_next_step(said: str, step: str) -> None:
    programs = Programs(sbatch=Answer(1, err="\n".join(f"sbatch: {line}" for line in said.splitlines())))
    with pytest.raises(LaunchError) as caught:
        programs.slurm.submit(SCRIPT, FOLDER)
    assert not isinstance(caught.value, SlurmSilent)
    assert step in str(caught.value)
    assert "sbatch: " not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert programs.slept == []


def test_a_controller_that_is_full_is_tried_again_and_named_in_the_end() -> None:
    full = "sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying\n"
    programs = Programs(sbatch=Answer(124, err=full), squeue=queue())
    with pytest.raises(LaunchError, match="temporarily unable to accept job"):
        programs.slurm.submit(SCRIPT, FOLDER)
    assert tuple(programs.slept) == PAUSES_S


def test_control_characters_of_an_answer_do_not_reach_the_terminal() -> None:
    with pytest.raises(LaunchError) as caught:
        Programs(sbatch=Answer(1, err="sbatch: error: no \x1b[2J\x07way\n")).slurm.submit(SCRIPT, FOLDER)
    assert str(caught.value).isprintable()


def test_the_queue_is_one_call_for_everything_of_this_user() -> None:
    programs = Programs(squeue=queue("12_1~RUNNING~None~n1~grid.0123456789ab", "3~CANCELLED~None~~wrap"))
    jobs = programs.slurm.queue()
    assert [(job.id, job.index, job.ticket) for job in jobs] == [("3", None, ""), ("12_1", 1, "0123456789ab")]
    (words,) = programs.of("squeue")
    assert {"--noheader", "--array", "--states=all"} < set(words)
    assert any(word.startswith("--user=") for word in words)


def test_of_two_jobs_with_one_ticket_and_index_the_living_one_comes_last() -> None:
    lines = ("13_1~RUNNING~None~n1~grid.0123456789ab", "12_1~NODE_FAIL~None~n1~grid.0123456789ab")
    assert [job.id for job in Programs(squeue=queue(*lines)).slurm.queue()] == ["12_1", "13_1"]


def test_a_queue_that_is_not_told_is_an_error_and_never_an_empty_one() -> None:
    for answer in (NO_QUEUE, Answer(124), Answer(1), Answer(127, err="squeue cannot be run")):
        with pytest.raises(SlurmSilent):
            Programs(squeue=answer).slurm.queue()


def test_history_by_id_covers_an_arrays_elements_and_leaves_others_out() -> None:
    said = Answer(0, "12_0~COMPLETED~0:0~n1~g.0123456789ab~\n12_1~FAILED~0:9~n1~g.0123456789ab~\n")
    programs = Programs(sacct=said)
    assert [job.id for job in programs.slurm.history(["12"])] == ["12_0", "12_1"]
    assert [job.id for job in programs.slurm.history(["12_1"])] == ["12_1"]
    assert [word for word in programs.of("sacct")[0] if word.startswith("--jobs")] == ["--jobs=12"]
    assert not any(word.startswith("--starttime") for word in programs.of("sacct")[0])


def test_history_by_ticket_has_a_beginning_and_finds_that_ticket_alone() -> None:
    said = Answer(0, "12_0~COMPLETED~0:0~n1~g.0123456789ab~\n13~FAILED~1:0~n1~wrap~\n14~FAILED~1:0~~g.ba9876543210~\n")
    programs = Programs(sacct=said)
    assert [job.id for job in programs.slurm.history(["0123456789ab"])] == ["12_0"]
    assert any(word.startswith("--starttime=2023-08-1") for word in programs.of("sacct")[0])


def test_without_accounting_there_is_no_history_and_the_reason_is_known() -> None:
    slurm = Programs(sacct=Answer(1, err="Slurm accounting storage is disabled\n")).slurm
    assert slurm.history(["12", "0123456789ab"]) == []
    assert slurm.no_history == "Slurm accounting storage is disabled"


def test_thousands_of_elements_are_cancelled_in_a_few_words() -> None:
    programs = Programs()
    programs.slurm.cancel(f"{array}_{index}" for array in range(1, 151) for index in range(1000))
    assert [len(words) for words in programs.of("scancel")] == [100, 50]
    assert programs.of("scancel")[0][0] == "1_[0-999]"


def test_nothing_is_cancelled_without_an_id() -> None:
    programs = Programs()
    programs.slurm.cancel([])
    assert programs.calls == []


def test_a_signal_is_for_the_scripts_of_jobs_that_run() -> None:
    programs = Programs()
    programs.slurm.cancel(["12_0"], signal="USR1")
    assert programs.of("scancel") == [["--signal=USR1", "--batch", "--state=RUNNING", "12_[0]"]]


def test_only_what_waits_can_be_cancelled() -> None:
    programs = Programs()
    programs.slurm.cancel(["12_0"], pending_only=True)
    assert programs.of("scancel") == [["--state=PENDING", "12_[0]"]]


def test_a_job_that_is_over_is_no_error_when_it_is_cancelled() -> None:
    gone = Answer(1, err="scancel: error: Kill job error on job id 12: Invalid job id specified\n")
    Programs(scancel=gone).slurm.cancel(["12"])


def test_a_cancel_that_slurm_does_not_hear_is_an_error() -> None:
    away = "scancel: error: Kill job error on job id 1: Unable to contact slurm controller (connect failure)\n"
    with pytest.raises(SlurmSilent):
        Programs(scancel=Answer(1, err=away)).slurm.cancel(["12"])
    denied = "scancel: error: Kill job error on job id 12: Access/permission denied\n"
    with pytest.raises(LaunchError, match="permission denied"):
        Programs(scancel=Answer(1, err=denied)).slurm.cancel(["12"])


def test_a_requeue_says_whether_slurm_does_it() -> None:
    assert Programs(scontrol=Answer(0)).slurm.requeue("12_3")
    waits = Answer(1, err="Job is pending execution for job 12_3\n")
    assert Programs(scontrol=waits).slurm.requeue("12_3")
    refused = Answer(1, err="Job has already finished for job 12\n")
    assert not Programs(scontrol=refused).slurm.requeue("12")
    with pytest.raises(SlurmSilent):
        Programs(scontrol=Answer(1, err="Unable to contact slurm controller (connect failure)\n")).slurm.requeue("12")


def test_what_is_no_id_never_becomes_a_word_of_a_command() -> None:
    slurm = Programs().slurm
    calls: list[Callable[[], object]] = [
        lambda: slurm.cancel(["--me"]),
        lambda: slurm.requeue("--me"),
        lambda: slurm.release("--me"),
        lambda: slurm.history(["--me"]),
    ]
    for call in calls:
        with pytest.raises(LaunchError, match="is no id of a Slurm job"):
            call()


def test_the_size_of_an_array_is_slurms_usual_one_if_it_does_not_say() -> None:
    assert Programs(scontrol=Answer(0, "MaxArraySize            = 501\n")).slurm.most_in_array() == 501
    assert Programs(scontrol=Answer(1)).slurm.most_in_array() == 1001


def test_a_machine_without_slurm_is_told_so() -> None:
    with pytest.raises(LaunchError, match="no sbatch on the PATH"):
        Programs(sbatch=Answer(127)).slurm.check()
    with pytest.raises(LaunchError, match="no squeue on the PATH"):
        Programs(squeue=Answer(127)).slurm.check()


def test_a_check_needs_a_controller_that_answers() -> None:
    Programs().slurm.check()
    with pytest.raises(SlurmSilent, match="Unable to contact"):
        Programs(squeue=NO_QUEUE).slurm.check()


def test_the_cluster_s_name_is_asked_for_once_unless_slurm_was_silent() -> None:
    said = Answer(0, "Configuration data as of 2026\nClusterName             = abc\nCompleteWait = 0 sec\n")
    programs = Programs(scontrol=[NO_QUEUE, said])
    slurm = programs.slurm
    assert [slurm.cluster_name() for _ in range(3)] == ["", "abc", "abc"]
    assert len(programs.of("scontrol")) == 2


def test_a_cluster_without_a_name_has_none() -> None:
    assert Programs(scontrol=Answer(0, "ClusterName =\nCompleteWait = 0 sec\n")).slurm.cluster_name() == ""
