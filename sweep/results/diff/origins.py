"""What two groups of runs were made by: code, interpreter, packages and machine, as far as that was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweep.results.run import Run
from sweep.rundir.origin import newest_attempt
from sweep.rundir.paths import RunDir
from sweep.rundir.variant_file import read_variant

# The records of so many runs of a group are read.
_SAMPLE = 3
_DIGEST = 10  # characters of a digest that are shown


@dataclass(frozen=True)
class Fact:
    """Something that two groups were made by.

    Attributes:
        a, b: what was recorded, each once; () if nothing was.
    """

    name: str
    a: tuple[str, ...]
    b: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return set(self.a) != set(self.b)

    def as_json(self) -> dict[str, Any]:
        return {"what": self.name, "a": list(self.a), "b": list(self.b)}


def origins(a: Sequence[Run], b: Sequence[Run]) -> list[Fact]:
    """Return what is recorded of some runs of each group; a package only where it differs."""
    ours, theirs = (_facts(runs) for runs in (a, b))
    names = dict.fromkeys([*ours, *theirs])
    facts = [Fact(name, ours.get(name, ()), theirs.get(name, ())) for name in names]
    return [fact for fact in facts if fact.differs or not fact.name.startswith("package ")]


def _facts(runs: Sequence[Run]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for run in runs[:: max(1, len(runs) // _SAMPLE)][:_SAMPLE]:
        for name, text in _of_run(run):
            found.setdefault(name, {})[text] = None
    return {name: tuple(texts) for name, texts in found.items()}


def _of_run(run: Run) -> Iterator[tuple[str, str]]:
    """Yield what is known of one run, whatever its records hold."""
    here = RunDir(run.path)
    record = read_variant(here)
    if record is not None and record.code:
        yield "function's code", record.code.rpartition(":")[2][:_DIGEST]
    attempt = newest_attempt(here)
    program, machine = _mapping(attempt.get("program")), _mapping(attempt.get("machine"))
    git, source = _mapping(program.get("git")), _mapping(program.get("source"))
    if git.get("commit"):
        yield "commit", str(git["commit"])[:_DIGEST] + (" with changes" if git.get("dirty") else "")
    if source.get("digest"):
        yield "source", str(source["digest"])[:_DIGEST]
    told = {
        "python": program.get("python"),
        "MPI": attempt.get("mpi"),
        "host": machine.get("host"),
        "processor": _mapping(machine.get("cpu")).get("model"),
        "GPUs": ", ".join(map(str, machine.get("gpus") or ())),
    }
    yield from ((name, str(value)) for name, value in told.items() if value)
    yield from ((f"package {name}", str(version)) for name, version in _mapping(program.get("packages")).items())


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
