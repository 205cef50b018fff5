"""A folder that is replaced at once, whatever happens in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sweep.runtime.log.folders import write_folder


def fill(folder: Path, text: str) -> None:
    (folder / "inner").mkdir(parents=True)
    for name in ("one", "inner/two"):
        (folder / name).write_text(text)


def content(folder: Path) -> set[str]:
    return {path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_made_and_replaced_and_nothing_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "model"
    for text in ("first", "second"):
        write_folder(path, lambda folder, text=text: fill(folder, text))  # type: ignore[misc]
        assert content(path) == {text}
    assert [one.name for one in tmp_path.iterdir()] == ["model"]


def test_one_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "model"
    write_folder(path, lambda folder: fill(folder, "first"))

    def fail(folder: Path) -> None:
        fill(folder, "second")
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        write_folder(path, fail)
    assert content(path) == {"first"}
    assert [one.name for one in tmp_path.iterdir()] == ["model"]


def test_where_names_cannot_be_exchanged_it_is_replaced_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ctypes

    monkeypatch.setattr(ctypes, "CDLL", lambda *words, **options: object())
    path = tmp_path / "model"
    for text in ("first", "second"):
        write_folder(path, lambda folder, text=text: fill(folder, text))  # type: ignore[misc]
    assert content(path) == {"second"}
    assert [one.name for one in tmp_path.iterdir()] == ["model"]


KILLED = """
import sys
from pathlib import Path
from sweep.runtime.log.folders import write_folder

def fill(folder, text):
    folder.mkdir()
    for number in range(20):
        (folder / str(number)).write_text(text)

write_folder(Path("model"), lambda folder: fill(folder, "first"))
print("begun", flush=True)
for turn in range(10**6):
    write_folder(Path("model"), lambda folder: fill(folder, str(turn)))
"""


def test_a_writer_that_is_killed_anywhere_never_leaves_half_a_folder(tmp_path: Path) -> None:
    for _ in range(4):
        writer = subprocess.Popen([sys.executable, "-c", KILLED], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begun\n"
        with writer.stdout:
            os.kill(writer.pid, signal.SIGKILL)
            writer.wait()
        files = list((tmp_path / "model").iterdir())
        assert len(files) == 20
        assert len({file.read_text() for file in files}) == 1
    write_folder(tmp_path / "model", lambda folder: fill(folder, "last"))
    assert [one.name for one in tmp_path.iterdir()] == ["model"], "what the killed ones left is removed"
