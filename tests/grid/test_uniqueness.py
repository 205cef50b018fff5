"""The proof agrees with looking at every name."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from sweep.grid.uniqueness import find_clash

lists = st.lists(st.lists(st.text("ab", max_size=4), min_size=1, max_size=4), min_size=1, max_size=4)


@settings(max_examples=1500)
@given(lists)
def test_a_clash_is_found_exactly_if_two_choices_spell_one_text(parts: list[list[str]]) -> None:
    texts = ["".join(choice) for choice in product(*parts)]
    clash = find_clash(parts)
    assert (clash is None) == (len(set(texts)) == len(texts))
    if clash:
        one, other = clash
        assert one != other
        assert len(one) == len(other) == len(parts)
        spelled = ["".join(row[place] for row, place in zip(parts, places, strict=True)) for places in clash]
        assert spelled[0] == spelled[1]


def test_one_long_overlap_through_many_lists_is_found() -> None:
    parts = [["a", "ab"], ["b", "ba"], ["a", "ab"], ["b", ""]]
    assert find_clash(parts) is not None


def test_a_grid_too_large_to_expand_is_judged_at_once() -> None:
    parts = [[f"_{letter}{number}" for number in range(1000)] for letter in "abcdefgh"]
    assert find_clash(parts) is None
    assert find_clash([*parts, ["_x", "_x"]]) is not None


def test_no_list_at_all_has_no_clash() -> None:
    assert find_clash([]) is None
