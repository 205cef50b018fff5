"""A Slurm for tests: its programs answer from a list of jobs, without a process."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sweep.launch.slurm.talk.client import Slurm
from sweep.launch.slurm.talk.jobs import LiveJob, PastJob
from sweep.launch.slurm.talk.listings import SACCT_FIELDS, SQUEUE_FIELDS
from sweep.launch.slurm.talk.program import Answer

_SILENT = "slurm_load_jobs error: Unable to contact slurm controller (connect failure)"


@dataclass
class FakeSlurm:
    """Answers what Slurm's programs would, of jobs that a test writes down.

    Attributes:
        queue: what `squeue` lists.
        past: what `sacct` lists.
        silent: whether no controller answers.
        accounting: whether there is any.
        cluster: what it is called.
        refusal: why `sbatch` takes nothing; empty if it does.
        calls: how often each program was called.
        scripts: what was given to `sbatch`.
        cancelled: the words that `scancel` got.
    """

    queue: list[LiveJob] = field(default_factory=list)
    past: list[PastJob] = field(default_factory=list)
    silent: bool = False
    accounting: bool = True
    cluster: str = "throwaway"
    refusal: str = ""
    calls: Counter[str] = field(default_factory=Counter)
    scripts: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    def slurm(self) -> Slurm:
        """Return a client that talks to this."""
        return Slurm(self, sleep=lambda seconds: None, look=lambda program: program)

    def array(self, ticket: str, count: int, state: str = "PENDING", reason: str = "Priority", nodes: str = "") -> None:
        """Add an array of jobs to the queue; it is the job 12, or the next free number."""
        number = 12 + len({job.id.partition("_")[0] for job in self.queue})
        self.queue += [LiveJob(f"{number}_{index}", f"g.{ticket}", state, reason, nodes) for index in range(count)]

    def ends(self, ticket: str, state: str, exit_code: str = "0:0", nodes: str = "n1") -> None:
        """Let the jobs of a submission be over, and forgotten by the queue."""
        over = [job for job in self.queue if job.ticket == ticket]
        self.queue = [job for job in self.queue if job.ticket != ticket]
        self.past += [PastJob(job.id, job.name, state, exit_code, nodes) for job in over]

    def __call__(self, argv: Sequence[str], text: str = "", cwd: Path | None = None) -> Answer:
        program = argv[0]
        self.calls[program] += 1
        if program == "sacct":
            return self._sacct(argv) if self.accounting else Answer(1, "", "Slurm accounting storage is disabled")
        if self.silent:
            return Answer(1, "", _SILENT)
        if list(argv) == ["scontrol", "show", "config"]:
            return Answer(0, f"ClusterName             = {self.cluster}\n")
        answers = {"squeue": self._squeue, "scancel": self._scancel}
        if program == "sbatch" and "--version" not in argv:
            return self._sbatch(text)
        return answers[program](argv) if program in answers else Answer(0)

    def _squeue(self, argv: Sequence[str]) -> Answer:
        form = next((word.removeprefix("--format=") for word in argv if word.startswith("--format=")), "")
        mark = form.rpartition(SQUEUE_FIELDS[-1])[2]
        rows = ((job.id, job.state, job.reason, job.nodes, job.name) for job in self.queue)
        return Answer(0, "".join(mark.join((*row, "")) + "\n" for row in rows))

    def _sacct(self, argv: Sequence[str]) -> Answer:
        assert f"--format={','.join(SACCT_FIELDS)}" in argv
        mark = next(word.removeprefix("--delimiter=") for word in argv if word.startswith("--delimiter="))
        rows = ((job.id, job.state, job.exit_code, job.nodes, job.name) for job in self.past)
        return Answer(0, "".join(mark.join((*row, "")) + "\n" for row in rows))

    def _scancel(self, argv: Sequence[str]) -> Answer:
        self.cancelled += [word for word in argv[1:] if not word.startswith("-")]
        return Answer(0)

    def _sbatch(self, script: str) -> Answer:
        if self.refusal:
            return Answer(1, "", f"sbatch: error: Batch job submission failed: {self.refusal}")
        self.scripts.append(script)
        name, last = re.search(r"--job-name=(\S+)", script), re.search(r"--array=0-(\d+)", script)
        assert name is not None
        assert last is not None
        self.array(name[1].rpartition(".")[2], int(last[1]) + 1)
        return Answer(0, self.queue[-1].id.partition("_")[0])
