"""Talking to Slurm through its own programs: submit, list, cancel. Knows jobs and nothing of runs.

Seen with Slurm 22.05, and the reason for what is below:

- `sbatch` that gets no answer in time ("Socket timed out") may have been heard, and then the job is in the queue all
  the same. So the queue is searched for the job's ticket before a submission is tried again.
- A controller that is gone is noticed after 9 s, one that hangs after MessageTimeout (10 s).
- `squeue` lists running and pending jobs only, unless it is asked for all states; with them, ended ones until MinJobAge
  (300 s by default) is over. A controller that is stopped and started remembers them; one that is killed goes back
  some seconds.
- `sacct -j` goes back to the beginning of time; without `-j` it begins at midnight, so a start is given. `sacct -j 12`
  tells of all elements of the array 12. Of a job that was requeued it tells the last life, unless with `-D`. It is one
  or two seconds behind, and until then an array may be a lone job '12' in it.
- `sbatch` that refuses for want of cores or memory leaves a job in the queue all the same: FAILED, BadConstraints.
- `scancel` passes over ids of jobs that are over or that never were; only a word that is no id is an error.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sweep.base.errors import LaunchError
from sweep.launch.slurm.talk.cluster import (
    SINFO_FIELDS,
    PartitionInfo,
    read_most_in_array,
    read_mpi_types,
    read_partitions,
)
from sweep.launch.slurm.talk.ids import batched, checked, compressed, jobs_of
from sweep.launch.slurm.talk.jobs import LiveJob, PastJob, ticket_of
from sweep.launch.slurm.talk.listings import SACCT_FIELDS, SQUEUE_FIELDS, new_mark, read_history, read_queue
from sweep.launch.slurm.talk.program import NOT_FOUND, Answer, Ask, run_program
from sweep.launch.slurm.talk.refusals import SlurmSilent, is_full, is_silent, next_step, reason, silence

__all__ = ["LiveJob", "PartitionInfo", "PastJob", "Slurm", "SlurmSilent"]

# Before each further try of a submission: a controller that is being restarted is back within a minute or so.
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
# What Slurm has unless a site has said otherwise.
USUAL_MOST_IN_ARRAY = 1001
# How far back accounting is asked for tickets, whose jobs' ids nobody knows.
WINDOW_S = 90 * 86400.0
_IDS_A_CALL = 100
_ID = re.compile(r"(\d+)(?:;[^\s;]*)?")
_NAME = re.compile(r"^#SBATCH\s+--job-name[= ](\S+)", re.MULTILINE)
# `scontrol requeue` of a job that is in the queue again already.
_PUT_BACK = "pending execution"
# In what `scontrol show config` says.
_CLUSTER = re.compile(r"^ClusterName\s*=[ \t]*(\S+)", re.MULTILINE)
# `scancel` and jobs that are over by now.
_GONE = ("invalid job id", "already completing or completed")


class Slurm:
    """The cluster that `SLURM_CONF`, or the machine's own configuration, names.

    Args:
        ask: runs a program and returns what it said.
        sleep: waits between two tries of a submission.
        clock: seconds since the epoch.
        look: returns where a program is on the PATH, None if nowhere.
    """

    def __init__(
        self,
        ask: Ask = run_program,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.time,
        look: Callable[[str], str | None] = shutil.which,
    ) -> None:
        self._ask, self._sleep, self._clock, self._find = ask, sleep, clock, look
        self._user = str(os.getuid())
        self._cluster: str | None = None
        self.no_history = ""
        """Why the last `history` had no answer; empty if it had one."""

    def check(self) -> None:
        """See whether jobs can be submitted from here.

        Raises:
            LaunchError: there is no `sbatch` or `squeue`.
            SlurmSilent: no controller answers.
        """
        for program in ("sbatch", "squeue"):
            if self._find(program) is None:
                raise LaunchError(
                    f"There is no {program} on the PATH; launch from a machine of the cluster, such as its login node."
                )
        self.queue()

    def submit(self, script: str, folder: Path) -> str:
        """Give a script to Slurm, to be run in a folder, and return the job's id.

        While no controller answers it is tried again for a minute or two.

        Raises:
            LaunchError: Slurm does not take it; the message has Slurm's own reason.
            SlurmSilent: Slurm does not answer; the job may be in the queue.
        """
        answer = self._sbatch(script, folder)
        for pause in PAUSES_S:
            if not is_silent(answer) and not is_full(answer):
                break
            self._sleep(pause)
            try:
                job = self._submitted(script)
            except SlurmSilent:
                continue  # a second submission beside a first that was heard would be two of every job
            if job:
                return job
            answer = self._sbatch(script, folder)
        return self._taken(answer)

    def _sbatch(self, script: str, folder: Path) -> Answer:
        return self._ask(["sbatch", "--parsable"], script, folder)

    def _taken(self, answer: Answer) -> str:
        found = _ID.fullmatch(answer.out.strip().rpartition("\n")[2])
        if answer.code == 0 and found:
            return found[1]
        if answer.code == NOT_FOUND or is_silent(answer):
            raise silence("sbatch", answer)
        said = reason(answer)
        raise LaunchError(f"Slurm does not take these jobs: {said}{self._advice(said)}.")

    def _advice(self, said: str) -> str:
        """Return what there is instead of what was asked for, or where to look."""
        lower = said.lower()
        if "partition" in lower and "account" not in lower:
            names = [one.name + " (the default)" * one.is_default for one in self._partitions_if_told().values()]
            return f"; there are {', '.join(names)}" if names else "; `sinfo` lists them"
        if "array specification" in lower:
            return f"; an array may have {self.most_in_array()} jobs at most here (MaxArraySize)"
        step = next_step(said)
        return f"; {step}" if step else ""

    def _partitions_if_told(self) -> dict[str, PartitionInfo]:
        try:
            return self.partitions()
        except LaunchError:
            return {}

    def _submitted(self, script: str) -> str:
        """Return the id of the job with this script's ticket if the queue has one, else ''."""
        name = _NAME.search(script)
        ticket = ticket_of(name[1]) if name else ""
        found = [job.id for job in self.queue() if ticket and job.ticket == ticket]
        return found[0].partition("_")[0] if found else ""

    def queue(self) -> list[LiveJob]:
        """Return all jobs of this user that are queued, running, or over and still remembered; arrays by element.

        Those that are over come first, so that of two with one ticket and index the later is the one to go by.

        Raises:
            SlurmSilent: Slurm does not answer.
        """
        mark = new_mark()
        fields = "".join(f"{field}{mark}" for field in SQUEUE_FIELDS)
        words = [
            "squeue",
            "--noheader",
            "--array",
            "--all",
            "--states=all",
            f"--user={self._user}",
            f"--format={fields}",
        ]
        return sorted(read_queue(self._told(words).out, mark), key=lambda job: job.is_alive)

    def history(self, tickets_or_ids: Iterable[str], since: float | None = None) -> list[PastJob]:
        """Return what accounting knows of jobs: the last life of each, if it was requeued.

        An id stands for all elements of its array. [] where there is no accounting or it does not answer;
        `no_history` then says why.

        Args:
            since: seconds since the epoch when the first of the tickets was submitted; 90 days ago when None.
        """
        self.no_history = ""
        wanted = set(tickets_or_ids)
        tickets = {one for one in wanted if ticket_of(f".{one}")}
        past = []
        for some in batched(jobs_of(wanted - tickets), _IDS_A_CALL):
            past += [
                job for job in self._sacct([f"--jobs={','.join(some)}"]) if wanted & {job.id, job.id.partition("_")[0]}
            ]
        if tickets:
            start = self._clock() - WINDOW_S if since is None else since - 60
            past += [job for job in self._sacct([_start(start)]) if job.ticket in tickets]
        return list(dict.fromkeys(past))

    def _sacct(self, words: Sequence[str]) -> list[PastJob]:
        mark = new_mark()
        usual = ["sacct", "--noheader", "--allocations", "--parsable", f"--delimiter={mark}", f"--user={self._user}"]
        answer = self._ask([*usual, f"--format={','.join(SACCT_FIELDS)}", *words], "", None)
        if answer.code != 0:
            self.no_history = reason(answer)
            return []
        return read_history(answer.out, mark)

    def cancel(self, ids: Iterable[str], pending_only: bool = False, signal: str | None = None) -> None:
        """End jobs, or with `signal` ('USR1') tell the script of those that run; what is over is passed over.

        Raises:
            SlurmSilent: Slurm does not answer.
            LaunchError: it refuses, or an id is none.
        """
        flags = ["--state=PENDING"] if pending_only else []
        # Without --batch a signal reaches what `srun` has started in a job, and not the job's script.
        flags += [f"--signal={signal}", "--batch", "--state=RUNNING"] if signal else []
        for words in batched(compressed(ids), _IDS_A_CALL):
            answer = self._ask(["scancel", *flags, *words], "", None)
            if answer.code != 0 and not any(part in answer.err.lower() for part in _GONE):
                self._refused("scancel", answer)

    def requeue(self, job: str) -> bool:
        """Put a job that runs, or is remembered, back into the queue under its id; return whether Slurm does it.

        Raises:
            SlurmSilent: Slurm does not answer.
        """
        checked(job)
        answer = self._ask(["scontrol", "requeue", job], "", None)
        if is_silent(answer) or answer.code == NOT_FOUND:
            raise silence("scontrol", answer)
        return answer.code == 0 or _PUT_BACK in answer.err.lower()

    def release(self, job: str) -> None:
        """Let a held job start.

        Raises:
            SlurmSilent: Slurm does not answer.
            LaunchError: it refuses, or an id is none.
        """
        checked(job)
        self._told(["scontrol", "release", job])

    def most_in_array(self) -> int:
        """Return how many jobs an array may have; Slurm's usual 1001 if it does not say."""
        said = self._ask(["scontrol", "show", "config"], "", None).out
        return max(1, read_most_in_array(said) or USUAL_MOST_IN_ARRAY)

    def cluster_name(self) -> str:
        """Return what the cluster is called, '' if it does not say; it is asked once, or again if it was silent."""
        if self._cluster is None:
            answer = self._ask(["scontrol", "show", "config"], "", None)
            if answer.code != 0:
                return ""
            found = _CLUSTER.search(answer.out)
            self._cluster = found[1] if found else ""
        return self._cluster

    def partitions(self) -> dict[str, PartitionInfo]:
        """Return the partitions by their names.

        Raises:
            SlurmSilent: Slurm does not answer.
        """
        mark = new_mark()
        fields = "".join(f"{field}{mark}" for field in SINFO_FIELDS)
        return read_partitions(self._told(["sinfo", "--noheader", "--exact", f"--format={fields}"]).out, mark)

    def mpi_types(self) -> tuple[str, ...]:
        """Return what `srun --mpi=` takes here, such as ('none', 'pmi2'); () if it does not say."""
        answer = self._ask(["srun", "--mpi=list"], "", None)
        return read_mpi_types(f"{answer.out}\n{answer.err}") if answer.code == 0 else ()

    def _told(self, words: Sequence[str]) -> Answer:
        answer = self._ask(words, "", None)
        if answer.code != 0:
            self._refused(words[0], answer)
        return answer

    def _refused(self, program: str, answer: Answer) -> None:
        if is_silent(answer) or answer.code == NOT_FOUND or program in ("squeue", "sinfo"):
            raise silence(program, answer)
        raise LaunchError(f"Slurm refuses ({program}): {reason(answer)}.")


def _start(seconds: float) -> str:
    return "--starttime=" + time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(seconds))
