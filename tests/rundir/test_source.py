"""The archive of a sweep's source: what goes in comes out, within limits, and nothing else ever does."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import SweepError
from sweep.base.files import write_json
from sweep.rundir.paths import RunDir
from sweep.rundir.source import Limits, Packed, Source, digest_of, save_source, source_of, unpack_source

NAMES = ["a.py", "link.py", "run.sh", "sub/b ü.py"]
Keep = Callable[[Source], RunDir]


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


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Where the archives of a data directory are."""
    return tmp_path / "data/.sweep/sources"


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    """Return a function that makes a run which has recorded a source."""

    def record(source: Source) -> RunDir:
        run = RunDir(tmp_path / "data/x/x_s0")
        run.own.mkdir(parents=True, exist_ok=True)
        write_json(run.provenance, {"attempts": [{"program": {"source": source.as_json()}}]})
        return run

    return record


def test_what_is_packed_is_unpacked(tree: Path, sources: Path, keep: Keep, tmp_path: Path) -> None:
    source = save_source(tree, NAMES, sources)
    assert (source.files, source.left_out, source.left_out_count) == (4, (), 0)
    assert unpack_source(keep(source), tmp_path / "again") == source
    for name in NAMES:
        assert (tmp_path / "again" / name).read_bytes() == (tree / name).read_bytes()
    assert os.access(tmp_path / "again/run.sh", os.X_OK)
    assert not os.access(tmp_path / "again/a.py", os.X_OK)
    assert not (tmp_path / "again/link.py").is_symlink()


def test_a_name_that_is_no_text_comes_back(tree: Path, sources: Path, keep: Keep, tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.py")
    (tree / name).write_text("1")
    unpack_source(keep(save_source(tree, [name], sources)), tmp_path / "again")
    assert (tmp_path / "again" / name).read_text() == "1"


def test_the_same_files_are_there_once_and_are_for_their_owner(tree: Path, sources: Path) -> None:
    first = save_source(tree, NAMES, sources)
    (archive,) = sources.iterdir()
    written = archive.stat().st_mtime_ns
    os.utime(tree / "a.py", (1, 1))
    assert save_source(tree, NAMES[::-1], sources) == first
    assert [file.stat().st_mtime_ns for file in sources.iterdir()] == [written]
    assert archive.stat().st_mode & 0o777 == 0o600
    (tree / "a.py").write_text("print(2)\n")
    save_source(tree, NAMES, sources)
    assert len(list(sources.iterdir())) == 2


def test_what_is_too_large_missing_secret_or_no_file_is_left_out_and_named(tree: Path, sources: Path) -> None:
    os.mkfifo(tree / "pipe")
    (tree / "out.py").symlink_to("/etc/hostname")
    (tree / "loop.py").symlink_to("loop.py")
    names = [*NAMES, "gone.py", "pipe", "sub", "out.py", "loop.py", ".env", "a/id_rsa", "k.pem"]
    source = save_source(tree, names, sources, Limits(file=50))
    assert source.left_out == (
        ("sub/b ü.py", "100 bytes, more than there is room for"),
        ("gone.py", "No such file or directory"),
        ("pipe", "no plain file"),
        ("sub", "no plain file"),
        ("out.py", "a link that leads out"),
        ("loop.py", "Too many levels of symbolic links"),
        (".env", "may hold a secret"),
        ("a/id_rsa", "may hold a secret"),
        ("k.pem", "may hold a secret"),
    )
    small = save_source(tree, NAMES, sources, Limits(total=20))
    assert small.size <= 20
    assert ("sub/b ü.py", "100 bytes, more than there is room for") in small.left_out


def test_of_many_files_the_first_are_taken_and_the_rest_is_counted(tree: Path, sources: Path) -> None:
    names = [*NAMES, *(f"{number}.py" for number in range(1000))]
    source = save_source(tree, names, sources, Limits(files=2))
    assert (source.files, source.left_out_count, len(source.left_out)) == (2, 1002, 100)
    assert source.left_out[0] == ("run.sh", "the archive would pass 2 files")


def test_of_no_files_there_is_no_archive(tree: Path, sources: Path) -> None:
    assert save_source(tree, ["gone.py"], sources).digest == ""
    assert not sources.exists()


def test_a_run_that_was_moved_with_its_data_directory_finds_its_source(
    tree: Path, sources: Path, keep: Keep, tmp_path: Path
) -> None:
    run = keep(save_source(tree, NAMES, sources))
    (tmp_path / "data").rename(tmp_path / "moved")
    unpack_source(RunDir(tmp_path / "moved" / run.path.relative_to(tmp_path / "data")), tmp_path / "again")
    assert (tmp_path / "again/a.py").exists()


@pytest.mark.parametrize(
    "program", [{}, {"source": None}, {"source": {"digest": "../../x", "files": 1, "size": 1, "left_out_count": 0}}, []]
)
def test_a_run_without_a_record_has_no_source(tmp_path: Path, program: Any) -> None:
    run = RunDir(tmp_path / "x")
    run.own.mkdir(parents=True)
    write_json(run.provenance, {"attempts": [{"program": program}]})
    assert source_of(run) is None
    with pytest.raises(SweepError, match="has no record of its source"):
        unpack_source(run, tmp_path / "out")


def test_a_folder_with_something_in_it_is_left_alone(tree: Path, sources: Path, keep: Keep) -> None:
    run = keep(save_source(tree, NAMES, sources))
    with pytest.raises(SweepError, match="tree is not empty; name a new folder"):
        unpack_source(run, tree)
    with pytest.raises(SweepError, match=r"a\.py is not empty; name a new folder"):
        unpack_source(run, tree / "a.py")


def test_a_damaged_archive_is_one_clear_error(tree: Path, sources: Path, keep: Keep, tmp_path: Path) -> None:
    run = keep(save_source(tree, NAMES, sources))
    (archive,) = sources.iterdir()
    content = archive.read_bytes()
    for length in (0, 1, 20, len(content) // 2, len(content) - 10):
        archive.write_bytes(content[:length])
        with pytest.raises(SweepError, match="cannot be unpacked"):
            unpack_source(run, tmp_path / "out")
        assert not (tmp_path / "out").exists()
    archive.unlink()
    with pytest.raises(SweepError, match="is gone: there is no"):
        unpack_source(run, tmp_path / "out")


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


HOSTILE = {
    "a way up": [entry("../evil.py")],
    "a way up in the middle": [entry("a/../../evil.py")],
    "an absolute path": [entry("/tmp/evil.py")],
    "no name": [entry(".")],
    "a link": [entry("link", tarfile.SYMTYPE, "/etc"), entry("link/evil.py")],
    "a hard link": [entry("link", tarfile.LNKTYPE, "/etc/passwd")],
    "a device": [entry("null", tarfile.CHRTYPE)],
    "a pipe": [entry("pipe", tarfile.FIFOTYPE)],
    "a folder": [entry("folder", tarfile.DIRTYPE)],
    "one file twice": [entry("a.py"), entry("a.py")],
    "a file as a folder": [entry("a"), entry("a/b")],
}


@pytest.mark.parametrize("members", HOSTILE.values(), ids=HOSTILE)
def test_an_archive_made_to_harm_leaves_nothing(
    sources: Path, keep: Keep, tmp_path: Path, members: list[tarfile.TarInfo]
) -> None:
    digest = digest_of([Packed(member.name, True, b"") for member in members])
    _forge(sources / f"{digest}.tar.gz", members)
    with pytest.raises(SweepError, match="cannot be unpacked"):
        unpack_source(keep(Source(digest, 1, 0)), tmp_path / "out")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_an_archive_that_holds_something_else_is_refused_and_an_empty_folder_stays(
    sources: Path, keep: Keep, tmp_path: Path
) -> None:
    _forge(sources / f"{'0' * 64}.tar.gz", [entry("a.py")])
    (tmp_path / "out").mkdir()
    with pytest.raises(SweepError, match="does not hold what its name says"):
        unpack_source(keep(Source("0" * 64, 1, 0)), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_archive_that_would_fill_the_disk_is_refused(sources: Path, keep: Keep, tmp_path: Path) -> None:
    sources.mkdir(parents=True)
    with gzip.open(sources / f"{'0' * 64}.tar.gz", "wb") as file:
        file.write(bytes(100_000))
    with pytest.raises(SweepError, match="holds more than 14,096 bytes"):
        unpack_source(keep(Source("0" * 64, 1, 0)), tmp_path / "out", Limits(total=10_000, files=1))


def _forge(archive: Path, members: list[tarfile.TarInfo]) -> None:
    archive.parent.mkdir(parents=True)
    with tarfile.open(archive, "w:gz") as tar:
        for member in members:
            member.mode = 0o755
            tar.addfile(member, io.BytesIO())
