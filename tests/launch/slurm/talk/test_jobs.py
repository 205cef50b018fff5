"""Which jobs may still run, whose they are, and how they ended: states and reasons as Slurm 22.05 gave them."""

from __future__ import annotations

import pytest

from sweep.launch.slurm.talk.jobs import LiveJob, PastJob

TICKET = "0123456789ab"


def live(state: str, reason: str = "None", job: str = "12_3", nodes: str = "") -> LiveJob:
    return LiveJob(job, f"grid.{TICKET}", state, reason, nodes)


def past(state: str, code: str = "0:0", nodes: str = "n1") -> PastJob:
    return PastJob("12_3", f"grid.{TICKET}", state, code, nodes)


@pytest.mark.parametrize("state", ["RUNNING", "PENDING", "SUSPENDED", "CONFIGURING", "STAGE_OUT", "A_NEW_STATE"])
def test_what_is_queued_or_runs_or_is_in_a_state_that_nobody_knows_is_alive(state: str) -> None:
    assert live(state).is_alive


def test_a_job_whose_processes_are_being_ended_is_alive_held_or_not() -> None:
    assert live("COMPLETING").is_alive
    assert live("COMPLETING", "job requeued in held state", nodes="n1").is_alive


@pytest.mark.parametrize(
    "state",
    ["BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "TIMEOUT"],
)
def test_what_has_ended_is_neither_alive_nor_pending(state: str) -> None:
    assert not live(state).is_alive
    assert not live(state).is_pending
    assert not live(state).is_held


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("PENDING", "launch failed requeued held"),
        ("PENDING", "launch_failed_requeued_held"),
        ("PENDING", "job requeued in held state"),
        ("PENDING", "JobHoldMaxRequeue"),
        ("SPECIAL_EXIT", "job requeued in held state"),
        ("REQUEUE_HOLD", "None"),
    ],
)
def test_what_slurm_has_put_back_and_will_not_start_is_held_and_not_alive(state: str, reason: str) -> None:
    job = live(state, reason)
    assert job.is_held
    assert job.is_pending
    assert not job.is_alive
    assert job.cause == f"Slurm job 12_3 could not be launched and is held ({reason})"


@pytest.mark.parametrize(
    "reason", ["JobHeldUser", "JobHeldAdmin", "BeginTime", "Resources", "ReqNodeNotAvail, UnavailableNodes:n1"]
)
def test_what_somebody_lets_wait_is_pending_and_alive(reason: str) -> None:
    assert live("PENDING", reason).is_alive
    assert live("PENDING", reason).is_pending


@pytest.mark.parametrize(
    ("name", "ticket"),
    [
        (f"grid.{TICKET}", TICKET),
        (f"a.b.{TICKET}", TICKET),
        (TICKET, ""),
        ("grid", ""),
        (f"grid.{TICKET}0", ""),
        (f"grid.{TICKET.upper()}", ""),
        (f"grid.{TICKET}\n", ""),
        ("grid.\u0661\u0662" + 10 * "0", ""),
        ("", ""),
    ],
)
def test_a_ticket_is_twelve_hex_digits_behind_the_last_dot_and_nothing_else(name: str, ticket: str) -> None:
    assert LiveJob("1", name, "RUNNING").ticket == ticket
    assert PastJob("1", name, "RUNNING").ticket == ticket


@pytest.mark.parametrize(("job", "index"), [("12_3", 3), ("12_0", 0), ("12", None), ("12_[0-3]", None), ("12+1", None)])
def test_an_element_knows_its_number_in_the_array(job: str, index: int | None) -> None:
    assert LiveJob(job, "", "RUNNING").index == index
    assert PastJob(job, "", "RUNNING").index == index


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        ("CANCELLED by 0", "0:0", "on n1 was cancelled by uid 0"),
        ("CANCELLED", "0:0", "on n1 was cancelled"),
        ("TIMEOUT", "0:0", "on n1 reached its time limit"),
        ("FAILED", "0:9", "on n1 was killed by SIGKILL"),
        ("FAILED", "0:64", "on n1 was killed by SIGRTMAX"),
        ("FAILED", "0:99", "on n1 was killed by signal 99"),
        ("FAILED", "3:0", "on n1 ended with exit code 3"),
        ("FAILED", "0:0", "on n1 failed"),
        ("FAILED", "", "on n1 failed"),
        ("FAILED", "?", "on n1 failed"),
        ("PREEMPTED", "0:0", "on n1 was preempted"),
        ("OUT_OF_MEMORY", "0:125", "on n1 ran out of memory"),
        ("DEADLINE", "0:0", "on n1 passed its deadline"),
        ("COMPLETED", "0:0", "on n1 ended with exit code 0"),
        ("RUNNING", "0:0", "on n1 is running"),
        ("A_NEW_STATE", "0:0", "on n1 is a new state"),
    ],
)
def test_the_end_of_a_job_is_told_in_words(state: str, code: str, words: str) -> None:
    assert past(state, code).cause == f"Slurm job 12_3 {words}"


def test_a_job_that_could_not_open_its_output_says_so() -> None:
    assert "could not be started" in past("FAILED", "0:53").cause


def test_a_node_that_failed_is_named() -> None:
    assert past("NODE_FAIL").cause == "Slurm job 12_3: node n1 failed"
    assert past("BOOT_FAIL").cause == "Slurm job 12_3: node n1 did not boot"
    assert past("NODE_FAIL", nodes="").cause == "Slurm job 12_3: node (unknown) failed"


def test_without_accounting_the_queue_still_tells_how_a_job_ended() -> None:
    assert live("CANCELLED", nodes="n1").cause == "Slurm job 12_3 on n1 was cancelled"
    assert live("FAILED").cause == "Slurm job 12_3 failed"
