"""Pages on streams: terminals and others, with rich and without."""

from __future__ import annotations

import io
import sys

import pytest

from sweep.results.text.cell import cell
from sweep.results.text.page import Page, line
from sweep.results.text.screen import has_rich, is_terminal, text_of
from sweep.results.text.table import Column, TextTable

PAGE: Page = [
    line("a title [red]no markup[/red] :smile:", "bold"),
    TextTable([Column("state"), Column("which", min_width=8, wraps=True)], [[cell("done", "green"), cell("x" * 90)]]),
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_is_no_terminal_gets_plain_text_without_an_end_of_its_width() -> None:
    assert text_of(PAGE, io.StringIO()).splitlines() == [
        "a title [red]no markup[/red] :smile:",
        "state  which",
        "done   " + "x" * 90,
    ]


def test_a_terminal_gets_colours_but_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm-256color")
    shown = text_of(PAGE, Terminal())
    assert "\x1b[32mdone" in shown
    assert "[red]no markup[/red] :smile:" in shown


def test_a_terminal_that_wants_no_colour_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[32m" not in text_of(PAGE, Terminal())


def test_without_rich_a_terminal_gets_plain_text_that_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    monkeypatch.setenv("COLUMNS", "60")
    assert not has_rich()
    assert max(map(len, text_of(PAGE, Terminal()).splitlines())) <= 60


def test_a_stream_that_is_closed_or_strange_is_no_terminal() -> None:
    closed = io.StringIO()
    closed.close()
    assert not is_terminal(closed)
    assert not is_terminal(object())  # type: ignore[arg-type]
