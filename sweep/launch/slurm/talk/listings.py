"""Reading what `squeue` and `sacct` list.

A job's name may hold any character, new lines too, and whatever else stands in the queue may have a name that looks
like lines of ours. So fields are ended by a mark that is drawn anew for every call: nobody can have written it into a
name beforehand.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from sweep.launch.slurm.talk.jobs import LiveJob, PastJob

SQUEUE_FIELDS = ("%i", "%T", "%r", "%N", "%j")
SACCT_FIELDS = ("JobID", "State", "ExitCode", "NodeList", "JobName")


def new_mark() -> str:
    """Return an end of fields that nobody can have known."""
    return f"<{secrets.token_hex(6)}>"


def read_queue(said: str, mark: str) -> list[LiveJob]:
    """Return the jobs in what `squeue` said with `SQUEUE_FIELDS`, each ended by the mark."""
    return [LiveJob(job, name, state, reason, nodes) for job, state, reason, nodes, name in records(said, mark, 5)]


def read_history(said: str, mark: str) -> list[PastJob]:
    """Return the jobs in what `sacct` said with `SACCT_FIELDS`, each ended by the mark."""
    return [
        PastJob(job, name, state, code, "" if nodes == "None assigned" else nodes)
        for job, state, code, nodes, name in records(said, mark, 5)
    ]


def records(said: str, mark: str, count: int) -> Iterator[list[str]]:
    """Yield the fields of each line, of `count` fields that are each ended by the mark.

    With several clusters a heading goes before the first line of each; it has no mark, so it is part of a first field.
    """
    fields = said.split(mark)[:-1]
    for start in range(0, len(fields) - count + 1, count):
        first, *rest = fields[start : start + count]
        yield [first.rpartition("\n")[2].strip(), *(field.strip() for field in rest[:-1]), rest[-1]]
