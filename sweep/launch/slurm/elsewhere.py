"""Submissions that this user cannot ask about from here: what is not in the queue may be there all the same."""

from __future__ import annotations

import os
from collections.abc import Iterable

from sweep.launch.slurm.talk.client import Slurm
from sweep.rundir.paths import RunDir
from sweep.rundir.submission import Submission, submitter_of


def of_another_user(run: RunDir) -> str:
    """Return why this user cannot know of a run's job; '' if it would be this user's own.

    Whose data directory several people share may not be shown the jobs of the others.
    """
    user = submitter_of(run)
    if user in (None, os.getuid()):
        return ""
    return f"it was submitted by the user {user}, whose jobs that user alone asks about"


def of_another_cluster(record: Submission, here: str) -> str:
    """Return why a job cannot be known of from here; '' if its cluster is this one, or nobody has noted it.

    Args:
        here: the name of the cluster that was asked; '' if it does not say.
    """
    if record.cluster in ("", here):
        return ""
    this = f"this is {here!r}" if here else "what this one is called Slurm does not say"
    return f"it is with the cluster {record.cluster!r}, and {this}; ask there"


def out_of_sight(runs: Iterable[tuple[RunDir, Submission]], slurm: Slurm) -> dict[RunDir, str]:
    """Return those of some runs, none with a job in the queue, that may have one all the same, each with the reason.

    Slurm is asked for its name once, and only if a submission has noted one.
    """
    some = list(runs)
    here = slurm.cluster_name() if any(record.cluster for _, record in some) else ""
    whys = {run: of_another_user(run) or of_another_cluster(record, here) for run, record in some}
    return {run: why for run, why in whys.items() if why}
