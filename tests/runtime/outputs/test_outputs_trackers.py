"""Weights & Biases and MLflow: with the packages themselves where they are installed, else with a stand-in.

No test reaches a network: the first works offline, the second on a file of its own.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from sweep.base.files import read_json
from sweep.runtime.context.logged import CURRENT
from sweep.runtime.log.logger import Logger
from sweep.runtime.outputs.mlflow import MlflowOutput
from sweep.runtime.outputs.output import Home
from sweep.runtime.outputs.run_ids import run_id
from sweep.runtime.outputs.wandb import WandbOutput

Need = Callable[[str, bool, str], None]


def attempt(folder: Path, output: Any, rows: range, marks: Any = None) -> Any:
    """Log some rows, go back to marks before if there are any; return the marks behind them."""
    logger = Logger(str(folder), exp_name="demo", outputs=[output])
    if marks is not None:
        logger.roll_back(marks)
    else:
        logger.save_config({"lr": 0.1, "net": {"act": "tanh"}, "seed": 3})
    for value in rows:
        logger.log_tabular("Return", value / 2)
        logger.log_tabular("Note", "text")
        logger.dump_tabular()
    found = logger.marks()
    logger.close("interrupted" if marks is None else "done")
    return found


@pytest.fixture
def resumes() -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        run = SimpleNamespace(path=folder, resumes=True, attach=lambda logger: None, logger_of=lambda stem: None)
        CURRENT.set(run)

    return make


def test_a_run_that_goes_on_keeps_its_id_and_one_that_begins_anew_gets_another(tmp_path: Path) -> None:
    run, numbers = Home(tmp_path).run, iter("abc")
    ids = [run_id(run, "x", goes_on, lambda: next(numbers)) for goes_on in (False, True, True, False, True)]
    assert ids == ["a", "a", "a", "b", "b"]
    assert run_id(run, "y", True, lambda: "new") == "new"
    assert read_json(tmp_path / ".sweep/run_ids.json") == {"x": ["a", "b"], "y": ["new"]}


@pytest.mark.parametrize("text", ["", "[1]", '{"x": 3}', '{"x": [3]}', '{"x": []}'])
def test_a_damaged_file_of_ids_costs_the_id_and_not_the_run(tmp_path: Path, text: str) -> None:
    (tmp_path / ".sweep").mkdir()
    (tmp_path / ".sweep/run_ids.json").write_text(text)
    assert run_id(Home(tmp_path).run, "x", True, lambda: "new") == "new"
    assert run_id(Home(tmp_path).run, "x", True, lambda: "other") == "new"


# Stand-ins


class FakeWandbRun:
    def __init__(self, options: dict[str, Any]) -> None:
        self.options, self.logged, self.ended = options, list[Any](), list[Any]()
        self.id = options["id"]
        self.config = SimpleNamespace(update=lambda values, allow_val_change: self.logged.append(("config", values)))

    def define_metric(self, name: str, step_metric: str | None = None) -> None:
        self.logged.append((name, step_metric))

    def log(self, values: Any) -> None:
        self.logged.append(values)

    def finish(self, exit_code: int | None) -> None:
        self.ended.append(exit_code)


@pytest.fixture
def fake_wandb(monkeypatch: pytest.MonkeyPatch) -> list[FakeWandbRun]:
    runs: list[FakeWandbRun] = []

    def init(**options: Any) -> FakeWandbRun:
        runs.append(FakeWandbRun(options))
        return runs[-1]

    module = ModuleType("wandb")
    vars(module).update(init=init, Histogram=lambda values: ("histogram", sum(values)), Image=lambda of: ("image", of))
    monkeypatch.setitem(sys.modules, "wandb", module)
    return runs


def test_the_stand_in_of_wandb_gets_one_id_for_all_attempts_of_a_run(
    tmp_path: Path, fake_wandb: list[FakeWandbRun], resumes: Callable[[Path], None]
) -> None:
    folder = tmp_path / "demo_s3"
    marks = attempt(folder, WandbOutput(project="mine"), range(2))
    resumes(folder)
    attempt(folder, WandbOutput(project="mine"), range(2, 3), marks)
    first, second = fake_wandb
    assert first.id == second.id == read_json(folder / ".sweep/run_ids.json")["wandb"][0]
    wanted = {"name": "demo_s3", "group": "demo", "resume": "allow", "dir": str(folder), "project": "mine"}
    assert wanted.items() <= second.options.items()
    assert first.logged == [
        ("global_step", None),
        ("*", "global_step"),
        ("config", {"lr": 0.1, "net:act": "tanh"}),
        {"Return": 0.0, "global_step": 0},
        {"Return": 0.5, "global_step": 1},
    ]
    assert second.logged[2:] == [{"Return": 1.0, "global_step": 2}]
    assert (first.ended, second.ended) == ([75], [0])


def test_the_stand_in_of_wandb_gets_direct_writes(tmp_path: Path, fake_wandb: list[FakeWandbRun]) -> None:
    logger = Logger(str(tmp_path), outputs=["wandb"])
    figure = SimpleNamespace(savefig=None)
    logger.writer.add_histogram("h", [1, 2], 5)
    logger.writer.add_text("t", "hello", 6)
    logger.writer.add_figure("f", figure, 7)
    assert fake_wandb[0].logged[2:] == [
        {"h": ("histogram", 3.0), "global_step": 5},
        {"t": "hello", "global_step": 6},
        {"f": ("image", figure), "global_step": 7},
    ]


class FakeMlflow:
    """As much of a client as the output uses, over one store in memory."""

    def __init__(self) -> None:
        self.experiments: dict[str, str] = {}
        self.runs: dict[str, SimpleNamespace] = {}

    def get_experiment_by_name(self, name: str) -> Any:
        return SimpleNamespace(experiment_id=self.experiments[name]) if name in self.experiments else None

    def create_experiment(self, name: str) -> str:
        return self.experiments.setdefault(name, str(len(self.experiments) + 1))

    def create_run(self, experiment: str, tags: Any, run_name: str) -> Any:
        one = str(len(self.runs))
        data = SimpleNamespace(params={})
        self.runs[one] = SimpleNamespace(
            experiment=experiment, tags=tags, name=run_name, data=data, metrics=[], batches=0, status=["RUNNING"]
        )
        return SimpleNamespace(info=SimpleNamespace(run_id=one))

    def get_run(self, one: str) -> Any:
        return self.runs[one]

    def update_run(self, one: str, status: str) -> None:
        self.runs[one].status.append(status)

    def set_terminated(self, one: str, status: str) -> None:
        self.runs[one].status.append(status)

    def log_batch(self, one: str, metrics: Any = (), params: Any = ()) -> None:
        assert len(metrics) <= 1000
        self.runs[one].metrics += metrics
        self.runs[one].batches += 1
        self.runs[one].data.params.update(params)


@pytest.fixture
def fake_mlflow(monkeypatch: pytest.MonkeyPatch) -> FakeMlflow:
    store, module, entities = FakeMlflow(), ModuleType("mlflow"), ModuleType("mlflow.entities")
    vars(module).update(MlflowClient=lambda uri: store, entities=entities)
    vars(entities).update(Param=lambda *pair: pair, Metric=lambda *fields: fields)
    monkeypatch.setitem(sys.modules, "mlflow", module)
    monkeypatch.setitem(sys.modules, "mlflow.entities", entities)
    for name in ("MLFLOW_EXPERIMENT_NAME", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.delenv(name, raising=False)
    return store


def test_the_stand_in_of_mlflow_gets_one_run_for_all_attempts(
    tmp_path: Path, fake_mlflow: FakeMlflow, resumes: Callable[[Path], None]
) -> None:
    folder = tmp_path / "demo_s3"
    marks = attempt(folder, MlflowOutput(), range(2))
    resumes(folder)
    attempt(folder, MlflowOutput(), range(2, 3), marks)
    ((_, run),) = fake_mlflow.runs.items()
    assert (run.name, run.experiment, run.tags["sweep.setting"]) == ("demo_s3", "0", "demo")
    assert [(key, value, step) for key, value, _, step in run.metrics] == [
        ("Return", 0.0, 0),
        ("Return", 0.5, 1),
        ("Return", 1.0, 2),
    ]
    assert run.data.params == {"lr": "0.1", "net:act": "tanh"}
    assert run.status == ["RUNNING", "KILLED", "RUNNING", "FINISHED"]


def test_numbers_go_to_the_stand_in_of_mlflow_in_batches_and_under_names_that_it_takes(
    tmp_path: Path, fake_mlflow: FakeMlflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    output = MlflowOutput(experiment="mine")
    output.open(Home(tmp_path), goes_on=False)
    run = fake_mlflow.runs["0"]
    for step in range(499):
        output.scalars({"Reward (max)": step}, step)
    assert (run.batches, run.experiment) == (0, "1")
    output.scalars({"Reward (max)": 499}, 499)
    assert (run.batches, len(run.metrics), run.metrics[0][0]) == (1, 500, "Reward _max_")
    output.scalars({"a": 1}, 0)
    clock[0] += 6
    output.scalars({"a": 1}, 1)
    assert (run.batches, len(run.metrics)) == (2, 502)
    output.close("")
    assert run.status == ["RUNNING"]


# The packages themselves


def holds(file: Path, text: bytes, within_s: float = 20) -> bool:
    """Say whether a text is in a file that another process is still writing."""
    end = time.monotonic() + within_s
    while text not in file.read_bytes() and time.monotonic() < end:
        time.sleep(0.05)
    return text in file.read_bytes()


def test_wandb_itself_keeps_the_id_offline(
    tmp_path: Path, need: Need, monkeypatch: pytest.MonkeyPatch, resumes: Callable[[Path], None]
) -> None:
    need("wandb", importlib.util.find_spec("wandb") is not None, "pip install wandb; only a stand-in was tested")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    folder = tmp_path / "demo_s3"
    marks = attempt(folder, WandbOutput(), range(2))
    resumes(folder)
    attempt(folder, WandbOutput(), range(2, 3), marks)
    one = read_json(folder / ".sweep/run_ids.json")["wandb"]
    assert len(one) == 1
    files = list((folder / "wandb").glob("offline-run-*/run-*.wandb"))
    assert len(files) == 2
    assert {file.name for file in files} == {f"run-{one[0]}.wandb"}
    assert all(holds(file, b"Return") for file in files)
    assert not (folder / "status.json").exists()
    assert "is off from here on" not in (folder / "log.txt").read_text()


@pytest.mark.filterwarnings("default")
def test_mlflow_itself_has_every_row_in_one_run(
    tmp_path: Path, need: Need, monkeypatch: pytest.MonkeyPatch, resumes: Callable[[Path], None]
) -> None:
    need("mlflow", importlib.util.find_spec("mlflow") is not None, "pip install mlflow; only a stand-in was tested")
    mlflow: Any = importlib.import_module("mlflow")
    monkeypatch.chdir(tmp_path)
    uri, folder = f"sqlite:///{tmp_path}/store.db", tmp_path / "demo_s3"
    marks = attempt(folder, MlflowOutput(uri, "mine"), range(2))
    resumes(folder)
    attempt(folder, MlflowOutput(uri, "mine"), range(2, 3), marks)
    client = mlflow.MlflowClient(uri)
    (run,) = client.search_runs([client.get_experiment_by_name("mine").experiment_id])
    assert [run.info.run_id] == read_json(folder / ".sweep/run_ids.json")["mlflow"]
    points = client.get_metric_history(run.info.run_id, "Return")
    assert [(one.step, one.value) for one in points] == [(0, 0.0), (1, 0.5), (2, 1.0)]
    assert run.data.params == {"lr": "0.1", "net:act": "tanh"}
    assert (run.info.status, run.data.tags["sweep.setting"]) == ("FINISHED", "demo")
    assert "is off from here on" not in (folder / "log.txt").read_text()
