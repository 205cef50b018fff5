"""The driver of these tests: ``python loops_sweep.py THUNK JSON`` runs a grid of numbered runs.

JSON: ``runs``, ``length`` (seconds, of the longest), ``data``, ``name`` of the grid; whatever else is there goes
to ``ExperimentGrid.run``.
"""

from __future__ import annotations

import json
import sys

import loops_thunks

from sweep import ExperimentGrid
from sweep.base.errors import SweepError


def main(argv: list[str]) -> int:
    options = json.loads(argv[2])
    grid = ExperimentGrid(name=options.pop("name", "loop"))
    grid.add("number", list(range(options.pop("runs"))))
    grid.add("length", [options.pop("length")]) if "length" in options else None
    try:
        return grid.run(getattr(loops_thunks, argv[1]), data_dir=options.pop("data"), **options).exit_code
    except SweepError as error:
        print(f"refused: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv))
