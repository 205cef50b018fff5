"""What two grids must share to be the same one."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from itertools import islice

import pytest

from sweep.base.canonical import canonical_text
from sweep.base.errors import SweepError
from sweep.grid.conditions import Condition


def told(value):
    """Return all that a definition says, comparable, without how a file wrote it."""
    if isinstance(value, Condition):
        rule = value.rule
        return ["condition", canonical_text(dict(rule) if isinstance(rule, Mapping) else rule)]
    if is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in fields(value) if field.name != "written"]
        return {"kind": type(value).__name__, **{name: told(getattr(value, name)) for name in names}}
    if isinstance(value, tuple):
        return [told(item) for item in value]
    return canonical_text(value)


def expanded(grid, limit=100):
    """Return the first variants with their names, or why there are none."""
    try:
        return [(name, canonical_text(variant)) for name, variant in islice(grid.named_variants(), limit)]
    except SweepError as error:
        return [type(error).__name__]


@pytest.fixture(scope="session")
def assert_same():
    """Return a function that compares two grids, but for how files wrote them."""

    def compare(one, other):
        assert told(one.definition) == told(other.definition)
        assert expanded(one) == expanded(other)

    return compare
