"""The commands that look at runs which Slurm has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sweep.cli import main
from sweep.cli.asking import Asking
from sweep.launch.engines.fake import FakeClock
from sweep.launch.slurm.talk.fake import FakeSlurm
from sweep.launch.slurm.truth import Queue
from sweep.rundir.launch_file import write_launch
from sweep.rundir.naming import Place
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, write_status
from sweep.rundir.submission import Submission, ticket_folder, write_submission
from sweep.rundir.variant_file import write_variant

TICKET = "0123456789ab"


def make(seed: int, state: State = State.PENDING, is_submitted: bool = True) -> RunDir:
    run = Place(Path("data")).run_dir("a", seed)
    run.own.mkdir(parents=True)
    write_variant(run, f"a{seed}", "a", "m:train", {"seed": seed})
    write_status(run, Status(state))
    if is_submitted:
        write_submission(run, Submission(TICKET, seed, 1.0))
    return run


@pytest.fixture
def fake(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSlurm:
    fake = FakeSlurm()
    for place in ("launch.slurm.talk.client", "front.stop", "front.wait", "front.retry"):
        monkeypatch.setattr(f"sweep.{place}.Slurm", lambda: fake.slurm())
    folder = ticket_folder(Path("data"), TICKET)
    folder.mkdir(parents=True)
    (folder / "job").write_text("12\n")
    return fake


def test_status_asks_once_and_only_about_what_was_submitted(
    fake: FakeSlurm, capsys: pytest.CaptureFixture[str]
) -> None:
    make(0, State.PENDING, is_submitted=False)
    assert main(["status", "data"]) == 75
    assert not fake.calls
    for seed in (1, 2):
        make(seed)
    fake.array(TICKET, 2)
    assert main(["status", "--json", "data"]) == 75
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["pending"], told["queued"], dict(fake.calls)) == (2, 1, {"squeue": 1, "sacct": 1})
    assert told["queued_runs"][0]["job"] == "12_1"


def test_looking_again_and_again_does_not_ask_at_every_look(fake: FakeSlurm) -> None:
    make(0)
    fake.array(TICKET, 1)
    clock = FakeClock()
    asking = Asking(queue=Queue(fake.slurm(), 10.0, clock))
    for _ in range(100):
        clock.now += 0.5
        assert asking.find(["data"])[0].state == "queued"
    assert fake.calls["squeue"] == 5


def test_watch_ends_when_no_job_is_left(fake: FakeSlurm, capsys: pytest.CaptureFixture[str]) -> None:
    make(0)
    assert main(["watch", "data"]) == 75
    assert "cut off: a s0: its Slurm job is gone" in capsys.readouterr().out


def test_logs_tells_what_the_job_printed_where_the_run_has_printed_nothing(
    fake: FakeSlurm, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make(0)
    (ticket_folder(Path("data"), TICKET) / "0.out").write_text("bash: module: command not found\n")
    assert main(["logs", str(run.path)]) == 0
    said = capsys.readouterr()
    assert said.out == "bash: module: command not found\n"
    assert "pending: its Slurm job is gone" in said.err
    assert "its Slurm job, in " in said.err
    assert main(["logs", "--json", str(run.path)]) == 0
    assert json.loads(capsys.readouterr().out)["job_lines"] == ["bash: module: command not found"]
    assert main(["logs", "-f", str(run.path)]) == 0
    assert capsys.readouterr().out == "bash: module: command not found\n"


def test_logs_of_a_run_that_waits_says_why(fake: FakeSlurm, capsys: pytest.CaptureFixture[str]) -> None:
    run = make(0)
    fake.array(TICKET, 1)
    assert main(["logs", str(run.path)]) == 0
    assert capsys.readouterr().err == "queued: job 12_0, pending (Priority)\n"


def test_logs_of_a_run_that_has_printed_something_is_that_alone(
    fake: FakeSlurm, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make(0, State.DONE)
    run.output.write_text("hello\n")
    (ticket_folder(Path("data"), TICKET) / "0.out").write_text("noise\n")
    assert main(["logs", str(run.path)]) == 0
    assert capsys.readouterr() == ("hello\n", "")


def test_waiting_and_stopping_are_about_slurm_too(fake: FakeSlurm, capsys: pytest.CaptureFixture[str]) -> None:
    make(0)
    fake.array(TICKET, 1)
    assert main(["wait", "--timeout", "0.1s", "data"]) == 2
    assert capsys.readouterr().out == "still with Slurm: 1 run\n1 run under data: 1 queued\n"
    assert main(["stop", "--timeout", "0.1s", "data"]) == 2
    assert fake.cancelled == ["12_[0]"]
    assert capsys.readouterr().out.startswith("not stopped: Slurm job 12_0 (pending): it has not ended after")


def test_a_retry_s_one_object_stands_alone(fake: FakeSlurm, capsys: pytest.CaptureFixture[str]) -> None:
    run = make(0, State.FAILED)
    write_launch(run, 1)
    run.payload.touch(0o600)
    assert main(["retry", "--json", "data"]) == 1
    said = capsys.readouterr()
    assert json.loads(said.out)["failed"] == 1
    assert "this ran with Slurm and is now run here; --engine slurm submits it" in said.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--engine", "slrum"], "'slrum'"),
        (["--engine", "slurm", "--slurm", "time"], "--slurm 'time' is not KEY=VALUE"),
        (["--engine", "slurm", "--halt", "now"], "halt is 'now', and with engine='slurm' nobody is there"),
    ],
)
def test_a_wrong_retry_is_one_line(
    fake: FakeSlurm, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make(0, State.FAILED)
    write_launch(run, 1)
    run.payload.touch(0o600)
    assert main(["retry", *words, "data"]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert said.count("\n") == 1


def test_logs_of_a_run_whose_job_still_sets_things_up_says_that_it_is_starting(
    fake: FakeSlurm, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make(0)
    fake.array(TICKET, 1, "RUNNING", "None", "n1")
    assert main(["logs", str(run.path)]) == 0
    assert capsys.readouterr().err == "starting: job 12_0, running; the run is not under way yet\n"


@pytest.mark.parametrize("is_submitted", [False, True])
def test_status_and_wait_count_a_run_without_a_status_alike(
    fake: FakeSlurm, is_submitted: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    make(0, is_submitted=is_submitted).status.unlink()
    told = list[tuple[int, int, int]]()
    for command in ("status", "wait"):
        code = main([command, "--json", "data"])
        counts = json.loads(capsys.readouterr().out)
        told.append((code, counts["pending"], counts["runs"]))
    assert told == [(75, 1, 1), (75, 1, 1)]
    if is_submitted:
        fake.array(TICKET, 1)
        for words in (["status"], ["wait", "--timeout", "0.1s"]):
            main([*words, "--json", "data"])
            assert json.loads(capsys.readouterr().out)["queued"] == 1


def test_status_and_wait_count_what_is_with_another_cluster_alike(
    fake: FakeSlurm, capsys: pytest.CaptureFixture[str]
) -> None:
    write_submission(make(0), Submission(TICKET, 0, 1.0, cluster="abc"))
    assert main(["status", "--json", "data"]) == 75
    assert json.loads(capsys.readouterr().out)["not known"] == 1
    assert main(["status", "data"]) == 75
    assert "it is with the cluster 'abc', and this is 'throwaway'; ask there" in capsys.readouterr().out
    assert main(["wait", "--json", "--timeout", "0.1s", "data"]) == 2
    assert json.loads(capsys.readouterr().out)["not known"] == 1
    assert main(["stop", "data"]) == 2
    assert "not reached from here, as it is with the cluster 'abc'" in capsys.readouterr().out
