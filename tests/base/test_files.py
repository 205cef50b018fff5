"""Files that are whole at every moment."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

import pytest

from sweep.base.files import last_lines, read_json, write_atomic, write_json, write_once, write_text


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"b": 1})
    write_json(path, {"a": [1, None]})
    assert path.read_text() == '{\n "a": [\n  1,\n  null\n ]\n}\n'
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


def test_a_write_that_fails_keeps_the_old_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_text(path, "old")

    def fail(file: IO[bytes]) -> None:
        file.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomic(path, fail)
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, float("nan"))
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a"]


def test_the_mode_is_the_one_asked_for(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a", lambda file: file.write(b""), mode=0o600)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_the_longest_name_that_a_directory_holds_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("é" * 127)
    write_text(path, "x")
    assert path.read_text() == "x"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_not_json_reads_as_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(content)
    assert read_json(path) is None
    assert read_json(tmp_path / "missing") is None
    assert read_json(path / "below") is None


def test_the_last_lines_come_without_empty_ones(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one\n\ntwo\nthree \xff\n\n")
    assert last_lines(path, 2) == ["two", "three \ufffd"]
    assert last_lines(path, 9) == ["one", "two", "three \ufffd"]
    assert last_lines(path, 0) == []
    assert last_lines(tmp_path / "missing", 3) == []
    assert last_lines(path, 9, limit_bytes=9) == ["three \ufffd"]


def test_a_file_that_is_written_once_is_whole_and_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "content"
    write_once(file, lambda opened: opened.write(b"first"), 0o600)
    write_once(file, lambda opened: opened.write(b"second"))
    assert file.read_bytes() == b"first" and file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_of_a_file_whose_writing_fails_nothing_is_left(tmp_path: Path) -> None:
    def half(opened: IO[bytes]) -> None:
        opened.write(b"half")
        opened.flush()
        assert list(tmp_path.iterdir()) == []
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        write_once(tmp_path / "content", half)
    assert list(tmp_path.iterdir()) == []


def test_where_files_need_a_name_it_is_written_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "O_TMPFILE", os.O_CREAT | os.O_EXCL)  # as where it is not known: the folder exists
    write_once(tmp_path / "content", lambda opened: opened.write(b"all"))
    assert (tmp_path / "content").read_bytes() == b"all"
