"""Rows survive whatever happens to a file: nothing is made up, and nothing makes reading fail."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sweep.results.run import Run
from sweep.results.table_file import column_names, last_row, read_table

NAN = float("nan")


def run_of(folder: Path, content: bytes, name: str = "progress.txt") -> Run:
    (folder / name).write_bytes(content)
    return Run(folder, "a_s0", "a", "key", {}, 0, "done", None, "sweep", folder / name)


def columns_of(folder: Path, content: bytes, name: str = "progress.txt") -> dict[str, list[float]]:
    return {key: column.tolist() for key, column in read_table(run_of(folder, content, name)).columns.items()}


def test_numbers_are_read_as_they_were_written(tmp_path: Path) -> None:
    values = [0.1, 1 / 3, -2.5e-308, 1e300, 5e-324, 1.2345678901234568e17]
    table = columns_of(tmp_path, b"a\tb\n" + "".join(f"{value}\t{-value}\n" for value in values).encode())
    assert table == {"a": values, "b": [-value for value in values]}


def test_columns_are_float64_and_of_one_length(tmp_path: Path) -> None:
    table = read_table(run_of(tmp_path, b"a\tb\n1\t2\n3\t4\n"))
    assert table.rows == 2
    assert {column.dtype for column in table.columns.values()} == {np.dtype(np.float64)}


def test_a_last_line_without_its_newline_is_left_out_and_noted(tmp_path: Path) -> None:
    table = read_table(run_of(tmp_path, b"a\tb\n1\t2\n3\t3."))
    assert table.columns["b"].tolist() == [2]
    assert table.notes == ("the last line is not whole and is left out",)


def test_nan_and_inf_stay_and_an_empty_cell_is_nan_never_zero(tmp_path: Path) -> None:
    table = read_table(run_of(tmp_path, b"a\tb\nnan\tinf\n\t-inf\n3\t\n"))
    np.testing.assert_equal(table.columns, {"a": np.array([NAN, NAN, 3]), "b": np.array([np.inf, -np.inf, NAN])})
    assert table.notes == ()


def test_a_column_that_came_late_is_nan_before(tmp_path: Path) -> None:
    padded = read_table(run_of(tmp_path, b"a\tb\n1\t\n2\t5\n")).columns["b"]
    short = read_table(run_of(tmp_path, b"a\tb\n1\n2\t5\n")).columns["b"]
    np.testing.assert_equal(padded, [NAN, 5])
    np.testing.assert_equal(short, [NAN, 5])


def test_a_header_that_comes_again_is_no_row(tmp_path: Path) -> None:
    assert columns_of(tmp_path, b"a\tb\n1\t2\na\tb\n3\t4\n") == {"a": [1, 3], "b": [2, 4]}


def test_a_header_that_comes_again_with_other_columns_counts_from_there(tmp_path: Path) -> None:
    table = read_table(run_of(tmp_path, b"a\tb\n1\t2\na\tc\tb\n3\t4\t5\n")).columns
    np.testing.assert_equal(dict(table), {"a": np.array([1, 3]), "b": np.array([2, 5]), "c": np.array([NAN, 4])})


def test_a_row_that_was_cut_off_in_the_middle_of_a_file_is_left_out(tmp_path: Path) -> None:
    table = read_table(run_of(tmp_path, b"a\tb\tc\n1\t2\t3\n4\t5.\n7\t8\t9\n"))
    assert table.columns["b"].tolist() == [2, 8]
    assert table.notes == ("1 row is cut off and left out",)


def test_cells_that_a_row_has_too_many_are_noted(tmp_path: Path) -> None:
    table = read_table(run_of(tmp_path, b"a\tb\n1\t2\t3\n4\t5\n"))
    assert table.columns["b"].tolist() == [2, 5]
    assert table.notes == ("1 row has more cells than columns",)


@pytest.mark.parametrize("text", [b"yes", b"1_000", b"0x10", b"1,5", b"\xff\xfe", b"\0\0", b"[1, 2]", "٣".encode()])
def test_a_text_is_nan_and_noted(tmp_path: Path, text: bytes) -> None:
    table = read_table(run_of(tmp_path, b"a\tb\n1\t2\n3\t" + text + b"\n"))
    np.testing.assert_equal(table.columns["b"], [2, NAN])
    assert table.columns["a"].tolist() == [1, 3]
    assert table.notes == ("1 cell of b without a number",)


@pytest.mark.parametrize("content", [b"", b"\n", b"a\tb", b"\r\n\n", b"\xef\xbb\xbf", b"#{", b"#{}\n"])
def test_a_file_without_a_whole_header_has_no_rows(tmp_path: Path, content: bytes) -> None:
    run = run_of(tmp_path, content)
    assert (read_table(run).rows, last_row(run)) == (0, {})


def test_a_header_alone_is_columns_without_rows(tmp_path: Path) -> None:
    run = run_of(tmp_path, b"a\tb\n")
    assert columns_of(tmp_path, b"a\tb\n") == {"a": [], "b": []}
    assert last_row(run) == {}
    assert column_names(run) == ["a", "b"]


def test_names_are_never_empty_twice_or_dangerous(tmp_path: Path) -> None:
    assert list(columns_of(tmp_path, b"a\ta\t\t\x1b[2J\t\xff\n1\t2\t3\t4\t5\n")) == [
        "a", "a again", "column 3", r"\x1b[2J", "\N{REPLACEMENT CHARACTER}",
    ]  # fmt: skip


def test_csv_has_quotes_and_windows_lines(tmp_path: Path) -> None:
    content = b'"a, really",b\r\n1,"2"\r\n3,4\r\n'
    assert columns_of(tmp_path, content, "progress.csv") == {"a, really": [1, 3], "b": [2, 4]}
    assert columns_of(tmp_path, b"a,b\r\n1,2\r\n", "progress.csv") == {"a": [1], "b": [2]}


def test_a_quote_that_is_never_closed_costs_one_line(tmp_path: Path) -> None:
    assert columns_of(tmp_path, b'a,b\n1,2\n"3,4\n5,6\n', "progress.csv")["a"] == [1, 5]


def test_only_the_columns_that_are_wanted_are_read(tmp_path: Path) -> None:
    for content in (b"a\tb\tc\n1\t2\t3\n", b"a\tb\tc\n1\t2\n4\t5\t6\n"):
        assert list(read_table(run_of(tmp_path, content), {"b", "z"}).columns) == ["b"]


def test_what_is_no_plain_file_is_not_waited_for(tmp_path: Path) -> None:
    run = run_of(tmp_path, b"")
    (tmp_path / "progress.txt").unlink()
    assert (read_table(run).rows, read_table(run).notes) == (0, ())
    os.mkfifo(tmp_path / "progress.txt")
    assert read_table(run).notes == ("progress.txt cannot be read, or is no plain file",)
    assert last_row(run) == {}
    assert column_names(run) == []


def test_the_last_row_of_a_long_table_is_that_of_the_whole(tmp_path: Path) -> None:
    run = run_of(tmp_path, b"a\tb\n" + b"".join(b"%d\t%d.5\n" % (i, i) for i in range(20_000)) + b"77\t8")
    assert last_row(run) == {"a": 19_999, "b": 19_999.5}


def test_a_row_or_a_header_longer_than_what_is_looked_at_is_read_all_the_same(tmp_path: Path) -> None:
    names = "\t".join(f"column{i}" for i in range(5000))
    run = run_of(tmp_path, "\n".join([names, *["\t".join(["1.25"] * 5000)] * 3, ""]).encode())
    assert len(last_row(run)) == 5000
    assert len(column_names(run)) == 5000


@pytest.mark.parametrize(
    "content",
    [
        b"a\tb\n1\t2\n3\t4\na\tb\n", b"a\tb\n1\t2\n3\n", b"a\tb\n1\t2\n\t3\n", b"a\tb\n1\t2\n\n\n",
        b"a\tb\n1\t2\nx\ty\n",
        b"a\n1\n2\n", b"a\tb\n1\t2\n3\t4", b"a\tb\r\n1\t2\r\n", b"a\tb\n1\t2\na\tb\tc\n3\t4\t5\n", b"a\tb\n1\t2\t3\n",
    ],
)  # fmt: skip
def test_the_last_row_is_that_of_the_whole_table(tmp_path: Path, content: bytes) -> None:
    run = run_of(tmp_path, content)
    whole = {name: column[-1] for name, column in read_table(run).columns.items()}
    np.testing.assert_equal(last_row(run), whole)


@given(st.binary(max_size=300), st.sampled_from(["progress.txt", "progress.csv", "monitor.csv"]))
def test_any_bytes_are_read(tmp_path_factory: pytest.TempPathFactory, content: bytes, name: str) -> None:
    run = run_of(tmp_path_factory.mktemp("any"), content, name)
    table = read_table(run)
    assert len({len(column) for column in table.columns.values()}) <= 1
    assert all(name.isprintable() for name in table.columns)
    assert set(last_row(run)) <= set(table.columns)


CELLS = st.sampled_from(["1", "-2.5", "nan", "inf", "", "x", "a", "b", "1e5"])


@example(["a", "1\t1"])
@given(st.lists(st.lists(CELLS, max_size=4).map("\t".join), max_size=8))
def test_the_last_row_never_differs_from_the_whole_table(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str]
) -> None:
    run = run_of(tmp_path_factory.mktemp("any"), "\n".join(["a\tb", *rows, ""]).encode())
    whole = {name: column[-1] for name, column in read_table(run).columns.items() if len(column)}
    np.testing.assert_equal(last_row(run), whole)
