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


def test_a_relative_path_is_the_run_s_directory_as_text() -> None:
    for place in (Place(Path("data")), Place(Path("data"), NIGHT)):
        assert Path("data") / place.relative("ppo", 3) == place.run_dir("ppo", 3).path


def test_each_grid_has_a_lock_of_its_own_whatever_its_name_is() -> None:
    names = ["ppo", "", "_ppo", "p" * 300, "p" * 301]
    files = [Place(Path("data")).sweep_lock(name) for name in names]
    assert files[0] == Path("data/.sweep/ppo.lock")
    assert len(set(files)) == len(names)
    assert max(len(file.name.encode()) for file in files) <= 255


def test_a_run_that_makes_way_gets_a_place_that_is_free(tmp_path: Path) -> None:
    place = Place(tmp_path)
    run = place.run_dir("ppo", 0)
    first = place.aside(run, NIGHT)
    assert first == tmp_path / ".sweep/aside/2026-11-21_23-59-59/ppo/ppo_s0"
    first.mkdir(parents=True)
    assert place.aside(run, NIGHT) == tmp_path / ".sweep/aside/2026-11-21_23-59-59.2/ppo/ppo_s0"
