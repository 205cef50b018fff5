"""What rliable 1.2.0 made of the same scores; golden/make_golden.py says how."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.results.statistics.bootstrap import (
    Statistic,
    improvement_interval,
    profile_interval,
    stratified_interval,
)
from sweep.results.statistics.robust import (
    iqm,
    iqm_of_rows,
    optimality_gap,
    performance_profile,
    probability_of_improvement,
)

GOLDEN: dict[str, Any] = json.loads((Path(__file__).parent / "golden" / "rliable.json").read_text(encoding="utf-8"))
CASES = list(GOLDEN["cases"].values())
NAMES = list(GOLDEN["cases"])
TAUS = GOLDEN["taus"]
# Four standard errors of the level that 50,000 and 2,000 repeats reach where they aim at 2.5 %.
SLACK, FEW_SLACK = 4 * (0.025 * 0.975 / 50_000) ** 0.5, 4 * (0.025 * 0.975 / 2_000) ** 0.5
AGGREGATES: dict[str, tuple[Callable[[Any], float], Statistic]] = {
    "iqm": (iqm, iqm_of_rows),
    "mean": (lambda scores: float(np.mean(scores)), lambda rows: rows.mean(axis=-1)),
    "optimality_gap": (optimality_gap, lambda rows: 1 - np.minimum(rows, 1).mean(axis=-1)),
}


def brackets(found: Any, ends_at: Callable[[float], Any], slack: float) -> None:
    """Assert that both of rliable's ends are between ours of a little more and of a little less confidence."""
    outer, inner = np.array(ends_at(0.95 + 2 * slack)), np.array(ends_at(0.95 - 2 * slack))
    low, high = np.array(found)
    assert (outer[0] - 1e-9 <= low).all() and (low <= inner[0] + 1e-9).all()
    assert (inner[1] - 1e-9 <= high).all() and (high <= outer[1] + 1e-9).all()


def test_the_numbers_are_of_the_version_that_is_named() -> None:
    assert GOLDEN["made_with"]["rliable"] == "1.2.0"
    assert (GOLDEN["repeats"], GOLDEN["few_repeats"]) == (50_000, 2_000)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
@pytest.mark.parametrize("name", AGGREGATES)
def test_aggregates_and_their_intervals_are_those_of_rliable(case: dict[str, Any], name: str) -> None:
    statistic, of_rows = AGGREGATES[name]
    value, *ends = case["aggregates"][name]
    assert statistic(case["x"]) == pytest.approx(value, rel=1e-12)
    brackets(ends, lambda confidence: stratified_interval(case["x"], of_rows, confidence=confidence), 1.5 * SLACK)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_profiles_and_their_bands_are_those_of_rliable(case: dict[str, Any]) -> None:
    profile, *ends = case["profile"]
    assert performance_profile([score for task in case["x"] for score in task], TAUS) == pytest.approx(profile)
    brackets(ends, lambda confidence: profile_interval(case["x"], TAUS, 50_000, confidence), FEW_SLACK)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_probabilities_of_improvement_and_their_intervals_are_those_of_rliable(case: dict[str, Any]) -> None:
    value, *ends = case["improvement"]
    assert probability_of_improvement(case["x"], case["y"]) == pytest.approx(value, rel=1e-12)
    brackets(ends, lambda confidence: improvement_interval(case["x"], case["y"], 50_000, confidence), FEW_SLACK)
