import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sweep.base.errors import SpecError
from sweep.grid.spec import parse_alternatives
from sweep.grid.spec.generators import geomspace, linspace, logspace

bounded = st.floats(-300, 300)
counts = st.integers(1, 40)
# Two units in the last place: numpy's powers and logarithms differ that much between processors.
CLOSE = 4 * np.finfo(float).eps


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300), counts)
def test_linspace_gives_the_floats_of_numpy(first, last, n):
    assert linspace(first, last, n) == np.linspace(first, last, n).tolist()


def test_linspace_with_a_step_below_the_smallest_float_is_numpys_too():
    assert linspace(0.0, 5e-324, 5) == np.linspace(0.0, 5e-324, 5).tolist()


@given(bounded, bounded, counts)
def test_logspace_gives_the_floats_of_numpy_but_for_the_last_place(first, last, n):
    np.testing.assert_allclose(logspace(first, last, n), np.logspace(first, last, n), rtol=CLOSE)


@given(st.floats(1e-300, 1e300), st.floats(1e-300, 1e300), counts, st.sampled_from([1, -1]))
def test_geomspace_gives_the_floats_of_numpy_but_for_the_last_place(first, last, n, sign):
    found = geomspace(sign * first, sign * last, n)
    np.testing.assert_allclose(
        found, np.geomspace(sign * first, sign * last, n), rtol=500 * CLOSE
    )  # as logarithms up to 300 are powers again
    assert found[0] == sign * first
    assert n == 1 or found[-1] == sign * last


def test_powers_of_ten_are_the_floats_that_one_would_type():
    assert logspace(-4, -1, 4) == [1e-4, 1e-3, 1e-2, 1e-1]
    assert geomspace(1e-4, 1e-1, 4) == [1e-4, 1e-3, 1e-2, 1e-1]


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-5, 5))
def test_range_is_pythons(start, stop, step):
    assume(step and range(start, stop, step))
    assert parse_alternatives(f"{{range: [{start}, {stop}, {step}]}}") == list(range(start, stop, step))


@pytest.mark.parametrize(
    ("text", "vals"),
    [
        ("{linspace: [0, 1, 3]}", [0.0, 0.5, 1.0]),
        ("{linspace: [1, 0, 2]}", [1.0, 0.0]),
        ("{linspace: [5, 9, 1]}", [5.0]),
        ("{logspace: [0, 2, 3]}", [1.0, 10.0, 100.0]),
        ("{geomspace: [-1, -100, 3]}", [-1.0, -10.0, -100.0]),
    ],
)
def test_a_sequence_of_whole_bounds_is_floats(text, vals):
    found = parse_alternatives(text)
    assert found == vals
    assert all(type(value) is float for value in found)


def test_a_distribution_is_passed_on_with_its_draws():
    found = parse_alternatives("{loguniform: [1e-4, 1e-1], n: 3, seed: 5}")
    assert (found.kind, found.arguments, found.n, found.seed) == ("loguniform", (1e-4, 1e-1), 3, 5)
    assert parse_alternatives("{uniform: [0, 1]}").n is None
    assert parse_alternatives("{choice: [a, {py: 'math:sqrt'}]}").arguments == ("a", math.sqrt)


@pytest.mark.parametrize(
    "text",
    [
        "{range: 5}", "{range: [5]}", "{range: [0, 1, 2, 3]}", "{range: [0, 1.5]}", "{range: [0, true]}",
        "{range: [0, 5, 0]}", "{range: [5, 0]}", "{range: [0, 10000000000]}", "{range: [0, a]}",
        "{range: [0, 3], n: 2}", "{linspace: [0, 1]}", "{linspace: [0, 1, 0]}", "{linspace: [0, 1, 2.0]}",
        "{linspace: [0, .inf, 2]}", "{linspace: [-1e308, 1e308, 3]}", "{linspace: [0, 1, 1000000000]}",
        "{linspace: [0, 1" + "0" * 400 + ", 2]}", "{linspace: [0, 1, 3], seed: 0}", "{logspace: [0, 400, 3]}",
        "{geomspace: [0, 1, 3]}", "{geomspace: [-1, 1, 3]}", "{uniform: [1, 0]}", "{uniform: [0, 1, 2]}",
        "{uniform: 5}", "{uniform: [0, 1], n: 0}", "{uniform: [0, 1], n: x}", "{uniform: [0, 1" + "0" * 400 + "]}",
        "{loguniform: [0, 1]}", "{choice: []}", "{choice: abc}", "{choice: [1], n: true}", "{n: 3}", "{}",
        "{range: [0, 3], linspace: [0, 1, 2]}", "{rang: [0, 3]}",
    ],
)  # fmt: skip
def test_a_wrong_generator_is_one_error(text):
    with pytest.raises(SpecError):
        parse_alternatives(text)
