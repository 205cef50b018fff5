"""Two runs compared: rows without times, and what their last snapshots hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sweep.front.compared import Difference, compared, is_time
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import MANIFEST, Manifest, StoredFile, StoredItem, snapshot_name

Row = dict[str, Any]


def run_with(path: Path, rows: list[Row], items: dict[str, int] | None = None, step: int = 1) -> RunDir:
    """Make what a run leaves behind: rows, and a snapshot of items with these checksums."""
    run = RunDir(path)
    folder = run.snapshots / snapshot_name(step)
    folder.mkdir(parents=True)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    lines = [columns, *([str(row.get(name, "")) for name in columns] for row in rows)]
    run.progress.write_text("".join("\t".join(line) + "\n" for line in lines))
    (path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    if items is not None:
        stored = {name: StoredItem("array", "npz", f"{name}.npz") for name in items}
        marks = {"log marks": StoredItem("log marks", "json", "rank0.log_marks.json")}
        files = {f"{name}.npz": StoredFile(8, crc) for name, crc in items.items()}
        files["rank0.log_marks.json"] = StoredFile(8, hash(path))
        (folder / MANIFEST).write_text(json.dumps(Manifest(step, items=stored, own=(marks,), files=files).as_json()))
    return run


ROWS: list[Row] = [{"Epoch": 0, "Loss": 0.5, "Time": 1.0}, {"Epoch": 1, "Loss": 0.25, "Time": 2.0}]


def test_runs_that_differ_in_their_times_alone_are_equal(tmp_path: Path) -> None:
    one = run_with(tmp_path / "one", ROWS, {"w": 1})
    other = run_with(tmp_path / "other", [{**row, "Time": 9.0} for row in ROWS], {"w": 1})
    found = compared(one, other)
    assert found.is_equal
    assert (found.columns, found.times, found.rows) == (("Epoch", "Loss"), ("Time",), (2, 2))
    assert found.items == {"w": True}


def test_a_column_is_told_with_the_first_row_in_which_it_differs(tmp_path: Path) -> None:
    one = run_with(tmp_path / "one", [*ROWS, {"Epoch": 2, "Loss": 0.1}])
    other = run_with(tmp_path / "other", [ROWS[0], {"Epoch": 1, "Loss": 0.3}, {"Epoch": 2, "Loss": 0.2}])
    found = compared(one, other)
    assert found.differences == (
        Difference("progress.txt", "Loss", 1, "0.25", "0.3"),
        Difference("metrics.jsonl", "Loss", 1, 0.25, 0.3),
    )
    assert not found.is_equal
    assert compared(one, other, ["Loss"]).is_equal


def test_rows_that_are_missing_differ_in_every_column(tmp_path: Path) -> None:
    found = compared(run_with(tmp_path / "one", ROWS), run_with(tmp_path / "other", ROWS[:1]))
    assert found.rows == (2, 1)
    assert {(one.column, one.row, one.other) for one in found.differences} == {("Epoch", 1, None), ("Loss", 1, None)}


def test_a_late_column_that_only_one_has_differs(tmp_path: Path) -> None:
    found = compared(run_with(tmp_path / "one", [*ROWS, {"Late": 1}]), run_with(tmp_path / "other", [*ROWS, {}]))
    assert "Late" in {one.column for one in found.differences}


def test_nan_is_equal_to_itself(tmp_path: Path) -> None:
    rows = [{"Loss": float("nan")}]
    assert compared(run_with(tmp_path / "one", rows), run_with(tmp_path / "other", rows)).is_equal


def test_items_are_compared_by_the_checksums_of_their_files(tmp_path: Path) -> None:
    one = run_with(tmp_path / "one", ROWS, {"w": 1, "rng": 2})
    found = compared(one, run_with(tmp_path / "other", ROWS, {"w": 1, "rng": 3}))
    assert (found.changed, found.is_equal) == (["rng"], False)
    found = compared(one, run_with(tmp_path / "later", ROWS, {"w": 1, "rng": 2}, step=2))
    assert (found.steps, found.is_equal) == ((1, 2), False)


def test_runs_without_rows_and_snapshots_can_be_compared(tmp_path: Path) -> None:
    found = compared(RunDir(tmp_path / "one"), RunDir(tmp_path / "other"))
    assert (found.rows, found.steps, found.is_equal) == ((0, 0), (None, None), True)


def test_a_line_that_is_no_row_is_compared_as_it_is(tmp_path: Path) -> None:
    one, other = run_with(tmp_path / "one", ROWS), run_with(tmp_path / "other", ROWS)
    with (other.path / "metrics.jsonl").open("a") as file:
        file.write('{"Epoch"\n')
    assert compared(one, other).differences == (Difference("metrics.jsonl", "", 2, None, '{"Epoch"'),)


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("Time", True),
        ("time/total", True),
        ("EpochSeconds", True),
        ("fps", True),
        ("FPS", True),
        ("wall_clock", True),
        ("TimeStep", False),
        ("time_steps", False),
        ("Timesteps", False),
        ("Sentiment", False),
        ("Loss", False),
        ("TimeLimit", False),
    ],
)
def test_a_column_tells_a_time_if_a_word_of_its_name_says_so(column: str, told: bool) -> None:
    assert is_time(column) == told
