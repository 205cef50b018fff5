"""What is the matter with runs that were submitted: queue, accounting, and what is said of those that are gone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sweep.launch.engines.fake import FakeClock
from sweep.launch.slurm.talk.fake import FakeSlurm
from sweep.launch.slurm.talk.jobs import LiveJob, PastJob
from sweep.launch.slurm.truth import Queue, open_runs
from sweep.rundir.handed import Handed
from sweep.rundir.lock import take
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind, State, Status, write_status
from sweep.rundir.submission import Submission, ticket_folder, write_submission

TICKET, OTHER = "0123456789ab", "ba9876543210"
Submitted = Callable[..., list[RunDir]]


@pytest.fixture
def submitted(tmp_path: Path) -> Submitted:
    """Return a function that leaves runs behind as a submission does; its number is noted if there is one."""

    def submit(count: int = 1, ticket: str = TICKET, number: str = "12", state: State = State.PENDING) -> list[RunDir]:
        folder = ticket_folder(tmp_path, ticket)
        folder.mkdir(parents=True)
        if number:
            (folder / "job").write_text(f"{number}\n")
        runs = [RunDir(tmp_path / "g" / f"g_{ticket}_s{index}") for index in range(count)]
        for index, run in enumerate(runs):
            run.own.mkdir(parents=True)
            write_status(run, Status(state))
            write_submission(run, Submission(ticket, index, 100.0))
        return runs

    return submit


@pytest.fixture
def fake() -> FakeSlurm:
    return FakeSlurm()


def told(fake: FakeSlurm, run: RunDir) -> Handed:
    return Queue(fake.slurm()).of([run])[run]


def test_one_call_tells_of_all_jobs_however_many_there_are(fake: FakeSlurm, submitted: Submitted) -> None:
    fake.array(TICKET, 50)
    runs = submitted(50)
    found = Queue(fake.slurm()).of(runs)
    assert found[runs[3]] == Handed(True, "12_3", "pending", "Priority")
    assert (len(found), dict(fake.calls)) == (50, {"squeue": 1})


def test_of_another_user_s_job_that_is_not_shown_nobody_says_that_it_is_gone(
    fake: FakeSlurm, submitted: Submitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = submitted()
    mine = run.submission.stat().st_uid
    assert told(fake, run).is_alive is False
    monkeypatch.setattr("os.getuid", lambda: mine + 1)
    assert told(fake, run) == Handed(
        None, why=f"it was submitted by the user {mine}, whose jobs that user alone asks about"
    )
    assert not Queue(fake.slurm()).is_over(run)
    fake.array(TICKET, 1)
    assert told(fake, run).is_alive


def test_without_a_submitted_run_nothing_is_asked(fake: FakeSlurm, tmp_path: Path) -> None:
    assert Queue(fake.slurm()).of([RunDir(tmp_path)]) == {}
    assert Queue(fake.slurm()).waits(RunDir(tmp_path)) == ""
    assert not fake.calls


def test_an_answer_is_believed_for_some_seconds(fake: FakeSlurm, submitted: Submitted) -> None:
    clock, [run] = FakeClock(), submitted()
    queue = Queue(fake.slurm(), 5.0, clock)
    fake.array(TICKET, 1)
    assert queue.waits(run) == "is in Slurm's queue: job 12_0, pending"
    fake.queue.clear()
    assert queue.waits(run) != ""
    clock.now = 5.0
    assert queue.waits(run) == ""
    assert fake.calls["squeue"] == 2


def test_a_job_that_has_begun_is_not_said_to_be_in_the_queue(fake: FakeSlurm, submitted: Submitted) -> None:
    fake.array(TICKET, 1, "RUNNING", "None", "n1")
    assert Queue(fake.slurm()).waits(submitted()[0]) == "is with Slurm: job 12_0, running"


def test_what_is_over_is_told_with_the_cause_that_accounting_knows(fake: FakeSlurm, submitted: Submitted) -> None:
    fake.array(TICKET, 3)
    runs = submitted(3)
    fake.ends(TICKET, "CANCELLED by 7")
    found = Queue(fake.slurm()).of(runs)
    assert found[runs[1]] == Handed(False, why="Slurm job 12_1 on n1 was cancelled by uid 7")
    assert dict(fake.calls) == {"squeue": 1, "sacct": 1}


def test_a_number_that_belongs_to_another_job_by_now_is_not_believed(fake: FakeSlurm, submitted: Submitted) -> None:
    fake.array(OTHER, 1)
    fake.past = [PastJob("12_0", f"g.{OTHER}", "TIMEOUT")]
    assert told(fake, submitted()[0]).why == "its Slurm job is gone, and Slurm does not say why"


def test_elements_that_never_began_may_be_told_as_one(fake: FakeSlurm, submitted: Submitted) -> None:
    runs = submitted(3)
    fake.queue = [LiveJob("12", f"g.{TICKET}", "CANCELLED")]
    fake.past = [PastJob("12_[1-2]", f"g.{TICKET}", "CANCELLED by 0", "0:0")]
    assert told(fake, runs[1]).why == "Slurm job 12_[1-2] was cancelled by uid 0"
    fake.accounting = False
    assert told(fake, runs[1]).why == "Slurm job 12 was cancelled"


def test_an_element_that_is_missing_while_others_wait_was_cancelled(
    fake: FakeSlurm, submitted: Submitted, tmp_path: Path
) -> None:
    runs = submitted(2)
    fake.array(TICKET, 1)
    assert told(fake, runs[1]).why == "Slurm job 12_1 was cancelled before it had begun"
    (ticket_folder(tmp_path, TICKET) / "1.out").touch()
    assert told(fake, runs[1]).why == "its Slurm job is gone, and Slurm does not say why"


def test_accounting_that_is_behind_is_not_believed(fake: FakeSlurm, submitted: Submitted) -> None:
    [run] = submitted()
    fake.queue = [LiveJob("12_0", f"g.{TICKET}", "TIMEOUT", nodes="n2")]
    fake.past = [PastJob("12_0", f"g.{TICKET}", "RUNNING", "0:0", "n2")]
    assert told(fake, run).why == "Slurm job 12_0 on n2 reached its time limit"


def test_a_node_that_does_not_see_the_data_is_named_for_what_it_took_with_it_too(
    fake: FakeSlurm, submitted: Submitted
) -> None:
    runs = submitted(2)
    fake.past = [
        PastJob("12_0", f"g.{TICKET}", "FAILED", "74:0", "n2"),
        PastJob("12_1", f"g.{TICKET}", "CANCELLED by 0", "0:0"),
    ]
    found = Queue(fake.slurm()).of(runs)
    blind = "node n2 does not see the data directory (Slurm job 12_0)"
    assert found[runs[0]].why == blind
    assert found[runs[1]].why == f"Slurm job 12_1 was cancelled by uid 0, as {blind}"


def test_without_accounting_a_job_that_printed_nothing_and_failed_is_told_as_such(
    fake: FakeSlurm, submitted: Submitted, tmp_path: Path
) -> None:
    fake.accounting, [run] = False, submitted()
    fake.queue = [LiveJob("12_0", f"g.{TICKET}", "FAILED", "NonZeroExitCode", "n1")]
    assert "perhaps that node does not see the data directory" in told(fake, run).why
    (ticket_folder(tmp_path, TICKET) / "0.out").touch()
    assert told(fake, run).why == "Slurm job 12_0 on n1 failed"


def test_a_job_that_could_not_be_launched_is_no_hope(fake: FakeSlurm, submitted: Submitted) -> None:
    [run] = submitted()
    fake.queue = [LiveJob("12_0", f"g.{TICKET}", "PENDING", "launch failed requeued held")]
    assert told(fake, run).is_alive is False
    assert "could not be launched and is held" in told(fake, run).why
    assert fake.calls["sacct"] == 0


def test_where_slurm_does_not_answer_nobody_knows(fake: FakeSlurm, submitted: Submitted) -> None:
    fake.silent, [run] = True, submitted()
    found = told(fake, run)
    assert found.is_alive is None
    assert found.why.startswith("Slurm does not answer")
    waits = "was given to Slurm, and what became of it is not known: Slurm does not answer"
    assert Queue(fake.slurm()).waits(run).startswith(waits)


def test_a_slurm_that_hangs_is_not_asked_for_every_run(fake: FakeSlurm, submitted: Submitted) -> None:
    runs, clock = submitted(9), FakeClock()

    def slow(*words: object) -> object:
        clock.now += 60.0
        return fake(*words)  # type: ignore[arg-type]

    fake.silent = True
    slurm = fake.slurm()
    slurm._ask = slow  # type: ignore[assignment]
    queue = Queue(slurm, 5.0, clock)
    assert all(queue.waits(run) for run in runs)
    assert fake.calls["squeue"] == 1


def test_what_was_never_submitted_is_told_apart_from_what_was_lost(
    fake: FakeSlurm, submitted: Submitted, tmp_path: Path
) -> None:
    [run] = submitted(number="")
    assert told(fake, run).why == "it was not submitted: its launch ended before that"
    launch = take(tmp_path / ".sweep" / "g.lock")
    assert launch is not None
    assert told(fake, run) == Handed(True, state="being submitted")
    launch.release()


def test_a_job_whose_number_nobody_noted_is_found_by_its_ticket(fake: FakeSlurm, submitted: Submitted) -> None:
    [run] = submitted(number="")
    fake.past = [PastJob("99_0", f"g.{TICKET}", "OUT_OF_MEMORY", "0:125", "n1")]
    assert told(fake, run).why == "Slurm job 99_0 on n1 ran out of memory"


def test_what_somebody_has_stopped_is_told_as_that(fake: FakeSlurm, submitted: Submitted) -> None:
    [run] = submitted()
    run.stop.touch()
    assert told(fake, run).why == "stopped with `sweep stop`"
    assert fake.calls["sacct"] == 0


def test_a_run_that_ended_by_itself_is_open_no_more(submitted: Submitted) -> None:
    runs = submitted(3)
    write_status(runs[0], Status(State.DONE))
    write_status(runs[1], Status(State.FAILED))
    assert open_runs(runs) == [runs[2]]


def test_a_run_is_over_when_neither_its_lock_nor_a_job_is_left(fake: FakeSlurm, submitted: Submitted) -> None:
    [run] = submitted()
    lock = take(run.lock)
    assert lock is not None
    assert not Queue(fake.slurm()).is_over(run)
    lock.release()
    assert Queue(fake.slurm()).is_over(run)
    assert Queue(fake.slurm()).cause(run).kind is Kind.LOST


def with_cluster(run: RunDir, name: str) -> RunDir:
    write_submission(run, Submission(TICKET, 0, 100.0, cluster=name))
    return run


def test_of_a_job_of_another_cluster_nobody_here_says_that_it_is_gone(fake: FakeSlurm, submitted: Submitted) -> None:
    run, fake.cluster = with_cluster(submitted()[0], "abc"), "xyz"
    why = "it is with the cluster 'abc', and this is 'xyz'; ask there"
    assert told(fake, run) == Handed(None, why=why)
    assert Queue(fake.slurm()).waits(run).endswith(why)
    assert not Queue(fake.slurm()).is_over(run)
    run.stop.touch()
    assert told(fake, run).is_alive is None


def test_what_the_cluster_is_called_is_asked_once_and_only_where_a_job_is_not_found(
    fake: FakeSlurm, submitted: Submitted
) -> None:
    runs, queue = submitted(5), Queue(fake.slurm())
    for index, run in enumerate(runs):
        write_submission(run, Submission(TICKET, index, 100.0, cluster="abc"))
    fake.array(TICKET, 5)
    assert all(one.is_alive for one in queue.of(runs).values())
    assert fake.calls["scontrol"] == 0
    fake.queue.clear()
    assert all(one.is_alive is None for one in Queue(fake.slurm()).of(runs).values())
    assert fake.calls["scontrol"] == 1


def test_a_job_of_this_cluster_that_is_not_found_is_gone(fake: FakeSlurm, submitted: Submitted) -> None:
    run = with_cluster(submitted()[0], fake.cluster)
    assert told(fake, run).is_alive is False
    with_cluster(run, "abc")
    fake.queue = [LiveJob("12_0", f"g.{TICKET}", "TIMEOUT", nodes="n2")]
    assert told(fake, run).is_alive is False
    assert fake.calls["scontrol"] == 1


def test_a_cluster_that_does_not_say_its_name_is_not_taken_for_the_one_that_has_a_job(
    fake: FakeSlurm, submitted: Submitted
) -> None:
    run, fake.cluster = with_cluster(submitted()[0], "abc"), ""
    assert "what this one is called Slurm does not say" in told(fake, run).why
