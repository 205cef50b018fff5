"""runs.csv and curves.csv."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from sweep.results.export.csv import cell_text, write_csv
from sweep.results.export.material import Material, gather
from sweep.results.export.place import Destination
from sweep.results.run import Run
from sweep.results.score import Score


def written(material: Material, folder: Path) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    write_csv(material, Destination.opened(folder))
    texts = [(folder / name).read_text().splitlines() for name in ("runs.csv", "curves.csv")]
    return list(csv.DictReader(texts[0])), list(csv.DictReader(texts[1]))


def test_a_run_is_a_row_with_its_parameters_state_and_score(material: Material, tmp_path: Path) -> None:
    runs, _ = written(material, tmp_path / "out")
    assert len(runs) == 7
    assert list(runs[0])[:7] == ["run", "config/lr", "config/act", "run/setting", "run/seed", "run/state", "score"]
    assert [runs[1][key] for key in ("run", "config/lr", "run/seed", "score")] == ["ppo_lr0.1_s1", "0.1", "1", "2.0"]
    assert (runs[4]["score"], runs[4]["run/state"], runs[4]["run/cause"]) == ("", "failed", "rank 0 died")
    assert {row["run/source"] for row in runs} == {"sweep"}


def test_a_row_of_a_run_is_a_row_and_its_numbers_come_back_exactly(material: Material, tmp_path: Path) -> None:
    _, curves = written(material, tmp_path / "out")
    assert len(curves) == 4 * 2 + 2 * 1 + 2
    assert list(curves[0])[:3] == ["run", "run/seed", "metric/TotalEnvInteracts"]
    own = [row for row in curves if row["run"] == "ppo_lr0.2_s1"]
    assert [(float(row["metric/TotalEnvInteracts"]), float(row["metric/AverageEpRet"])) for row in own] == [
        (1000.0, 0.0),
        (2000.0, 3.0),
    ]
    assert curves[-1]["metric/AverageEpRet"] == ""  # nan


def test_what_a_run_does_not_have_is_an_empty_cell(make: Callable[..., Run], tmp_path: Path) -> None:
    runs, _ = written(
        gather([make("a", 0, [1.0], lr=1, only=None), make("b", 0, [1.0], lr=2)], Score()), tmp_path / "o"
    )
    assert [row["config/only"] for row in runs] == ["None", ""]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=1+2", "'=1+2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd", "'+cmd"),
        ("-", "'-"),
        ("\tx", "'\tx"),
        ("-1e-3", "-1e-3"),
        (-0.001, "-0.001"),
        (0.1 + 0.2, "0.30000000000000004"),
        (-5, "-5"),
        (True, "True"),
        (None, ""),
        (math.nan, ""),
        (-math.inf, "-inf"),
        ("tanh", "tanh"),
    ],
)
def test_no_text_is_a_formula_and_numbers_are_as_they_are(value: str | float | None, text: str) -> None:
    assert cell_text(value) == text


def test_hostile_values_stay_in_their_cells(make: Callable[..., Run], tmp_path: Path) -> None:
    values = ['=HYPERLINK("http://x")', "a,b\nc", "\x1b[31m", "\udcff", "x" * 20_000]
    found = gather([make(f"r{index}", 0, [1.0], key=value) for index, value in enumerate(values)], Score())
    runs, curves = written(found, tmp_path / "out")
    assert [row["config/key"] for row in runs[:4]] == ["'" + values[0], "a,b\\nc", "\\x1b[31m", "\\udcff"]
    assert len(runs) == len(curves) == 5
