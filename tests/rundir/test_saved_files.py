"""The names of what a function saves: those of Spinning Up, exports, and the import path."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sweep.rundir.paths import RunDir
from sweep.rundir.saved_files import (
    best_export_path,
    export_path,
    read_import_path,
    state_path,
    tf_path,
    tf_saves,
    torch_path,
    torch_saves,
    write_import_path,
)


@pytest.mark.parametrize("itr", [None, 0, 7])
def test_names_are_those_of_spinning_up(itr: int | None) -> None:
    text = "" if itr is None else str(itr)
    folder = Path("run")
    assert [str(name(folder, itr)) for name in (state_path, torch_path, tf_path)] == [
        f"run/vars{text}.pkl", f"run/pyt_save/model{text}.pt", f"run/tf1_save{text}",
    ]  # fmt: skip


def test_saves_are_found_by_their_numbers_and_nothing_else_is(tmp_path: Path) -> None:
    (tmp_path / "pyt_save").mkdir()
    for name in ("model.pt", "model0.pt", "model12.pt", "model12.pt.tmp", ".model1.pt", "other3.pt", "modelx.pt"):
        (tmp_path / "pyt_save" / name).touch()
    for name in ("simple_save", "simple_save4", "tf1_save10", ".tf1_save11.1-2.tmp", "my_tf1_save3"):
        (tmp_path / name).mkdir()
    assert set(torch_saves(tmp_path)) == {None, 0, 12}
    assert {number: path.name for number, path in tf_saves(tmp_path).items()} == {
        None: "simple_save", 4: "simple_save4", 10: "tf1_save10",
    }  # fmt: skip
    assert torch_saves(tmp_path / "gone") == {}


def test_exports_sort_by_step() -> None:
    run = RunDir(Path("run"))
    assert str(export_path(run, "policy", 12, "npz")) == "run/exports/policy_step_000000012.npz"
    assert str(best_export_path(run, "policy", "npz")) == "run/exports/best_policy.npz"


def test_the_import_path_comes_back_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = RunDir(tmp_path)
    run.own.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", "/some/where"])
    write_import_path(run)
    assert list(read_import_path(run)) == [str(tmp_path), "/some/where"]


@pytest.mark.parametrize("text", [None, "{}", "[1, null]", "torn["])
def test_an_import_path_that_cannot_be_read_is_none(tmp_path: Path, text: str | None) -> None:
    run = RunDir(tmp_path)
    run.own.mkdir()
    if text is not None:
        (run.own / "import_path.json").write_text(text)
    assert list(read_import_path(run)) == []
