import json
from pathlib import Path

import pytest

from sweep.base.errors import LaunchError
from sweep.launch.job import Job, Machine
from sweep.launch.limits import Limits
from sweep.launch.slots import Demand, Slot
from sweep.launch.slurm.bundle import Bundle
from sweep.launch.slurm.engine import SlurmEngine
from sweep.launch.slurm.options import Options
from sweep.launch.slurm.talk.refusals import SlurmSilent
from sweep.rundir.lock import holder, take
from sweep.rundir.paths import RunDir
from sweep.rundir.submission import read_submission, ticket_folder

SLOT = Slot(())


class FakeSlurm:
    """Takes jobs, or raises; looks whether the runs know of it by then."""

    def __init__(self, most=1000, error=None):
        self.most, self.error, self.scripts, self.known = most, error, [], []

    def cluster_name(self):
        return "abc"

    def most_in_array(self):
        return self.most

    def submit(self, script, folder):
        self.scripts.append(script)
        bundle = Bundle.read(folder)
        self.known.append([read_submission(RunDir(bundle.home / run)) for run, _ in bundle.runs])
        if self.error:
            raise self.error
        return str(40 + len(self.scripts))


@pytest.fixture
def make(tmp_path):
    def made(slurm, home=tmp_path, **options):
        machine = Machine(Path("/bin/python"))
        return SlurmEngine("ppo", slurm, Options(**options), machine, home, {"SWEEP_A": "1", "B": "2"}, Limits())

    return made


def job(home, name, **demand):
    run = RunDir(home / name)
    run.own.mkdir(parents=True)
    return Job(run, name, Demand(**demand), take(run.lock))


def records(*jobs):
    return [read_submission(one.run) for one in jobs]


def test_runs_of_one_shape_become_one_array_that_they_know_of_before_slurm_does(make, tmp_path):
    slurm = FakeSlurm()
    engine, jobs = make(slurm), [job(tmp_path, name) for name in "abc"]
    for one in jobs:
        engine.submit(one, SLOT)
        assert holder(one.run.lock) is None, "others may see that it is submitted"
    engine.finish()
    assert engine.submitted == [("41", 3)]
    assert [record.index for record in slurm.known[0]] == [0, 1, 2]
    assert len({record.ticket for record in slurm.known[0]}) == 1
    assert "--array=0-2\n" in slurm.scripts[0]


def test_each_shape_and_each_full_array_is_submitted_alone(make, tmp_path):
    engine = make(FakeSlurm(most=2))
    for name, ranks in (("a", 1), ("b", 2), ("c", 1), ("d", 1)):
        engine.submit(job(tmp_path, name, ranks=ranks), SLOT)
    assert engine.submitted == [("41", 2)], "an array that is full goes at once"
    engine.finish()
    assert [count for _, count in engine.submitted] == [2, 1, 1]


def test_what_slurm_refuses_is_as_if_it_had_never_been_begun(make, tmp_path):
    engine, one = make(FakeSlurm(error=LaunchError("no such account"))), job(tmp_path, "a")
    engine.submit(one, SLOT)
    with pytest.raises(LaunchError, match="no such account"):
        engine.finish()
    assert records(one) == [None]


def test_where_slurm_is_silent_the_runs_keep_their_record_as_the_jobs_may_be_there(make, tmp_path):
    engine, one, other = make(FakeSlurm(error=SlurmSilent("?"))), job(tmp_path, "a"), job(tmp_path, "b", ranks=2)
    engine.submit(one, SLOT)
    engine.submit(other, SLOT)
    with pytest.raises(SlurmSilent):
        engine.finish()
    engine.close()
    assert records(one)[0] is not None
    assert records(other) == [None], "of which Slurm has not heard"


def test_what_was_not_submitted_when_a_launch_ends_is_free(make, tmp_path):
    engine, one = make(FakeSlurm()), job(tmp_path, "a")
    engine.submit(one, SLOT)
    engine.close()
    assert records(one) == [None]
    assert engine.submitted == []


def test_a_run_that_was_told_to_stop_once_is_not_when_it_is_submitted_again(make, tmp_path):
    engine, one = make(FakeSlurm()), job(tmp_path, "a")
    one.run.stop.touch()
    engine.submit(one, SLOT)
    assert not one.run.stop.exists()


def test_the_folder_says_what_was_submitted_and_under_which_number(make, tmp_path):
    engine, one = make(FakeSlurm()), job(tmp_path, "a")
    engine.submit(one, SLOT)
    engine.finish()
    folder = ticket_folder(tmp_path, records(one)[0].ticket)
    assert (folder / "job").read_text() == "41\n"
    assert (folder / "job.sh").read_text().startswith("#!/bin/bash\n")
    assert json.loads((folder / "tasks.json").read_text())["environ"] == {"SWEEP_A": "1"}


def test_words_that_are_no_text_reach_the_script_as_they_are(make, tmp_path):
    home = tmp_path / "a\udcffb"
    engine, one = make(FakeSlurm(), home, setup=("cd 'x\udcff'",)), job(home, "a")
    engine.submit(one, SLOT)
    engine.finish()
    assert b"cd 'x\xff'\n" in (ticket_folder(home, records(one)[0].ticket) / "job.sh").read_bytes()


def test_a_data_directory_that_cannot_be_written_is_told_in_a_line(make, tmp_path):
    engine, one = make(FakeSlurm()), job(tmp_path, "a")
    engine.submit(one, SLOT)
    (tmp_path / ".sweep").write_text("a file")
    with pytest.raises(LaunchError, match="cannot be written"):
        engine.finish()
    assert records(one) == [None]


def test_where_only_so_many_may_run_at_once_each_array_waits_for_the_one_before(make, tmp_path):
    slurm = FakeSlurm(most=1)
    engine = make(slurm)
    engine.at_once = 1
    for name in "abc":
        engine.submit(job(tmp_path, name), SLOT)
    waits = [[line for line in script.splitlines() if "--dependency" in line] for script in slurm.scripts]
    assert waits == [[], ["#SBATCH --dependency=afterany:41"], ["#SBATCH --dependency=afterany:42"]]


def test_without_such_a_limit_arrays_wait_for_nothing(make, tmp_path):
    slurm = FakeSlurm(most=1)
    engine = make(slurm)
    for name in "ab":
        engine.submit(job(tmp_path, name), SLOT)
    assert not any("--dependency" in script for script in slurm.scripts)
