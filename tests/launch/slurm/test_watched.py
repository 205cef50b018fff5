import pytest

from sweep.launch.causes import Cause
from sweep.launch.engines.fake import FakeClock, FakeEngine
from sweep.launch.job import Job
from sweep.launch.slots import Slot
from sweep.launch.slurm.watched import WatchedEngine
from sweep.launch.stops import Stopped
from sweep.rundir.asked import note_asked
from sweep.rundir.paths import RunDir
from sweep.rundir.status import Kind


class Left(Exception):
    pass


class Bench:
    def __init__(self, path, takes=100.0):
        self.clock, self.run = FakeClock(), RunDir(path)
        self.run.own.mkdir(parents=True)
        self.engine = FakeEngine(self.clock, takes=lambda job: takes, grace_s=1.0)
        self.ours, self.stopped, self.slept = True, False, []
        self.watched = WatchedEngine(
            self.engine, self.run, self.is_ours, self.leave, self.check, 30.0, self.clock, self.slept.append
        )
        self.job = Job(self.run, "ppo")
        self.watched.submit(self.job, Slot(()))

    def is_ours(self):
        if isinstance(self.ours, Exception):
            raise self.ours
        return self.ours

    def leave(self):
        raise Left

    def check(self):
        if self.stopped:
            raise Stopped(15)

    def go(self, seconds):
        ends, until = [], self.clock.now + seconds
        while not ends and self.clock.now < until:
            ends = self.watched.poll(0.2)
        return ends

    def said(self, word):
        return [what for what, _ in self.engine.history].count(word)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path / "run")


def test_a_run_that_is_left_alone_ends_as_it_would(tmp_path):
    bench = Bench(tmp_path / "run", takes=3.0)
    assert [ended.job for ended in bench.go(10)] == [bench.job]
    assert bench.slept == []


def test_a_run_that_another_job_has_is_ended_in_silence(bench):
    bench.ours = False
    with pytest.raises(Left):
        bench.go(10)
    assert bench.engine.running == {}
    assert bench.said("kill") == 1


def test_a_directory_that_cannot_be_read_for_a_while_says_nothing(bench):
    bench.ours = OSError("stale")
    assert bench.go(10) == []
    assert bench.said("kill") == 0


def test_a_stop_file_is_told_once(bench):
    bench.run.stop.touch()
    with pytest.raises(Stopped, match="SIGTERM"):
        bench.go(10)
    assert bench.go(10) == []


def test_ranks_are_asked_once_it_is_seen_that_they_have_not_heard_it(bench):
    bench.watched.cancel([bench.job])
    assert bench.said("cancel") == 0
    assert bench.go(5) != []
    assert bench.said("cancel") == 1


def test_ranks_that_have_heard_it_already_are_asked_again_only_after_their_grace(bench):
    bench.watched.cancel([bench.job])
    note_asked(bench.run)
    assert bench.go(29) == []
    assert bench.said("cancel") == 0
    assert bench.go(5) != []
    assert bench.said("cancel") == 1


def test_a_second_wish_is_carried_out_at_once(bench):
    bench.watched.cancel([bench.job])
    bench.watched.cancel([bench.job], now=True)
    assert bench.said("kill") == 1
    assert bench.go(1) != []


@pytest.mark.parametrize("kind", [Kind.KILLED, Kind.LOST])
def test_what_a_signal_to_the_whole_job_has_killed_is_told_after_the_signal(tmp_path, kind):
    bench = Bench(tmp_path / "run")
    bench.engine.seen = Cause(kind, "rank 0 was killed by SIGTERM")
    bench.engine.cancel([bench.job], now=True)  # as Slurm would, from outside
    bench.stopped = True
    with pytest.raises(Stopped):
        bench.go(5)
    bench.watched.cancel([bench.job])
    assert [ended.job for ended in bench.watched.poll(0.2)] == [bench.job]


def test_a_rank_that_is_killed_alone_is_told_a_little_later(tmp_path):
    bench = Bench(tmp_path / "run")
    bench.engine.seen = Cause(Kind.KILLED, "rank 0 was killed by SIGKILL")
    bench.engine.cancel([bench.job], now=True)
    assert [ended.cause.text for ended in bench.go(5)] == ["rank 0 was killed by SIGKILL"]
    assert len(bench.slept) == 1
