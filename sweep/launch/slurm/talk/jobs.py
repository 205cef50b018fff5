"""Jobs as `squeue` and `sacct` tell of them, and which of them may still run."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sweep.launch.slurm.talk.ends import told

_TICKET = re.compile(r"[0-9a-f]{12}")
_INDEX = re.compile(r"\d+_(\d+)")
# Every other state counts as alive, those too that a later Slurm invents. Seen with 22.05: COMPLETING is the time
# after the end or a requeue in which processes are still being ended; a job that is requeued, by its node's failure
# and by preemption too, is COMPLETING and then PENDING, never REQUEUED; SUSPENDED goes on when it is resumed.
_ENDED = frozenset(
    {
        "BOOT_FAIL",
        "CANCELLED",
        "COMPLETED",
        "DEADLINE",
        "FAILED",
        "LAUNCH_FAILED",
        "NODE_FAIL",
        "OUT_OF_MEMORY",
        "PREEMPTED",
        "RECONFIG_FAIL",
        "REVOKED",
        "TIMEOUT",
    }
)
_WAITING = frozenset({"PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT"})
# What Slurm has put back and will never start by itself. JobHeldUser and JobHeldAdmin are not among them: somebody
# wants such a job to wait, and will let it go on.
_PUT_BACK = ("launch failed requeued held", "job requeued in held state", "job requeued in special exit state")
_PUT_BACK_REASONS = frozenset({*_PUT_BACK, "jobholdmaxrequeue"})
_HELD_STATES = frozenset({"REQUEUE_HOLD", "SPECIAL_EXIT"})


@dataclass(frozen=True)
class _Job:
    """What the queue and accounting both tell of a job.

    Attributes:
        id: '12_3' of an array's element, '12' of a lone job.
        state: Slurm's own word, or words.
    """

    id: str
    name: str
    state: str

    @property
    def index(self) -> int | None:
        """Its number in the array."""
        return index_in(self.id)

    @property
    def ticket(self) -> str:
        """What names the submission it belongs to, '' if it is none of ours."""
        return ticket_of(self.name)


@dataclass(frozen=True)
class LiveJob(_Job):
    """A line of `squeue`; also of a job that has just ended and is remembered (for MinJobAge, 300 s by default).

    Attributes:
        state: Slurm's own word: PENDING, RUNNING, COMPLETING, CANCELLED, ...
        reason: why it is in that state, 'None' if there is nothing to say.
        nodes: where it runs or ran, '' if nowhere yet.
    """

    reason: str = ""
    nodes: str = ""

    @property
    def is_held(self) -> bool:
        """Whether it is back in the queue and will never start by itself, as after a failed launch."""
        if self.state in _HELD_STATES:
            return True
        return self.state in _WAITING and self.reason.lower().replace("_", " ") in _PUT_BACK_REASONS

    @property
    def is_alive(self) -> bool:
        """Whether it is queued or running, or its processes are still being ended; not if it is held."""
        return self.state not in _ENDED and not self.is_held

    @property
    def is_pending(self) -> bool:
        """Whether it waits in the queue, held or not."""
        return self.state in _WAITING

    @property
    def cause(self) -> str:
        """How it ended, in one line for people; less than accounting knows."""
        if self.is_held:
            return f"Slurm job {self.id} could not be launched and is held ({self.reason})"
        return told(self.id, self.nodes, self.state, "")


@dataclass(frozen=True)
class PastJob(_Job):
    """A line of `sacct`, which tells of jobs that run too.

    Attributes:
        state: Slurm's own words, as 'CANCELLED by 0'.
        exit_code: exit code and signal, as '0:9'.
    """

    exit_code: str = ""
    nodes: str = ""

    @property
    def cause(self) -> str:
        """How it ended, in one line for people."""
        return told(self.id, self.nodes, self.state, self.exit_code)


def ticket_of(name: str) -> str:
    """Return what stands behind the last '.' of a job's name if that is a ticket, else ''."""
    dot, last = name.rpartition(".")[1:]
    return last if dot and _TICKET.fullmatch(last) else ""


def index_in(job: str) -> int | None:
    """Return the number of an array's element: 3 of '12_3', None of '12'."""
    found = _INDEX.fullmatch(job)
    return int(found[1]) if found else None
