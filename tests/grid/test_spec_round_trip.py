import json
import math
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sweep.base.canonical import canonical_text
from sweep.base.errors import GridError, SpecError
from sweep.grid.distributions import choice, loguniform, uniform
from sweep.grid.grid import Grid
from sweep.grid.parameter import fixed
from sweep.grid.spec import grid_text, read_grid
from sweep.grid.spec.compose import compose
from sweep.grid.spec.tree import Source

texts = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["1e-3", "no", "null", "~", "", "<<", "=", "1:30", "0x1f", "-", "? a", "a: b", "#", "\n", " x", "x ", "{", "*a"]
    ),
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), texts, st.sampled_from([math.sqrt, json.JSONDecoder, len])
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(texts | st.sampled_from(["py", "tuple", "dict"]), inner, max_size=3),
        st.dictionaries(st.integers(0, 3), inner, min_size=1, max_size=2),
    ),
    max_leaves=6,
)
KEYS = ("a", "b:x", "b:y", "1e3", "no", "<<", "é", "dots.in", "vals", "py", "tuple", "two words", "base", "range")
INNER = ("u", "v", "x:y", "z")
shorthands = st.sampled_from([None, None, "", "s", "5", "x[y]", "null"])
names = st.sampled_from(["", "", "ppo", "1e3", "no", "two words"])


def lists(of=values, min_size=1, max_size=3):
    return st.lists(of, min_size=min_size, max_size=max_size, unique_by=canonical_text)


def alternatives():
    distributions = [uniform(0, 1, n=2), loguniform(1e-3, 1, n=1, seed=3), choice([1, "a", (2,), len], n=2, seed=1)]
    return st.one_of(lists(), values.map(fixed), st.sampled_from(distributions))


def bare(shorthand):
    return None if shorthand and "[" in shorthand else shorthand


@st.composite
def entries(draw, grid, keys):
    """Add dimensions to a grid until the keys are used up."""
    while keys:
        if len(keys) > 1 and draw(st.integers(0, 2)) == 0:
            together, length = [keys.pop(), keys.pop()], draw(st.integers(1, 2))
            column = st.lists(values, min_size=length, max_size=length)
            columns = {together[0]: draw(lists(min_size=length, max_size=length)), together[1]: draw(column)}
            shorthand = bare(draw(shorthands))
            grid.zip(columns, {together[0]: shorthand} if shorthand is not None else None, draw(st.booleans()))
            continue
        vals, shorthand, in_name = draw(alternatives()), draw(shorthands), draw(st.booleans())
        with suppress(GridError):  # the label of one value is that of another
            grid.add(keys.pop(), vals, shorthand, in_name, **draw(options(vals)))
    return grid


def options(vals):
    count = len(vals) if isinstance(vals, list) else getattr(vals, "n", 1) or 1
    labels = st.lists(st.sampled_from(["one", "no", "5", "x y"]), min_size=count, max_size=count, unique=True)
    return st.one_of(st.just({}), st.just({"runtime_only": count == 1}), labels.map(lambda found: {"labels": found}))


def keys(draw, of, min_size=0):
    return draw(st.lists(st.sampled_from(of), unique=True, max_size=4, min_size=min_size))


def columns(draw, of, min_size=0):
    return {key: draw(alternatives()) for key in keys(draw, of, min_size)}


@st.composite
def parts(draw):
    """A grid without parts, of every method but `|`."""
    grid = draw(entries(Grid(draw(names), draw(st.booleans())), keys(draw, KEYS)))
    if draw(st.booleans()):
        grid.add("seed", draw(st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True)))
    # A rule about a key needs the key; this one is always there.
    grid.add("n", draw(st.lists(st.integers(0, 4), min_size=1, max_size=3, unique=True)))
    for number in range(draw(st.integers(0, 2))):
        inner = draw(entries(Grid().add(f"w{number}", draw(lists())), [f"{key}{number}" for key in keys(draw, INNER)]))
        if draw(st.booleans()):
            inner.when({"n": [1, 2]}, {f"deep{number}": draw(lists())})
        grid.when(draw(st.sampled_from([{"n": 1}, {"n": [0, 2]}, "n > 2"])), inner)
    for _ in range(draw(st.integers(0, 2))):
        grid.case(columns(draw, KEYS))
    for _ in range(draw(st.integers(0, 2))):
        grid.ablate(columns(draw, KEYS, 1), columns(draw, KEYS))
    if draw(st.booleans()):
        grid.derive("twice", "2 * n", draw(shorthands), draw(st.booleans()))
    grid.exclude(
        *draw(
            st.lists(
                st.one_of(st.just("n == 3"), values.filter(lambda value: value != []).map(lambda value: {"n": value})),
                max_size=2,
            )
        )
    )
    if draw(st.booleans()):
        grid.sample(draw(st.integers(1, 3)), draw(st.integers(0, 2)))
    return grid.order(draw(st.sampled_from(["as-given", "seeds-outer", "shuffle"])), draw(st.integers(0, 1)))


@st.composite
def grids(draw):
    grid = draw(parts())
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        grid = grid | draw(parts())
        if draw(st.booleans()):
            grid.name(draw(names)).exclude("n == 4")
    return grid


def read_back(text):
    """Read a file; one that samples more settings than it has is none, and was a wrong example."""
    try:
        return read_grid(text)
    except SpecError as error:
        assume("asks for more than" not in str(error))
        raise


slow = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@slow
@given(grids())
def test_a_grid_that_is_written_and_read_is_the_same_grid(assert_same, grid):
    assert_same(read_back(grid_text(grid)).grid, grid)


@slow
@given(grids())
def test_a_file_that_was_written_is_written_again_letter_by_letter(grid):
    text = grid_text(grid, "math:sqrt", {"num_cpu": 2})
    file = read_back(text)
    assert grid_text(file.grid, file.thunk, file.run) == text


@pytest.mark.parametrize("path", sorted((Path(__file__).parent / "data").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_file_that_is_read_and_written_says_the_same(path, assert_same, monkeypatch):
    monkeypatch.syspath_prepend(str(path.parent))
    file = read_grid(path.read_text(), folder=path.parent)
    text = grid_text(file.grid, file.thunk, file.run)
    assert canonical_text(compose(text, Source()).data()) == canonical_text(compose(path.read_text(), Source()).data())
    assert_same(read_grid(text).grid, file.grid)


def test_a_callable_keeps_the_path_under_which_the_file_imports_it():
    decoder = "{py: json:JSONDecoder}"
    text = f"sweep: 1\ngrid:\n  act: [{decoder}, {{py: json:loads}}]\nexclude:\n  - {{act: {decoder}}}\n"
    assert json.JSONDecoder.__module__ == "json.decoder"
    assert grid_text(read_grid(text).grid) == text


def test_the_options_of_an_entry_keep_the_place_where_the_file_has_them():
    entries = (
        "a: {vals: 1, shorthand: x}",
        "b[y]: {range: [0, 2], in_name: false}",
        "c: [5]",
        "d[]: {labels: [x, y], vals: [1, 2]}",
    )
    text = "\n  ".join(("sweep: 1\ngrid:", *entries)) + "\n"
    assert grid_text(read_grid(text).grid) == text


def test_an_overridden_parameter_is_written_with_its_new_values():
    grid = read_grid("grid: {'a[x]': {range: [0, 5], in_name: true}}").grid.override("a", [7, 8])
    assert grid_text(grid) == "sweep: 1\ngrid:\n  a[x]: {vals: [7, 8], in_name: true}\n"


class Plain(Grid):
    """A subclass with another habit of shorthands, and no argument for it."""

    def __init__(self, name=""):
        super().__init__(name, default_shorthand=False)


@pytest.mark.parametrize("grid", [Plain("x").add("alpha", [1, 2]), Plain().add("a", 1) | Grid().add("a", 2)])
def test_the_habit_of_shorthands_is_written_only_where_the_class_has_another(grid, assert_same):
    text = grid_text(grid)
    assert "\ndefault_shorthand" not in text
    assert_same(read_grid(text, grid_class=Plain).grid, grid)
    other = read_grid("default_shorthand: true\ngrid: {alpha: [1, 2]}", grid_class=Plain).grid
    assert other.definition.default_shorthand
    assert_same(read_grid(grid_text(other), grid_class=Plain).grid, other)


def test_a_zip_of_one_key_is_written_as_the_entry_that_it_is(assert_same):
    grid = read_grid("zip: [{vals: {'a[x]': [5]}, in_name: true}]").grid
    text = grid_text(grid)
    assert text == "sweep: 1\ngrid:\n  a[x]: {vals: [5], in_name: true}\n"
    assert_same(read_grid(text).grid, grid)


def test_a_zipped_parameter_called_vals_is_not_taken_for_the_long_form():
    text = "sweep: 1\nzip:\n  - {vals: {vals: {range: [0, 2]}, x: [5, 6]}}\n"
    assert grid_text(read_grid(text).grid) == text


def test_a_condition_on_a_range_or_a_fixed_list_is_written_as_a_list():
    grid = Grid().add("n", range(4)).add("size", [[64, 64], [32]])
    grid.exclude({"n": range(1, 3)}, {"size": fixed([64, 64])})
    text = grid_text(grid)
    assert text.endswith("exclude:\n  - {n: [1, 2]}\n  - {size: [[64, 64]]}\n")
    assert read_grid(text).grid.variants() == grid.variants() == [{"n": 0, "size": [32]}, {"n": 3, "size": [32]}]


@given(st.lists(st.floats(), min_size=1, unique_by=repr))
def test_every_float_survives_exactly(floats):
    grid = Grid().add("x", floats)
    (parameter,) = read_grid(grid_text(grid)).grid.definition.parameters()
    assert list(map(repr, parameter.values)) == list(map(repr, floats))


def test_a_list_that_is_one_value_survives():
    grid = Grid().add("a", fixed([64, 64])).add("b", [[64, 64]]).add("c", fixed([])).add("d", [[[1]]])
    assert read_grid(grid_text(grid)).grid.variants() == grid.variants()
