"""What a run says when it goes on: from where, with which arguments, how far it has come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sweep.base.errors import listed
from sweep.base.text import paint
from sweep.runtime.snapshots.counter import Counter
from sweep.runtime.snapshots.store import Snapshot


def told(snapshot: Snapshot, total: int, config: Mapping[str, Any], items: Mapping[str, Any]) -> str:
    """Return the table.

    Args:
        total: how many steps there are to be.
        config: the arguments, by name.
        items: the restored objects, by name.
    """
    return "\n".join(_lines(snapshot, total, config, items))


def _lines(snapshot: Snapshot, total: int, config: Mapping[str, Any], items: Mapping[str, Any]) -> Iterator[str]:
    step = snapshot.manifest.step
    yield paint(f"Going on from {snapshot.path}", "cyan")
    left = total - step - 1
    yield f"  done      {step + 1} of {total}, the last one was {step}" + (
        "" if left > 0 else "; nothing is left to do"
    )
    yield from (f"  argument  {key} = {value!r}" for key, value in sorted(config.items()))
    counters = {name: one for name, one in items.items() if isinstance(one, Counter)}
    yield from (f"  counter   {name} = {one.value!r}" for name, one in counters.items())
    yield f"  restored  {listed(items)}"
