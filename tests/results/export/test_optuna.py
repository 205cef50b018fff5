"""A study, read back with Optuna itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sweep.results.export.kinds import export
from sweep.results.export.material import Material, gather
from sweep.results.export.place import Destination
from sweep.results.run import Run
from sweep.results.score import Score


@pytest.fixture
def study(installed: Callable[[str], Any], tmp_path: Path) -> Callable[..., Any]:
    """Return what writes a study and loads it; it has the notes too."""
    optuna = installed("optuna")

    def load(material: Material, each: bool = False) -> tuple[Any, list[str]]:
        notes = export(material, "optuna", Destination.opened(tmp_path / "out"), each)
        backend = optuna.storages.journal.JournalFileBackend(str(tmp_path / "out/study.journal"))
        return optuna.load_study(study_name="sweep", storage=optuna.storages.JournalStorage(backend)), notes

    return load


def test_a_setting_is_a_trial_with_the_mean_of_its_seeds(material: Material, study: Callable[..., Any]) -> None:
    found, notes = study(material)
    assert found.direction.name == "MAXIMIZE" and "AverageEpRet" in found.user_attrs["score"]
    done = [trial for trial in found.trials if trial.state.name == "COMPLETE"]
    assert {trial.user_attrs["setting"]: trial.value for trial in done} == {"ppo_lr0.1": 1.5, "ppo_lr0.2": 2.5}
    assert found.best_params == {"lr": 0.2, "act": "tanh"}
    assert found.best_trial.user_attrs["seeds"] == {"0": 2.0, "1": 3.0}
    assert found.best_trial.intermediate_values == {1000: 0.0, 2000: 2.5}
    assert "1 of 4 settings are no trials: they have no score yet" in notes


def test_a_setting_whose_runs_all_failed_is_a_failed_trial(material: Material, study: Callable[..., Any]) -> None:
    found, _ = study(material)
    failed = [trial for trial in found.trials if trial.state.name == "FAIL"]
    assert [trial.params for trial in failed] == [{"lr": 0.3, "act": "relu"}]


def test_each_run_can_be_a_trial(material: Material, study: Callable[..., Any]) -> None:
    found, notes = study(material, each=True)
    assert [trial.value for trial in found.trials] == [1.0, 2.0, 2.0, 3.0, None, None]
    assert found.best_trial.user_attrs["run"] == "ppo_lr0.2_s1"
    assert "1 of 7 runs are no trials: they have no score yet" in notes


def test_lower_can_be_better(runs: list[Run], study: Callable[..., Any]) -> None:
    found, _ = study(gather(runs, Score(how="last", better="min")))
    assert found.direction.name == "MINIMIZE" and found.best_value == 1.5


def test_parameters_have_distributions_that_hold_them(make: Callable[..., Run], study: Callable[..., Any]) -> None:
    configs: list[dict[str, object]] = [
        {"lr": 1e-4, "n": 8, "mixed": 1, "flag": True},
        {"lr": 1e-2, "n": 16, "mixed": (1, 2), "flag": False},
        {"lr": 1, "n": 16, "mixed": "x", "flag": False, "only": 3},
    ]
    found, _ = study(gather([make(f"r{index}", 0, [1.0], **one) for index, one in enumerate(configs)], Score()))
    kinds = {key: type(kind).__name__ for trial in found.trials for key, kind in trial.distributions.items()}
    assert kinds == {
        "lr": "FloatDistribution",
        "n": "IntDistribution",
        "mixed": "CategoricalDistribution",
        "flag": "CategoricalDistribution",
        "only": "IntDistribution",
    }
    assert found.trials[0].distributions["lr"].log and not found.trials[0].distributions["n"].log
    assert [trial.params.get("only") for trial in found.trials].count(3) == 1
