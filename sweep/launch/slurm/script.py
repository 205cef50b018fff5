"""The job script: a few lines, made of nothing but numbers, checked words and a quoted command. Pure."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterator, Sequence

from sweep.launch.slots import Demand
from sweep.launch.slurm.options import Options

# The exit code of a job whose node does not see the data directory (EX_IOERR of sysexits.h).
UNSEEN = 74
_NAME_LENGTH = 20
# All that may mean something to the reader of directives, and what still does in quotation marks.
_MEANING, _ESCAPED, _BEHIND = re.compile(r"""[\s\\'"#]"""), re.compile(r'[\\"]'), r"\\\g<0>"
_IN_MARKS = re.compile(r"""\"[^"\\]*\"|'[^'\\]*'""")


def job_name(grid_name: str, ticket: str) -> str:
    """Return the name of a submission's jobs: something for people, and the ticket behind the last dot."""
    return f"{re.sub('[^A-Za-z0-9_-]', '_', grid_name)[:_NAME_LENGTH] or 'sweep'}.{ticket}"


def job_script(
    name: str, ticket: str, count: int, demand: Demand, options: Options, command: Sequence[str],
    at_once: int | None = None, after: str = "",
) -> str:  # fmt: skip
    """Return the script of an array of jobs, one for each of a number of runs of one shape.

    It runs in the submission's folder; Slurm takes another one where the node does not see that.

    Args:
        command: what a job runs; it is told its folder and its id ('12_3') in two more words.
        at_once: so many of the jobs run at the same time, at most.
        after: the id of an array that has to be over before, as the two together would be too many at a time.
    """
    directives = "\n".join(f"#SBATCH {one}" for one in _directives(name, count, demand, options, at_once, after))
    setup = "".join(f"{line}\n" for line in options.setup)
    return (
        f"#!/bin/bash\n{directives}\n"
        "trap '' USR1\n"  # it would end a job that only just begins; the task hears it again
        f'if [ "${{PWD##*/}}" != {ticket} ]; then\n'
        '    scancel --state=PENDING "$SLURM_ARRAY_JOB_ID"\n'
        f"    exit {UNSEEN}\n"
        "fi\n"
        'exec >> "$SLURM_ARRAY_TASK_ID.out" 2>&1\n'
        # Setup lines may go elsewhere, and change variables.
        "sweep_folder=$PWD sweep_job=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID\n"
        f'{setup}exec {shlex.join(command)} "$sweep_folder" "$sweep_job"\n'
    )


def _directives(
    name: str, count: int, demand: Demand, options: Options, at_once: int | None, after: str
) -> Iterator[str]:
    yield f"--job-name={name}"
    yield f"--array=0-{count - 1}" + (f"%{at_once}" if at_once else "")
    if after:
        yield f"--dependency=afterany:{after}"
    yield f"--nodes={options.nodes}"
    yield f"--ntasks={demand.ranks}"
    yield f"--cpus-per-task={demand.threads}"
    yield from _amounts(demand, options.nodes)
    yield f"--signal=B:USR1@{math.ceil(options.lead_s)}"
    yield "--requeue"
    yield "--output=/dev/null"  # Slurm fails a job whose output file it cannot make, and says so to nobody
    for word, text in (("partition", options.partition), ("account", options.account)):
        if text:
            yield f"--{word}={text}"
    if options.time_s is not None:
        yield f"--time={slurm_time(options.time_s)}"
    yield from map(quoted, options.directives)


def _amounts(demand: Demand, nodes: int) -> Iterator[str]:
    """Memory and GPUs; Slurm counts both by node where a run has one, else memory by core and GPUs in all."""
    if demand.memory:
        mebibytes = math.ceil(demand.memory / 2**20)
        yield f"--mem={mebibytes}M" if nodes == 1 else f"--mem-per-cpu={math.ceil(mebibytes / demand.cores)}M"
    if demand.devices:
        yield f"--gres=gpu:{demand.devices}" if nodes == 1 else f"--gpus={demand.devices}"


def quoted(directive: str) -> str:
    """Return a directive as `sbatch` reads it back whole: it splits a line at blanks, and ends it at a number sign.

    One whose value is in quotation marks already stays as it is.
    """
    name, sign, value = re.sub("[= ]", "=", directive, count=1).partition("=")
    if not _MEANING.search(value) or _IN_MARKS.fullmatch(value):
        return name + sign + value
    return f'{name}{sign}"{_ESCAPED.sub(_BEHIND, value)}"'


def slurm_time(seconds: float) -> str:
    """Return a time as Slurm writes it: ``days-hours:minutes:seconds``."""
    minutes, second = divmod(math.ceil(seconds), 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    return f"{day}-{hour:02}:{minute:02}:{second:02}"
