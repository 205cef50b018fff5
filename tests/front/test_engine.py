"""Where runs are executed, checked at the door."""

from __future__ import annotations

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sweep import ExperimentGrid
from sweep.base.errors import UsageError
from sweep.front.request import Request
from sweep.front.share import runs_on


class Idle(Executor):
    def submit(self, function: Any, /, *words: Any, **more: Any) -> Future[Any]:
        raise AssertionError("nothing is to be started")


def train(lr: float = 0.1) -> None: ...


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"engine": "dask"}, r"engine is 'dask'; it is an executor, such as concurrent\.futures\.ProcessPoolExecutor"),
        ({"engine": ThreadPoolExecutor}, "engine is "),
        ({"engine": 4}, r"engine is 4; it is an executor, .*, a name \(local.*\), or left out for this machine\.$"),
        ({"engine": "lokal"}, r"engine is 'lokal'; .*Did you mean 'local'\?$"),
        ({"engine": ""}, "engine is ''"),
        ({"engine": Idle(), "gpus": 1}, "gpus does not go with engine: a run has what its worker has"),
        ({"engine": Idle(), "memory": "1G"}, "memory does not go with engine"),
        ({"engine": Idle(), "start": "inline"}, "start='inline' calls the function in this process"),
    ],
)
def test_an_engine_that_cannot_be_is_one_line(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        Request(None, **asked)
    assert "\n" not in str(caught.value)


def test_a_run_may_need_more_cores_than_there_are_here(workplace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grid = ExperimentGrid("g").add("lr", [1, 2])
    sweep = grid.run(train, engine=Idle(), threads=10_000, dry_run=True)
    assert sweep.dry
    assert "1 rank a run, up to 100 runs at once on Idle" in capsys.readouterr().out


def test_as_many_runs_are_given_to_an_executor_as_are_asked_for() -> None:
    assert (runs_on(Idle(), "auto"), runs_on(Idle(), 500), runs_on(Idle(), 1)) == (100, 500, 1)
    with pytest.raises(UsageError, match="parallel is 0"):
        runs_on(Idle(), 0)


def test_this_machine_has_a_name_and_gives_what_it_gives_without_it(
    workplace: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid, said = ExperimentGrid("g").add("lr", [1, 2]), []
    for engine in ("local", None):
        assert grid.run(train, engine=engine, memory="1M", dry_run=True).dry
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert Request(None, engine="local", start="inline").engine == "local"


def test_an_executor_is_not_for_a_grid_file(workplace: Path) -> None:
    (workplace / "pools.py").write_text("class Pool:\n    def submit(self, function, *words): ...\npool = Pool()\n")
    file = workplace / "grid.yaml"
    file.write_text("name: y\ngrid: {lr: [1, 2]}\nrun: {engine: {py: 'pools:pool'}}\n")
    with pytest.raises(UsageError, match=r"grid\.yaml: engine in the run: block is .*; a file names one of local"):
        ExperimentGrid.from_yaml(file)


def test_what_run_is_given_counts_before_the_engine_of_a_file(workplace: Path) -> None:
    file = workplace / "grid.yaml"
    file.write_text("name: y\ngrid: {lr: [1, 2]}\nrun: {engine: dask}\n")
    grid = ExperimentGrid.from_yaml(file)
    assert grid.run(train, engine="local", dry_run=True).dry
    with pytest.raises(UsageError, match="engine is 'dask'"):
        grid.run(train, dry_run=True)
