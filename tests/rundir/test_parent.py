"""A parent's snapshot brought into a fork's own tree."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import LaunchError
from sweep.rundir.parent import bring, brought
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import MANIFEST, Manifest, snapshot_name, stored_file


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    folder = tmp_path / "parent" / "snapshots" / snapshot_name(4)
    (folder / "memory").mkdir(parents=True)
    for name in ("w.json", "memory/rows"):
        (folder / name).write_text(name)
    files = {name: stored_file(folder / name) for name in ("w.json", "memory/rows")}
    (folder / MANIFEST).write_text(json.dumps(Manifest(4, files=files).as_json()))
    return folder


@pytest.fixture
def fork(tmp_path: Path) -> RunDir:
    run = RunDir(tmp_path / "fork")
    run.own.mkdir(parents=True)
    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_it_is_there_whole_and_stays_when_the_parent_gives_it_up(snapshot: Path, fork: RunDir) -> None:
    before = contents(snapshot)
    bring(snapshot, fork)
    for one in sorted(snapshot.rglob("*"), reverse=True):
        one.rmdir() if one.is_dir() else one.unlink()
    found = brought(fork)
    assert found is not None
    assert (found.name, contents(found)) == (snapshot.name, before)


def test_it_costs_no_space_where_links_can_be_had_and_is_copied_where_not(
    snapshot: Path, fork: RunDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(snapshot, fork)
    assert (snapshot / "w.json").stat().st_nlink == 2

    def none(*words: Any, **more: Any) -> None:
        raise OSError(errno.EXDEV, "another device")

    monkeypatch.setattr(os, "link", none)
    bring(snapshot, fork)
    assert (snapshot / "w.json").stat().st_nlink == 1
    assert contents(snapshot) == contents(fork.parent / snapshot.name)


def test_a_damaged_one_is_refused_and_leaves_nothing(snapshot: Path, fork: RunDir) -> None:
    (snapshot / "w.json").write_text("other.")
    with pytest.raises(LaunchError, match=r"is damaged, or gone: w\.json is not what was written"):
        bring(snapshot, fork)
    assert (brought(fork), list(fork.own.iterdir())) == (None, [])


def test_a_full_disk_leaves_no_half_of_it(snapshot: Path, fork: RunDir, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*words: Any, **more: Any) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(OSError, match="no space left"):
        bring(snapshot, fork)
    assert list(fork.own.iterdir()) == []
