"""What differs between runs, and what does not."""

from __future__ import annotations

from sweep.results.parameters import fixed, varying

from .conftest import DataDir


def test_what_differs_is_varying_and_the_rest_fixed(data_dir: DataDir) -> None:
    data_dir.run("a", lr=0.1, act="tanh", layers=(64, 64))
    data_dir.run("b", lr=0.2, act="tanh", layers=(64, 64))
    assert varying(data_dir.find()) == ["lr"]
    assert fixed(data_dir.find()) == {"act": "tanh", "layers": (64, 64)}


def test_a_key_that_some_runs_lack_differs(data_dir: DataDir) -> None:
    data_dir.run("a", clip=0.2)
    data_dir.run("b")
    assert varying(data_dir.find()) == ["clip"]
    assert fixed(data_dir.find()) == {}


def test_values_of_different_types_differ_and_nan_does_not_differ_from_nan(data_dir: DataDir) -> None:
    data_dir.run("a", one=1, two=float("nan"), three=[1, {"x": 2}])
    data_dir.run("b", one=True, two=float("nan"), three=[1, {"x": 2}])
    assert varying(data_dir.find()) == ["one"]


def test_the_seed_is_no_parameter(data_dir: DataDir) -> None:
    data_dir.run("a", 0)
    data_dir.run("a", 1)
    assert varying(data_dir.find()) == []


def test_of_no_runs_nothing_differs_and_nothing_is_the_same() -> None:
    assert (varying([]), fixed([])) == ([], {})
