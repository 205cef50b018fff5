"""What a run says of itself."""

from __future__ import annotations

import pytest

from .conftest import DataDir


@pytest.mark.parametrize(
    ("state", "counts"), [("done", True), ("failed", False), ("interrupted", False), ("pending", False)]
)
def test_a_run_counts_when_it_is_done(data_dir: DataDir, state: str, counts: bool) -> None:
    data_dir.run(state=state)
    assert data_dir.find()[0].counts is counts


def test_a_run_of_which_nothing_tells_the_state_counts(data_dir: DataDir) -> None:
    data_dir.spinningup()
    assert data_dir.find()[0].counts


def test_runs_can_be_keys_and_equal_ones_are_one_key(data_dir: DataDir) -> None:
    data_dir.run(lr=0.1, layers=(64, 64))
    assert len({data_dir.find()[0], data_dir.find()[0]}) == 1
