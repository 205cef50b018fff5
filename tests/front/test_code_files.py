"""Which files a launch takes for its program's."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import sys
import types
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest

from sweep.front import code_files as module
from sweep.front.code_files import Home, code_files, home_of

Make = Callable[..., Callable[..., Any]]


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Make:
    """Return a function that makes one of a module that comes from a file."""

    def make(file: Path | None, name: str = "mine", spec: str = "") -> Callable[..., Any]:
        home = types.ModuleType(name)
        home.__file__ = None if file is None else str(file)
        home.__spec__ = ModuleSpec(spec, None) if spec else None
        monkeypatch.setitem(sys.modules, name, home)

        def train() -> None: ...

        train.__module__ = name
        return train

    return make


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with code, results and other things, in no working copy."""
    root = tmp_path / "tree"
    for name in (
        "train.py", "conf/a.yaml", "conf/a.bin", "pkg/__init__.py", "pkg/__pycache__/x.py", ".git2/x.py",
        "venv/pyvenv.cfg", "venv/x.py", "results/.sweep/x.py", "results/config.json", "data/config.json",
        "node_modules/x.json",
    ):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    return root


def test_a_function_comes_from_where_its_module_is_imported_from(tmp_path: Path, function: Make) -> None:
    assert home_of([function(tmp_path / "a.py")]) == Home(tmp_path)
    assert home_of([function(tmp_path / "a/b/c.py", "a.b.c", "a.b.c")]) == Home(tmp_path)
    assert home_of([function(tmp_path / "a/b/__init__.py", "a.b", "a.b")]) == Home(tmp_path)
    assert home_of([functools.partial(function(tmp_path / "a.py"), 1)]) == Home(tmp_path)


def test_a_script_is_named(tmp_path: Path, function: Make) -> None:
    assert home_of([function(tmp_path / "go.py", "__main__")]) == Home(tmp_path, "go.py")
    assert home_of([function(tmp_path / "a/go.py", "__main__", "a.go")]) == Home(tmp_path, "a/go.py")


def test_code_of_installed_packages_is_nobodys_own(tmp_path: Path, function: Make, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert home_of([json.dumps, print, function(None)]) == Home(tmp_path)
    assert home_of([json.dumps, function(tmp_path / "sub/a.py")]) == Home(tmp_path / "sub")
    assert home_of([]) == Home(tmp_path)


def test_outside_a_working_copy_it_is_what_looks_like_code(tree: Path) -> None:
    found = code_files(tree, tree / "data")
    assert (found.root, found.checkout, found.note) == (tree, None, "")
    assert list(found.names) == ["train.py", "conf/a.yaml", "pkg/__init__.py"]


def test_of_a_home_directory_only_what_lies_beside_the_script_counts(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tree))
    assert list(code_files(tree, tree / "data").names) == ["train.py"]


def test_a_very_large_folder_is_not_read_to_its_end(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_ENTRIES", 5)
    found = code_files(tree, tree / "data")
    assert list(found.names) == ["train.py"]
    assert found.note == f"{tree} has more than 5 entries; only these were looked at"


def test_in_a_working_copy_it_is_what_git_would_take_and_first_what_is_near(
    tree: Path, need: Callable[[str, bool, str], None]
) -> None:
    need("git", shutil.which("git") is not None, "there is no git")
    (tree / ".gitignore").write_text("*.json\nvenv\n")
    (tree / "old results").mkdir()
    for name in ("old results/x.bin", "old results/.sweep"):
        (tree / name).mkdir()
        (tree / name / "result").write_text("1")
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    subprocess.run(["git", "add", "train.py", "results/.sweep/x.py"], cwd=tree, check=True)
    (tree / "data/output.log").write_text("1")
    found = code_files(tree / "conf", tree / "data")
    assert found.root == tree
    assert list(found.names) == [
        "conf/a.yaml", "conf/a.bin", ".git2/x.py", "pkg/__init__.py", "pkg/__pycache__/x.py", "results/.sweep/x.py",
        "train.py", ".gitignore",
    ]  # fmt: skip
    assert found.checkout is not None
    assert "old results/x.bin/result" not in found.checkout.untracked
