"""What of a table fits into a width."""

from __future__ import annotations

import pytest

from sweep.results.text.cell import cell
from sweep.results.text.plain import table_lines
from sweep.results.text.table import Column, TextTable, fit

COLUMNS = [
    Column("setting", min_width=8),
    Column("seeds"),
    Column("score", "right", priority=1),
    Column("course", priority=3),
    Column("left", "right", priority=2),
]
ROW = [cell("ppo_lr0-001_hid64-64"), cell("#####"), cell("458.3"), cell("123456789"), cell("12 s")]
TABLE = TextTable(COLUMNS, [ROW], indent=1)


def test_all_columns_are_as_wide_as_they_want_where_there_is_room() -> None:
    assert fit(TABLE, None) == fit(TABLE, 200) == {0: 20, 1: 5, 2: 5, 3: 9, 4: 4}


def test_a_column_that_can_shrinks_before_any_is_left_out() -> None:
    assert fit(TABLE, 50) == {0: 18, 1: 5, 2: 5, 3: 9, 4: 4}


def test_the_least_important_columns_are_left_out_first() -> None:
    assert list(fit(TABLE, 39)) == [0, 1, 2, 4]
    assert list(fit(TABLE, 24)) == [0, 1, 2]
    assert list(fit(TABLE, 20)) == [0, 1]
    assert list(fit(TABLE, 3)) == [0, 1]


@pytest.mark.parametrize("width", range(17, 80))
def test_lines_never_pass_the_width(width: int) -> None:
    assert all(len(line) <= width for line in table_lines(TABLE, width))


def test_a_plain_table_has_its_heading_above_aligned_columns() -> None:
    assert list(table_lines(TABLE)) == [
        " setting               seeds  score  course     left",
        " ppo_lr0-001_hid64-64  #####  458.3  123456789  12 s",
    ]


def test_a_column_that_wraps_takes_several_lines() -> None:
    table = TextTable([Column("a"), Column("b", min_width=8, wraps=True)], [[cell("x"), cell("one two three")]])
    assert list(table_lines(table, 12)) == ["a  b", "x  one two", "   three"]


def test_a_table_without_headings_has_only_its_rows() -> None:
    assert list(table_lines(TextTable([Column("")], [[cell("x")]]))) == ["x"]
