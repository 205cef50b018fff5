"""What a batch system says of a run that was handed to it, for whoever asks it and for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Handed:
    """The word of a batch system on a run whose own directory does not have the last one.

    Attributes:
        is_alive: whether there is a job that may still run it; None if nobody knows.
        job: its id; '' without one.
        state: the batch system's word for it, in small letters; '' without one.
        reason: why it is in that state; '' if there is nothing to say.
        why: why no job will run it any more, or why nobody knows.
    """

    is_alive: bool | None
    job: str = ""
    state: str = ""
    reason: str = ""
    why: str = ""

    @property
    def array(self) -> str:
        """The job's number without that of its element: 12 of '12_3'."""
        return self.job.partition("_")[0]
