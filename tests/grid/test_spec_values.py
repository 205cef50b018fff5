import functools
import json
import math
import sys
import types

import pytest

from sweep.base.errors import GridError, SpecError
from sweep.grid.spec import parse_alternatives, parse_value
from sweep.grid.spec.values import encode, import_path


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-2", 0.01), ("[0,1]", [0, 1]), ("no", "no"), ("true", True), ("null", None), ("hello world", "hello world"),
        ("{a: 1}", {"a": 1}), ("{tuple: [1, [2]]}", (1, [2])), ("'5'", "5"), ("{py: 'math:sqrt'}", math.sqrt),
        ("{dict: {tuple: [1]}}", {"tuple": [1]}), ("{dict: [[1, 2]]}", {1: 2}), ("{range: [0, 2]}", {"range": [0, 2]}),
        ("{dict: [[{tuple: [1, 2]}, a]]}", {(1, 2): "a"}), ("{a: {py: 'json:loads'}}", {"a": json.loads}),
    ],
)  # fmt: skip
def test_a_value_of_the_command_line_follows_the_rules_of_a_file(text, value):
    found = parse_value(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "vals"),
    [
        ("5", [5]),
        ("[1, 2]", [1, 2]),
        ("{range: [0, 3]}", [0, 1, 2]),
        ("[{a: 1}]", [{"a": 1}]),
        ("{tuple: [1]}", [(1,)]),
    ],
)
def test_alternatives_of_the_command_line_are_an_entry_of_a_file(text, vals):
    assert parse_alternatives(text) == vals


def test_a_dict_as_alternatives_is_refused_as_in_a_file():
    with pytest.raises(SpecError, match=r"no key 'a'.*written in a list"):
        parse_alternatives("{a: 1}")


@pytest.mark.parametrize("text", ["", "  ", "[1", "a: b: c", "@x", "{py: nowhere}", "{py: 'math:sqrtt'}", "{py: 5}"])
def test_a_wrong_value_of_the_command_line_is_an_error_that_names_where(text):
    with pytest.raises(SpecError) as caught:
        parse_value(text, "lr")
    assert str(caught.value).startswith("lr:1: ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{tuple: 5}", "'tuple' must be a list"),
        ("{dict: 5}", "'dict'"),
        ("{dict: [[1, 2, 3]]}", "pairs"),
        ("{dict: [5]}", "must be a list"),
        ("{dict: [[1, 2], [1, 3]]}", "twice"),
        ("{dict: [[[1], 2]]}", "unhashable"),
        ("{py: 'json:nothing'}", "has no 'nothing'"),
        ("{py: [a]}", "'py' must be text"),
    ],
)
def test_a_wrong_tagged_value_says_what_it_should_be(text, words):
    with pytest.raises(SpecError, match=words):
        parse_value(text)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ((32, (1,)), {"tuple": [32, {"tuple": [1]}]}),
        ({"py": 1}, {"dict": {"py": 1}}),
        ({"py": 1, "b": 2}, {"py": 1, "b": 2}),
        ({"dict": (1,)}, {"dict": {"dict": {"tuple": [1]}}}),
        ({1: "a"}, {"dict": [[1, "a"]]}),
        ({}, {}),
        (json.JSONDecoder, {"py": "json.decoder:JSONDecoder"}),
        (math.sqrt, {"py": "math:sqrt"}),
    ],
)
def test_a_value_is_written_in_the_form_that_is_read(value, form):
    assert encode(value, "'k'") == form


class Unit(float):
    """A number of another type."""

    @classmethod
    def one(cls):
        """Return 1."""
        return cls(1)


def test_a_class_method_is_written_by_its_name_and_a_method_of_an_object_not():
    assert import_path(Unit.one) == f"{__name__}:Unit.one"
    assert import_path(Unit(2).hex) is None


def inner():
    def function():
        """Return nothing."""

    return function


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(lambda: 1, id="lambda"),
        pytest.param(inner(), id="inner function"),
        pytest.param(object(), id="object"),
        pytest.param({1, 2}, id="set"),
        pytest.param(b"x", id="bytes"),
        pytest.param(1j, id="complex"),
        pytest.param(functools.partial(max), id="partial"),
        pytest.param(Unit(1.0), id="subclass of float"),
        pytest.param(types, id="module"),
        pytest.param([1, (2, {"a": object()})], id="inside others"),
    ],
)
def test_what_cannot_be_imported_again_cannot_be_written(value):
    with pytest.raises(GridError, match=r"'act'.*cannot be written to YAML"):
        encode(value, "'act'")


def test_a_function_whose_name_now_means_another_cannot_be_written():
    stale = types.FunctionType(inner.__code__, {}, "inner")
    stale.__qualname__, stale.__module__ = "inner", __name__
    assert import_path(inner) == f"{__name__}:inner"
    assert import_path(stale) is None


def test_a_function_of_a_script_is_written_under_the_scripts_own_name(monkeypatch, tmp_path):
    script = tmp_path / "train.py"
    script.touch()
    main = types.ModuleType("__main__")
    main.__file__ = str(script)
    monkeypatch.setitem(sys.modules, "__main__", main)

    def train():
        """Train."""

    train.__module__, train.__qualname__ = "__main__", "train"
    main.train = train
    assert import_path(train) == "train:train"
    del main.__file__
    assert import_path(train) is None
