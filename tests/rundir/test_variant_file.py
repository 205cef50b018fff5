"""`.sweep/variant.json`, and what differs between two configurations."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from sweep.base.canonical import canonical
from sweep.rundir.find import by_identity, find_runs, read_listing
from sweep.rundir.paths import RunDir
from sweep.rundir.variant_file import differences, read_variant, write_variant


def made(path: Path, identity: str = "id", **config: object) -> RunDir:
    run = RunDir(path)
    run.own.mkdir(parents=True)
    write_variant(run, identity, "ppo", "my_module:train", config)
    return run


def found_in(data_dir: Path) -> dict[str, RunDir]:
    listing = read_listing(data_dir)
    return {identity: listing.run(path) for identity, path in by_identity(listing, listing.names).items()}


def test_a_record_survives_the_file_with_its_types(tmp_path: Path) -> None:
    run = made(tmp_path / "r", hid=(64, 64), lr=1.0, n=1, nested={"a": None})
    record = read_variant(run)
    assert record is not None
    assert (record.identity, record.exp_name, record.thunk) == ("id", "ppo", "my_module:train")
    assert record.config == {"hid": {"$tuple": [64, 64]}, "lr": 1.0, "n": 1, "nested": {"a": None}}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"identity": "x"}'])
def test_what_is_no_record_reads_as_none(tmp_path: Path, text: str) -> None:
    run = made(tmp_path / "r")
    run.variant.write_text(text)
    assert read_variant(run) is None


@pytest.mark.parametrize(
    ("one", "other", "keys"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 1.0}, ["a"]),
        ({"a": True}, {"a": 1}, ["a"]),
        ({"a": 1}, {"a": 1, "b": None}, ["b"]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, ["a:c"]),
        ({"a": (1,)}, {"a": [1]}, ["a"]),
        ({"a": (1,)}, {"a": (2,)}, ["a"]),
    ],
)
def test_differing_keys_are_named_with_their_colons(one: dict, other: dict, keys: list[str]) -> None:  # type: ignore[type-arg]
    assert [one.key for one in differences(canonical(one), canonical(other))] == keys


def test_runs_are_found_by_what_they_are(tmp_path: Path) -> None:
    inner, outer = made(tmp_path / "ppo" / "ppo_s0", "one"), made(tmp_path / "alone", "two")
    (tmp_path / "ppo" / "notes").mkdir()
    assert {run.path for run in find_runs(tmp_path)} == {inner.path, outer.path}
    assert found_in(tmp_path) == {"one": inner, "two": outer}


def test_of_two_runs_of_one_identity_the_first_dated_one_counts(tmp_path: Path) -> None:
    made(tmp_path / "2026-11-22_ppo" / "x_s0", "one")
    first = made(tmp_path / "2026-11-21_ppo" / "x_s0", "one")
    assert found_in(tmp_path) == {"one": first}


def test_values_that_read_the_same_are_told_with_what_differs_in_them() -> None:
    (found,) = differences(canonical({"act": partial(round, ndigits=3)}), canonical({"act": partial(round, ndigits=4)}))
    _, there, here = found.texts()
    assert there != here
    assert ("3" in there, "4" in here) == (True, True)
