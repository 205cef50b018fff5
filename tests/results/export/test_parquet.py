"""runs.parquet and curves.parquet."""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import UsageError
from sweep.results.export.material import Material, gather
from sweep.results.export.parquet import write_parquet
from sweep.results.export.place import Destination
from sweep.results.run import Run
from sweep.results.score import Score


@pytest.fixture
def tables(installed: Callable[[str], Any], tmp_path: Path) -> Callable[[Material], Any]:
    """Return what writes the two tables and reads them back."""
    installed("pyarrow")
    parquet = importlib.import_module("pyarrow.parquet")

    def read(material: Material) -> Any:
        write_parquet(material, Destination.opened(tmp_path / "out"))
        return tuple(parquet.read_table(tmp_path / f"out/{name}.parquet") for name in ("runs", "curves"))

    return read


def test_what_is_written_is_read_back_with_types(material: Material, tables: Callable[[Material], Any]) -> None:
    runs, curves = tables(material)
    assert runs["config/lr"].to_pylist() == [0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4]
    assert runs["run/seed"].to_pylist() == [0, 1, 0, 1, 0, 1, 0]
    assert runs["score"].to_pylist() == [1.0, 2.0, 2.0, 3.0, None, None, None]
    assert curves.num_rows == 12 and str(curves.schema.field("run/seed").type) == "int64"
    assert curves["metric/AverageEpRet"].to_pylist()[:2] == [0.0, 1.0]
    assert math.isnan(curves["metric/AverageEpRet"].to_pylist()[-1])


def test_a_column_of_several_types_is_text(make: Callable[..., Run], tables: Callable[[Material], Any]) -> None:
    values: list[object] = [1, "=x", (32, 32), None, 2**70, True]
    runs = [make(f"r{index}", 0, [1.0], mixed=value, huge=2**64 + index) for index, value in enumerate(values)]
    found, _ = tables(gather(runs, Score()))
    assert found["config/mixed"].to_pylist() == ["1", "=x", "(32, 32)", "None", str(2**70), "True"]
    assert found["config/huge"].to_pylist()[0] == str(2**64)


def test_runs_without_rows_make_an_empty_table(runs: list[Run], tables: Callable[[Material], Any]) -> None:
    for run in runs:
        (run.path / "progress.txt").unlink()
    _, curves = tables(gather(runs, Score()))
    assert curves.num_rows == 0 and curves.column_names[:2] == ["run", "run/seed"]


@pytest.mark.parametrize("kind", ["parquet", "tensorboard", "wandb", "optuna"])
def test_a_missing_package_is_one_line_that_says_how_to_install_it(
    kind: str, material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sweep.results.export.kinds import export

    package = {"parquet": "pyarrow"}.get(kind, kind)
    for name in [one for one in sys.modules if one.split(".")[0] == package] + [package]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match=rf"an export to {kind} needs {package} .* pip install {package}\."):
        export(material, kind, Destination.opened(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
