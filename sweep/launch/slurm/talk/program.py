"""Calling Slurm's programs: never through a shell, with an end, in plain English, and with options of ours alone."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Slurm's own programs give up after MessageTimeout, 10 s unless a site has said more; this is for what hangs for good.
CALL_LIMIT_S = 60
NOT_FOUND = 127
NO_END = 124
# Options that a person has for their own use of these programs: SQUEUE_FORMAT would change what we read, SBATCH_WAIT
# would block us, and SBATCH_ARRAY_INX is stronger than the script.
_OPTIONS = ("SBATCH_", "SQUEUE_", "SACCT_", "SCANCEL_", "SINFO_", "SCONTROL_")
# A sweep that is started inside a job has that job's variables; its own jobs would take them for theirs.
_OF_A_JOB = ("SLURM_", "SRUN_")
_INSIDE = "SLURM_JOB_ID"
# How to reach the cluster.
_NEEDED = frozenset({"SLURM_CONF", "SLURM_CONF_SERVER", "SLURM_CLUSTERS", "SLURM_JWT"})
# Defaults that sites tell their users to set; they stay where the script says nothing of its own.
_DEFAULTS = {
    "SBATCH_ACCOUNT": "account",
    "SBATCH_PARTITION": "partition",
    "SBATCH_QOS": "qos",
    "SBATCH_RESERVATION": "reservation",
    "SBATCH_CONSTRAINT": "constraint",
    "SBATCH_TIMELIMIT": "time",
}


@dataclass(frozen=True)
class Answer:
    """What a program said.

    Attributes:
        code: its exit code; 127 if there is no such program, 124 if it did not come to an end.
    """

    code: int
    out: str = ""
    err: str = ""


# (command line, standard input, working directory)
Ask = Callable[[Sequence[str], str, Path | None], Answer]


def run_program(argv: Sequence[str], text: str = "", cwd: Path | None = None) -> Answer:
    """Run a program of Slurm's to its end, for at most `CALL_LIMIT_S` seconds."""
    return run_at_most(CALL_LIMIT_S, argv, text, cwd)


def run_at_most(limit_s: float, argv: Sequence[str], text: str = "", cwd: Path | None = None) -> Answer:
    """Run a program to its end, or kill it after so many seconds; what it has said by then is kept."""
    try:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=environment(os.environ, text),
            process_group=0,  # a Ctrl-C is for us; half a submission would help nobody
        )
    except OSError as error:  # the folder may be what is missing
        return Answer(NOT_FOUND, "", f"{argv[0]} cannot be run: {error.strerror}: {error.filename}")
    with process:
        try:
            out, err = process.communicate(text.encode(errors="surrogateescape"), limit_s)
        except subprocess.TimeoutExpired as over:
            _kill(process)
            return Answer(NO_END, _read(over.stdout), f"{_read(over.stderr)}\nno answer within {limit_s:g} s")
        except BaseException:
            _kill(process)
            raise
    return Answer(process.returncode, _read(out), _read(err))


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a program with what it has started: on some machines `sbatch` is a script around the real one."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def environment(environ: Mapping[str, str], script: str = "") -> dict[str, str]:
    """Return the environment for Slurm's programs: no options but ours, and nothing of a job that we are in.

    Args:
        script: what is submitted; a site's default that it overrides is left out, as the variable would be stronger.
    """
    said = set(re.findall(r"^#SBATCH\s+--([a-z-]+)", script, re.MULTILINE))
    kept = _NEEDED | {name for name, option in _DEFAULTS.items() if option not in said}
    dropped = _OPTIONS + (_OF_A_JOB if _INSIDE in environ else ())
    ours = {name: value for name, value in environ.items() if name in kept or not name.startswith(dropped)}
    # A job inherits what `sbatch` has, so there the locale stays the user's.
    return ours if script else {**ours, "LC_ALL": "C"}


def _read(said: bytes | None) -> str:
    return (said or b"").decode(errors="replace")
