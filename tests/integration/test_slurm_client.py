"""The client of Slurm against a real cluster."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from slurm_cluster import Cluster

from sweep.base.errors import LaunchError
from sweep.launch.slurm.talk.client import Slurm, SlurmSilent
from sweep.launch.slurm.talk.jobs import LiveJob

# A job that says when it hears something, and goes on.
LISTENS = "trap 'touch heard' USR1; touch ready; while :; do sleep 0.1; done"
HOSTILE = "é\n99_0<0>CANCELLED<0>None<0>n1<0>g.{ticket}<0>\n99_0|RUNNING|None|n1|g.{ticket}\n\x1f'$(touch bad) %i"


@pytest.fixture
def ticket() -> str:
    return secrets.token_hex(6)


@pytest.fixture
def slurm() -> Slurm:
    return Slurm()


def script(ticket: str, body: str, *directives: str) -> str:
    lines = [f"#SBATCH {one}" for one in (f"--job-name=grid.{ticket}", "--output=/dev/null", *directives)]
    return "\n".join(["#!/bin/bash", *lines, body, ""])


def jobs_of(slurm: Slurm, ticket: str) -> dict[int | None, LiveJob]:
    return {job.index: job for job in slurm.queue() if job.ticket == ticket}


def test_an_array_is_followed_from_its_submission_to_its_end_beside_a_name_made_to_mislead(
    cluster: Cluster, slurm: Slurm, ticket: str, tmp_path: Path
) -> None:
    name = HOSTILE.format(ticket=ticket)
    cluster.run("sbatch", "-J", name, "-o", "/dev/null", "-D", str(tmp_path), "--wrap", "true")
    body = "case $SLURM_ARRAY_TASK_ID in 1) exit 3;; 2) kill -9 $$;; 3) sleep 300;; esac"
    job = slurm.submit(script(ticket, body, "--array=0-3%3"), tmp_path)
    assert set(jobs_of(slurm, ticket)) == {0, 1, 2, 3}
    assert [one.ticket for one in slurm.queue() if one.name == name] == [""]
    cluster.until(lambda: [one.state for one in jobs_of(slurm, ticket).values() if one.is_alive] == ["RUNNING"])
    states = {index: one.state for index, one in jobs_of(slurm, ticket).items()}
    assert states == {0: "COMPLETED", 1: "FAILED", 2: "FAILED", 3: "RUNNING"}
    slurm.cancel([f"{job}_3", f"{job}_0", f"{job}_99", "99999999", "99999999_0"])
    cluster.until(lambda: not any(one.is_alive for one in jobs_of(slurm, ticket).values()))
    cluster.until(lambda: {one.index for one in slurm.history([ticket]) if one.state != "RUNNING"} == {0, 1, 2, 3})
    causes = {one.index: one.cause.partition(" on ")[2].partition(" ")[2] for one in slurm.history([ticket])}
    assert causes.pop(3).startswith("was cancelled by uid ")
    assert causes == {0: "ended with exit code 0", 1: "ended with exit code 3", 2: "was killed by SIGKILL"}
    assert {one.index for one in slurm.history([job])} == {0, 1, 2, 3}
    assert {one.index for one in slurm.history([f"{job}_1"])} == {1}
    assert list(tmp_path.iterdir()) == []


def test_a_signal_reaches_the_script_and_a_requeued_job_waits_under_its_id(
    cluster: Cluster, slurm: Slurm, ticket: str, tmp_path: Path
) -> None:
    job = slurm.submit(script(ticket, LISTENS, "--array=4-4", "--requeue"), tmp_path)
    cluster.until((tmp_path / "ready").exists)
    slurm.cancel([f"{job}_4"], signal="USR1")
    cluster.until((tmp_path / "heard").exists)
    slurm.cancel([f"{job}_4"], pending_only=True)
    assert jobs_of(slurm, ticket)[4].state == "RUNNING"
    assert slurm.requeue(f"{job}_4")
    assert jobs_of(slurm, ticket)[4].is_alive
    cluster.until(lambda: jobs_of(slurm, ticket)[4].is_pending)
    slurm.cancel([f"{job}_4"], pending_only=True)
    cluster.until(lambda: jobs_of(slurm, ticket)[4].state == "CANCELLED")


def test_what_slurm_refuses_is_told_with_what_there_is(cluster: Cluster, slurm: Slurm, ticket: str) -> None:
    for directive, words in {
        "--partition=nope": r"invalid partition .* nope; .*there are main \(the default\), urgent\.",
        "--array=0-1001": r"Invalid job array specification; an array may have 1001 jobs at most",
        "--mem=900G": r"Memory specification can not be satisfied; .*`sinfo",
        "--tim3=1": r"unrecognized option '--tim3=1'; look at the further directives",
    }.items():
        with pytest.raises(LaunchError, match=f"^Slurm does not take these jobs: {words}"):
            slurm.submit(script(ticket, "true", directive), Path("/"))
    assert not any(one.is_alive for one in jobs_of(slurm, ticket).values())


def test_a_cluster_tells_what_it_has(cluster: Cluster, slurm: Slurm) -> None:
    slurm.check()
    partitions = slurm.partitions()
    assert set(partitions) == {"main", "urgent"}
    assert (partitions["main"].nodes, partitions["main"].cpus, partitions["main"].memory_mb) == (2, 4, 4000)
    assert slurm.most_in_array() == 1001
    assert {"none", "pmi2"} <= set(slurm.mpi_types())


def test_without_accounting_the_queue_is_enough(
    cluster_without_accounting: Cluster, slurm: Slurm, ticket: str, tmp_path: Path
) -> None:
    slurm.check()
    job = slurm.submit(script(ticket, "exit 3"), tmp_path)
    cluster_without_accounting.until(lambda: jobs_of(slurm, ticket)[None].state == "FAILED")
    assert jobs_of(slurm, ticket)[None].cause.endswith(" failed")
    assert slurm.history([job]) == []
    assert "disabled" in slurm.no_history


def test_a_job_that_could_not_be_launched_is_held_until_it_is_released(
    cluster_without_accounting: Cluster, slurm: Slurm, ticket: str, tmp_path: Path
) -> None:
    cluster = cluster_without_accounting
    with prolog_that_fails(cluster):
        slurm.submit(script(ticket, "true", "--array=3-3"), tmp_path)
        cluster.until(lambda: jobs_of(slurm, ticket)[3].is_held)
        held = jobs_of(slurm, ticket)[3]
        assert (held.state, held.reason, held.is_alive) == ("PENDING", "launch failed requeued held", False)
    slurm.release(held.id)
    assert jobs_of(slurm, ticket)[3].is_alive
    slurm.cancel([held.id], pending_only=True)
    assert not jobs_of(slurm, ticket)[3].is_alive


@contextlib.contextmanager
def prolog_that_fails(cluster: Cluster) -> Iterator[None]:
    """Let no job begin."""
    conf = cluster.dir / "etc" / "slurm.conf"
    before = conf.read_text()
    conf.write_text(f"{before}Prolog=/bin/false\n")
    cluster.run("scontrol", "reconfigure")
    try:
        yield
    finally:
        conf.write_text(before)
        cluster.run("scontrol", "reconfigure")


def test_accounting_that_is_down_is_no_error(cluster: Cluster, slurm: Slurm, ticket: str, tmp_path: Path) -> None:
    cluster.dbd("stop")
    job = slurm.submit(script(ticket, "true"), tmp_path)
    cluster.until(lambda: jobs_of(slurm, ticket)[None].state == "COMPLETED")
    assert slurm.history([job]) == []
    assert slurm.no_history


@pytest.fixture
def revive(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let clients wait 2 s for an answer instead of 10, until this brings the controller back."""
    conf = tmp_path / "slurm.conf"
    conf.write_text(Path(cluster.environ["SLURM_CONF"]).read_text() + "MessageTimeout=2\n")
    monkeypatch.setenv("SLURM_CONF", str(conf))

    def bring_back(verb: str) -> None:
        cluster.ctld(verb)
        monkeypatch.setenv("SLURM_CONF", cluster.environ["SLURM_CONF"])

    return bring_back


def test_a_submission_that_a_hanging_controller_has_heard_is_made_once(
    cluster: Cluster, revive: Callable[[str], None], ticket: str, tmp_path: Path
) -> None:
    def thaw_and_wait(seconds: float) -> None:
        revive("thaw")
        time.sleep(seconds)  # as it does: the controller works off what it has heard, in no order

    slurm = Slurm(sleep=thaw_and_wait)
    cluster.ctld("freeze")
    job = slurm.submit(script(ticket, "sleep 300"), tmp_path)
    assert [one.id for one in slurm.queue() if one.ticket == ticket] == [job]


def test_a_controller_that_is_gone_is_silent_and_a_submission_waits_for_it(
    cluster: Cluster, revive: Callable[[str], None], ticket: str, tmp_path: Path
) -> None:
    pauses: list[float] = []
    slurm = Slurm(sleep=lambda seconds: (pauses.append(seconds), revive("start"))[0])
    cluster.ctld("kill")
    with pytest.raises(SlurmSilent, match="Unable to contact slurm controller"):
        slurm.queue()
    job = slurm.submit(script(ticket, "true"), tmp_path)
    assert pauses == [1.0]
    assert [one.id for one in slurm.queue() if one.ticket == ticket] == [job]
