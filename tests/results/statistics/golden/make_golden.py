"""Write rliable.json: what rliable 1.2.0 makes of a few sets of scores.

It is not a test and needs an environment of its own, as rliable does not import beside a new pandas:

    python3 -m venv rliable-env
    rliable-env/bin/pip install 'rliable==1.2.0' 'arch<8' 'pandas<3'
    rliable-env/bin/python tests/results/statistics/golden/make_golden.py

rliable draws from numpy's global generator whatever `random_state` it is given, so that is seeded before each interval.
The scores are written beside the results: nothing has to be drawn again to use them.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from rliable import library, metrics

SEED, REPEATS, FEW_REPEATS = 2026, 50_000, 2_000
TAUS = [round(0.1 * step, 1) for step in range(13)]
AGGREGATES = {
    "iqm": metrics.aggregate_iqm,
    "mean": metrics.aggregate_mean,
    "optimality_gap": metrics.aggregate_optimality_gap,
}


def score_sets() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return pairs of settings, each a matrix of runs x tasks."""
    draw = np.random.default_rng(SEED)
    return {
        "5 runs, 4 tasks": (draw.normal(0.8, 0.3, (5, 4)), draw.normal(0.6, 0.2, (5, 4))),
        "3 runs, 2 tasks": (draw.uniform(0, 1, (3, 2)), draw.uniform(0, 1, (3, 2))),
        "10 runs, 6 tasks, skewed": (draw.gamma(1.0, 0.6, (10, 6)), draw.gamma(2.0, 0.4, (10, 6))),
        "8 and 6 runs, 3 tasks, with ties": (
            draw.integers(0, 5, (8, 3)) / 4,
            draw.integers(0, 5, (6, 3)) / 4,
        ),
        "5 runs, 1 task": (draw.normal(0.5, 0.1, (5, 1)), draw.normal(0.5, 0.1, (5, 1))),
    }


def interval(scores: Any, statistic: Any, repeats: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the estimate, and its lower and upper ends."""
    np.random.seed(SEED)
    point, ends = library.get_interval_estimates({"it": scores}, statistic, reps=repeats)
    return point["it"], ends["it"]


def aggregates(scores: np.ndarray) -> dict[str, list[float]]:
    point, ends = interval(scores, lambda x: np.array([f(x) for f in AGGREGATES.values()]), REPEATS)
    return {name: [point[i], *ends[:, i]] for i, name in enumerate(AGGREGATES)}


def profile(scores: np.ndarray) -> list[list[float]]:
    np.random.seed(SEED)
    point, ends = library.create_performance_profile({"it": scores}, np.array(TAUS), reps=FEW_REPEATS)
    return [point["it"].tolist(), *ends["it"].tolist()]


def improvement(x: np.ndarray, y: np.ndarray) -> list[float]:
    point, ends = interval((x, y), lambda a, b: np.array([metrics.probability_of_improvement(a, b)]), FEW_REPEATS)
    return [float(point[0]), *map(float, ends[:, 0])]


def case(x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """Return scores (a list for each task) and what rliable makes of them: estimate, low, high."""
    return {
        "x": x.T.tolist(),
        "y": y.T.tolist(),
        "aggregates": aggregates(x),
        "profile": profile(x),
        "improvement": improvement(x, y),
    }


def main() -> None:
    made_with = {name: version(name) for name in ("rliable", "arch", "numpy", "scipy", "pandas")}
    header = {"made_with": made_with, "seed": SEED, "repeats": REPEATS, "few_repeats": FEW_REPEATS, "taus": TAUS}
    golden = header | {"cases": {name: case(*pair) for name, pair in score_sets().items()}}
    Path(__file__).with_name("rliable.json").write_text(json.dumps(golden, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
