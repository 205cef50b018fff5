"""What a careful colleague would remark."""

from __future__ import annotations

from typing import Any

import pytest

from sweep.base.signature import signature
from sweep.grid.advice import advice
from sweep.grid.grid import Grid


def train(
    lr: float = 0.1, shape: tuple[int, ...] = (3,), n: int = 1, seed: int = 0, logger_kwargs: Any = None
) -> None: ...


def remarks(grid: Grid, function: Any = None) -> list[str]:
    return advice(grid.definition, signature(function) if function else None)


def test_a_sound_grid_gets_no_remark() -> None:
    assert remarks(Grid("g").add("lr", [1e-3, 1e-4]).add("seed", [0, 1]), train) == []


@pytest.mark.parametrize("key", ["hidden_sizes", "ac_kwargs:hidden_sizes", "layers", "input_shape", "units"])
def test_d14_a_list_of_sizes_that_is_swept_by_element_is_remarked_on(key: str) -> None:
    (remark,) = remarks(Grid("g").add(key, [32, 64]).add("seed", [0, 1]))
    assert f"'{key}' is swept element by element (2 runs with one number each); write fixed([...])" in remark


def test_d14_the_function_s_own_default_tells_a_list_from_alternatives() -> None:
    (remark,) = remarks(Grid("g").add("shape", [3, 4]).add("seed", [0, 1]), train)
    assert "'shape' is swept element by element" in remark
    assert remarks(Grid("g").add("n", [3, 4]).add("seed", [0, 1]), train) == []


def needy(hidden_sizes: Any, layers: Any = None, units: int = 3, seed: int = 0) -> None: ...


def test_d14_the_key_s_word_tells_where_the_function_has_no_default() -> None:
    for key in ("hidden_sizes", "layers"):
        found = remarks(Grid("g").add(key, [32, 64]).add("seed", [0, 1]), needy)
        assert any(f"{key!r} is swept element by element" in remark for remark in found)
    found = remarks(Grid("g").add("hidden_sizes", 1).add("units", [32, 64]).add("seed", [0, 1]), needy)
    assert found == []


def test_a_number_with_underscores_is_not_advised_to_lose_its_quotes() -> None:
    (remark,) = remarks(Grid("g").add("lr", ["1_000"]))
    assert remark == "'lr' has the text '1_000', not a number; numbers are written without underscores."


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("1e-3", "the text '1e-3', not a number"),
        ("10", "the text '10', not a number"),
        ("true", "the text 'true', not the value True"),
        ("None", "the text 'None', not the value None"),
    ],
)
def test_text_that_looks_like_a_value_is_remarked_on(value: str, part: str) -> None:
    (remark,) = remarks(Grid("g").add("lr", [value]))
    assert part in remark


def test_arguments_that_do_not_fit_the_function_are_remarked_on() -> None:
    assert remarks(Grid("g").add("leaning", 1), train) == [
        "train() takes no argument 'leaning'; it takes lr, shape, n."
    ]


def test_one_seed_for_several_settings_is_remarked_on() -> None:
    (remark,) = remarks(Grid("g").add("lr", [1, 2]).add("seed", 0))
    assert "one seed a setting cannot tell a better setting from a luckier one" in remark


def test_a_remark_is_made_once() -> None:
    assert len(remarks(Grid("g").add("lr", ["1", "2"]).case({"lr": "1"}).add("seed", [0, 1]))) == 2
