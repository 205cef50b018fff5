"""Where the runs of a launch come from, looked up once."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from sweep.base.files import write_json
from sweep.base.git import Checkout
from sweep.front import provenance
from sweep.front.code_files import CodeFiles
from sweep.front.provenance import environ_again, origin_environ
from sweep.rundir.origin import write_origin
from sweep.rundir.paths import RunDir
from sweep.rundir.supervised import ORIGIN_VARIABLE


def train() -> None: ...


def origin_of(environ: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(environ[ORIGIN_VARIABLE]).read_text())
    return found


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working copy with changes, in which the function is."""
    root = tmp_path / "tree"
    (root / "src").mkdir(parents=True)
    (root / "src/a.py").write_text("1")
    checkout = Checkout(root, "abc", "- \udcff", 12, ("src/a.py",), ("new\udcff.py",))
    files = CodeFiles(root, ["src/a.py"], checkout, "a note")
    monkeypatch.setattr(provenance, "code_files", lambda home, data_dir: files)
    monkeypatch.setattr(provenance, "home_of", lambda functions: provenance.Home(root / "src", "a.py"))
    return root


def test_a_launch_leaves_one_record_of_what_it_comes_from(tree: Path, tmp_path: Path) -> None:
    found = origin_of(origin_environ(tmp_path / "data", [train]))
    assert (found["command"], found["directory"]) == (sys.orig_argv, str(Path.cwd()))
    assert found["git"] == {
        "root": str(tree), "commit": "abc", "dirty": True, "diff": "- ?", "diff_bytes": 12, "untracked": ["new?.py"],
        "untracked_count": 1,
    }  # fmt: skip
    source = found["source"]
    assert (source["root"], source["path"], source["main"], source["files"]) == (str(tree), "src", "a.py", 1)
    assert (tmp_path / f"data/.sweep/sources/{source['digest']}.tar.gz").exists()
    assert found["notes"] == ["a note"]


def test_the_same_program_is_recorded_once_and_another_beside_it(tree: Path, tmp_path: Path) -> None:
    first, again = (origin_environ(tmp_path / "data", [train]) for _ in range(2))
    assert first[ORIGIN_VARIABLE] == again[ORIGIN_VARIABLE]
    (tree / "src/a.py").write_text("2")
    assert origin_environ(tmp_path / "data", [train])[ORIGIN_VARIABLE] != first[ORIGIN_VARIABLE]
    assert len(list((tmp_path / "data/.sweep/sources").iterdir())) == 2


def test_a_program_without_files_has_no_source(tree: Path, tmp_path: Path) -> None:
    (tree / "src/a.py").unlink()
    assert origin_of(origin_environ(tmp_path / "data", [train]))["source"] is None


def test_what_goes_wrong_is_said_and_the_launch_goes_on(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data").write_text("a file")
    monkeypatch.setenv(ORIGIN_VARIABLE, "of a launch around this one")
    environ = origin_environ(tmp_path / "data", [train])
    assert environ == {name: value for name, value in os.environ.items() if name != ORIGIN_VARIABLE}
    assert "note: no record of the source: NotADirectoryError" in capsys.readouterr().out


def test_what_is_tried_again_is_looked_up_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = {"root": str(tmp_path), "path": "src", "main": ""}
    run, older = RunDir(tmp_path / "data/x/x_s0"), RunDir(tmp_path / "data/y/y_s0")
    run.own.mkdir(parents=True)
    name = write_origin(tmp_path / "data", {"source": source}).name
    write_json(run.provenance, {"attempts": [{"program": {"origin": name}}]})
    monkeypatch.setattr(provenance, "code_files", lambda home, data_dir: CodeFiles(home, []))
    assert ORIGIN_VARIABLE not in environ_again(tmp_path / "data", [older, run])
    (tmp_path / "src").mkdir()
    monkeypatch.setattr(provenance, "_origin", lambda data_dir, home: {"home": str(home.path)})
    assert origin_of(environ_again(tmp_path / "data", [older, run])) == {"home": str(tmp_path / "src")}
