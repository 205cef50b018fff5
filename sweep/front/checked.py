"""What came of killing a run in the middle: whether anybody can tell, and if so what the cause may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweep.base.errors import listed
from sweep.base.text import plural
from sweep.front.compared import Comparison, Difference

SAME, DIFFERS = 0, 1
_SHOWN = 5


@dataclass(frozen=True)
class Check:
    """What came of a check.

    Attributes:
        directory: where the runs are, if they were kept.
        signal: which one, KILL or TERM.
        killed_after: the row behind which it came, counted from 0.
        resumed_from: the step of the snapshot that the run went on from; None if it began anew.
        comparison: of the killed run with the undisturbed one.
        undisturbed: of a second undisturbed run with the first, which tells what has nothing to do with the signal;
            None where there was no need for one.
        failure: why the killed run did not come to its end; '' if it did.
    """

    directory: Path | None
    signal: str
    killed_after: int
    resumed_from: int | None
    comparison: Comparison
    undisturbed: Comparison | None = None
    failure: str = ""

    @property
    def exit_code(self) -> int:
        """0 the same · 1 not the same."""
        found = self.comparison
        same = not (found.differences or self._items or self.failure) and found.steps[0] == found.steps[1]
        return SAME if same else DIFFERS

    @property
    def _unsteady_items(self) -> list[str]:
        """The items of the last snapshots that are never the same, as generators that nobody seeds and draws from."""
        return [] if self.undisturbed is None else self.undisturbed.changed

    @property
    def _items(self) -> list[str]:
        """The items that differ, but for those that always do."""
        return [name for name in self.comparison.changed if name not in self._unsteady_items]

    @property
    def _unsteady(self) -> list[str]:
        """The columns that differ between two undisturbed runs as well."""
        differences = () if self.undisturbed is None else self.undisturbed.differences
        return list(dict.fromkeys(one.column for one in differences))

    @property
    def _has_ranks(self) -> bool:
        return any(" of rank " in name for name in self.comparison.items)

    def lines(self) -> Iterator[str]:
        """Yield what a person is told."""
        found = self.comparison
        whence = "began anew" if self.resumed_from is None else f"went on from the snapshot of step {self.resumed_from}"
        yield f"SIG{self.signal} after row {self.killed_after} of {found.rows[0]} (from 0); the run {whence}"
        yield ""
        for file in ("progress.txt", "metrics.jsonl"):
            yield from self._told_of(file)
        yield from self._told_of_items()
        if found.times:
            yield f"left out: {listed(found.times)}, as times or as asked"
        if left := [name for name in found.changed if name in self._unsteady_items]:
            yield f"left out: {listed(left)}, which two undisturbed runs do not have in common either"
        yield ""
        yield f"the same{self._same()}" if self.exit_code == SAME else f"not the same: {self.cause}"
        if self.directory is not None:
            yield f"runs: {self.directory}"

    def _told_of(self, file: str) -> Iterator[str]:
        own = [one for one in self.comparison.differences if one.file == file]
        rows, columns = self.comparison.rows[0], len(self.comparison.columns)
        equal = f"equal: {plural(rows, 'row')}, {plural(columns, 'column')}"
        yield f"  {file:<14}" + (f"differs in {plural(len(own), 'column')}" if own else equal)
        yield from (f"    {_line(one)}" for one in own[:_SHOWN])
        if len(own) > _SHOWN:
            yield f"    ... and {len(own) - _SHOWN} more"

    def _told_of_items(self) -> Iterator[str]:
        found = self.comparison
        if found.steps == (None, None):
            yield "  last snapshot none: the function registers no state"
        elif found.steps[0] != found.steps[1]:
            yield f"  last snapshot of step {found.steps[0]}, and of step {found.steps[1]} in the run that was killed"
        elif self._items:
            yield f"  last snapshot differs in {listed(self._items)}"
        else:
            yield f"  last snapshot equal: {listed(name for name, same in found.items.items() if same)}"

    def _same(self) -> str:
        if self.resumed_from is None:
            return ", but the run saved nothing and did it all again; register its state with run.state(...)"
        return ": a run that is killed ends as one that is not"

    @property
    def cause(self) -> str:
        """The likely cause of a difference, in one line; '' where there is none."""
        if self.exit_code == SAME:
            return ""
        if self.failure:
            return f"the run did not go on: {self.failure}"
        found = self.comparison
        if found.rows[0] != found.rows[1] and not self._unsteady:
            return (
                f"{found.rows[0]} rows, and {found.rows[1]} in the run that was killed: write them with run.logger, or "
                "a logger made from logger_kwargs"
            )
        return self._cause_of_values()

    def _cause_of_values(self) -> str:
        columns = list(dict.fromkeys(one.column for one in self.comparison.differences))
        if self._unsteady and set(columns) <= set(self._unsteady):
            return (
                f"two undisturbed runs differ too, in {listed(self._unsteady)}: seed every random generator from the "
                "argument seed, or leave out what depends on the machine with --ignore"
            )
        if columns and not self._items:
            ranks = ", or with per_rank = True what each rank holds of its own" if self._has_ranks else ""
            return (
                f"all registered items are equal, so {listed(columns)} depends on something else that goes on from "
                f"epoch to epoch: register that with run.state(...){ranks}"
            )
        return (
            f"something that goes on from epoch to epoch is not registered with run.state(...), or does not come back "
            f"whole; look at what {listed(columns or self._items)} depends on: counters, environments, generators of "
            "its own, running means"
        )

    def as_json(self) -> dict[str, Any]:
        """Return the same as plain data."""
        found = self.comparison
        return {
            "equal": self.exit_code == SAME,
            "cause": self.cause,
            "signal": self.signal,
            "killed_after_row": self.killed_after,
            "resumed_from_step": self.resumed_from,
            "rows": list(found.rows),
            "columns": list(found.columns),
            "left_out": list(found.times),
            "differences": [vars(one) for one in found.differences],
            "items": dict(found.items),
            "snapshots": list(found.steps),
            "differ_undisturbed_too": [*self._unsteady, *self._unsteady_items],
            "directory": None if self.directory is None else str(self.directory),
            "exit_code": self.exit_code,
        }


def _line(one: Difference) -> str:
    return f"{one.column} from row {one.row} on: {_cell(one.one)}, and {_cell(one.other)} in the run that was killed"


def _cell(value: Any) -> str:
    return "nothing" if value is None else str(value)[:40]
