import json
import math

import pytest

from sweep.base.errors import GridError
from sweep.grid.distributions import choice, uniform
from sweep.grid.grid import Grid
from sweep.grid.spec import grid_text, read_grid


def train(**kwargs):
    """Take whatever a grid gives."""


def test_a_grid_made_in_python_is_written_for_people():
    inner = Grid().add("alpha", [0.1, 0.2], labels=["low", "high"])
    grid = (
        Grid("ppo-bench")
        .add("env_name", ["HalfCheetah-v4", "Hopper-v4"])
        .add("seed", range(3))
        .add("ac_kwargs:hidden_sizes", [(32,), (64, 64)], "hid")
        .zip({"model": ["cnn", "rnn"], "batch_size[b]": [64, 16]})
        .add("lr", [1e-3, 1e-05], "", True)
        .add("workers", 4, runtime_only=True)
        .add("opt", {"name": "no", "eps": "1e-3"})
        .add("act", json.loads)
        .add("dropout", uniform(0, 0.5, n=2))
        .zip({"u": [1, 2], "v": [3, 4]})
        .when({"model": "cnn"}, inner)
        .case({"env_name": "Ant-v4", "lr": [0.5, 0.25]})
        .derive("steps", "lr * 4000")
        .derive("late", "steps > 5", "l", True)
        .exclude("lr > 0.1", {"model": "rnn", "act": json.loads})
        .ablate({"lr": [0.1]}, {"env_name": "Ant-v4"})
        .sample(5, 1)
        .order("seeds-outer")
    )
    text = grid_text(grid, train, {"num_cpu": 4, "retry": {"oom": {"n": 1}}, "gpus": 0.5})
    assert (
        text
        == f"""\
sweep: 1
name: ppo-bench
thunk: {__name__}:train
grid:
  env_name: [HalfCheetah-v4, Hopper-v4]
  seed: [0, 1, 2]
  ac_kwargs:hidden_sizes[hid]: [{{tuple: [32]}}, {{tuple: [64, 64]}}]
  lr[]: {{vals: [0.001, 1e-05], in_name: true}}
  workers: {{vals: 4, runtime_only: true}}
  opt: [{{name: no, eps: '1e-3'}}]
  act: [{{py: json:loads}}]
  dropout: {{uniform: [0, 0.5], n: 2}}
zip:
  - {{vals: {{model: [cnn, rnn], 'batch_size[b]': [64, 16]}}, before: lr}}
  - {{u: [1, 2], v: [3, 4]}}
when:
  - {{if: {{model: cnn}}, grid: {{alpha: {{vals: [0.1, 0.2], labels: [low, high]}}}}}}
cases:
  - {{env_name: Ant-v4, lr: [0.5, 0.25]}}
derive:
  steps: lr * 4000
  late[l]: {{rule: steps > 5, in_name: true}}
exclude:
  - lr > 0.1
  - {{model: rnn, act: {{py: json:loads}}}}
ablate:
  - {{vals: {{lr: 0.1}}, base: {{env_name: Ant-v4}}}}
sample: {{n: 5, seed: 1}}
order: seeds-outer
run:
  num_cpu: 4
  retry: {{oom: {{n: 1}}}}
  gpus: 0.5
"""
    )


def test_a_long_value_stands_on_several_lines():
    text = grid_text(Grid().add("words", ["a" * 40, "b" * 40, "c" * 40]).add("n", 1))
    assert text == f"sweep: 1\ngrid:\n  words:\n    - {'a' * 40}\n    - {'b' * 40}\n    - {'c' * 40}\n  n: 1\n"


def test_the_parts_of_a_union_are_written_as_documents():
    text = grid_text((Grid("x").add("a", 1) | Grid().add("a", [2, 3]).sample(1)).exclude("a == 2"))
    assert text == (
        "sweep: 1\nexclude:\n  - a == 2\nunion:\n  - name: x\n    grid:\n      a: 1\n"
        "  - grid:\n      a: [2, 3]\n    sample: {n: 1}\n"
    )


def test_a_string_is_quoted_only_where_it_would_be_something_else():
    forms = {
        "no": "no", "1e-3": "'1e-3'", "null": "'null'", "": "''", "a b": "a b", "a: b": "'a: b'", "1:30": "1:30",
        "<<": "'<<'", "# x": "'# x'", "- x": "'- x'", "two\nlines": r'"two\nlines"', "é": "é", "a,b": "'a,b'",
        ":a": "':a'", "a:": "'a:'", "x?": "'x?'", "\ud800": r'"\uD800"',
    }  # fmt: skip
    for value, form in forms.items():
        text = grid_text(Grid().add("t", [value, 1]))
        assert text == f"sweep: 1\ngrid:\n  t: [{form}, 1]\n"
        assert read_grid(text).grid[0] == {"t": value}


def test_the_thunk_is_text_as_given_or_the_path_of_a_function():
    assert "thunk: train.py:main\n" in grid_text(Grid(), "train.py:main")
    assert "thunk: math:sqrt\n" in grid_text(Grid(), math.sqrt)
    with pytest.raises(GridError, match=r"the thunk.*cannot be written"):
        grid_text(Grid(), lambda: None)


def no():
    return lambda variant: True


WRONG = {
    "a lambda as a value": (Grid().add("act", [abs, lambda: 1]), "^'act': .*lambda"),
    "an object inside a value": (Grid().add("conf", [{"x": [{1, 2}]}]), "^'conf': .*set"),
    "a value of a zip": (Grid().zip({"a": [1, 2], "b": [3, {4}]}), "^'b': "),
    "a value of a case": (Grid().add("a", 1).case({"a": b"x"}), "^'a': "),
    "a value of an ablation": (Grid().add("a", 1).ablate({"a": 1j}), "^'a': "),
    "an option of a choice": (Grid().add("a", choice([1, no()], n=1)), "^'a': "),
    "a function as a condition": (
        Grid().add("a", 1).when("a == 1", {"b": 1}).when(no(), {"c": 1}),
        "of when 2 is <fun",
    ),
    "one deeper": (Grid().add("a", 1).when("a == 1", Grid().add("b", 1).when(no(), {"c": 1})), "of when 1.1 is <fun"),
    "a value of a condition": (Grid().add("a", 1).when({"a": no()}, {"b": 1}), "of when 1: 'a': "),
    "a function as an exclusion": (Grid().add("a", [1, 2]).exclude("a == 1", no()), "^exclude 2 is <fun"),
    "a value of an exclusion": (Grid().add("a", [1, 2]).exclude({"a": 1j}), "^exclude 1: 'a': "),
    "a function as a derivation": (Grid().add("a", 1).derive("b", no()), "^derive 'b' is <fun"),
    "brackets in a shorthand": (Grid().zip({"a": [1, 2], "b": [3, 4]}, {"a": "x]"}), "^zip: the shorthand 'x]' of 'a'"),
    "a part of a union": (Grid().add("a", 1) | Grid().add("a", no()), "^'a': "),
}


@pytest.mark.parametrize(("grid", "words"), WRONG.values(), ids=WRONG)
def test_what_yaml_cannot_hold_is_an_error_that_names_it(grid, words):
    with pytest.raises(GridError, match=words):
        grid_text(grid)


def test_a_value_of_run_that_yaml_cannot_hold_is_named():
    with pytest.raises(GridError, match=r"^run: 'engine': "):
        grid_text(Grid(), run={"engine": no()})


def test_brackets_in_a_shorthand_are_written_in_the_long_form(assert_same):
    grid = Grid().add("a", [1, 2], "x[y]").derive("e", "a + 1", "]", True)
    text = grid_text(grid)
    assert "a: {vals: [1, 2], shorthand: 'x[y]'}" in text
    assert_same(read_grid(text).grid, grid)
