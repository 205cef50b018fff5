import signal
from pathlib import Path

import pytest

from sweep.launch.engines.fake import FakeClock, FakeEngine
from sweep.launch.job import Machine
from sweep.launch.limits import Limits
from sweep.launch.slots import Demand
from sweep.launch.slurm.bundle import Bundle
from sweep.launch.slurm.script import UNSEEN
from sweep.launch.slurm.standing import Standing
from sweep.launch.slurm.talk.refusals import SlurmSilent
from sweep.launch.slurm.task import DONE, FAILED, STOPPED, Task, main
from sweep.launch.stops import Stopped
from sweep.rundir.lock import holder, take
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, read_status, write_status
from sweep.rundir.submission import Submission, write_submission

TICKET = "0123456789ab"


class FakeSlurm:
    """Requeues, after being silent a number of times."""

    def __init__(self, silent=0):
        self.silent, self.requeued = silent, []

    def requeue(self, job):
        if self.silent:
            self.silent -= 1
            raise SlurmSilent("Slurm does not answer.")
        self.requeued.append(job)
        return True


class Engine(FakeEngine):
    """Is interrupted by a signal at its second look, if it is told to be."""

    stop = None

    def poll(self, wait_s):
        if self.stop and self.clock.now > 0:
            stop, self.stop = self.stop, None
            raise stop
        return super().poll(wait_s)


class Bench:
    def __init__(self, home, state=State.PENDING):
        self.run = RunDir(home / "ppo" / "ppo_s0")
        self.run.own.mkdir(parents=True)
        write_status(self.run, Status(state, attempt=1))
        write_submission(self.run, Submission(TICKET, 0, 1.0))
        self.slurm, self.standing, self.slept = FakeSlurm(), Standing("RUNNING"), []
        self.engine = Engine(FakeClock(), on_end=self.end)
        machine = Machine(Path("/bin/python"))
        runs = (("ppo/ppo_s0", "ppo"),)
        self.bundle = Bundle(TICKET, home, home, machine, Demand(), Limits(), runs, {})
        self.seen, self.on_sleep, self.saves = [], lambda: None, False

    def end(self, job):
        status = read_status(job.run)
        self.seen.append(status.state)
        write_status(job.run, status.begun().ended_as(State.DONE))
        return 0

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.on_sleep()

    def carry_out(self):
        return Task(
            self.bundle,
            "12_0",
            self.slurm,
            {},
            self.sleep,
            standing=lambda job: self.standing,
            new_engine=lambda *words, **more: self.engine,
            clock=self.engine.clock,
        ).carry_out()

    def stopped_by(self, number):
        """Let it begin, save if it is to, and be stopped."""
        self.engine.stop = Stopped(number)
        self.engine.takes = lambda job: 5.0
        usual = self.engine.submit

        def submit(job, slot):
            usual(job, slot)
            write_status(job.run, read_status(job.run).begun())
            if self.saves:
                (job.run.snapshots / "step_000000003").mkdir(parents=True)

        self.engine.submit = submit
        return self.carry_out()


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def test_a_run_is_run_and_its_lock_is_free_then(bench):
    assert bench.carry_out() == DONE
    assert bench.seen == [State.PENDING]
    assert holder(bench.run.lock) is None


def test_a_run_whose_last_job_was_lost_begins_anew(tmp_path):
    bench = Bench(tmp_path, State.RUNNING)
    assert bench.carry_out() == DONE
    assert bench.seen == [State.PENDING]


@pytest.mark.parametrize("state", [State.DONE, State.FAILED])
def test_what_is_over_is_left_alone(tmp_path, state):
    bench = Bench(tmp_path, state)
    before = bench.run.status.read_bytes()
    assert bench.carry_out() == DONE
    assert bench.engine.history == []
    assert bench.run.status.read_bytes() == before


@pytest.mark.parametrize("record", [Submission("f" * 12, 0, 1.0), Submission(TICKET, 1, 1.0), None])
def test_a_run_that_was_submitted_anew_is_left_to_the_other_job(bench, record):
    bench.run.submission.unlink()
    if record is not None:
        write_submission(bench.run, record)
    assert bench.carry_out() == DONE
    assert bench.engine.history == []


def test_a_run_that_is_to_stop_is_not_begun(bench):
    bench.run.stop.touch()
    assert bench.carry_out() == DONE
    assert bench.engine.history == []


def test_a_job_waits_for_an_older_copy_of_itself(bench):
    older = take(bench.run.lock)
    bench.on_sleep = lambda: older.release() if len(bench.slept) == 3 else None
    assert bench.carry_out() == DONE
    assert len(bench.slept) == 3
    assert bench.seen == [State.PENDING]


def test_what_an_older_copy_has_finished_is_not_begun_again(bench):
    older = take(bench.run.lock)

    def finish():
        write_status(bench.run, Status(State.DONE, attempt=1))
        older.release()

    bench.on_sleep = finish
    assert bench.carry_out() == DONE
    assert bench.engine.history == []


def test_a_run_that_fails_says_so_by_the_exit_code(bench):
    bench.engine.on_end = lambda job: 1
    assert bench.carry_out() == FAILED
    assert read_status(bench.run).state is State.FAILED


@pytest.mark.parametrize(
    ("number", "saves", "preempted", "requeued"),
    [
        (signal.SIGUSR1, True, False, ["12_0"]),
        (signal.SIGUSR1, False, False, []),
        (signal.SIGUSR1, False, True, ["12_0"]),
        (signal.SIGTERM, True, False, []),
        (signal.SIGTERM, False, True, ["12_0"]),
    ],
)
def test_a_job_that_is_asked_to_leave_comes_again_where_that_helps(bench, number, saves, preempted, requeued):
    bench.saves, bench.standing = saves, Standing("RUNNING", preempted)
    assert bench.stopped_by(number) == STOPPED
    assert bench.slurm.requeued == requeued
    assert read_status(bench.run).state is State.INTERRUPTED
    assert holder(bench.run.lock) is None


def test_snapshots_of_earlier_attempts_do_not_count_as_saved(bench):
    (bench.run.snapshots / "step_000000007").mkdir(parents=True)
    bench.saves = True
    assert bench.stopped_by(signal.SIGUSR1) == STOPPED
    assert bench.slurm.requeued == []


def test_a_stop_file_wins_over_coming_again(bench):
    bench.saves, usual = True, bench.engine.cancel
    bench.engine.cancel = lambda jobs, now=False: (bench.run.stop.touch(), usual(jobs, now))
    assert bench.stopped_by(signal.SIGUSR1) == STOPPED
    assert bench.slurm.requeued == []


def test_a_controller_that_is_away_is_asked_again(bench):
    bench.saves, bench.slurm.silent = True, 3
    assert bench.stopped_by(signal.SIGUSR1) == STOPPED
    assert bench.slurm.requeued == ["12_0"]
    assert len(bench.slept) == 3


def test_a_controller_that_stays_away_is_given_up(bench, capsys):
    bench.saves, bench.slurm.silent = True, 99
    assert bench.stopped_by(signal.SIGUSR1) == STOPPED
    assert "Slurm does not start this job again" in capsys.readouterr().out


def test_a_folder_of_another_submission_is_no_place_to_be(bench, tmp_path, capsys):
    bench.bundle.write(tmp_path)
    assert main(["task", "f" * 12, str(tmp_path), "12_0"]) == UNSEEN
    assert "belongs to the submission" in capsys.readouterr().out


def test_a_folder_without_a_bundle_is_told_in_a_line(tmp_path, capsys):
    folder = tmp_path / "a\udcffb"
    folder.mkdir()
    assert main(["task", TICKET, str(folder), "12_0"]) == FAILED
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("this job cannot run its run: ")
    assert line.isprintable()
