"""How a job of Slurm's ended, in words for people."""

from __future__ import annotations

import re
import signal

# With this Slurm says that it could not open the file for a job's output, or enter its directory.
_NO_OUTPUT = "0:53"

_TOLD = {
    "CANCELLED": "was cancelled",
    "COMPLETED": "ended with exit code 0",
    "DEADLINE": "passed its deadline",
    "LAUNCH_FAILED": "could not be launched",
    "OUT_OF_MEMORY": "ran out of memory",
    "PREEMPTED": "was preempted",
    "REVOKED": "was taken by another cluster",
    "TIMEOUT": "reached its time limit",
}
_OF_THE_NODE = {"NODE_FAIL": "failed", "BOOT_FAIL": "did not boot"}


def told(job: str, nodes: str, state: str, exit_code: str) -> str:
    """Return how a job ended, in one line for people."""
    word = state.split(" ")[0]
    if word in _OF_THE_NODE:
        return f"Slurm job {job}: node {nodes or '(unknown)'} {_OF_THE_NODE[word]}"
    where = f" on {nodes}" if nodes else ""
    return f"Slurm job {job}{where} {_how(word, state, exit_code)}"


def _how(word: str, state: str, exit_code: str) -> str:
    if found := re.fullmatch(r"CANCELLED by (\d+)", state):
        return f"was cancelled by uid {found[1]}"
    if word == "FAILED":
        return _failed(exit_code)
    return _TOLD.get(word) or f"is {word.lower().replace('_', ' ')}"


def _failed(exit_code: str) -> str:
    if exit_code == _NO_OUTPUT:
        return "could not be started (its output file or its directory cannot be reached from there)"
    code, _, number = exit_code.partition(":")
    if number not in ("", "0"):
        return f"was killed by {_signal(number)}"
    return f"ended with exit code {code}" if code.isdecimal() and int(code) else "failed"


def _signal(number: str) -> str:
    try:
        return signal.Signals(int(number)).name
    except ValueError:
        return f"signal {number}"
