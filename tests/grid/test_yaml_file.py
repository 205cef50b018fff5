import sys

import pytest

from sweep.base.errors import GridError, SpecError
from sweep.grid.grid import Grid
from sweep.grid.yaml_file import grid_from_yaml, grid_to_yaml, read_grid_file


class Mine(Grid):
    """A subclass, as the one that can run."""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a folder whose modules are forgotten after the test."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_a_grid_goes_to_a_file_and_comes_back(tmp_path, assert_same):
    grid = Mine("é").add("lr", [1e-3, 1e-4]).add("seed", [0, 1])
    text = grid_to_yaml(grid, path=tmp_path / "grid.yaml")
    assert (tmp_path / "grid.yaml").read_text(encoding="utf-8") == text
    found = grid_from_yaml(str(tmp_path / "grid.yaml"), Mine)
    assert type(found) is Mine
    assert_same(found, grid)


def test_a_grid_that_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text("old")
    with pytest.raises(GridError):
        grid_to_yaml(Grid().add("a", object()), path=path)
    assert path.read_text() == "old"


def test_modules_beside_the_file_are_found(folder):
    (folder / "beside_the_grid.py").write_text("def train(**kwargs): pass\nclass Net: pass\n")
    (folder / "grid.yaml").write_text("thunk: beside_the_grid:train\ngrid: {net: [{py: 'beside_the_grid.py:Net'}]}")
    file = read_grid_file(folder / "grid.yaml")
    assert (file.function.__name__, file.grid[0]["net"].__name__) == ("train", "Net")
    assert file.source == str(folder / "grid.yaml")


def test_a_module_that_fails_on_import_is_an_error_of_the_line(folder):
    (folder / "failing_module.py").write_text("1 / 0")
    (folder / "grid.yaml").write_text("name: x\nthunk: failing_module:train\n")
    with pytest.raises(SpecError, match=r"grid\.yaml:2: .*ZeroDivisionError") as caught:
        read_grid_file(folder / "grid.yaml")
    assert isinstance(caught.value.__cause__.__cause__, ZeroDivisionError)


def test_the_keywords_of_run_are_checked(tmp_path):
    (tmp_path / "grid.yaml").write_text("run: {paralel: 2}")
    with pytest.raises(SpecError, match="Did you mean 'parallel'"):
        read_grid_file(tmp_path / "grid.yaml", run_keys=["parallel"])


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    (tmp_path / "grid.yaml").write_bytes(b"\xef\xbb\xbfgrid: {a: 1}")
    assert grid_from_yaml(tmp_path / "grid.yaml").variants() == [{"a": 1}]


def test_a_file_that_is_not_text_is_an_error_with_its_line(tmp_path):
    (tmp_path / "grid.yaml").write_bytes(b"name: x\n\nname: \xff\xfe\n")
    with pytest.raises(SpecError, match="not UTF-8") as caught:
        grid_from_yaml(tmp_path / "grid.yaml")
    assert caught.value.line == 3


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read_is_an_error_with_its_name(tmp_path, name):
    with pytest.raises(SpecError, match="cannot be read") as caught:
        grid_from_yaml(tmp_path / name)
    assert caught.value.source == str(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: the file cannot be read: ")


@pytest.mark.parametrize(
    ("thunk", "hint"),
    [
        ("trian_beside:run", "Did you mean 'train_beside'?"),
        ("trian_beside.py:run", "Did you mean 'train_beside.py'?"),
        ("train_beside:rnu", "Did you mean 'run'?"),
        ("train_beside.py:rnu", "Did you mean 'run'?"),
        ("zzz:run", "where Python finds packages."),
    ],
)
def test_a_wrong_thunk_names_its_key_and_what_is_like_it(tmp_path, monkeypatch, thunk, hint):
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.delitem(sys.modules, "train_beside", raising=False)
    (tmp_path / "train_beside.py").write_text("def run(a): ...\n")
    (tmp_path / "grid.yaml").write_text(f"grid: {{a: 1}}\nthunk: {thunk}\n")
    with pytest.raises(SpecError, match=r"grid\.yaml:2: 'thunk': 'tr|'thunk': 'zzz") as caught:
        grid_from_yaml(tmp_path / "grid.yaml")
    assert str(caught.value).endswith(hint)
    sys.modules.pop("train_beside", None)
