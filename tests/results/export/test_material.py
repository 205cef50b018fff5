"""What is exported: names, scores and steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sweep.base.errors import UsageError
from sweep.results.export.kinds import export
from sweep.results.export.material import Material, gather
from sweep.results.export.parameters import typed
from sweep.results.export.place import Destination
from sweep.results.run import Run
from sweep.results.score import Score
from sweep.results.table_file import Table


def test_runs_that_count_have_scores_and_the_others_are_counted(material: Material) -> None:
    assert sorted(material.scores.values()) == [1.0, 2.0, 2.0, 3.0]
    assert material.notes == ["3 of 7 runs have no score"]
    assert (material.x, material.score.metric, material.keys) == ("TotalEnvInteracts", "AverageEpRet", ("lr", "act"))


def test_all_runs_can_count(runs: list[Run]) -> None:
    found = gather(runs, Score(how="best"), "all")
    assert found.notes == [] and found.scores[runs[-1]] == 1.0


def test_runs_and_settings_of_one_name_get_names_of_their_own(runs: list[Run], tmp_path: Path) -> None:
    twin = replace(runs[0], path=tmp_path / "other" / runs[0].name, setting="other")
    found = gather([runs[0], runs[1], twin], Score())
    names = [found.names[run] for run in found.runs]
    assert names[1] == runs[1].name and len(set(names)) == 3
    assert all(name.startswith(f"{runs[0].name}-") for name in (names[0], names[2]))
    assert len(set(found.groups.values())) == 2


def test_runs_without_rows_can_be_exported_and_an_unknown_metric_cannot(make: Callable[..., Run]) -> None:
    runs = [make("x", 0, [], "failed", lr=1)]
    runs[0].path.joinpath("progress.txt").unlink()
    assert gather(runs, Score()).notes == ["1 of 1 run have no score"]
    with pytest.raises(UsageError, match="no run has written a row yet"):
        gather(runs, Score("Loss"))


def test_steps_are_x_where_it_is_whole_and_else_the_number_of_the_row(material: Material) -> None:
    assert material.steps(material.table(material.runs[0])) == [1000, 2000]
    for wrong in ([0.5, 1.0], [1.0, math.nan], [1.0, 1e300]):
        assert material.steps(Table({"TotalEnvInteracts": np.array(wrong)})) == [0, 1]


def test_a_parameter_is_of_one_type_everywhere() -> None:
    configs: list[dict[str, object]] = [
        {"a": 1, "b": True, "c": 1, "d": None},
        {"a": 0.5, "b": False, "c": "x", "d": math.nan},
        {"a": 2},
    ]
    assert typed(configs, "abcd") == [
        {"a": 1, "b": True, "c": "1", "d": "None"},
        {"a": 0.5, "b": False, "c": "x", "d": "nan"},
        {"a": 2},
    ]


def test_a_place_in_a_run_is_refused_whatever_way_it_is_named(runs: list[Run], tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(runs[0].path)
    for path in (runs[0].path, runs[0].path / "exports/tb", tmp_path / "link/tb"):
        with pytest.raises(UsageError, match=r"is in the run .* where only the run writes"):
            Destination.opened(path, force=True)
    assert sorted(path.name for path in runs[0].path.iterdir()) == ["progress.txt"]


def test_a_place_above_runs_is_not_written_to_where_it_is_a_run(runs: list[Run], material: Material) -> None:
    place = Destination.opened(runs[0].path.parent, force=True)
    with pytest.raises(UsageError, match="is in the run"):
        place.file(material.names[runs[0]], "events")


def test_a_place_with_something_in_it_is_left_alone_unless_it_is_said(material: Material, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (place / "mine").write_text("mine")
    with pytest.raises(UsageError, match=r"there is something in .* --force"):
        Destination.opened(place)
    export(material, "csv", Destination.opened(place, force=True))
    assert (place / "mine").read_text() == "mine" and (place / "runs.csv").exists()


def test_a_file_that_is_replaced_is_not_written_through(material: Material, tmp_path: Path) -> None:
    place, elsewhere = tmp_path / "place", tmp_path / "elsewhere"
    place.mkdir()
    elsewhere.write_text("mine")
    (place / "runs.csv").symlink_to(elsewhere)
    export(material, "csv", Destination.opened(place, force=True))
    assert elsewhere.read_text() == "mine"


def test_a_place_that_cannot_be_had_is_one_line(material: Material, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is no folder"):
        Destination.opened(tmp_path / "file")
    with pytest.raises(UsageError, match="cannot be written to"):
        export(material, "csv", Destination.opened(tmp_path / "file/sub"))


def test_each_is_for_optuna_alone(material: Material, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--each is for trials of optuna"):
        export(material, "csv", Destination.opened(tmp_path / "place"), each=True)
