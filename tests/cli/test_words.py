"""The words after a function: the reference's flag rules, with literals in place of `eval`."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sweep.base.errors import UsageError
from sweep.base.signature import signature
from sweep.cli.launch_flags import SHARED_FLAGS, own_flags
from sweep.cli.words import Words, parse_words, split_changes


def train(lr: float = 0.1, hid: int = 1, order: str = "", clip_ratio: float = 0.2, flag: bool = False) -> None: ...


def ppo(env_name: str = "", ac_kwargs: object = None, clip_ratio: float = 0.2, seed: int = 0) -> None: ...


def parsed(*words: str, function: Any = train) -> Words:
    return parse_words(words, signature(function), SHARED_FLAGS, own_flags())


def arguments(*words: str, function: Any = train) -> dict[str, list[Any]]:
    return {key: values for key, _, values in parsed(*words, function=function).arguments}


@pytest.mark.parametrize(
    ("words", "values"),
    [
        (["1e-3", "3e-4"], [1e-3, 3e-4]),
        ([], [True]),
        (["[32,32]", "[64,32]"], [[32, 32], [64, 32]]),
        (["(32,)"], [(32,)]),
        (["None", "True", "'1'"], [None, True, "1"]),
        (["HalfCheetah-v2"], ["HalfCheetah-v2"]),
        (["-0.5", "-3"], [-0.5, -3]),
        (["{'a': 1}"], [{"a": 1}]),
        (["max", "id", "json", "args", "cmd", "help"], ["max", "id", "json", "args", "cmd", "help"]),
        (["__import__('os').getcwd()"], ["__import__('os').getcwd()"]),
        (["1+1"], ["1+1"]),
        (["a--b"], ["a--b"]),
        (["k=v"], ["k=v"]),
        (["py:math:sqrt"], [math.sqrt]),
    ],
)
def test_values_are_literals_or_text_and_never_code(words: list[str], values: list[Any]) -> None:
    assert arguments("--lr", *words) == {"lr": values}


def test_an_equals_sign_gives_the_value_even_if_it_begins_with_dashes() -> None:
    assert arguments("--lr=0.1", "--hid=--deep", "--flag=-x") == {"lr": [0.1], "hid": ["--deep"], "flag": ["-x"]}


def test_brackets_give_the_shorthand_and_colons_nest() -> None:
    assert parsed("--ac_kwargs:hidden_sizes[hid]", "[64,64]", function=ppo).arguments == (
        ("ac_kwargs:hidden_sizes", "hid", [[64, 64]]),
    )


def test_the_reference_s_short_names_stand_for_their_long_ones_in_typed_order() -> None:
    found = parsed("--env", "A", "--hid[h]", "[32]", "--act", "py:math:tanh", "--seed", "0", function=ppo).arguments
    assert [(key, shorthand) for key, shorthand, _ in found] == [
        ("env_name", None),
        ("ac_kwargs:hidden_sizes", "h"),
        ("ac_kwargs:activation", None),
        ("seed", None),
    ]


def test_a_short_name_that_the_function_takes_itself_is_the_function_s() -> None:
    assert arguments("--hid", "3") == {"hid": [3]}


def test_four_flags_of_ours_may_stand_after_the_function() -> None:
    own = parsed("--num_cpu", "2", "--data_dir=x", "--datestamp", "--exp_name", "2024").own
    assert own == {"num_cpu": "2", "data_dir": "x", "datestamp": True, "exp_name": "2024"}
    assert parsed("--cpu", "4", "--dt").own == {"num_cpu": "4", "datestamp": True}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["1e-3", "--lr"], r"'1e-3' stands before any flag; write --argument 1e-3"),
        (["--lr", "1", "--lr", "2"], r"--lr is given twice; put all its values behind one flag"),
        (["--num_cpu", "2", "4"], r"--num_cpu takes one value, not 2"),
        (["--num_cpu", "2", "--cpu", "4"], r"--num_cpu is given twice"),
        (["--order", "3"], r"--order could be sweep's or train\(\)'s: write --kw:order for the function's"),
        (["--dry-run"], r"--dry-run is sweep's own flag: put it before the target"),
        (["--lr", "-x"], r"'-x' begins with a dash.*--lr=-x"),
    ],
)
def test_a_wrong_word_is_one_clear_line(words: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        parsed(*words)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("words", "changes", "others"),
    [
        (["lr=1", "--exp_name", "a=b"], ["lr=1"], ["--exp_name", "a=b"]),
        (["--exp-name", "a=b", "lr=1"], ["lr=1"], ["--exp-name", "a=b"]),
        (["--exp_name=a", "lr=1"], ["lr=1"], ["--exp_name=a"]),
        (["--datestamp", "lr=1"], ["lr=1"], ["--datestamp"]),
    ],
)
def test_the_value_of_a_flag_is_no_change_of_the_grid(words: list[str], changes: list[str], others: list[str]) -> None:
    assert split_changes(words, ["exp_name"]) == (changes, others)


def test_the_hint_for_a_name_that_both_know_works() -> None:
    assert arguments("--kw:order", "3") == {"order": [3]}
