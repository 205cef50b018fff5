"""The examples of the documentation do what stands beside them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import NameClash
from sweep.grid.grid import Grid
from sweep.grid.spec import read_grid
from sweep.grid.survey import check_named, survey

DOCS = Path(__file__).parents[2] / "docs"
# What the examples import that is not there, and what is.
PLACEHOLDERS = {"my_pkg.algos:ppo": "math:sqrt", "torch.nn:Tanh": "math:sinh", "torch.nn:ReLU": "math:cosh"}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", (DOCS / page).read_text(), re.DOTALL | re.MULTILINE)


def test_the_grid_file_of_the_documentation_loads_and_counts() -> None:
    (text,) = blocks("yaml.md", "yaml")
    for placeholder, name in PLACEHOLDERS.items():
        assert placeholder in text
        text = text.replace(placeholder, name)
    file = read_grid(text, "yaml.md")
    found = survey(file.grid.definition)
    check_named(found)
    assert file.grid.count() == len(file.grid.variants()) == found.runs == (50 + 3 + 1) * 5


def test_the_grids_of_the_documentation_are_made_one_on_top_of_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    first, *others = (
        re.sub(r"^grid\.run\(.*$", "", block, flags=re.MULTILINE) for block in blocks("grids.md", "python")
    )
    exec(first, names)
    assert names["grid"].count() == 2 * 2 * 3
    assert "lr" in capsys.readouterr().out
    for block in others:
        exec(block, names)
    for grid in (names["grid"], names["both"]):
        assert isinstance(grid, Grid)
        assert survey(grid.definition).runs == grid.count() == len(grid.variants())


def test_cases_of_nothing_but_seeds_are_the_whole_grid() -> None:
    grid = Grid("n").add("seed", [0, 1]).case({"lr": 1}, {"lr": 2})
    assert [(variant["lr"], variant["seed"]) for variant in grid.variants()] == [(1, 0), (1, 1), (2, 0), (2, 1)]


def test_names_are_checked_by_a_survey_and_not_by_variants() -> None:
    grid = Grid("n").add("a", ["x", "X"])
    assert len(grid.variants()) == 2
    with pytest.raises(NameClash):
        survey(grid.definition)
