"""The archive of a sweep's source: what goes in comes out, within limits."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from sweep.base.errors import SweepError
from sweep.rundir.source import save_source, unpack_source


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "sub").mkdir(parents=True)
    (root / "a.py").write_text("print(1)\n")
    (root / "sub/b ü.py").write_bytes(b"x" * 100)
    (root / "run.sh").write_text("#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    (root / "link.py").symlink_to("a.py")
    return root


NAMES = ["a.py", "link.py", "run.sh", "sub/b ü.py"]


def test_what_is_packed_is_unpacked(tree: Path, tmp_path: Path) -> None:
    source = save_source(tree, NAMES, tmp_path / "source.tar.gz")
    assert (source.files, source.left_out) == (4, ())
    unpack_source(tmp_path / "source.tar.gz", tmp_path / "again")
    for name in NAMES:
        assert (tmp_path / "again" / name).read_bytes() == (tree / name).read_bytes()
    assert os.access(tmp_path / "again/run.sh", os.X_OK)
    assert (tmp_path / "again/link.py").is_symlink()


def test_the_same_files_give_the_same_bytes(tree: Path, tmp_path: Path) -> None:
    save_source(tree, NAMES, tmp_path / "1.tar.gz")
    os.utime(tree / "a.py", (1, 1))
    save_source(tree, NAMES, tmp_path / "2.tar.gz")
    assert (tmp_path / "1.tar.gz").read_bytes() == (tmp_path / "2.tar.gz").read_bytes()


def test_what_is_too_large_missing_or_no_file_is_left_out_and_named(tree: Path, tmp_path: Path) -> None:
    os.mkfifo(tree / "pipe")
    names = [*NAMES, "gone.py", "pipe", "sub"]
    source = save_source(tree, names, tmp_path / "s.tar.gz", file_limit=50)
    assert source.as_json()["left_out"] == (
        ("sub/b ü.py", "of 100 bytes, more than 50"),
        ("gone.py", "No such file or directory"),
        ("pipe", "no plain file"),
        ("sub", "no plain file"),
    )
    small = save_source(tree, NAMES, tmp_path / "s.tar.gz", total_limit=20)
    assert small.size <= 20
    assert ("sub/b ü.py", "the archive would pass 20 bytes") in small.left_out


def test_a_folder_with_something_in_it_is_left_alone(tree: Path, tmp_path: Path) -> None:
    save_source(tree, NAMES, tmp_path / "s.tar.gz")
    with pytest.raises(SweepError, match="tree is not empty; name a new folder"):
        unpack_source(tmp_path / "s.tar.gz", tree)


def test_a_damaged_archive_is_one_clear_error(tree: Path, tmp_path: Path) -> None:
    archive = tmp_path / "s.tar.gz"
    save_source(tree, NAMES, archive)
    content = archive.read_bytes()
    for i, length in enumerate((0, 1, 20, len(content) // 2, len(content) - 10)):
        archive.write_bytes(content[:length])
        with pytest.raises(SweepError, match=r"s.tar.gz cannot be unpacked"):
            unpack_source(archive, tmp_path / f"out{i}")
    with pytest.raises(SweepError, match="cannot be unpacked"):
        unpack_source(tmp_path / "none.tar.gz", tmp_path / "out")


def test_an_archive_from_elsewhere_cannot_write_outside(tmp_path: Path) -> None:
    archive = tmp_path / "evil.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../evil.py"), io.BytesIO())
    with pytest.raises(SweepError, match="cannot be unpacked"):
        unpack_source(archive, tmp_path / "out")
    assert not (tmp_path / "evil.py").exists()
