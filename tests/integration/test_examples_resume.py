"""The example of a run that is killed and gone on with, as it stands."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

EXAMPLE = Path(__file__).parents[2] / "examples" / "resume.py"


def test_the_killed_run_goes_on_and_has_the_same_rows(workplace: Path, python: Callable[..., Any]) -> None:
    done = python(str(EXAMPLE))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert "exit codes [0, 1, 0]; the rows are the same" in done.stdout
    assert "Going on from" in done.stdout
    run = workplace / "data/killed/killed_s0"
    header, *rows = (run / "progress.txt").read_text().splitlines()
    assert header.split("\t")[:2] == ["Epoch", "AverageLoss"]
    assert [row.split("\t")[0] for row in rows] == [str(epoch) for epoch in range(10)]
    assert float(rows[-1].split("\t")[1]) < float(rows[0].split("\t")[1])
