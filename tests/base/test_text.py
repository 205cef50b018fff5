"""Strings for people."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.base.text import colorize, duration, paint, plural, printable, rule, shorten, shown, wants_colour


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.0 s"),
        (0.4, "0.4 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (12.4, "12 s"),
        (59.4, "59 s"),
        (59.7, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3599.6, "1 h 0 min"),
        (7500, "2 h 5 min"),
        (float("inf"), "unknown"),
        (float("nan"), "unknown"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@given(st.text(), st.integers(-3, 40))
def test_shortened_text_is_one_line_and_never_longer_than_asked(text: str, width: int) -> None:
    short = shorten(text, width)
    assert len(short) <= max(width, 0)
    assert "\n" not in short


def test_short_text_stays_and_long_text_keeps_its_ends() -> None:
    assert shorten("a  b\nc", 10) == "a b c"
    assert shorten("abcdefghijklmnopqrstuvwxyz", 11) == "abcde...xyz"


def test_counts_agree_with_their_noun() -> None:
    assert [plural(n, "run") for n in (0, 1, 2, 12345)] == ["0 runs", "1 run", "2 runs", "12,345 runs"]


@given(st.text(st.characters(codec=None)))
def test_printable_text_cannot_steer_a_terminal(text: str) -> None:
    assert all(c == "\t" or c.isprintable() for c in printable(text))


def test_colours_go_to_terminals_only_and_never_with_no_color() -> None:
    assert colorize("x", "red", bold=True, highlight=True) == "\x1b[41;1mx\x1b[0m"
    assert wants_colour(Terminal(), {})
    assert not wants_colour(Terminal(), {"NO_COLOR": "1"})
    assert not wants_colour(Terminal(), {"TERM": "dumb"})
    assert not wants_colour(io.StringIO(), {})
    assert paint("x", "red", stream=io.StringIO()) == "x"


def test_a_rule_fills_the_report() -> None:
    assert rule() == "=" * 80
    assert rule("-", 3) == "---"


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def test_a_value_in_a_message_is_one_short_printable_line_whatever_it_is() -> None:
    values: list[Any] = [Hostile(), [Hostile()], 10**5000, np.zeros((50, 50)), "a\nb\x1b[31m", "x" * 10_000, "\ud800"]
    for text in map(shown, values):
        assert len(text) <= 200
        assert text.isprintable()
