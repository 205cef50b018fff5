"""Outputs that are files, taken back to a mark: byte for byte what a run that was never cut off has there."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.runtime.outputs.jsonl import JsonlOutput, TrackedOutput, json_line, read_rows
from sweep.runtime.outputs.output import Home, Output
from sweep.runtime.outputs.table import LogOutput
from sweep.runtime.outputs.tsv import TsvOutput

Row = dict[str, Any]
NAMES = {TsvOutput: "progress.txt", JsonlOutput: "metrics.jsonl", LogOutput: "log.txt"}
CELLS = st.one_of(st.floats(), st.integers(), st.text(max_size=4), st.none(), st.booleans())
ROWS = st.lists(st.dictionaries(st.text(max_size=3), CELLS, min_size=1, max_size=4), max_size=6)
FILES: Any = pytest.mark.parametrize("kind", NAMES, ids=lambda kind: kind.name)


def never(text: str) -> None:
    raise AssertionError(text)


def opened(kind: Callable[[], Output], folder: Path, mark: Any = None, warn: Callable[[str], object] = never) -> Output:
    output = kind()
    output.open(Home(folder, warn=warn), goes_on=mark is not None)
    if mark is not None:
        output.roll_back(mark)
    return output


def write(output: Output, rows: list[Row]) -> None:
    for step, row in enumerate(rows):
        output.row(row, step)


def through_json(mark: Any) -> Any:
    return json.loads(json.dumps(mark, allow_nan=False))


@FILES
@given(before=ROWS, lost=ROWS, after=ROWS)
@settings(max_examples=60)
def test_a_run_that_was_cut_off_ends_with_the_bytes_of_one_that_was_not(
    kind: Any, before: list[Row], lost: list[Row], after: list[Row]
) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        whole = opened(kind, Path(one))
        write(whole, before + after)
        whole.close("")
        cut_off = opened(kind, Path(other))
        write(cut_off, before)
        mark = through_json(cut_off.mark())
        write(cut_off, lost)  # and nobody closes it
        again = opened(kind, Path(other), mark)
        write(again, after)
        again.close("")
        cut_off.close("")
        assert (Path(other) / NAMES[kind]).read_bytes() == (Path(one) / NAMES[kind]).read_bytes()


@FILES
@given(before=ROWS, lost=ROWS)
@settings(max_examples=30)
def test_going_back_in_one_process_is_the_same_as_in_another(kind: Any, before: list[Row], lost: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        output = opened(kind, Path(folder))
        write(output, before)
        mark, there = output.mark(), (Path(folder) / NAMES[kind]).read_bytes()
        write(output, lost)
        output.roll_back(mark)
        assert (Path(folder) / NAMES[kind]).read_bytes() == there
        assert output.mark() == mark
        output.close("")


ROWS_BEFORE = [{"a": 1.5}, {"a": 2.5, "b": "x\ty"}]
ROWS_BEHIND = [{"a": 3.5, "late": 1}, {"a": math.nan, "late": 2}]


@FILES
def test_a_file_torn_at_any_byte_behind_the_mark_goes_back_to_the_mark(kind: Any, tmp_path: Path) -> None:
    output = opened(kind, tmp_path)
    write(output, ROWS_BEFORE)
    path, mark = tmp_path / NAMES[kind], output.mark()
    there = path.read_bytes()
    write(output, ROWS_BEHIND)
    output.close("")
    full = path.read_bytes()
    first = full.index(b"3.5") if kind is TsvOutput else len(there)
    for length in range(first, len(full) + 1):
        path.write_bytes(full[:length])
        opened(kind, tmp_path, mark).close("")
        assert path.read_bytes() == there


@FILES
def test_a_file_torn_at_any_byte_before_the_mark_keeps_its_whole_rows_and_that_is_told(
    kind: Any, tmp_path: Path
) -> None:
    output = opened(kind, tmp_path)
    write(output, ROWS_BEFORE)
    path, mark = tmp_path / NAMES[kind], output.mark()
    output.close("")
    full = path.read_bytes()
    for length in range(len(full)):
        path.write_bytes(full[:length])
        said: list[str] = []
        again = opened(kind, tmp_path, mark, said.append)
        kept = path.read_bytes()
        again.row({"a": 9}, 2)
        again.close("")
        assert len(said) == 1
        assert str(path) in said[0]
        assert path.read_bytes().startswith(kept)
        whole = full[:length].count(b"\n")
        assert kept.count(b"\n") == (max(1, whole) if kind is TsvOutput else whole)


def test_rows_behind_the_mark_are_kept_with_their_header(tmp_path: Path) -> None:
    output = opened(TsvOutput, tmp_path)
    write(output, ROWS_BEFORE)
    mark = output.mark()
    write(output, ROWS_BEHIND)
    output.roll_back(mark)
    output.close("")
    kept = (tmp_path / ".sweep/orphans/progress.1.txt").read_text()
    assert kept == "a\tb\tlate\n3.5\t\t1\nnan\t\t2\n"


def test_going_back_to_where_one_is_leaves_no_orphans(tmp_path: Path) -> None:
    for kind in NAMES:
        output = opened(kind, tmp_path)
        write(output, ROWS_BEFORE)
        output.roll_back(output.mark())
        output.close("")
    assert not (tmp_path / ".sweep").exists()


def test_a_table_with_another_header_than_at_the_mark_is_kept_aside(tmp_path: Path) -> None:
    output = opened(TsvOutput, tmp_path)
    write(output, ROWS_BEFORE)
    mark = output.mark()
    output.close("")
    (tmp_path / "progress.txt").write_text("x\n1\n2\n")
    said: list[str] = []
    opened(TsvOutput, tmp_path, mark, said.append).close("")
    assert (tmp_path / "progress.txt").read_text() == "a\tb\n"
    assert (tmp_path / ".sweep/orphans/progress.1.txt").read_text() == "x\n1\n2\n"
    assert "2 of them are lost" in said[0]


@pytest.mark.parametrize("size", [0, 3, 8, 11, 14])
def test_rows_that_the_table_has_lost_are_written_again_from_the_rows_as_json(tmp_path: Path, size: int) -> None:
    rows: list[Row] = [{"a": 0.5}, {"a": math.nan, "b": "x\ty"}, {"a": True, "b": None}, {"a": -math.inf}]
    table, record = opened(TsvOutput, tmp_path), opened(JsonlOutput, tmp_path)
    for output in (table, record):
        write(output, rows[:3])
    mark = table.mark()
    for output in (table, record):
        write(output, rows[3:])
        output.close("")
    file, said = tmp_path / "progress.txt", list[str]()
    whole = file.read_text().splitlines(keepends=True)[:4]
    file.write_text("".join(whole)[:size])
    opened(TsvOutput, tmp_path, mark, said.append).close("")
    assert file.read_text() == "".join(whole)
    assert "that it lacks are written again from metrics.jsonl." in said[0]


def test_rows_are_taken_from_json_up_to_the_first_line_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    assert read_rows(file) == []
    file.write_text('{"a": 1}\n{"a": 2}\n{"a"\n{"a": 4}\n')
    assert read_rows(file) == [{"a": 1}, {"a": 2}]
    file.write_text('{"a": 1}\n[2]\n')
    assert read_rows(file) == [{"a": 1}]
    file.write_text('{"a": 1}\n{"a": 2}')
    assert read_rows(file) == [{"a": 1}]


def test_a_row_that_the_disk_takes_in_part_leaves_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sweep.runtime.outputs import appending

    output = opened(JsonlOutput, tmp_path)
    output.row({"a": 1}, 0)
    write_some, calls = appending.os.write, list[int]()

    def full(descriptor: int, data: bytes) -> int:
        calls.append(len(data))
        if len(calls) == 1:
            return write_some(descriptor, data[:3])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(appending.os, "write", full)
        with pytest.raises(OSError, match="No space"):
            output.row({"a": 2}, 1)
    output.row({"a": 3}, 2)
    output.close("")
    assert (tmp_path / "metrics.jsonl").read_text() == '{"a": 1}\n{"a": 3}\n'


# JSON


@given(st.dictionaries(st.text(), CELLS))
def test_a_row_of_json_gives_every_value_back(row: Row) -> None:
    line = json_line(row)
    assert line.count(b"\n") == 1

    def refused(text: str) -> None:
        raise AssertionError(f"{text} is not strict JSON")

    read = json.loads(line, parse_constant=refused)
    words = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
    for key, value in row.items():
        if isinstance(value, float) and not math.isfinite(value):
            assert str(words[read[key]]) == str(value)
        else:
            assert (read[key], type(read[key])) == (value, type(value))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float32(0.1), "0.10000000149011612"),
        (np.float64(0.1), "0.1"),
        (np.float32("nan"), '"NaN"'),
        (np.int64(3), "3"),
        (np.bool_(True), "true"),
        ([1.0, [math.inf]], '[1.0, ["Infinity"]]'),
        pytest.param(10**5000, '"whole number of 16610 bits"', id="long"),
        (1 + 2j, '"(1+2j)"'),
        ("\ud800\n", '"\\ud800\\n"'),
    ],
)
def test_numbers_have_every_digit_in_json(value: Any, text: str) -> None:
    assert json_line({"a": value}).decode() == f'{{"a": {text}}}\n'


# What was tracked


def track(output: TrackedOutput, steps: range) -> None:
    for step in steps:
        output.scalars({"a": step / 4}, step)


def tracked(folder: Path) -> TrackedOutput:
    output = TrackedOutput()
    output.open(Home(folder, warn=never), goes_on=False)
    return output


def test_what_was_tracked_goes_back_too(tmp_path: Path) -> None:
    path, output = tmp_path / "tracked.jsonl", tracked(tmp_path)
    assert not path.exists()
    nothing = output.mark()
    track(output, range(2))
    two = output.mark()
    track(output, range(2, 4))
    output.roll_back(two)
    track(output, range(5, 6))
    assert path.read_text() == '{"a": 0.0, "step": 0}\n{"a": 0.25, "step": 1}\n{"a": 1.25, "step": 5}\n'
    output.roll_back(nothing)
    assert not path.exists()
    output.close("")
    assert sorted(file.name for file in (tmp_path / ".sweep/orphans").iterdir()) == [
        "tracked.1.jsonl",
        "tracked.2.jsonl",
    ]


def test_messages_and_tables_are_in_the_log_without_colours(tmp_path: Path) -> None:
    output = opened(LogOutput, tmp_path)
    output.message("hello", "green")
    output.row({"A": 1}, 0)
    output.close("")
    assert (tmp_path / "log.txt").read_text().splitlines() == [
        "hello",
        "-" * 37,
        "|               A |               1 |",
        "-" * 37,
    ]
