"""The example of a fork, as it stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).parents[2] / "examples" / "fine_tune.py"


def test_forks_begin_where_the_parent_was_best_and_do_better(workplace: Path, python: Callable[..., Any]) -> None:
    done = python(str(EXAMPLE))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("coarse")]
    found = {name: [float(one) for one in numbers] for name, *numbers in rows if len(numbers) == 3}
    assert list(found) == ["coarse", "coarse_fork_lr0-003", "coarse_fork_lr0-03"]
    first, best, last = found.pop("coarse")
    assert best < first
    for fork in found.values():
        assert fork[0] < best
        assert fork[2] < last / 5
