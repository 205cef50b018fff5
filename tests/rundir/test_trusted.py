"""Who could have written a file: its owner, its mode, and those of the folders it is in."""

from __future__ import annotations

import grp
import pwd
from pathlib import Path
from types import SimpleNamespace

import pytest

from sweep.rundir.trusted import foreign


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "run" / ".sweep" / "moulds" / "policy.pkl"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    for one in (path, *path.parents[:3]):
        one.chmod(0o700 if one.is_dir() else 0o600)
    return path


def test_what_only_we_may_write_is_ours(file: Path) -> None:
    assert foreign(file, file.parents[2]) == ""


@pytest.mark.parametrize("up", range(4))
def test_a_file_or_folder_that_everybody_may_write_is_not(file: Path, up: int) -> None:
    path = (file, *file.parents)[up]
    path.chmod(path.stat().st_mode | 0o002)
    assert foreign(file, file.parents[2]) == f"everybody may write {path}"


def test_what_lies_above_the_run_does_not_count(file: Path) -> None:
    file.parents[3].chmod(0o777)
    assert foreign(file, file.parents[2]) == ""


@pytest.mark.parametrize("up", range(4))
def test_what_belongs_to_somebody_else_is_not(file: Path, up: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path, stat = (file, *file.parents)[up], Path.stat

    def of_nobody(self: Path, **options: bool) -> object:
        about = stat(self, **options)
        return SimpleNamespace(st_uid=65533, st_mode=about.st_mode, st_gid=about.st_gid) if self == path else about

    monkeypatch.setattr(Path, "stat", of_nobody)
    assert foreign(file, file.parents[2]) == f"{path} belongs to user 65533"


@pytest.mark.parametrize(
    ("name", "members", "ours"), [("me", [], True), ("me", ["me"], True), ("me", ["you"], False), ("lab", [], False)]
)
def test_a_group_may_write_only_if_it_is_ours_alone(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str, members: list[str], ours: bool
) -> None:
    file.chmod(0o660)
    group = file.stat().st_gid
    monkeypatch.setattr(pwd, "getpwuid", lambda user: SimpleNamespace(pw_name="me", pw_gid=group))
    monkeypatch.setattr(grp, "getgrgid", lambda one: SimpleNamespace(gr_name=name, gr_gid=group, gr_mem=members))
    assert foreign(file, file.parents[2]) == ("" if ours else f"a group may write {file}")


def test_a_link_is_judged_by_where_it_leads(file: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    elsewhere.chmod(0o777)
    file.unlink()
    (elsewhere / "policy.pkl").write_bytes(b"x")
    file.symlink_to(elsewhere / "policy.pkl")
    assert foreign(file, file.parents[2]) == f"everybody may write {elsewhere}"


def test_of_a_folder_all_that_is_in_it_counts(file: Path) -> None:
    file.chmod(0o666)
    assert foreign(file.parent, file.parents[2]) == f"everybody may write {file}"


def test_what_is_not_there_is_not_ours(file: Path) -> None:
    file.unlink()
    assert "cannot be looked at: No such file" in foreign(file, file.parents[2])
