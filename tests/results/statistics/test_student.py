"""The quantile of Student's t, against scipy's."""

from __future__ import annotations

import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from sweep.results.statistics.student import t_critical, t_density, t_tail

DEGREES = [1, 1.5, 2, 3, 4, 5.3, 7, 10, 29, 50, 100, 149, 150, 299, 299.9, 300, 301, 1000, 12_345.6, 1e6]


@pytest.mark.parametrize("dof", DEGREES)
def test_the_quantile_is_that_of_scipy(dof: float) -> None:
    for confidence in (0.01, 0.1, 0.5, 0.68, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.999999):
        expected = scipy.stats.t.isf((1 - confidence) / 2, dof)
        assert t_critical(confidence, dof) == pytest.approx(expected, rel=1e-11)


@given(st.floats(0.001, 0.9999), st.floats(1, 1e5))
def test_the_quantile_is_that_of_scipy_wherever_one_looks(confidence: float, dof: float) -> None:
    assert t_critical(confidence, dof) == pytest.approx(scipy.stats.t.isf((1 - confidence) / 2, dof), rel=1e-10)


@pytest.mark.parametrize("t", [0, 0.01, 0.7, 1.73, 2, 12.7, 400])
@pytest.mark.parametrize("dof", [1, 4, 30, 400])
def test_density_and_tail_are_those_of_scipy(t: float, dof: float) -> None:
    assert t_density(t, dof) == pytest.approx(scipy.stats.t.pdf(t, dof), rel=1e-9)
    assert t_tail(t, dof) == pytest.approx(scipy.stats.t.sf(t, dof), rel=1e-9)


@pytest.mark.parametrize(("confidence", "dof"), [(0, 3), (1, 3), (-0.1, 3), (0.95, 0), (0.95, float("nan"))])
def test_what_has_no_quantile_is_refused(confidence: float, dof: float) -> None:
    with pytest.raises(ValueError, match="degrees of freedom; allowed"):
        t_critical(confidence, dof)
