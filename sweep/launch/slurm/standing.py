"""How a job stands with Slurm while it runs, as it sees it itself: whether somebody else is to have its node.

Seen with Slurm 22.05: a job that leaves within the time that a preempted one is given has ended like any other, and is
not started again by itself. Only one that is still there when that time is over is.
"""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass

from sweep.launch.slurm.talk.program import Ask, run_program

_RUNS = "RUNNING"


@dataclass(frozen=True)
class Standing:
    """What Slurm says of a job.

    Attributes:
        state: Slurm's own word; '' if it does not answer.
        preempted: whether it is to make way for another job.
    """

    state: str = ""
    preempted: bool = False

    def comes_again(self, number: int, has_saved: bool) -> bool:
        """Say whether a job is to have itself started again that was asked to leave.

        One that has saved nothing would use up one job after another and never get further; but one that only made way
        did not have its time.

        Args:
            number: of the signal that asked it.
            has_saved: whether its run has got further, and can go on from there.
        """
        if self.state and self.state != _RUNS:  # it is cancelled, or Slurm has put it back already
            return False
        return self.preempted or (number == signal.SIGUSR1 and has_saved)


def standing(job: str, ask: Ask = run_program) -> Standing:
    """Return how an element of an array stands, '12_3'; with nothing in it where Slurm does not answer."""
    array, _, index = job.partition("_")
    answer = ask(["scontrol", "--oneliner", "show", "job", job], "", None)
    for line in answer.out.splitlines() if answer.code == 0 else ():
        if (_value(line, "ArrayJobId"), _value(line, "ArrayTaskId")) == (array, index):
            return Standing(_value(line, "JobState"), _value(line, "PreemptTime") not in ("", "None", "N/A", "Unknown"))
    return Standing()


def _value(line: str, name: str) -> str:
    found = re.search(rf" {name}=(\S+)", line)
    return found[1] if found else ""
