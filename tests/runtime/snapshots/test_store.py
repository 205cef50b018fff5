"""Snapshots on the disk: whole or not there, judged by what they hold, kept and given up."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import MANIFEST, Manifest, StoredFile, damage, read_manifest, snapshots_in, stored_file
from sweep.runtime.context.team import Team
from sweep.runtime.snapshots.commit import Checksums, clear_up, commit, temporary
from sweep.runtime.snapshots.errors import CorruptSnapshot, SnapshotError, SnapshotNotFound
from sweep.runtime.snapshots.rhythm import Rhythm
from sweep.runtime.snapshots.saving import Items, put_back, save
from sweep.runtime.snapshots.store import Store

Made = Callable[..., Manifest]


@pytest.fixture
def run(tmp_path: Path) -> RunDir:
    return RunDir(tmp_path)


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def store(run: RunDir, warnings: list[str]) -> Store:
    return Store(run, warnings.append)


@pytest.fixture
def make(run: RunDir) -> Made:
    """Return a function that saves a step."""

    def make_it(step: int, live: dict[str, Any] | None = None, **words: Any) -> Manifest:
        items = Items(live or {"w": np.full(3, step), "seen": {step}}, [])
        return save(run.snapshots, Team(), items, Manifest(step, 10, **words), Checksums())

    return make_it


def test_a_snapshot_is_whole_and_nothing_else_is_left(run: RunDir, make: Made) -> None:
    make(12)
    (path,) = run.snapshots.iterdir()
    assert path.name == "step_000000012"
    assert not damage(path)
    manifest = read_manifest(path)
    assert manifest is not None
    assert set(manifest.files) == {path.name for path in path.iterdir()} - {MANIFEST}


def test_a_manifest_is_strict_json_and_comes_back_as_it_was(run: RunDir, make: Made) -> None:
    made = make(1, metric="Return", score=2.5, why="rhythm")
    file = run.snapshots / "step_000000001" / MANIFEST
    json.loads(file.read_text(), parse_constant=pytest.fail)
    assert read_manifest(file.parent) == made


def test_every_truncation_and_change_of_every_file_is_seen(run: RunDir, make: Made) -> None:
    make(0)
    path = run.snapshots / "step_000000000"
    for file in path.iterdir():
        data = file.read_bytes()
        for cut in {0, 1, len(data) // 2, len(data) - 2}:
            file.write_bytes(data[:cut])
            assert damage(path), (file.name, cut)
        if file.name != MANIFEST:
            file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
            assert damage(path) == f"{file.name} is not what was written"
        file.unlink()
        assert damage(path)
        file.write_bytes(data)
        assert not damage(path)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "step": 1}', "null", "[" * 10**5])
def test_a_manifest_that_says_none_is_damage_and_no_traceback(run: RunDir, make: Made, manifest: str) -> None:
    make(0)
    (run.snapshots / "step_000000000" / MANIFEST).write_text(manifest)
    assert damage(run.snapshots / "step_000000000") == "its manifest.json cannot be read"


def test_an_item_that_cannot_be_saved_leaves_the_last_snapshot_untouched(run: RunDir, make: Made, store: Store) -> None:
    make(3)
    before = {file: file.read_bytes() for file in run.snapshots.rglob("*") if file.is_file()}
    with pytest.raises(SnapshotError):
        make(4, {"w": np.zeros(3), "bad": {"f": (one for one in "generator")}})
    assert {file: file.read_bytes() for file in run.snapshots.rglob("*") if file.is_file()} == before
    assert store.find("last").manifest.step == 3


@pytest.mark.parametrize("failing", ["rename", "fsync"])
def test_a_disk_that_fails_leaves_what_was_there(
    run: RunDir, make: Made, store: Store, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    make(3)

    def fail(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken, pytest.raises(OSError, match="No space left"):
        broken.setattr(os, failing, fail)
        make(4)
    assert list(snapshots_in(run.snapshots)) == [3]
    assert store.find("last").manifest.step == 3


def test_the_same_step_may_be_saved_again(run: RunDir, make: Made) -> None:
    make(3)
    make(3, {"other": [1]})
    assert [path.name for path in run.snapshots.iterdir()] == ["step_000000003"]
    manifest = read_manifest(run.snapshots / "step_000000003")
    assert manifest is not None
    assert list(manifest.items) == ["other"]


def test_what_was_cut_off_is_cleared_up_and_never_taken_for_a_snapshot(run: RunDir, make: Made, store: Store) -> None:
    make(1)
    half = temporary(run.snapshots, 2)
    (half / "w.npz").write_bytes(b"half")
    (run.snapshots / "notes").mkdir()
    assert store.steps() == [1]
    clear_up(run.snapshots)
    assert sorted(path.name for path in run.snapshots.iterdir()) == ["notes", "step_000000001"]


def test_steps_are_ordered_as_numbers(run: RunDir, store: Store, make: Made) -> None:
    for step in (9, 120, 80, 1_000_000_000):
        make(step)
    assert store.steps() == [9, 80, 120, 1_000_000_000]
    assert store.find("last").manifest.step == 1_000_000_000
    assert store.find("first").manifest.step == 9
    assert store.find(80).manifest.step == store.find("80").manifest.step == 80


def test_a_damaged_newest_is_skipped_with_a_loud_warning(
    run: RunDir, store: Store, make: Made, warnings: list[str]
) -> None:
    make(1)
    make(2)
    (run.snapshots / "step_000000002" / "w.npz").write_bytes(b"")
    assert store.find("last").manifest.step == 1
    (warning,) = warnings
    assert "step_000000002 is damaged: w.npz has 0 bytes instead of" in warning


def test_a_damaged_one_that_is_named_is_an_error(run: RunDir, store: Store, make: Made) -> None:
    make(1)
    (run.snapshots / "step_000000001" / "w.npz").unlink()
    with pytest.raises(CorruptSnapshot, match=r"w.npz: No such file.*Name another: those of the steps 1"):
        store.find(1)


def test_an_unknown_step_lists_those_there_are(store: Store, make: Made) -> None:
    with pytest.raises(SnapshotNotFound, match="it has none"):
        store.find("last")
    make(4)
    make(8)
    with pytest.raises(FileNotFoundError, match="no snapshot of step 5; it has those of the steps 4, 8"):
        store.find(5)


@pytest.mark.parametrize("which", ["lst", "-1", "", True, "4.0"])
def test_an_unknown_word_is_refused(store: Store, which: Any) -> None:
    with pytest.raises(SnapshotError, match="is no snapshot; use 'last', 'best', 'first' or a step"):
        store.find(which)


def test_the_best_is_found_by_what_was_written_into_the_snapshots(run: RunDir, store: Store, make: Made) -> None:
    for step, score in ((0, 3.0), (1, 1.0), (2, None), (3, 2.0)):
        make(step, metric="Loss", better="min", score=score)
    assert Store(run, print).find("best").manifest.step == 1
    assert store.scores() == {0: 3.0, 1: 1.0, 3: 2.0}


def test_pruning_keeps_what_the_rhythm_keeps(store: Store, make: Made) -> None:
    rhythm = Rhythm("last", keep_best=1, metric="Return")
    for step, score in enumerate((1.0, 5.0, 3.0, 2.0)):
        store.added(make(step, metric="Return", score=score))
        store.prune(rhythm, 10)
    assert store.steps() == [1, 2, 3]


def test_older_snapshots_are_reduced_to_some_items_and_no_run_goes_on_from_those(store: Store, make: Made) -> None:
    rhythm = Rhythm("all", only=("w",))
    for step in range(3):
        store.added(make(step))
        store.prune(rhythm, 10)
    slim = store.find(1)
    assert (slim.manifest.complete, set(slim.manifest.items)) == (False, {"w"})
    assert {file.name for file in slim.path.iterdir()} == {"w.npz", MANIFEST}
    weights = np.zeros(3)
    put_back(slim, 0, {"w": weights, "seen": set()})
    assert weights.tolist() == [1, 1, 1]
    assert store.find("first").manifest.step == store.find("last").manifest.step == 2


def test_steps_that_are_done_again_are_set_aside(run: RunDir, store: Store, make: Made) -> None:
    for step in range(4):
        make(step)
    store.set_aside_after(1)
    assert store.steps() == [0, 1]
    assert sorted(path.name for path in run.orphans.iterdir()) == ["step_000000002.1", "step_000000003.1"]


def test_files_that_an_earlier_snapshot_shares_are_not_read_again(run: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def reading(file: Path) -> StoredFile:
        read.append(file.name)
        return stored_file(file)

    monkeypatch.setattr("sweep.runtime.snapshots.commit.stored_file", reading)
    checksums = Checksums()
    one = temporary(run.snapshots, 0)
    (one / "data").write_bytes(b"abc")
    first = commit(one, Manifest(0), checksums)
    two = temporary(run.snapshots, 1)
    os.link(run.snapshots / "step_000000000" / "data", two / "data")
    (two / "new").write_bytes(b"d")
    second = commit(two, Manifest(1), checksums)
    assert read == ["data", "new"]
    assert second.files["data"] == first.files["data"]
    assert set(second.files) == {"data", "new"}
