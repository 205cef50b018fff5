"""What Slurm's programs say when something is wrong, as one line of ours."""

from __future__ import annotations

import re

from sweep.base.errors import LaunchError
from sweep.base.text import printable, shorten
from sweep.launch.slurm.talk.program import NO_END, NOT_FOUND, Answer

# In what is said when nobody can know whether a request has arrived, or when a later one may well be heard.
_SILENT = (
    "unable to contact slurm controller",
    "socket timed out",
    "connection refused",
    "connection timed out",
    "connect failure",
    "zero bytes were transmitted",
    "transport endpoint is not connected",
    "unexpected message received",
    "standby mode",
    "no answer within",
    "munge encode failed",
    "protocol authentication error",
    "could not establish a configuration source",
    "unable to process configuration file",
    "unable to establish controller machine",
)
_FULL = "temporarily unable to accept job"
_PREFIX = re.compile(r"^(?:[\w.-]+: )?(?:[\w .-]*?(?:error|fatal|warning): )?")
# The general part of an answer, which says nothing where there is a particular one.
_GENERAL = "Batch job submission failed: "
# Advice of Slurm's own that is for others, or about others' programs.
_HINTS = ("Try ", "If munged is up")
# (part of what Slurm says, what to do about it)
_NEXT_STEPS = (
    ("policy", "wait until some of your jobs are over, or ask for less; `sacctmgr show qos` lists the limits"),
    ("account", "`sacctmgr show associations user=$USER` lists what you may use"),
    ("qos", "`sacctmgr show qos` lists them"),
    ("limit", "ask for less; `scontrol show partition` lists the limits"),
    ("memory specification", "ask for less memory; `sinfo -o '%P %m'` lists what nodes have, in MB"),
    ("node count", "ask for fewer nodes; `sinfo -o '%P %D'` lists how many there are"),
    ("node configuration", "ask for less; `sinfo -o '%P %c %m %G'` lists cores, memory in MB and GPUs of nodes"),
    ("generic resource", "`sinfo -o '%P %G'` lists what nodes have"),
    ("feature", "`sinfo -o '%P %f'` lists what nodes have"),
    ("reservation", "`scontrol show reservation` lists them"),
    ("option", "look at the further directives of this launch; `sbatch --help` lists them"),
)


class SlurmSilent(LaunchError):
    """Slurm does not answer, so nobody knows what it has done or is doing."""


def is_silent(answer: Answer) -> bool:
    """Say whether a program could not talk to the controller, rather than having been told no."""
    said = answer.err.lower()
    return answer.code != 0 and (answer.code == NO_END or any(part in said for part in _SILENT))


def is_full(answer: Answer) -> bool:
    """Say whether Slurm has as many jobs as it takes; `sbatch` itself tries again for two minutes."""
    return answer.code != 0 and _FULL in answer.err.lower()


def silence(program: str, answer: Answer) -> SlurmSilent:
    """Return the error for a controller that does not answer, or a program that is not there."""
    if answer.code == NOT_FOUND:
        return SlurmSilent(f"Slurm cannot be asked: {reason(answer)}.")
    return SlurmSilent(f"Slurm does not answer ({program}: {reason(answer)}); look at `scontrol ping`, then try again.")


def reason(answer: Answer) -> str:
    """Return the most particular thing that a program said, in one line."""
    lines = [_PREFIX.sub("", line.strip()) for line in answer.err.splitlines() if line.strip()]
    own = [line for line in lines if not line.startswith((*_HINTS, _GENERAL))]
    general = [line.removeprefix(_GENERAL) for line in lines if line.startswith(_GENERAL)]
    particular = (own if general else own[-1:]) or general
    words = "; ".join([*particular, *(line for line in general if line not in particular)]).rstrip(".")
    return shorten(printable(words), 300) or f"it ended with exit code {answer.code}"


def next_step(said: str) -> str:
    """Return what to do about a refusal, '' if that is not known."""
    lower = said.lower()
    return next((step for part, step in _NEXT_STEPS if part in lower), "")
