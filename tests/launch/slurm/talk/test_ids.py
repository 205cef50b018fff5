"""Ids on a command line: short, and nothing but ids."""

from __future__ import annotations

import pytest

from sweep.base.errors import LaunchError
from sweep.launch.slurm.talk.ids import batched, compressed, jobs_of


def test_elements_of_an_array_become_ranges() -> None:
    assert compressed(["12_7", "12_0", "9", "12_1", "12_2", "12_2", "13_5"]) == ["9", "12_[0-2,7]", "13_[5]"]


def test_a_word_is_bounded_however_scattered_the_elements_are() -> None:
    words = compressed(f"1_{2 * number}" for number in range(250))
    assert [word.count(",") + 1 for word in words] == [100, 100, 50]


@pytest.mark.parametrize("wrong", ["", "-1", "--all", "12_", "_3", "12_[0-3]", "12 13", "1\n", "x", "١٢"])
def test_what_is_no_id_never_comes_onto_a_command_line(wrong: str) -> None:
    with pytest.raises(LaunchError, match="is no id of a Slurm job"):
        compressed(["1", wrong])


def test_words_are_given_in_groups() -> None:
    assert list(batched(["a", "b", "c"], 2)) == [["a", "b"], ["c"]]


def test_elements_belong_to_their_array() -> None:
    assert jobs_of(["12_7", "9", "12_0"]) == ["12", "9"]
