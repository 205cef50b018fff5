"""Many tables at once are exactly what each of them is."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.results.bulk import read_tables
from sweep.results.run import Run
from sweep.results.table_file import Table, read_table

pytest.importorskip("pyarrow")
FINE = b"a\tb\tc\n" + b"".join(f"{i}\t{1 / (i + 1)}\tinf\n".encode() for i in range(9))


def runs_of(folder: Path, *contents: bytes) -> list[Run]:
    runs = []
    for number, content in enumerate(contents):
        (folder / str(number)).mkdir()
        file = folder / str(number) / "progress.txt"
        file.write_bytes(content)
        runs.append(Run(file.parent, str(number), "a", "key", {}, number, "done", None, "sweep", file))
    return runs


def same(one: Table, other: Table) -> None:
    np.testing.assert_equal(dict(one.columns), dict(other.columns))
    assert list(one.columns) == list(other.columns)
    assert one.notes == other.notes


def check(runs: list[Run], columns: set[str] | None = None) -> None:
    found = read_tables(runs, columns)
    assert len(found) == len(runs)
    for run, table in zip(runs, found, strict=True):
        same(table, read_table(run, columns))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"a\tb\tc\n", b"a\tb\tc\n1\t2\n", b"a\tb\tc\n1\t2\t3\t4\n", b"a\tb\tc\n1\t2\t3\t4\t5\n",
        b"a\tb\tc\n1\t2\t3\tnan\n", b"a\tb\tc\n1\t2\t3\tnan\n4\t5\n",
        b"a\tb\tc\n1\t2\t",
        b"a\tb\tc\n1\t\t3\n", b"a\tb\tc\n1\t2\t\n", b"a\tb\tc\nnan\t-inf\tNaN\n", b"a\tb\tc\n1\tx\t3\n",
        b"a\tb\tc\n1\t2\t3\r\n",
        b"a\tb\tc\n1\t2\t3\na\tb\tc\n4\t5\t6\n", b"a\tb\tc\n1\t2\t3\n\n4\t5\t6\n", b'a\tb\tc\n"1\t2\t3"\n4\t5\t6\n',
        b"a\tb\tc\nTrue\tNone\t3\n", b"a\tb\tc\n1_0\tNA\t3\n", b"a\tb\tc\n 1 \t0x1\t3\n",
        b"a\tb\tc\n1\t1,5\t3\n", b"b\ta\tc\n1\t2\t3\n",
        b"a\tb\tc\n1\0\t2\t3\n", b"a\tb\tc\n1\t\xff\t3\n", b"#a\tb\tc\n1\t2\t3\n", b"a\ta\tc\n1\t2\t3\n",
        b"a\n1\n2\n", b"a\n1\n\n2\n", b"a\tb\tc\nnan(1)\t-nan\tNAN\n",
        b"x\t\n1\t2\nx\t\n3\t4\n", b"1\t2\n3\t4\n1\t2\n\t\n", b" \n1\t2\n", b"\t\n1\n", b"a\tb\tc\n1e999\t-0\t+3\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("columns", [None, {"a"}, {"b", "z"}, {"z"}, {"column 2"}])
def test_a_table_that_is_not_regular_is_read_as_it_is_alone_and_spoils_no_other(
    tmp_path: Path, content: bytes, columns: set[str] | None
) -> None:
    check(runs_of(tmp_path, FINE, content, FINE, FINE), columns)


def test_what_is_missing_or_blocks_has_no_rows(tmp_path: Path) -> None:
    runs = runs_of(tmp_path, FINE, b"", b"", FINE)
    for run in runs[1:3]:
        assert run.table is not None
        run.table.unlink()
    os.mkfifo(tmp_path / "1" / "progress.txt")
    check(runs)


def test_many_tables_come_in_the_order_of_their_runs(tmp_path: Path) -> None:
    check(runs_of(tmp_path, *(b"a\tb\n" + b"%d\t2\n" % i * (i % 4) for i in range(30))))


@given(st.lists(st.floats(), min_size=1, max_size=20))
def test_every_number_is_exactly_what_was_written(
    tmp_path_factory: pytest.TempPathFactory, values: list[float]
) -> None:
    content = b"a\tb\n" + "".join(f"{value!r}\t1\n" for value in values).encode()
    (table,) = read_tables(runs_of(tmp_path_factory.mktemp("any"), content))
    np.testing.assert_array_equal(table.columns["a"], values)


CELLS = st.sampled_from(
    [
        "1",
        "-2.5",
        "nan",
        "inf",
        "",
        "x",
        "a",
        "b",
        " 7",
        "1e5",
        "1e400",
        ".5",
        "5.",
        "infinity",
        "1 2",
        "+1",
        "--1",
        "0b1",
    ]
)


@given(st.lists(st.lists(CELLS, max_size=4).map("\t".join), max_size=8))
def test_any_table_is_what_it_is_alone(tmp_path_factory: pytest.TempPathFactory, rows: list[str]) -> None:
    content = "\n".join(["a\tb", *rows, ""]).encode()
    check(runs_of(tmp_path_factory.mktemp("any"), b"a\tb\n1\t2\n", content))
