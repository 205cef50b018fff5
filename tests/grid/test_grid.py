"""Promises that hold of every grid, held against random ones; and what joins whole grids."""

from __future__ import annotations

import contextlib
import enum
import functools
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sweep.base.canonical import canonical_text
from sweep.base.errors import GridError, NameClash
from sweep.grid.distributions import choice, loguniform, uniform
from sweep.grid.grid import Grid
from sweep.grid.identity import identity
from sweep.grid.parameter import fixed
from sweep.grid.survey import survey


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@dataclass
class Config:
    sizes: list[int] = field(default_factory=list)


class Thing:
    def __init__(self, x: int) -> None:
        self.x = x


scalars = (
    st.integers(-3, 3)
    | st.sampled_from([1e-4, 1e-5, 0.1, 1.0, -0.1, float("nan"), float("inf"), np.float64(0.1), np.float32(0.1)])
    | st.booleans()
    | st.none()
    | st.text("aAbB1._-/ é\x00\ud800", max_size=4)
    | st.sampled_from(["relu", "ReLU", "0.1", "1", "true", "none", "x" * 300, "../x", "1_b1", "_"])
    | st.sampled_from([np.True_, np.int64(3), np.tanh, len, Thing, Thing(1), Thing(2), Colour.RED, Path("a/b")])
    | st.sampled_from([functools.partial(len), lambda: 1, lambda: 2, {"a", "b"}, b"x", Config([1]), np.float32])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(tuple)
        | st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("xyz"), inner, max_size=2)
    ),
    max_leaves=4,
)
lists = st.lists(values, min_size=1, max_size=3)
keys = st.sampled_from(
    ["a", "b", "ab", "abcd", "abce", "A", "k_1", "k-1", "n:x", "n:y", "n", "m:n:o", "é", "lr", "seed"]
)
shorthands = st.none() | st.sampled_from(["", "a", "a1", "x y", "X", "_", "b1"])
seeds = st.lists(st.integers(-2, 5), min_size=1, max_size=3, unique=True)
conditions = st.one_of(
    st.sampled_from(["a == 1", "b != a", "lr > 0.01", "n.x is None", "seed == 1", "ab or a"]),
    st.dictionaries(keys.filter(lambda key: key != "seed"), values, min_size=1, max_size=2),
    st.sampled_from([lambda v: "a" in v, lambda v: v.get("b") == 1, lambda v: len(str(v)) % 2]),
)
mappings = st.dictionaries(keys.filter(lambda key: key != "seed"), lists | values.map(fixed), min_size=1, max_size=2)
distributions = st.sampled_from(
    [uniform(0, 1), loguniform(1e-4, 1), choice([1, "1", None]), uniform(0, 1, n=2), choice([True, False])]
)


@st.composite
def steps(draw: Any) -> Any:
    """Return one call of a random method with random arguments."""
    method = draw(
        st.sampled_from(
            ["add"] * 6
            + ["seed"] * 2
            + ["zip", "when", "exclude", "case", "ablate", "derive", "order", "draw", "sample"]
        )
    )
    if method == "add":
        return "add", (draw(keys), draw(lists | values), draw(shorthands), draw(st.booleans()))
    if method == "seed":
        return "add", ("seed", draw(seeds))
    if method == "draw":
        return "add", (draw(keys), draw(distributions))
    if method == "zip":
        length = draw(st.integers(1, 3))
        column = st.lists(scalars, min_size=length, max_size=length)
        return "zip", (draw(st.dictionaries(keys, column, min_size=1, max_size=3)),)
    if method == "when":
        return "when", (draw(conditions), draw(mappings))
    if method in ("exclude", "case", "ablate"):
        return method, (draw(conditions if method == "exclude" else mappings),)
    if method == "derive":
        rule = draw(st.sampled_from(["a", "seed + 1", "1 if a else 2", lambda v: len(v), lambda v: [v.get("a")]]))
        return "derive", (draw(st.sampled_from(["d", "d:e", "lr"])), rule, None, draw(st.booleans()))
    if method == "order":
        return "order", (draw(st.sampled_from(["seeds-outer", "shuffle", "as-given"])),)
    return "sample", (draw(st.integers(1, 4)), draw(st.integers(0, 3)))


def built(name: str, several: list[Any]) -> Grid:
    """Return a grid of the steps that fit on what was before them; a refused one is a GridError and changes nothing."""
    grid = Grid(name)
    for method, arguments in several:
        before = grid.definition
        try:
            getattr(grid, method)(*arguments)
        except GridError as error:
            assert "\n" not in str(error)
            assert grid.definition is before
    return grid


@st.composite
def grids(draw: Any, parts: bool = True) -> Grid:
    name = draw(st.sampled_from(["n", "n", "", "_", "Größe 1", "x" * 100]))
    known = [("add", ("a", [1, 2])), ("add", ("b", [1, "x"], "B")), ("add", ("seed", [0, 1]))]
    grid = built(name, known[: draw(st.integers(0, 3))] + draw(st.lists(steps(), max_size=6)))
    if parts and draw(st.integers(0, 3)) == 0:
        grid = grid | draw(grids(parts=draw(st.booleans())))
        for method, arguments in draw(st.lists(steps(), max_size=2)):
            with contextlib.suppress(GridError):
                getattr(grid, method)(*arguments)
    return grid


LIMIT = 400
relaxed = settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def points(grid: Grid) -> list[tuple[str, dict[str, Any]]]:
    """Return (name, variant) of a grid that is none too large and not wrong."""
    try:
        assume(grid.count() <= LIMIT)
        return list(grid.named_variants())
    except GridError as error:
        assert "\n" not in str(error)
        assume(False)
        raise


@relaxed
@given(grids())
def test_D10_two_variants_never_get_one_directory_and_every_name_is_safe(grid: Grid) -> None:
    try:
        assume(grid.count() <= LIMIT)
        found = survey(grid.definition)
    except GridError as error:
        assert "\n" not in str(error)
        return
    pairs = points(grid)
    assert found.runs == len(pairs)
    loose = {one.key.split(":")[0] for one in grid.definition.all_derived()} | {"seed"}
    by_name: dict[str, str] = {}
    for name, variant in pairs:
        form = canonical_text({key: value for key, value in variant.items() if key not in loose})
        assert by_name.setdefault(name.lower(), form) == form
        base = grid.definition.name.lstrip("_")
        assert name.startswith(base)
        assert re.fullmatch("[a-z0-9_-]*", name[len(base) :])
        assert len(name.encode()) <= 200
        assert Path("data", name).parent == Path("data") or not name
        assert "0x" not in name
    assert len({(name.lower(), variant.get("seed")) for name, variant in pairs}) == len(pairs)
    assert found.nameless == any(not name for name, _ in pairs)
    assert found.longest in [name for name, _ in pairs]
    assert len(found.longest) == max(len(name) for name, _ in pairs)


near = st.lists(
    st.sampled_from(
        ["", "_", "__", "a", "A", "_a", "a1", "1", 1, 1.0, True, False, None, "b", "_b1", "b1_a", (1, 1), "1-1"]
    ),
    min_size=1,
    max_size=4,
)
shown = st.tuples(near, st.sampled_from([None, "", "a", "a1", "b", "_", "B"]), st.booleans())


@relaxed
@given(st.lists(shown, min_size=1, max_size=4), st.sampled_from(["n", "", "_"]), st.booleans(), st.booleans())
def test_D10_a_clash_is_reported_exactly_if_two_settings_share_a_name(
    several: list[Any], name: str, ruled: bool, zipped: bool
) -> None:
    grid = Grid(name)
    for key, (alternatives, shorthand, in_name) in zip("abcd", several, strict=False):
        with contextlib.suppress(GridError):
            grid.add(key, alternatives, shorthand, in_name)
    if zipped:
        grid.zip({"seed": [0, 1, 0, 1], "z": ["1", "1", "_a", "a"]}, {"z": "a"})
    if ruled:
        grid.exclude(lambda variant: False)
    settings_of: dict[str, set[str]] = {}
    for label, variant in grid.named_variants():
        variant.pop("seed", None)
        settings_of.setdefault(label.lower(), set()).add(canonical_text(variant))
    if any(len(forms) > 1 for forms in settings_of.values()):
        with pytest.raises(NameClash, match="two variants would both be called"):
            survey(grid.definition)
    else:
        assert survey(grid.definition).settings == len(settings_of)


@relaxed
@given(grids())
def test_length_index_iteration_and_names_agree(grid: Grid) -> None:
    pairs = points(grid)
    forms = [canonical_text(variant) for _, variant in pairs]
    assert len(grid) == len(pairs)
    assert [canonical_text(variant) for variant in grid.variants()] == forms
    assert [canonical_text(variant) for variant in grid] == forms
    assert [grid.variant_name(variant) for _, variant in pairs] == [name for name, _ in pairs]
    for place in {0, len(pairs) // 2, len(pairs) - 1} & set(range(len(pairs))):
        assert canonical_text(grid[place]) == forms[place]
        assert canonical_text(grid[place - len(pairs)]) == forms[place]
    for place in (len(pairs), -len(pairs) - 1):
        with pytest.raises(IndexError):
            grid[place]


@relaxed
@given(grids())
def test_no_variant_comes_twice_and_orders_only_reorder(grid: Grid) -> None:
    as_given = [canonical_text(variant) for _, variant in points(grid.order("as-given"))]
    assert len(set(as_given)) == len(as_given)
    outer = points(grid.order("seeds-outer"))
    assert sorted(canonical_text(variant) for _, variant in outer) == sorted(as_given)
    rounds = [variant.get("seed") for _, variant in outer]
    assert [seed for place, seed in enumerate(rounds) if place == 0 or rounds[place - 1] != seed] == list(
        dict.fromkeys(rounds)
    )
    shuffled = [canonical_text(variant) for _, variant in points(grid.order("shuffle", 1))]
    assert sorted(shuffled) == sorted(as_given)
    assert [canonical_text(variant) for variant in grid.variants()] == shuffled


def spoil(value: Any) -> None:
    """Change everything in a value that can be changed in place."""
    below: list[Any] = []
    if isinstance(value, (list, tuple)):
        below = list(value)
    elif isinstance(value, dict):
        below = list(value.values())
    elif isinstance(value, Config):
        below = [value.sizes]
    for item in below:
        spoil(item)
    if isinstance(value, list):
        value.append("spoiled")
    elif isinstance(value, set):
        value.add("spoiled")
    elif isinstance(value, dict):
        value["spoiled"] = 1
    elif isinstance(value, np.ndarray) and value.size:
        value.fill(77)


mutable = st.recursive(
    st.integers(0, 2)
    | st.builds(lambda n: np.full((1, 2), n), st.integers(0, 5))
    | st.builds(Config, st.lists(st.integers(0, 2)))
    | st.builds(lambda n: {n}, st.integers(0, 5))
    | st.builds(lambda n: OrderedDict(x=[n]), st.integers(0, 5)),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.lists(inner, max_size=2).map(tuple)
        | st.dictionaries(st.sampled_from("pq"), inner, max_size=2)
    ),
    max_leaves=5,
)


@relaxed
@given(st.lists(mutable, min_size=1, max_size=2), mutable, mutable, st.integers(0, 5))
def test_D9_spoiling_one_variant_or_what_was_passed_in_spoils_no_other(
    alternatives: list[Any], single: Any, under: Any, kind: int
) -> None:
    passed = [alternatives, single, under]
    grid = built(
        "n",
        [
            ("add", ("a", alternatives)),
            ("add", ("b", fixed(single))),
            ("add", ("c:d", [1, 2])),
            ("add", ("c", {"e": [under]})),
            [("when", ("c.d == 1", {"w": fixed(under)})), ("case", ({"c:d": 3, "b": fixed(under)},))][kind % 2],
            ("derive", ("f", lambda v: v["b"])),
        ][: 4 + kind % 3],
    )
    before = [canonical_text(variant) for variant in grid.variants()]
    for value in passed:
        spoil(value)
    several = grid.variants()
    assert [canonical_text(variant) for variant in several] == before
    spoil(several[0])
    assert [canonical_text(variant) for variant in several[1:]] == before[1:]
    spoil(grid[0])
    spoil(next(grid.named_variants())[1])
    assert [canonical_text(variant) for variant in grid.variants()] == before


@relaxed
@given(st.lists(steps(), max_size=5), st.lists(steps(), max_size=2))
def test_D12_growing_a_grid_by_alternatives_never_changes_an_identity(first: list[Any], more: list[Any]) -> None:
    adds = [step for step in first if step[0] in ("add", "zip", "when")]
    grid = built("n", adds)
    small = {identity(len, variant) for _, variant in points(grid)}
    cases = [step for step in more if step[0] in ("case", "ablate")]
    for method, arguments in cases:
        with contextlib.suppress(GridError):
            getattr(grid, method)(*arguments)
    if grid.definition.has_own_points:
        assert small <= {identity(len, variant) for _, variant in points(grid)}


@relaxed
@given(st.lists(steps(), max_size=5), st.integers(1, 5), st.integers(0, 5), st.integers(0, 3))
def test_a_sample_is_the_beginning_of_a_larger_one(several: list[Any], n: int, more: int, seed: int) -> None:
    kept = [step for step in several if step[0] not in ("case", "ablate", "order")]
    large = [canonical_text(v) for _, v in points(built("n", kept).sample(n + more, seed))]
    small = [canonical_text(v) for _, v in points(built("n", kept).sample(n, seed))]
    assert large[: len(small)] == small


arguments = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text("ab:[]", max_size=3) | scalars,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.text("ab:", max_size=2) | st.integers(0, 2),
            inner,
            max_size=2,
        )
    ),
    max_leaves=4,
)


@relaxed
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["add", "zip", "when", "derive", "exclude", "case", "ablate", "sample", "order", "override", "name"]
            ),
            st.lists(arguments, min_size=2, max_size=4),
        ),
        max_size=4,
    )
)
def test_wrong_arguments_of_any_kind_are_a_grid_error_or_no_error(calls: list[Any]) -> None:
    grid = Grid("n").add("a", [1, 2])
    least = {"add": 2, "zip": 1, "when": 2, "derive": 2, "exclude": 1, "case": 1, "ablate": 1, "sample": 1, "order": 1}
    for method, several in calls:
        taken = several[: max(least.get(method, 2), min(len(several), 2))]
        if method == "name":
            taken = several[:1]
        try:
            getattr(grid, method)(*taken)
        except GridError as error:
            assert "\n" not in str(error)
    try:
        if grid.count() <= LIMIT:
            survey(grid.definition)
            grid.variants()
    except GridError as error:
        assert "\n" not in str(error)


# Unions.


def test_a_union_has_the_variants_of_both_and_those_in_both_once() -> None:
    union = Grid("n").add("a", [1, 2]).add("seed", [0, 1]) | Grid("m").add("a", [2, 3]).add("seed", [1, 2])
    assert [(v["a"], v["seed"]) for v in union] == [(1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (3, 1), (3, 2)]
    assert len(union) == 7
    assert survey(union.definition).settings == 3
    assert union[-1] == {"a": 3, "seed": 2}


def test_a_value_and_a_sub_key_that_mean_the_same_are_one_variant() -> None:
    union = Grid("n").add("a", {"x": 0}) | Grid("n").add("a:x", [0, 1])
    assert union.variants() == [{"a": {"x": 0}}, {"a": {"x": 1}}]
    assert len(union) == 2


def test_a_union_of_unions_is_flat_and_keeps_its_rules() -> None:
    def part(a: int) -> Grid:
        return Grid("n").add("a", [a, a + 1]).add("b", [1, 2])

    assert len(part(1) | part(2) | part(3)) == len(part(1) | (part(2) | part(3))) == 8
    assert len((part(1) | part(2) | part(3)).definition.parts) == 3
    ruled = (part(1) | part(2)).exclude("a == 2") | part(4)
    assert sorted({v["a"] for v in ruled}) == [1, 3, 4, 5]


def test_joining_leaves_the_parts_as_they_were() -> None:
    one, other = Grid("n").add("a", [1, 2]), Grid("m").add("a", [3])
    union = one | other
    one.add("b", [1, 2])
    union.exclude("a == 3")
    assert (len(one), len(other), len(union)) == (4, 1, 2)


def test_a_union_takes_the_first_name_and_the_first_shorthand_there_is() -> None:
    union = Grid().add("abc", [1, 2]) | Grid("m").add("abc", [3], "x") | Grid("o").add("abc", [4], "y")
    assert [name for name, _ in union.named_variants()] == ["m_x1", "m_x2", "m_x3", "m_x4"]


def test_a_union_takes_rules_samples_and_cases_but_no_parameters() -> None:
    def union() -> Grid:
        return Grid("n").add("a", [1, 2]).add("seed", [0, 1]) | Grid("n").add("b", [3, 4]).add("seed", [0])

    for wrong in (
        lambda: union().add("c", 1),
        lambda: union().zip({"c": [1], "d": [2]}),
        lambda: union().when("a == 1", {"c": 1}),
        lambda: union().override("c", 1),
    ):
        with pytest.raises(GridError, match="union takes no"):
            wrong()
    assert union().exclude("a == 1").variants()[0] == {"a": 2, "seed": 0}
    assert {v["c"] for v in union().derive("c", lambda v: len(v))} == {2}
    assert union().case({"a": 9}).variants()[-1] == {"a": 9}
    assert survey(union().sample(3).definition).settings == 3


def test_a_union_with_what_is_no_grid_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        Grid("n") | {"a": 1}  # type: ignore[operator]


def test_parts_whose_difference_no_name_shows_clash() -> None:
    with pytest.raises(NameClash, match="'flag'"):
        survey((Grid("n").add("a", 1) | Grid("n").add("a", 1).add("flag", False)).definition)


# Overriding from outside.


def test_an_override_replaces_alternatives_in_place_and_keeps_how_they_are_shown() -> None:
    grid = Grid("n").add("a", [1, 2], "x", True).add("b", [3, 4]).override("a", 9)
    assert [name for name, _ in grid.named_variants()] == ["n_x9_b3", "n_x9_b4"]
    assert Grid("n").add("a", [1, 2], "x").override("a[]", [5, 6]).variant_name({"a": 5}) == "n_5"
    assert Grid("n").override("new", [1, 2]).variants() == [{"new": 1}, {"new": 2}]
    assert Grid("n").add("a", uniform(0, 1)).override("a", [1, 2]).variants() == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("key", "vals", "words"),
    [
        (5, 1, "a key is text"),
        ("a", [], "no alternatives"),
        ("z1", [1, 2], "moves together with z2"),
        ("w", 1, "belongs to a rule"),
        ("d", 1, "belongs to a rule"),
        ("n", 5, "cannot be nested"),
        ("n:x", [1, 1], "twice"),
        ("run", [1, 2], "must have one value"),
        ("thunk", 1, "reserved"),
    ],
)
def test_a_wrong_override_is_one_line(key: Any, vals: Any, words: str) -> None:
    grid = (
        Grid("n")
        .add("a", [1, 2])
        .zip({"z1": [1, 2], "z2": [3, 4]})
        .when("a == 1", {"w": [1, 2]})
        .derive("d", "a")
        .add("n", {"y": 1})
        .add("n:x", [1, 2])
        .add("run", 1, runtime_only=True)
    )
    before = grid.definition
    with pytest.raises(GridError, match=words) as caught:
        grid.override(key, vals)
    assert "\n" not in str(caught.value)
    assert grid.definition is before


def test_methods_return_the_grid_and_its_text_names_it() -> None:
    grid = Grid("n")
    assert grid.name("m").add("a", 1).zip({"b": [1]}).order("shuffle") is grid
    assert repr(grid) == "<Grid 'm' over a, b>"
    assert repr(Grid()) == "<Grid '' over nothing>"
