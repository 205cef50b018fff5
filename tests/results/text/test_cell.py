"""Text that comes from anywhere, in one line of a terminal."""

from __future__ import annotations

import pytest

from sweep.results.text.cell import cell, fitted, inert, text_width


@pytest.mark.parametrize(
    "text", ["\x1b[2J", "\x1b]0;title\x07", "a\nb", "a\u2028b", "a\u202eb", "\x9b31m", "a\rb", "\udc80", "\x00"]
)
def test_nothing_steers_a_terminal_or_begins_a_line(text: str) -> None:
    shown = cell(text).text
    assert shown.isprintable()
    assert len(shown.splitlines()) == 1


def test_a_tab_is_spaces_and_an_endless_text_ends() -> None:
    assert inert("a\tb") == "a   b"
    assert len(inert("x" * 10**6)) < 3000


def test_wide_characters_count_twice_and_combining_ones_not_at_all() -> None:
    assert text_width("abc") == 3
    assert text_width("漢字") == 4
    assert text_width("e\u0301") == 1


@pytest.mark.parametrize("width", range(30))
@pytest.mark.parametrize("text", ["a_long_name_of_a_setting", "漢字漢字漢字漢字漢字漢字漢字", "short"])
def test_text_is_cut_to_a_width_and_not_more(text: str, width: int) -> None:
    cut = fitted(text, width)
    assert text_width(cut) <= width
    assert cut == text or text_width(text) > width


def test_what_is_cut_keeps_both_ends() -> None:
    assert fitted("ppo_lr0-001_hid64-64_tanh", 15) == "ppo_lr...4_tanh"
