"""What a finished run is found by."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sweep.base.canonical import canonical
from sweep.base.errors import GridError
from sweep.grid.grid import Grid
from sweep.grid.identity import identity, recorded_identity, thunk_name, without


def train(**kwargs: Any) -> None: ...


def other(**kwargs: Any) -> None: ...


class Trainer:
    def __init__(self, lr: float = 0.1) -> None:
        self.lr = lr

    def train(self, **kwargs: Any) -> None: ...

    def __call__(self, **kwargs: Any) -> None: ...


class Locked(Trainer):
    def __init__(self) -> None:
        self.lock = threading.Lock()


def one(**variant: Any) -> str:
    return identity(train, variant)


def test_an_identity_is_typed() -> None:
    values = [1, 1.0, True, "1", [1], (1,), None, np.float32(1), np.array([1]), np.array([1.0]), np.array([1], "i4")]
    assert len({one(a=value) for value in values}) == len(values)
    assert len({one(a=function) for function in (train, other, Trainer, np.tanh, lambda: 1, lambda: 2)}) == 6


def test_an_identity_is_32_hexadecimal_digits_that_never_change() -> None:
    assert one(a=1, b={"c": [0.5, None]}, seed=3) == "217ece4ff7d452c1f639f9021fdacf85"


def test_the_order_of_keys_does_not_matter() -> None:
    assert one(a=1, b={"x": 1, "y": 2}) == one(b={"y": 2, "x": 1}, a=1)


def test_every_key_and_the_seed_count() -> None:
    assert len({one(), one(a=1), one(a=1, b=None), one(a=1, seed=0), one(a=1, seed=1), one(b=1), one(a={"b": 1})}) == 7


def test_D12_growing_a_grid_keeps_every_identity() -> None:
    def identities(grid: Grid) -> set[str]:
        return {identity(train, variant) for variant in grid.variants()}

    small = identities(Grid("n").add("a", 1).add("b", [1, 2]).add("seed", [0, 1]))
    assert small < identities(Grid("n").add("a", [1, 2]).add("b", [1, 2, 3]).add("seed", [0, 1, 2]))
    assert small < identities(Grid("m").add("seed", [5, 1, 0]).add("b", [2, 1]).add("a", [9, 1], "x", True))
    assert small < identities(Grid("n").add("a", 1).add("b", [1, 2]).add("seed", [0, 1]) | Grid("n").add("a", 2))
    assert small < identities(Grid("n").add("a", 1).add("b", [1, 2]).add("seed", [0, 1]).case({"a": 7}))


def test_D12_two_grids_of_one_name_with_other_fixed_values_have_other_identities() -> None:
    one_grid, two_grid = (Grid("n").add("a", [1, 2]).add("lr", lr) for lr in (0.1, 0.2))
    assert [name for name, _ in one_grid.named_variants()] == [name for name, _ in two_grid.named_variants()]
    assert not {one(**v) for v in one_grid.variants()} & {one(**v) for v in two_grid.variants()}


def test_runtime_only_keys_do_not_count_nor_do_dicts_that_hold_nothing_else() -> None:
    bare = identity(train, {"a": {"b": 1}})
    assert identity(train, {"a": {"b": 1, "workers": 4}, "path": "x"}, ["a:workers", "path", "missing:x"]) == bare
    assert identity(train, {"a": {"b": 1}, "io": {"workers": 4}}, ["io:workers"]) == bare
    assert without({"a": 5}, ["a:b"]) == {"a": 5}


def test_taking_keys_out_leaves_the_variant_as_it_was() -> None:
    variant = {"a": {"b": 1, "c": 2}}
    assert without(variant, ["a:b"]) == {"a": {"c": 2}}
    assert variant == {"a": {"b": 1, "c": 2}}


def test_a_thunk_counts_by_its_qualified_name_without_its_module() -> None:
    moved = functools.wraps(train)(lambda **kwargs: None)
    moved.__module__ = "elsewhere"
    del moved.__wrapped__  # type: ignore[attr-defined]
    assert identity(train, {}) == identity(moved, {}) != identity(other, {})
    assert thunk_name(Trainer) == "Trainer"


def test_what_a_thunk_is_bound_to_counts() -> None:
    thunks = [
        train,
        functools.partial(train),
        functools.partial(train, lr=1),
        functools.partial(train, lr=2),
        Trainer(1),
        Trainer(2),
        Trainer(1).train,
        Trainer(2).train,
    ]
    assert len({identity(thunk, {}) for thunk in thunks}) == len(thunks)
    assert thunk_name(Trainer(1).train) == thunk_name(Trainer(1).train)


def test_what_cannot_be_taken_apart_is_one_line() -> None:
    for thunk in (Locked(), Locked().train, functools.partial(train, lock=threading.Lock())):
        with pytest.raises(GridError, match="cannot be told from another"):
            identity(thunk, {})
    with pytest.raises(GridError, match="cannot be saved"):
        identity(train, {"lock": threading.Lock()})


def test_two_lambdas_are_two_thunks() -> None:
    one, other = (lambda lr: lr), (lambda lr: lr + 1)
    assert identity(one, {"lr": 1}) == identity(one, {"lr": 1})
    assert identity(one, {"lr": 1}) != identity(other, {"lr": 1})


def test_an_inner_function_counts_with_what_it_closes_over() -> None:
    def made(scale: int) -> Callable[..., int]:
        def train(lr: int) -> int:
            return scale * lr

        return train

    assert identity(made(1), {"lr": 1}) == identity(made(1), {"lr": 1})
    assert identity(made(1), {"lr": 1}) != identity(made(2), {"lr": 1})


def test_the_code_of_a_function_with_a_name_does_not_count() -> None:
    namespace: dict[str, Any] = {}
    texts = ("def train(lr): return lr", "def train(lr): return lr + 1")
    found = set()
    for text in texts:
        exec(text, namespace)
        found.add(identity(namespace["train"], {"lr": 1}))
    assert len(found) == 1


def test_a_record_has_the_identity_of_what_it_records() -> None:
    config = {"lr": 0.1, "opt": {"sizes": (1, 2), "n": np.float64(3.0)}, "epochs": 5, "seed": 0}
    for ignored in ((), ("epochs",), ("epochs", "opt:n")):
        assert recorded_identity("train", canonical(config), ignored) == identity(train, config, ignored)
    assert recorded_identity("train", canonical(config), (), "x@3") == identity(train, config, (), "x@3")


def test_a_fork_is_another_run_than_one_from_nothing() -> None:
    config = {"lr": 0.1, "seed": 0}
    assert len({identity(train, config, (), origin) for origin in ("", "x@3", "x@4", "y@3")}) == 4
