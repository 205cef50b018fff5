import json
import math

import pytest

from sweep.base.errors import SpecError
from sweep.grid.distributions import choice, uniform
from sweep.grid.grid import Grid
from sweep.grid.spec import read_grid


@pytest.fixture(scope="module")
def same(assert_same):
    """Return a function that compares the grid of a text with one made in Python."""
    return lambda text, grid: assert_same(read_grid(text).grid, grid)


def test_each_entry_of_grid_is_one_add_in_the_order_of_the_file(same):
    same("grid: {b: [1, 2], a: x, c: [no, 1e-3]}", Grid().add("b", [1, 2]).add("a", "x").add("c", ["no", 1e-3]))


def test_brackets_at_a_key_are_its_shorthand(same):
    same("grid: {'k:hidden[hid]': [[32], [64, 64]]}", Grid().add("k:hidden", [[32], [64, 64]], "hid"))


def test_the_long_form_has_the_argument_names_of_add(same):
    text = (
        "grid: {lr: {vals: [1, 2], shorthand: l, in_name: true, labels: [low, high]}, w: {vals: 4, runtime_only: true}}"
    )
    same(text, Grid().add("lr", [1, 2], "l", True, labels=["low", "high"]).add("w", 4, runtime_only=True))


def test_brackets_go_with_the_other_options(same):
    same("grid: {'lr[l]': {vals: 1, in_name: true}}", Grid().add("lr", 1, "l", True))


def test_a_generator_goes_with_the_options(same):
    text = "grid: {a: {range: [0, 3], shorthand: x}, b: {uniform: [0, 1], n: 2, seed: 7, in_name: true}}"
    same(text, Grid().add("a", [0, 1, 2], "x").add("b", uniform(0, 1, n=2, seed=7), in_name=True))


def test_a_dict_value_stands_in_a_list_and_a_tagged_value_for_itself(same):
    text = "grid: {a: [{x: 1}], b: {tuple: [1, 2]}, c: {py: 'math:sqrt'}, d: {vals: {dict: {py: 1}}, in_name: true}}"
    grid = Grid().add("a", {"x": 1}).add("b", (1, 2)).add("c", math.sqrt).add("d", {"py": 1}, in_name=True)
    same(text, grid)


def test_null_is_a_value(same):
    same("grid: {a: null, b: [~, 1]}", Grid().add("a", None).add("b", [None, 1]))


def test_a_zip_comes_after_all_entries_of_grid(same):
    grid = Grid().add("a", [1, 2]).zip({"m": [1, 2], "b[bs]": [3, 4]})
    same("zip: [{m: [1, 2], 'b[bs]': [3, 4]}]\ngrid: {a: [1, 2]}", grid)


def test_a_zip_with_before_varies_slower_than_that_key(same):
    text = """
zip:
  - {vals: {m: [1, 2], n: [3, 4]}, before: b}
  - {vals: {p: [5], q: {range: [0, 1]}}, in_name: true, before: 'b[x]'}
  - {vals: {u: [1, 2], v: [3, 4]}, before: a}
grid: {a: [1, 2], 'b[x]': [3, 4]}
"""
    grid = Grid().zip({"u": [1, 2], "v": [3, 4]}).add("a", [1, 2]).zip({"m": [1, 2], "n": [3, 4]})
    same(text, grid.zip({"p": [5], "q": [0]}, in_name=True).add("b", [3, 4], "x"))


def test_a_column_of_a_zip_may_have_a_value_twice(same):
    same("zip: [{m: [1, 1, 2], b: [3, 4, 4]}]", Grid().zip({"m": [1, 1, 2], "b": [3, 4, 4]}))


def test_a_zipped_parameter_may_be_called_vals(same):
    same("zip: [{vals: [1, 2], x: [3, 4]}]", Grid().zip({"vals": [1, 2], "x": [3, 4]}))


def test_when_takes_grid_zip_and_when(same):
    text = """
when:
  - if: {algo: [ppo, sac]}
    grid: {alpha: {vals: [1, 2], labels: [a, b]}}
    zip: [{m: [1, 2], n: [3, 4]}]
    when:
      - {if: alpha == 1, grid: {beta: [5, 6]}}
  - {if: 'algo == "ppo"', grid: {clip: 0.1}}
grid: {algo: [ppo, sac, td3]}
"""
    inner = Grid().add("alpha", [1, 2], labels=["a", "b"]).zip({"m": [1, 2], "n": [3, 4]})
    inner.when("alpha == 1", {"beta": [5, 6]})
    grid = Grid().add("algo", ["ppo", "sac", "td3"]).when({"algo": ["ppo", "sac"]}, inner)
    same(text, grid.when('algo == "ppo"', {"clip": 0.1}))


def test_cases_are_one_case_an_item(same):
    text = "grid: {a: [1, 2], b: 3}\ncases: [{a: 5}, {'b[bb]': [6, 7], new: {range: [0, 2]}}, {}]"
    same(text, Grid().add("a", [1, 2]).add("b", 3).case({"a": 5}, {"b[bb]": [6, 7], "new": [0, 1]}, {}))


def test_ablate_is_a_mapping_or_a_list_with_bases(same):
    same("grid: {a: [1, 2]}\nablate: {a: [3, 4], b: 5}", Grid().add("a", [1, 2]).ablate({"a": [3, 4], "b": 5}))
    text = "grid: {a: [1, 2]}\nablate: [{vals: {a: [3, 4]}, base: {a: 9}}, {vals: {b: 5}}]"
    same(text, Grid().add("a", [1, 2]).ablate({"a": [3, 4]}, {"a": 9}).ablate({"b": 5}))


def test_derive_is_an_expression_or_a_rule_with_options(same):
    text = "grid: {e: [1, 2]}\nderive: {s: e * 4, 't[tt]': s + 1, u: {rule: 2 * e, shorthand: uu, in_name: true}}"
    grid = Grid().add("e", [1, 2]).derive("s", "e * 4").derive("t", "s + 1", "tt")
    same(text, grid.derive("u", "2 * e", "uu", True))


def test_a_derived_value_may_use_what_only_a_sub_grid_a_case_or_an_ablation_has(same):
    text = "grid: {a: [1, 2]}\nwhen: [{if: a > 0, grid: {w: 1}}]\ncases: [{c: 1}]\nderive: {s: w + c}"
    grid = Grid().add("a", [1, 2]).when("a > 0", {"w": 1}).case({"c": 1}).derive("s", "w + c")
    same(text, grid)


def test_exclude_is_a_list_of_expressions_and_mappings(same):
    text = """
grid: {a: [1, 2], f: [{py: 'math:sqrt'}, {py: 'json:loads'}]}
exclude: [a > 1 and f is None, {a: 2, f: {py: 'math:sqrt'}}]
"""
    grid = Grid().add("a", [1, 2]).add("f", [math.sqrt, json.loads])
    same(text, grid.exclude("a > 1 and f is None", {"a": 2, "f": math.sqrt}))


def test_sample_and_order_take_their_seeds(same):
    text = "grid: {a: {range: [0, 9]}}\nsample: {n: 3, seed: 5}\norder: {order: shuffle, seed: 2}"
    same(text, Grid().add("a", list(range(9))).sample(3, 5).order("shuffle", 2))
    same("grid: {a: [1, 2]}\norder: seeds-outer", Grid().add("a", [1, 2]).order("seeds-outer"))


def test_a_distribution_may_wait_for_a_sample(same):
    grid = Grid().add("a", uniform(0, 1)).add("b", choice(["x", "y"])).sample(3)
    same("grid: {a: {uniform: [0, 1]}, b: {choice: [x, y]}}\nsample: {n: 3}", grid)


def test_a_union_joins_its_parts_and_is_called_as_the_first(same):
    one = Grid("one").add("a", [1, 2]).exclude("a == 2")
    other = Grid().add("a", [1, 3]).zip({"m": [1, 2], "n": [3, 4]})
    text = (
        "union: [{name: one, grid: {a: [1, 2]}, exclude: [a == 2]}, {grid: {a: [1, 3]}, zip: [{m: [1, 2], n: [3, 4]}]}]"
    )
    same(text, one | other)
    same(text + "\nname: both\nexclude: [m == 1]", (one | other).name("both").exclude("m == 1"))


def test_a_union_of_three_and_of_unions_is_read(same):
    grids = [Grid().add("a", n) for n in range(4)]
    same("union: [{grid: {a: 0}}, {grid: {a: 1}}, {grid: {a: 2}}]", grids[0] | grids[1] | grids[2])
    text = "union: [{grid: {a: 0}}, {union: [{grid: {a: 1}}, {grid: {a: 2}}], exclude: [a == 2]}]"
    same(text, grids[0] | (grids[1] | grids[2]).exclude("a == 2"))


def test_the_whole_file_has_one_habit_of_shorthands_unless_a_part_says_otherwise(same):
    same("default_shorthand: false\ngrid: {alpha: [1, 2]}", Grid(default_shorthand=False).add("alpha", [1, 2]))
    text = "default_shorthand: false\nunion: [{grid: {a: 1}}, {default_shorthand: true, grid: {a: 2}}]"
    same(text, Grid(default_shorthand=False).add("a", 1) | Grid().add("a", 2))


def test_the_keys_of_a_file_may_stand_in_any_order(assert_same):
    first = "order: shuffle\nexclude: [a == 2]\nderive: {s: a + w}\nwhen: [{if: a == 1, grid: {w: [1, 2]}}]\n"
    lines = [*first.splitlines(), "grid: {a: [1, 2]}"]
    assert_same(read_grid("\n".join(lines)).grid, read_grid("\n".join(lines[::-1])).grid)


def test_a_grid_is_made_of_the_class_that_is_asked_for():
    class Mine(Grid):
        """A subclass, as the one that can run."""

    assert type(read_grid("name: x\ngrid: {a: 1}", grid_class=Mine).grid) is Mine
    assert type(read_grid("union: [{grid: {a: 1}}, {grid: {a: 2}}]", grid_class=Mine).grid) is Mine


def test_the_thunk_is_imported_and_its_text_kept():
    file = read_grid("thunk: math:sqrt")
    assert (file.thunk, file.function, file.thunk_key) == ("math:sqrt", math.sqrt, None)
    assert read_grid("name: x").thunk is None
    assert read_grid("name: x").thunk_key is None


def test_the_thunk_may_be_a_key_whose_values_are_functions():
    file = read_grid("thunk: algo\ngrid: {algo: [{py: 'math:sqrt'}, {py: 'math:exp'}]}")
    assert (file.thunk, file.function, file.thunk_key) == ("algo", None, "algo")


def test_a_nested_key_is_a_key_before_it_is_a_path():
    assert read_grid("thunk: a:b\ngrid: {'a:b': {py: 'math:sqrt'}}").thunk_key == "a:b"


def test_run_hands_its_keywords_on_and_knows_ranks():
    file = read_grid("run: {ranks: 4, timeout: 2h, retry: {oom: {n: 1}}, shape: {tuple: [1]}}")
    assert file.run == {"num_cpu": 4, "timeout": "2h", "retry": {"oom": {"n": 1}}, "shape": (1,)}


def test_run_takes_the_keywords_that_it_is_told_of():
    assert read_grid("run: {parallel: 2, ranks: 3}", run_keys=["parallel", "num_cpu"]).run["num_cpu"] == 3
    with pytest.raises(SpecError, match=r"'run' has no key 'paralel'.*Did you mean 'parallel'"):
        read_grid("run: {paralel: 2}", run_keys=["parallel", "num_cpu"])


def test_what_a_file_does_not_say_is_the_default(same):
    same("sweep: 1", Grid())
    assert read_grid("sweep: 1").run == {}


def test_an_override_of_a_read_parameter_forgets_how_the_file_wrote_it():
    grid = read_grid("grid: {a: {range: [0, 5]}}").grid.override("a", [7, 8])
    assert [one.written for one in grid.definition.parameters()] == [None]
