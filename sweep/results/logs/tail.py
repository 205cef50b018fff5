"""The end of what a run has printed, as lines that cannot steer a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sweep.base.errors import UsageError, listed
from sweep.results.files import read_ends, read_json
from sweep.results.run import Run
from sweep.results.text.cell import inert
from sweep.rundir.paths import RunDir
from sweep.rundir.submission import printed_by_job

# Bytes of the end of a log that are looked at for one line, and at most.
_A_LINE, _MOST = 2000, 2**26


def log_of(run: Run) -> Path:
    """Return the file with what a run printed, whether it exists or not."""
    return RunDir(run.path).output


def job_log_of(run: Run) -> Path | None:
    """Return the file with what a batch system's job printed before and beside the run; None if there is none."""
    file = printed_by_job(RunDir(run.path))
    return file if file is not None and file.stat().st_size else None


def lines_of_job(run: Run, count: int) -> list[str]:
    """Return the last lines of the same."""
    file = job_log_of(run)
    return [] if file is None or count <= 0 else _last(file, count)


def parts_of(run: Run) -> list[Path]:
    """Return the files of a run's output in order: the log, and the end of a very long one while it goes on."""
    here = RunDir(run.path)
    ring = (here.output_ring.with_name(f"{here.output_ring.name}.{number}") for number in (1, 2))
    return [path for path in (here.output, *ring) if path.is_file()]


def last_lines(run: Run, count: int) -> list[str]:
    """Return the last lines of what a run has printed; empty ones do not count."""
    if count <= 0:
        return []
    lines: list[str] = []
    for part in reversed(parts_of(run)):
        lines = _last(part, count - len(lines)) + lines
        if len(lines) >= count:
            break
    return lines


def _last(path: Path, count: int) -> list[str]:
    ends = read_ends(path, 0, min(_MOST, _A_LINE * (count + 1)))
    lines = [] if ends is None else list(shown_lines(ends[1]))
    if ends is not None and ends[2] > len(ends[1]):
        lines = lines[1:] or lines  # the first one is perhaps a piece of a line
    return lines[max(0, len(lines) - count) :]


def shown_lines(data: bytes) -> Iterator[str]:
    """Yield the lines of some output that are not empty; of a line that was written over, as bars are, the last."""
    for line in data.decode(errors="replace").split("\n"):
        written = [piece for piece in line.split("\r") if piece.strip()]
        if written:
            yield inert(written[-1].rstrip())


def lines_of_rank(run: Run, rank: int) -> list[str]:
    """Return what one rank said before it failed.

    Raises:
        UsageError: it has not failed. What ranks print goes into one log.
    """
    data = read_json(RunDir(run.path).failure(rank))
    if not isinstance(data, dict):
        raise UsageError(
            f"rank {rank} of {run.path} has left no failure; {_failed_ranks(run)}. What all ranks print is in "
            f"{log_of(run)}: leave --rank out."
        )
    text = str(data.get("traceback") or data.get("error") or "")
    return list(shown_lines(text.encode(errors="replace")))


def _failed_ranks(run: Run) -> str:
    ranks = sorted(path.stem.rpartition("rank")[2] for path in RunDir(run.path).failures())
    return f"there is one of rank {listed(ranks)}" if ranks else "no rank has"


def one_of(runs: list[Run], named: str) -> Run:
    """Return the only run of several.

    Raises:
        UsageError: there are more.
    """
    if len(runs) > 1:
        raise UsageError(f"{named!r} is {len(runs):,} runs; name one: {listed([run.path for run in runs], 4)}.")
    return runs[0]
