"""A study of Optuna in a journal file: a trial for each setting, or for each run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweep.results.export.material import Material
from sweep.results.export.needed import needed
from sweep.results.export.parameters import Scalar, chosen_keys, typed
from sweep.results.export.place import Destination
from sweep.results.run import Run
from sweep.results.statistics.align import align
from sweep.rundir.status import State

STUDY = "sweep"
_FILE = "study.journal"
# Of a curve so many values at most: a study holds all of them in memory.
_VALUES = 250
# From this ratio of the largest to the smallest on, positive numbers are drawn on a logarithmic axis.
_LOGARITHMIC = 100


@dataclass(frozen=True)
class Trial:
    """What becomes a trial: the runs that it stands for, its value and its curve; no value for one that failed."""

    runs: tuple[Run, ...]
    value: float | None
    curve: Mapping[int, float]
    facts: Mapping[str, Any]


def write_optuna(material: Material, place: Destination, each: bool = False) -> list[str]:
    """Write a study; return what was left out, in words.

    Args:
        each: a trial for each run, instead of one for each setting.

    Raises:
        UsageError: optuna is not installed.
    """
    optuna = needed("optuna", "optuna")
    trials = _of_runs(material) if each else _of_settings(material)
    kept = [one for one in trials if one.value is not None or _has_failed(one)]
    params = typed([one.runs[0].config for one in kept], chosen_keys(material))
    spaces = _distributions(optuna, params)
    study = _study(optuna, str(place.file(_FILE)), material)
    study.add_trials([_made(optuna, one, own, spaces) for one, own in zip(kept, params, strict=True)])
    what = "run" if each else "setting"
    rest = len(trials) - len(kept)
    return [f"{rest} of {len(trials)} {what}s are no trials: they have no score yet"] if rest else []


def _study(optuna: Any, path: str, material: Material) -> Any:
    """Return a new study; that it is new is nothing to tell."""
    direction = "maximize" if material.score.higher_is_better else "minimize"
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(path))
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        study = optuna.create_study(storage=storage, study_name=STUDY, direction=direction)
    finally:
        optuna.logging.set_verbosity(verbosity)
    study.set_user_attr("score", str(material.score))
    return study


def _has_failed(trial: Trial) -> bool:
    """Say whether nothing is to come any more."""
    return all(run.counts or run.state == State.FAILED for run in trial.runs)


def _of_runs(material: Material) -> list[Trial]:
    return [
        Trial((run,), _known(material.scores.get(run, math.nan)), _curve(material, [run]), _facts(material, run))
        for run in material.runs
    ]


def _facts(material: Material, run: Run) -> dict[str, Any]:
    about = {"setting": material.groups[run.setting], "seed": run.seed, "state": str(run.state)}
    return {"run": material.names[run], **about, "path": str(run.path)}


def _of_settings(material: Material) -> list[Trial]:
    """Return the settings with their mean scores, and the means of the curves of the runs that are in them."""
    found = []
    for one in material.settings:
        scores = {str(seed): score for seed, score in one.scores.items() if math.isfinite(score)}
        facts = {"setting": material.groups[one.key], "seeds": scores, "runs": len(one.runs)}
        counting = [run for run in one.runs if math.isfinite(material.scores.get(run, math.nan))]
        found.append(Trial(one.runs, _known(one.mean), _curve(material, counting), facts))
    return found


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _curve(material: Material, runs: Sequence[Run]) -> dict[int, float]:
    """Return step to mean of the runs, where all of them have a number."""
    curves = []
    for run in runs:
        table = material.table(run)
        if material.score.metric in table.columns:
            curves.append((np.array(material.steps(table), dtype=np.float64), table.columns[material.score.metric]))
    aligned = align(curves)
    whole = np.flatnonzero(aligned.is_whole)
    places = whole[np.unique(np.linspace(0, len(whole) - 1, min(len(whole), _VALUES)).round().astype(int))]
    return {int(aligned.x[place]): float(aligned.y[:, place].mean()) for place in places.tolist()}


def _distributions(optuna: Any, params: Sequence[Mapping[str, Scalar]]) -> dict[str, Any]:
    seen: dict[str, list[Scalar]] = {}
    for one in params:
        for key, value in one.items():
            seen.setdefault(key, []).append(value)
    return {key: _distribution(optuna.distributions, list(dict.fromkeys(values))) for key, values in seen.items()}


def _distribution(kinds: Any, values: Sequence[Scalar]) -> Any:
    numbers = [value for value in values if not isinstance(value, bool | str)]
    if len(numbers) < len(values):
        return kinds.CategoricalDistribution(sorted(values, key=str))
    low, high = min(numbers), max(numbers)
    is_log = low > 0 and high / low >= _LOGARITHMIC
    is_whole = all(isinstance(value, int) for value in numbers)
    return (kinds.IntDistribution if is_whole else kinds.FloatDistribution)(low, high, log=is_log)


def _made(optuna: Any, trial: Trial, params: Mapping[str, Scalar], spaces: Mapping[str, Any]) -> Any:
    states = optuna.trial.TrialState
    return optuna.trial.create_trial(
        state=states.FAIL if trial.value is None else states.COMPLETE,
        value=trial.value,
        params=dict(params),
        distributions={key: spaces[key] for key in params},
        intermediate_values=dict(trial.curve),
        user_attrs=dict(trial.facts),
    )
