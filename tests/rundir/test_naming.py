"""Directories: the reference's table, and one date for a whole sweep."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from sweep.rundir.naming import Place

NIGHT = datetime(2026, 11, 21, 23, 59, 59)


@pytest.mark.parametrize(
    ("stamp", "seed", "path"),
    [
        (None, None, "data/ppo"),
        (None, 10, "data/ppo/ppo_s10"),
        (None, -1, "data/ppo/ppo_s-1"),
        (NIGHT, None, "data/2026-11-21_ppo"),
        (NIGHT, 10, "data/2026-11-21_ppo/2026-11-21_23-59-59-ppo_s10"),
    ],
)
def test_the_directory_of_a_run(stamp: datetime | None, seed: int | None, path: str) -> None:
    assert Place(Path("data"), stamp).run_dir("ppo", seed).path == Path(path)


def test_d18_a_sweep_over_midnight_stays_in_one_dated_directory() -> None:
    place = Place(Path("data"), NIGHT)
    assert {place.run_dir("ppo", seed).path.parent.name for seed in range(3)} == {"2026-11-21_ppo"}


def test_d18_the_place_one_second_on_is_another_directory() -> None:
    later = Place(Path("data"), NIGHT).later()
    assert later.run_dir("ppo", 0).path == Path("data/2026-11-22_ppo/2026-11-22_00-00-00-ppo_s0")
