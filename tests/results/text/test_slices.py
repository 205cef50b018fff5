"""Many numbers in few words."""

from __future__ import annotations

import pytest

from sweep.results.text.slices import slices


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        ([], ""),
        ([3], "3"),
        ([2, 0, 1, 5], "0-2,5"),
        ([0, 1], "0,1"),
        ([7, 7, 7], "7"),
        ([-2, -1, 0, 4, 5, 6], "-2-0,4-6"),
        (range(1000), "0-999"),
    ],
)
def test_numbers_become_ranges_in_order(numbers: list[int], text: str) -> None:
    assert slices(numbers) == text
