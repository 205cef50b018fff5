"""What git is asked, with the real git."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sweep.base.git import checkout_of

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path, need: Callable[[str, bool, str], None], monkeypatch: pytest.MonkeyPatch) -> Git:
    """A repository in `tmp_path`; return a function that runs git in it."""
    need("git", shutil.which("git") is not None, "there is no git")
    for name, value in {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}.items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> str:
        who = ("-c", "user.name=A", "-c", "user.email=a@b.c")
        return subprocess.run(["git", *who, *words], cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    run("init", "-q")
    return run


def test_a_clean_checkout_is_its_commit(git: Git, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1\n")
    git("add", ".")
    git("commit", "-qm", "one")
    (tmp_path / "sub").mkdir()
    found = checkout_of(tmp_path / "sub")
    assert found is not None
    assert (found.root, found.commit) == (tmp_path.resolve(), git("rev-parse", "HEAD").strip())
    assert (found.dirty, found.diff, found.diff_bytes, found.untracked) == (False, "", 0, ())


def test_what_is_not_committed_can_be_applied_again(git: Git, tmp_path: Path) -> None:
    file = tmp_path / "a ü.py"
    file.write_text("1\n")
    git("add", ".")
    git("commit", "-qm", "one")
    file.write_text("2\n")
    (tmp_path / "new.py").write_text("3\n")
    found = checkout_of(tmp_path)
    assert found is not None
    assert (found.dirty, found.untracked, found.diff_bytes) == (True, ("new.py",), len(found.diff.encode()))
    git("checkout", "-q", ".")
    (tmp_path / "p.diff").write_text(found.diff)
    git("apply", "p.diff")
    assert file.read_text() == "2\n"


def test_a_long_diff_is_left_out_and_its_length_kept(git: Git, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1\n")
    git("add", ".")
    git("commit", "-qm", "one")
    (tmp_path / "a.py").write_text("2\n" * 1000)
    found = checkout_of(tmp_path, diff_limit=100)
    assert found is not None
    assert found.diff == ""
    assert (found.diff_bytes or 0) > 1000


def test_before_the_first_commit_there_is_none(git: Git, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1\n")
    found = checkout_of(tmp_path)
    assert found is not None
    assert (found.commit, found.untracked, found.dirty) == ("", ("a.py",), True)


def test_ignored_files_are_no_source(git: Git, tmp_path: Path) -> None:
    for name in ("tracked.py", "new.py", "data.bin", ".gitignore"):
        (tmp_path / name).write_text("data.bin\n")
    git("add", "tracked.py")
    found = checkout_of(tmp_path)
    assert found is not None
    assert (found.tracked, found.untracked) == (("tracked.py",), (".gitignore", "new.py"))


@pytest.mark.parametrize("name", ["data", "a [b]*", "a/b c", "#1"])
def test_a_folder_of_results_is_not_looked_through(git: Git, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir(parents=True)
    for file in ("new.py", f"{name}/result", "datum"):
        (tmp_path / file).write_text("1\n")
    found = checkout_of(tmp_path, ignored=[tmp_path / name, tmp_path.parent])
    assert found is not None
    assert found.untracked == ("datum", "new.py")


def test_outside_a_repository_and_without_git_there_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert checkout_of(tmp_path) is None
    monkeypatch.setenv("PATH", "/nowhere")
    assert checkout_of(tmp_path) is None
    assert checkout_of(tmp_path / "missing") is None


def test_a_git_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert checkout_of(tmp_path, limit_s=0.05) is None
