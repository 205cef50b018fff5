import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.grid.spec.scalars import means_text, scalar, scalar_text

NUMBERS = {
    "1e-3": 1e-3, "1e3": 1000.0, "3e-4": 3e-4, "1E+5": 1e5, "1.": 1.0, ".5": 0.5, "-.5": -0.5, "+1.5": 1.5,
    "010": 10, "-7": -7, "+7": 7, "0": 0, "0o17": 15, "0x1f": 31, "0xFF": 255, "007e1": 70.0,
    ".inf": math.inf, "-.Inf": -math.inf, "+.INF": math.inf, "1e999": math.inf,
}  # fmt: skip
TEXTS = (
    "no", "yes", "on", "off", "No", "y", "n", "tRUE", "nULL", "None", "nan", "inf", "1:30", "190:20:30", "2026-11-21",
    "2001-12-14t21:59:43.10-05:00", "1_000", "0b11", "0o8", "0xg", "-0x1f", "0O17", "1e", "e3", "1e+", ".", "..", "-",
    "+", "1.2.3", "<<", "=", "+.nan", "-~", "1 ", " 1", "\u0661",
)  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS)
def test_a_plain_number_is_a_number_by_the_core_schema(text):
    found = scalar(text)
    assert found == NUMBERS[text]
    assert type(found) is type(NUMBERS[text])


@pytest.mark.parametrize("text", TEXTS)
def test_what_other_versions_of_yaml_read_as_something_else_is_text(text):
    assert scalar(text) == text
    assert means_text(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("True", True), ("FALSE", False), ("null", None), ("NULL", None), ("~", None), ("", None)],
)
def test_the_words_of_the_core_schema_are_values(text, value):
    assert scalar(text) is value
    assert not means_text(text)


def test_not_a_number_is_written_with_its_dot():
    assert math.isnan(scalar(".nan"))
    assert math.isnan(scalar(".NaN"))
    assert scalar_text(math.nan) == ".nan"


@given(st.one_of(st.floats(allow_nan=False), st.integers(), st.booleans(), st.none()))
def test_every_value_is_read_back_exactly_from_its_text(value):
    found = scalar(scalar_text(value))
    assert repr(found) == repr(value)
    assert not means_text(scalar_text(value))


@pytest.mark.parametrize("text", ["9" * 1001, "-" + "9" * 5000, "0x" + "f" * 1001])
def test_a_number_that_python_would_not_convert_is_refused(text):
    with pytest.raises(ValueError, match="digits is too long"):
        scalar(text)
    assert not means_text(text)
