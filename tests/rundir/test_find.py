"""A data directory read once, without what is sweep's own."""

from __future__ import annotations

from pathlib import Path

from sweep.rundir.find import find_runs, read_listing


def test_a_listing_has_the_names_of_two_levels_and_tells_files(tmp_path: Path) -> None:
    (tmp_path / "ppo" / "ppo_s0" / "deep").mkdir(parents=True)
    (tmp_path / "notes").touch()
    listing = read_listing(tmp_path)
    assert (listing.names, listing.files) == ({"ppo", "ppo/ppo_s0", "notes"}, {"notes"})
    assert [listing.has(path) for path in ("ppo/ppo_s0", "ppo/ppo_s1", "notes/notes_s0")] == [True, False, True]


def test_a_directory_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert read_listing(tmp_path / "missing").names == set()


def test_nothing_of_sweep_s_own_is_taken_for_a_run(tmp_path: Path) -> None:
    for folder in (".sweep/.sweep", ".sweep/aside/.sweep", ".sweep/aside/2026/ppo/.sweep", "ppo/.sweep/.sweep"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "variant.json").write_text("{}")
    assert read_listing(tmp_path).names == {"ppo"}
    assert list(find_runs(tmp_path)) == []
