"""What a person asks of Slurm: `slurm={...}` of a launch over the settings SLURM_*, checked before all else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sweep.base.errors import UsageError, did_you_mean, listed
from sweep.base.text import duration, seconds_of, shown

# Names of partitions and accounts, and lists of them: nothing that a shell or a directive would take for more.
_WORD = re.compile(r"[A-Za-z0-9_.,@/+-]+")
_DIRECTIVE = re.compile(r"--[a-z][a-z0-9-]*([= ][^\x00-\x1f\x7f]*)?")
_LINE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
# What a job script says itself; a second word on it would decide without anybody knowing which.
_OURS = (
    "--array", "--chdir", "--cpus-per-task", "--dependency", "--error", "--gpus", "--gres", "--input", "--job-name",
    "--mem", "--mem-per-cpu", "--nodes", "--no-requeue", "--ntasks", "--ntasks-per-node", "--open-mode", "--output",
    "--parsable", "--requeue", "--signal", "--test-only", "--uid", "--gid", "--wait", "--wrap",
)  # fmt: skip
_INSTEAD = {"--partition": "partition", "--account": "account", "--time": "time"}
# Slurm sends its signal up to so much early (sbatch(1), --signal).
_EARLY_S = 60.0
_LONGEST_LEAD_S = 65535.0
_LONGEST_S = 366 * 86400.0


@dataclass(frozen=True)
class Options:
    """How a job of a run is to be.

    Attributes:
        partition, account: Slurm's own when empty.
        time_s: the longest that one job may take, after which it is requeued if it has saved; Slurm's own when None.
        nodes: over how many nodes a run's ranks go.
        directives: further ``#SBATCH`` words, such as ``--constraint=a100``.
        srun_flags: for `srun`, where a run goes over several nodes, such as ``--mpi=pmix``.
        setup: lines of shell before the run, such as ``module load cuda``.
        lead_s: how long before the end of its time a run is asked to save.
    """

    partition: str = ""
    account: str = ""
    time_s: float | None = None
    nodes: int = 1
    directives: tuple[str, ...] = ()
    srun_flags: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
    lead_s: float = 60.0


# What `slurm=` may say: the fields, with times under their names for people.
_KEYS = tuple(one.name.removesuffix("_s") for one in fields(Options))


def make_options(given: Mapping[str, Any] | None, usual: Mapping[str, Any]) -> Options:
    """Return the options of a launch.

    Args:
        given: with the launch; None or empty for nothing.
        usual: the settings, by the same names.

    Raises:
        UsageError: a key is unknown, a value cannot be, or a job is over before its run would be asked to save.
    """
    if given is not None and not isinstance(given, Mapping):
        raise UsageError(f"slurm is {shown(given)}; it is a mapping with any of {listed(_KEYS)}.")
    for key in given or ():
        if key not in _KEYS:
            raise UsageError(
                f"slurm: {shown(key)} is unknown; there are {listed(_KEYS)}.{did_you_mean(str(key), _KEYS)}"
            )
    said = {**usual, **(given or {})}
    options = Options(
        partition=_word("partition", said["partition"]),
        account=_word("account", said["account"]),
        time_s=_seconds("time", said["time"]) if said["time"] not in (None, "") else None,
        nodes=_count("nodes", said["nodes"]),
        directives=tuple(_directive(text) for text in _texts("directives", said["directives"])),
        srun_flags=_texts("srun_flags", said["srun_flags"]),
        setup=_texts("setup", said["setup"]),
        lead_s=_seconds("lead", said["lead"]),
    )
    if options.lead_s > _LONGEST_LEAD_S:
        raise UsageError(f"slurm: lead is {duration(options.lead_s)}; Slurm's longest is {duration(_LONGEST_LEAD_S)}.")
    if options.time_s is not None and options.time_s < options.lead_s + _EARLY_S:
        raise UsageError(
            f"slurm: time is {duration(options.time_s)}, and a run is asked to save {duration(options.lead_s)} before "
            "its time is over (lead), by Slurm's clock up to a minute earlier; give more time, or a shorter lead."
        )
    return options


def _word(name: str, given: Any) -> str:
    if given in (None, ""):
        return ""
    if not isinstance(given, str) or not _WORD.fullmatch(given):
        raise UsageError(f"slurm: {name} is {shown(given)}; it is a name, or several with commas between them.")
    return given


def _seconds(name: str, given: Any) -> float:
    seconds = seconds_of(given)
    if seconds is None or not 1 <= seconds <= _LONGEST_S:
        raise UsageError(f"slurm: {name} is {shown(given)}; write seconds, or a time such as '30min' or '12h'.")
    return seconds


def _count(name: str, given: Any) -> int:
    count = int(given) if isinstance(given, str) and given.isdecimal() and len(given) < 7 else given
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count < 10**6:
        raise UsageError(f"slurm: {name} is {shown(given)}; it is a whole number from 1.")
    return count


def _texts(name: str, given: Any) -> tuple[str, ...]:
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, Sequence) or not all(isinstance(text, str) and _LINE.fullmatch(text) for text in texts):
        raise UsageError(f"slurm: {name} is {shown(given)}; it is a list of texts, each of one line.")
    return tuple(texts)


def _directive(text: str) -> str:
    if not _DIRECTIVE.fullmatch(text):
        raise UsageError(
            f"slurm: the directive {shown(text)} is none; write it as behind #SBATCH: '--constraint=a100'."
        )
    name = re.split("[= ]", text, maxsplit=1)[0]  # Slurm takes any beginning of a name for the name
    if instead := next((key for full, key in _INSTEAD.items() if full.startswith(name)), ""):
        raise UsageError(f"slurm: the directive {shown(text)} has a key of its own: {instead}.")
    if any(full.startswith(name) for full in _OURS):
        raise UsageError(
            f"slurm: the directive {shown(text)} is for sweep to give; it follows from the run's own needs."
        )
    return text
