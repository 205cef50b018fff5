"""A run relaunched from its record, and what is said where that cannot be."""

from __future__ import annotations

import functools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.base.errors import LaunchError, SweepError, UsageError
from sweep.front.experiment import ExperimentGrid
from sweep.front.recorded import read_recorded
from sweep.front.relaunch import relaunch, request_for
from sweep.front.variation import grid_of
from sweep.front.verdict import Verdict
from sweep.launch.engines.fake import FakeEngine
from sweep.rundir.paths import RunDir
from sweep.rundir.variant_file import read_variant

pytestmark = pytest.mark.usefixtures("workplace")
Engines = list[FakeEngine]


def train(lr: float = 0.1, act: Any = math.tanh, sizes: Any = (8,), opt: Any = None, seed: int = 0) -> None: ...


def made(engines: Engines, name: str = "ppo", run: Any = None, **values: Any) -> Path:
    """Run a grid of one variant, in play, and return its directory."""
    grid = ExperimentGrid(name)
    for key, value in {"seed": 0, **values}.items():
        grid.add(key, [value])
    grid.run(train, data_dir="data", wait=0, **(run or {}))
    return Path("data", name, f"{name}_s{values.get('seed', 0)}")


def config(path: Path) -> Any:
    record = read_variant(RunDir(path))
    assert record is not None
    return record.config


def test_the_same_is_done_already(engines: Engines, capsys: pytest.CaptureFixture[str]) -> None:
    path = made(engines, lr=0.5, sizes=(64, 64), act=math.sin)
    sweep = relaunch(path)
    assert (sweep.exit_code, sweep.plan.counts[Verdict.DONE], sweep.done) == (0, 1, 0)
    assert "1 run done before, not started again" in capsys.readouterr().out


def test_elsewhere_it_is_a_new_run_with_the_very_same_values(engines: Engines) -> None:
    values = {
        "lr": np.float64(0.5),
        "sizes": (64, [1.0, None]),
        "act": math.sin,
        "opt": {"a": {1: "x"}, "b": np.arange(3)},
    }
    path = made(engines, **values)
    sweep = relaunch(path, data_dir="again")
    assert sweep.done == 1
    assert config(Path("again/ppo/ppo_s0")) == config(path)
    one, other = (read_variant(RunDir(root / "ppo/ppo_s0")) for root in (Path("data"), Path("again")))
    assert one is not None and other is not None
    assert one.identity == other.identity


def test_a_partial_is_the_same_one_the_second_time_and_when_it_is_relaunched(engines: Engines) -> None:
    act = functools.partial(max, 3)
    path = made(engines, act=act)
    made(engines, act=act)
    made(engines, act=functools.partial(max, 3))
    assert len(list(path.parent.iterdir())) == 1
    assert relaunch(path).plan.counts[Verdict.DONE] == 1
    assert relaunch(path, data_dir="again").done == 1


def test_changes_stand_in_the_name_and_several_values_are_several_runs(engines: Engines) -> None:
    path = made(engines, lr=0.5)
    assert relaunch(path, {"lr": [1.0, 2.0]}).done == 2
    assert config(Path("data/ppo_lr2-0/ppo_lr2-0_s0"))["lr"] == 2.0
    assert relaunch(path, seed=7).done == 1
    assert config(Path("data/ppo/ppo_s7")) == {**config(path), "seed": 7}


def test_a_key_inside_a_dict_is_changed_and_its_neighbours_stay(engines: Engines) -> None:
    path = made(engines, opt={"lr": 1.0, "beta": (0.9, 0.99)})
    relaunch(path, {"opt:lr": 2.0}, exp_name="other")
    [run] = [one for one in Path("data").glob("other*/*") if one.is_dir()]
    assert config(run)["opt"] == {"lr": 2.0, "beta": {"$tuple": [0.9, 0.99]}}


def test_it_asks_for_what_the_run_was_started_with_unless_something_else_is_asked(engines: Engines) -> None:
    path = made(engines, run={"threads": 2, "memory": "10M"})
    recorded = read_recorded(path)
    request = request_for(recorded, {}, {"threads": 1, "timeout": None})
    assert (request.num_cpu, request.threads, request.memory, request.retry_failed) == (1, 1, 10 * 2**20, True)


def test_a_runtime_only_parameter_stays_one(engines: Engines) -> None:
    grid = ExperimentGrid("ppo").add("opt", [{"workers": 1}]).add("lr", 0.5, runtime_only=True)
    grid.run(train, data_dir="data", wait=0)
    recorded = read_recorded("data/ppo/ppo_s0")
    assert grid_of(recorded, "ppo", {"sizes": [1]}).definition.runtime_only() == {"lr"}
    sweep = relaunch("data/ppo/ppo_s0", {"lr": 3.0}, exp_name="ppo")
    assert sweep.plan.counts[Verdict.DONE] == 1  # a key that does not count makes no other run


def test_a_changed_extendable_parameter_makes_another_run_unless_it_is_declared_again(engines: Engines) -> None:
    path = made(engines, lr=0.5, run={"extendable": ["lr"]})
    recorded = read_recorded(path)
    assert request_for(recorded, {}, {}).extendable == ["lr"]
    assert request_for(recorded, {"lr": 2.0}, {}).extendable == []
    assert relaunch(path, {"lr": 2.0}).done == 1
    with pytest.raises(SweepError, match="no snapshot from which it could go on"):
        relaunch(path, {"lr": 2.0}, extendable="lr")


def test_all_values_that_cannot_be_had_are_in_one_error_that_names_the_file(engines: Engines) -> None:
    path = made(engines, act=lambda x: x, opt={"big": np.zeros((1000, 1000))})
    file = json.loads((path / ".sweep/variant.json").read_text())
    assert len(file["cannot_be_made_again"]) == 2
    with pytest.raises(LaunchError, match=r"variant\.json cannot be relaunched as it is: 'act': .*; 'opt:big': "):
        relaunch(path)
    with pytest.raises(LaunchError, match="relaunched as it is: 'opt:big'"):
        relaunch(path, {"act": math.sin})
    assert relaunch(path, {"act": math.sin, "opt": {}}).done == 1


def test_a_run_says_that_it_can_be_made_again(engines: Engines) -> None:
    path = made(engines, act=math.sin)
    assert json.loads((path / ".sweep/variant.json").read_text())["cannot_be_made_again"] == []


def test_a_function_without_a_name_is_to_be_given(engines: Engines) -> None:
    def inner(lr: float = 0.1, seed: int = 0) -> None: ...

    ExperimentGrid("inner").add("lr", 1.0).run(inner, data_dir="data", wait=0)
    with pytest.raises(LaunchError, match=r"no name leads to the function .*<locals>.*--thunk module:function"):
        relaunch("data/inner/inner_s0")
    assert relaunch("data/inner/inner_s0", thunk=inner).plan.counts[Verdict.DONE] == 1


def test_other_code_is_told(engines: Engines, capsys: pytest.CaptureFixture[str]) -> None:
    path = made(engines)
    file = path / ".sweep/variant.json"
    data = json.loads(file.read_text())
    file.write_text(json.dumps({**data, "code": data["code"][:-1] + ("0" if data["code"][-1] != "0" else "1")}))
    relaunch(path)
    assert "is not what the run was started with; --exact runs that" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"variant\.json is not there, so .* is no run that sweep made"),
        ("{", r"variant\.json cannot be read"),
        ('{"identity": 1, "exp_name": "x", "thunk": "math:sin", "config": 3}', r"variant\.json cannot be read"),
        ('{"identity": "i", "exp_name": "x", "thunk": "no_module:f", "config": {}}', "cannot be imported.*--thunk"),
        ('{"identity": "i", "exp_name": "x", "thunk": "math:pi", "config": {}}', "not a function"),
        ('{"identity": "i", "exp_name": "x", "thunk": "f", "config": {}}', "no name leads to the function f"),
        ('{"identity": "i", "exp_name": 3, "thunk": "math:sin", "config": {}}', r"variant\.json cannot be read"),
    ],
)
def test_a_foreign_or_damaged_record_is_one_clear_error(workplace: Path, text: str | None, message: str) -> None:
    own = workplace / "data/x/x_s0/.sweep"
    own.mkdir(parents=True)
    if text is not None:
        (own / "variant.json").write_text(text)
    with pytest.raises(SweepError, match=message) as caught:
        relaunch("data/x/x_s0")
    assert "\n" not in str(caught.value)
    assert [one.name for one in (workplace / "data/x/x_s0").iterdir()] == [".sweep"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"lrr": 1}, r"train\(\) takes no argument 'lrr'.*Did you mean 'lr'"), ({"lr": []}, "lr")],
)
def test_a_wrong_change_is_one_clear_error(engines: Engines, changes: Any, message: str) -> None:
    path = made(engines)
    with pytest.raises(SweepError, match=message):
        relaunch(path, changes)
    assert [one.name for one in Path("data").iterdir() if one.name != ".sweep"] == ["ppo"]


def test_what_is_not_there_is_told() -> None:
    with pytest.raises(UsageError, match=r"'nowhere' is not there; name a run's directory, or a config\.json"):
        relaunch("nowhere")


def test_without_a_record_of_its_source_nothing_runs_exactly(engines: Engines) -> None:
    path = made(engines)
    with pytest.raises(SweepError, match="has no record of its source"):
        relaunch(path, exact=True)
    with pytest.raises(UsageError, match="is no run's directory, so it has no source"):
        relaunch(path / "config.json", exact=True)
