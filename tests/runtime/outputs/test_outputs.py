"""Rows on the console and in the metrics file."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.runtime.outputs.cells import frozen, tsv_line
from sweep.runtime.outputs.output import Home
from sweep.runtime.outputs.table import ConsoleOutput, Table
from sweep.runtime.outputs.tsv import TsvOutput


def never(text: str) -> None:
    raise AssertionError(text)


def table(*rows: dict[str, Any]) -> list[str]:
    """Return the lines of the last row's table, without its rules."""
    made = Table()
    return [made.text(row) for row in rows][-1].splitlines()[1:-1]


def opened(folder: Path, warn: Callable[[str], object] = never) -> TsvOutput:
    output = TsvOutput()
    output.open(Home(folder, warn=warn), goes_on=False)
    return output


@pytest.fixture
def tsv(tmp_path: Path) -> Callable[..., list[str]]:
    def written(*rows: dict[str, Any]) -> list[str]:
        output = opened(tmp_path)
        for step, row in enumerate(rows):
            output.row(row, step)
        output.close("")
        return (tmp_path / "progress.txt").read_text().split("\n")

    return written


def test_the_table_is_laid_out_to_the_byte() -> None:
    stream = io.StringIO()
    ConsoleOutput(stream).row(
        {
            "Epoch": 0,
            "AverageTest": 4.5,
            "StdTest": 2.8722813232690143,
            "MaxTest": 9.0,
            "MinTest": 0.0,
            "Time": 1234.56789,
            "Note": "ok",
        },
        0,
    )
    assert stream.getvalue() == (
        "-------------------------------------\n"
        "|           Epoch |               0 |\n"
        "|     AverageTest |             4.5 |\n"
        "|         StdTest |            2.87 |\n"
        "|         MaxTest |               9 |\n"
        "|         MinTest |               0 |\n"
        "|            Time |        1.23e+03 |\n"
        "|            Note |              ok |\n"
        "-------------------------------------\n"
    )


def test_a_long_name_widens_the_table() -> None:
    stream = io.StringIO()
    ConsoleOutput(stream).row({"AnExceedinglyLongName": 1, "B": 2}, 0)
    rule, first, second, end = stream.getvalue().splitlines()
    assert rule == end == "-" * (22 + 21)
    assert first == "| AnExceedinglyLongName |               1 |"
    assert second == "|                     B |               2 |"


def test_a_column_that_a_row_lacks_is_empty_in_the_table() -> None:
    assert table({"A": 1, "B": 2}, {"B": 3}) == [
        "|               A |                 |",
        "|               B |               3 |",
    ]


def test_a_name_may_look_like_a_format_or_hold_control_characters() -> None:
    assert table({"100%d": 1, "a\0b": 2}) == [
        "|           100%d |               1 |",
        "|          a\\x00b |               2 |",
    ]


def test_the_table_goes_to_standard_output_as_it_is_when_a_row_comes(capsys: pytest.CaptureFixture[str]) -> None:
    ConsoleOutput().row({"A": 1}, 0)
    assert "|               A |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (1e-4, "0.0001"),
        (16777217, "1.68e+07"),
        (np.float32(0.5), "0.5"),
        (True, "1"),
        (float("nan"), "nan"),
        (None, "None"),
        ("two\nlines\tand \x1b[31m", r"two lines and \x1b[31m"),
        ([1.0, [2.0]], "[1.0, [2.0]]"),
        (10**400, str(10**400)),
    ],
)
def test_any_value_is_one_line_of_the_table(value: Any, cell: str) -> None:
    assert table({"A": value}) == [f"|               A | {cell:>15} |"]


def test_the_file_has_a_header_and_full_precision(tsv: Callable[..., list[str]]) -> None:
    assert tsv({"Epoch": 0, "Std": 2.8722813232690143, "Max": 9.0, "Note": "ok"}, {"Epoch": 1, "Note": None}) == [
        "Epoch\tStd\tMax\tNote",
        "0\t2.8722813232690143\t9.0\tok",
        "1\t\t\tNone",
        "",
    ]


def test_tabs_and_newlines_in_names_and_texts_never_break_the_table(tsv: Callable[..., list[str]]) -> None:
    assert tsv({"a\tb": "x\ty", "c": "1\r\n2", "d": "\\n"}) == ["a\\tb\tc\td", "x\\ty\t1\\r\\n2\t\\\\n", ""]


@given(st.lists(st.text(), min_size=1))
def test_escaped_cells_can_be_read_back(cells: list[str]) -> None:
    line = tsv_line(list(cells))
    assert "\n" not in line
    assert "\r" not in line
    marks = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}
    assert [re.sub(r"\\(.)", lambda found: marks[found[1]], cell) for cell in line.split("\t")] == cells


def test_half_a_surrogate_pair_is_written_as_its_escape(tsv: Callable[..., list[str]]) -> None:
    assert tsv({"a": "\ud800"}) == ["a", "\\ud800", ""]


def test_a_late_column_lengthens_the_header_and_pads_the_earlier_rows(tsv: Callable[..., list[str]]) -> None:
    assert tsv({"a": 1}, {"a": 2}, {"b": 3, "c": "x"}, {"a": 4, "c": "y"}) == [
        "a\tb\tc",
        "1\t\t",
        "2\t\t",
        "\t3\tx",
        "4\t\ty",
        "",
    ]


def test_a_row_is_in_the_file_when_it_was_taken(tmp_path: Path) -> None:
    output = opened(tmp_path)
    output.row({"a": 1}, 0)
    assert (tmp_path / "progress.txt").read_text() == "a\n1\n"
    output.close("")


def test_a_late_column_that_cannot_be_written_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = opened(tmp_path)
    output.row({"a": 1}, 0)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("sweep.runtime.outputs.tsv.write_atomic", full)
        with pytest.raises(OSError, match="No space"):
            output.row({"b": 2}, 0)
    output.row({"a": 3}, 0)
    output.close("")
    assert (tmp_path / "progress.txt").read_text() == "a\n1\n3\n"


def test_earlier_rows_are_set_aside_and_never_truncated(tmp_path: Path) -> None:
    path, said = tmp_path / "progress.txt", list[str]()
    path.write_text("Epoch\n0\n")
    opened(tmp_path, said.append).close("")
    kept = tmp_path / ".sweep/orphans/progress.1.txt"
    assert kept.read_text() == "Epoch\n0\n"
    assert path.read_text() == ""
    assert said == [f"{path} held earlier rows; they are kept in {kept}."]


def test_an_empty_file_is_used_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "progress.txt").touch()
    opened(tmp_path).close("")
    assert not (tmp_path / ".sweep").exists()


class Halves:
    """A tensor of a type that numpy has not."""

    ndim = 1

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise TypeError("Got unsupported ScalarType BFloat16")

    def __str__(self) -> str:
        return "halves"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (np.array([1.0, 2.0]), [1.0, 2.0]),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.array(0.1), 0.1),
        (np.zeros(5000), "array of float64, shape (5000,)"),
        ((1, "a"), "(1, 'a')"),
        (np.complex128(1 + 2j), 1 + 2j),
        (Halves(), "halves"),
    ],
)
def test_a_logged_value_becomes_something_that_nobody_changes_later(value: Any, kept: Any) -> None:
    assert frozen(value) == kept


def test_a_numpy_scalar_keeps_its_own_short_text() -> None:
    assert str(frozen(np.float32(0.1))) == "0.1"
