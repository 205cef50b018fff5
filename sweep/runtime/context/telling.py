"""What a run says when it goes on: from where, with which arguments, how far it has come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sweep.base.errors import listed
from sweep.base.text import paint
from sweep.runtime.snapshots.counter import Counter
from sweep.runtime.snapshots.saving import Restored


def told(restored: Restored, total: int, config: Mapping[str, Any], items: Mapping[str, Any]) -> str:
    """Return the table.

    Args:
        restored: what the run goes on from.
        total: how many steps there are to be.
        config: the arguments, by name.
        items: the restored objects, by name.
    """
    return "\n".join(_lines(restored, total, config, items))


def _lines(restored: Restored, total: int, config: Mapping[str, Any], items: Mapping[str, Any]) -> Iterator[str]:
    step = restored.snapshot.manifest.step
    if restored.forked:
        yield paint(f"Beginning from another run's {restored.snapshot.path}", "cyan")
        yield f"  done      0 of {total}; there it was step {step}"
    else:
        yield paint(f"Going on from {restored.snapshot.path}", "cyan")
        end = "" if step + 1 < total else "; nothing is left to do"
        yield f"  done      {step + 1} of {total}, the last one was {step}{end}"
    yield from (f"  argument  {key} = {value!r}" for key, value in sorted(config.items()))
    counters = {name: one for name, one in items.items() if isinstance(one, Counter)}
    yield from (f"  counter   {name} = {one.value!r}" for name, one in counters.items())
    yield f"  restored  {listed(name for name in items if name in restored.states)}"
    yield from (f"  kept      {one}, as it has changed" for one in restored.kept)
