"""A ring: what goes in, what is kept, what is drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sweep
from sweep.base.errors import RingError
from sweep.memory import Ring

from .conftest import FIELDS, same, steps

Make = Callable[..., Ring]


def test_it_can_be_had_from_the_package() -> None:
    assert sweep.memory.Ring is Ring


def test_a_new_ring_is_empty(ring: Make) -> None:
    made = ring()
    assert (len(made), made.steps, made.total, made.cursor, made.filled) == (0, 0, 0, 0, False)
    assert made["seen"].shape == (0, 2, 2, 3)


def test_the_newest_steps_are_kept_oldest_first(ring: Make) -> None:
    made = ring(8)
    assert (len(made), made.steps, made.total, made.cursor, made.filled) == (12, 6, 8, 2, True)
    for name, array in steps(2, 8).items():
        np.testing.assert_array_equal(made[name], array)
        assert made[name].dtype == made.fields[name].dtype


@given(st.lists(st.integers(0, 9), max_size=6))
def test_however_steps_are_grouped_the_same_is_kept(counts: list[int]) -> None:
    at_once, by_parts, first = Ring(4, 2, fields=FIELDS), Ring(4, 2, fields=FIELDS), 0
    for count in counts:
        by_parts.add(**steps(first, first + count))
        first += count
    at_once.add(**steps(0, first))
    assert same(at_once, by_parts)


@pytest.mark.parametrize("shape", [(3,), (1, 3), (1, 1, 3)])
def test_with_one_environment_its_axis_may_be_left_out(shape: tuple[int, ...]) -> None:
    made = Ring(5, fields={"x": (3, "float32")})
    made.add(x=np.ones(shape))
    assert made.total == 1


@pytest.mark.parametrize("shape", [(4, 3), (4, 1, 3)])
def test_with_one_environment_several_steps_may_leave_it_out_too(shape: tuple[int, ...]) -> None:
    made = Ring(5, fields={"x": (3, "float32"), "r": ((), "float32")})
    made.add(x=np.ones(shape), r=np.arange(4))
    assert made["r"].tolist() == [[0], [1], [2], [3]]


def wrong(**changed: Any) -> dict[str, Any]:
    return {name: value for name, value in {**steps(0, 1), **changed}.items() if value is not None}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (wrong(done=None), "misses done"),
        (wrong(other=1), "has unknown other"),
        (wrong(seen=np.zeros((2, 3, 2))), r"'seen' has the shape \(2, 3, 2\); one step is \(2, 2, 3\)"),
        (wrong(act=np.zeros(3, int)), r"'act' has the shape \(3,\); one step is \(2,\), several are \(steps, 2\)"),
        (wrong(act=np.zeros((4, 2), int)), "different numbers of steps"),
        (wrong(act=np.zeros(2)), "'act' is float64 and the field int64"),
        (wrong(done=np.zeros(2, int)), "'done' is int64 and the field bool"),
        (wrong(seen=np.full((2, 2, 3), 1e300)), "too large for float32"),
        (wrong(act=np.array([2**63, 1], np.uint64)), "from 1 to 9223372036854775808, which int64 cannot hold"),
        (wrong(seen="text"), "'seen' is 'text', which is no array of numbers"),
        (wrong(seen=[[1], [1, 2]]), "no array of numbers"),
        (wrong(precise=None, done=None), "misses done, precise"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_added(ring: Make, values: dict[str, Any], said: str) -> None:
    made = ring(2)
    with pytest.raises(RingError, match=said):
        made.add(**values)
    assert same(made, ring(2))


def test_infinity_and_not_a_number_are_values(ring: Make) -> None:
    made = ring()
    made.add(**wrong(precise=np.array([[np.inf], [np.nan]])))
    assert made["precise"].ravel().tolist() == pytest.approx([np.inf, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"capacity": 0}, "capacity is 0"),
        ({"capacity": True}, "capacity is True"),
        ({"num_envs": 1.5}, "num_envs is 1.5"),
        ({"fields": {}}, "declare at least one"),
        ({"fields": {"a.b": (1, "float32")}}, "'a.b' cannot name a field"),
        ({"fields": {"__meta__": (1, "float32")}}, "cannot name a field"),
        ({"fields": {"x": "float32"}}, r"write \(shape, dtype\)"),
        ({"fields": {"x": (1, "complex64")}}, "is complex64; a memory holds bool"),
        ({"fields": {"x": (1, ">f4")}}, "is >f4"),
        ({"fields": {"x": ((2, 0), "float32")}}, "lengths are 1 or more"),
        ({"name": "../x"}, "begins the names of files"),
        ({"export_format": "cvs"}, "use npz .or np., pt or csv. Did you mean 'csv'?"),
    ],
)
def test_a_wrong_declaration_is_one_clear_error(given: dict[str, Any], said: str) -> None:
    with pytest.raises(RingError, match=said):
        Ring(**{"capacity": 5, "fields": {"x": (1, "float32")}, **given})


# Samples


def test_a_sample_holds_whole_transitions_that_are_kept(ring: Make) -> None:
    made = ring(9)
    batch = made.sample(200, rng=np.random.default_rng(0))
    assert {name: array.shape for name, array in batch.items()} == {
        "seen": (200, 2, 3), "act": (200,), "done": (200,), "precise": (200, 1),
    }  # fmt: skip
    kept = {act: i for i, act in enumerate(made["act"].ravel())}
    assert set(batch["act"].tolist()) == set(kept)
    for name in made.fields:
        flat = made[name].reshape(12, *made.fields[name].shape)
        np.testing.assert_array_equal(batch[name], flat[[kept[act] for act in batch["act"]]])


def test_a_sequence_goes_on_in_time_in_one_environment(ring: Make) -> None:
    made = ring(9)
    batch = made.sample(300, ["precise"], sequence=4, rng=np.random.RandomState(0))["precise"]
    assert batch.shape == (300, 4, 1)
    possible = {tuple(made["precise"][t : t + 4, e, 0]) for t in range(3) for e in range(2)}
    assert {tuple(row[:, 0]) for row in batch} == possible


def test_a_sample_draws_from_numpys_global_state_if_not_told_otherwise(ring: Make) -> None:
    np.random.seed(3)
    first = ring(9).sample(20)["act"]
    np.random.seed(3)
    assert (ring(9).sample(20)["act"] == first).all()


def test_a_sample_that_cannot_be_drawn_is_an_error(ring: Make) -> None:
    with pytest.raises(RingError, match="1 steps in a row were asked for, and 0 are kept"):
        ring().sample(1)
    with pytest.raises(RingError, match="5 steps in a row were asked for, and 3 are kept"):
        ring(3).sample(1, sequence=5)
    with pytest.raises(RingError, match="no field nothing; this memory holds seen, act, done, precise"):
        ring(3).sample(1, ["nothing"])


def test_clearing_forgets_everything(ring: Make) -> None:
    made = ring(9)
    made.clear()
    assert same(made, ring())


# States


@pytest.mark.parametrize("count", [0, 3, 6, 8])
def test_a_state_restores_everything(ring: Make, count: int) -> None:
    other = ring(5)
    other.load_state_dict(ring(count).state_dict())
    assert same(other, ring(count))


def test_a_state_is_a_copy(ring: Make) -> None:
    made = ring(3)
    state = made.state_dict()
    made.add(**steps(3, 9))
    made.load_state_dict(state)
    assert same(made, ring(3))


def test_a_state_of_other_fields_is_refused_and_changes_nothing(ring: Make, tmp_path: Path) -> None:
    made = ring(3)
    other = Ring(6, 2, fields={"x": (1, "float32")})
    for state, said in [
        (other.state_dict(), "misses seen"),
        ({}, "is no state"),
        (made.state_dict() | {"about": 3}, "describes no"),
    ]:
        with pytest.raises(RingError, match=said):
            made.load_state_dict(state)
    assert same(made, ring(3))


def test_tensors_are_taken_as_they_are(torch: Any) -> None:
    made = Ring(5, 2, fields={"x": (3, "float32"), "b": ((), "float32")})
    x = torch.ones(2, 3, requires_grad=True) * 2
    made.add(x=x, b=torch.tensor([0.5, 0.25], dtype=torch.bfloat16))
    assert made["x"].tolist() == [[[2.0] * 3] * 2]
    assert made["b"].tolist() == [[0.5, 0.25]]
