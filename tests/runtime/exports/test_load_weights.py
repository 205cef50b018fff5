"""Weights into a model: by name, and never by guessing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.rundir.paths import RunDir
from sweep.runtime.exports.errors import WeightsError
from sweep.runtime.exports.export import export
from sweep.runtime.exports.load import load_weights


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Weights `a` (2), `b` (2, 2) and `c` (3)."""
    what = {"a": np.array([1.0, 2.0]), "b": np.eye(2), "c": np.arange(3.0)}
    return export(RunDir(tmp_path), "policy", what, 0, "npz", best=False)


def zeros(**shapes: Any) -> dict[str, Any]:
    return {name: np.zeros(shape) for name, shape in shapes.items()}


def test_weights_go_in_by_name_in_place(file: Path) -> None:
    model = {"a": np.zeros(2), "b": np.zeros((2, 2), dtype=np.float32), "c": [0, 0.0, 0]}
    held = model["a"]
    model["c"] = np.zeros(3)
    report = load_weights(file, model)
    assert (report.loaded, report.missing, report.unexpected) == (("a", "b", "c"), (), ())
    assert held.tolist() == [1.0, 2.0]
    assert model["b"].dtype == np.float32


def test_what_is_missing_or_unexpected_is_listed_and_nothing_is_changed(file: Path) -> None:
    model = zeros(a=2, b=(2, 2), d=5)
    with pytest.raises(WeightsError, match=r"does not fit; missing: d; unexpected: c. Say name_map"):
        load_weights(file, model)
    assert not model["a"].any()


def test_without_strict_it_is_reported_and_the_rest_is_loaded(file: Path) -> None:
    model = zeros(a=2, b=(2, 2), d=5)
    report = load_weights(file, model, strict=False)
    assert (report.loaded, report.missing, report.unexpected) == (("a", "b"), ("d",), ("c",))
    assert model["b"].tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_other_names_are_said_and_what_is_not_wanted_is_left_out(file: Path) -> None:
    model = zeros(first=2, second=(2, 2))
    report = load_weights(file, model, name_map={"a": "first", "b": "second", "c": None})
    assert (report.loaded, report.missing, report.unexpected) == (("first", "second"), (), ())
    assert model["first"].tolist() == [1.0, 2.0]


def test_without_strict_a_shape_that_is_there_once_on_either_side_decides(file: Path) -> None:
    model = zeros(first=2, b=(2, 2), third=3)
    report = load_weights(file, model, strict=False)
    assert report.by_shape == {"a": "first", "c": "third"}
    assert model["third"].tolist() == [0.0, 1.0, 2.0]


def test_two_of_one_shape_are_an_error_unless_they_are_told_apart(file: Path) -> None:
    model = zeros(first=2, other=2, b=(2, 2))
    with pytest.raises(WeightsError, match=r"of the shape \(2,\) the file has a and the model first, other: say which"):
        load_weights(file, model, strict=False)
    assert not model["b"].any()
    assert load_weights(file, model, strict=False, name_map={"a": "other"}).missing == ("first",)


def test_another_shape_under_one_name_is_an_error_even_without_strict(file: Path) -> None:
    model = zeros(a=3, b=(2, 2))
    for strict in (True, False):
        with pytest.raises(WeightsError, match=r"a has the shape \(2,\) in the file, and a \(3,\) in the model"):
            load_weights(file, model, strict, name_map={"c": None})
    assert load_weights(file, model, False, {"a": None, "c": None}).missing == ("a",)


@pytest.mark.parametrize(
    ("name_map", "message"),
    [
        ({"aa": "a"}, r"name_map: the file has no 'aa', only a, b, c. Did you mean 'a'"),
        ({"a": "z"}, r"name_map: the model has no 'z', only a, b, c"),
        ({"a": "c", "c": "c"}, "gives one weight of the model twice"),
    ],
)
def test_a_wrong_map_is_one_line(file: Path, name_map: dict[str, str], message: str) -> None:
    with pytest.raises(WeightsError, match=message):
        load_weights(file, zeros(a=2, b=(2, 2), c=3), name_map=name_map)


class Model:
    """Gives copies of its state and takes it back, with a number in it."""

    def __init__(self) -> None:
        self.weights, self.steps = np.zeros(2), 0

    def state_dict(self) -> dict[str, Any]:
        return {"weights": self.weights.copy(), "steps": self.steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.weights, self.steps = state["weights"], state["steps"]


def test_an_object_with_a_state_gets_it_through_its_own_method(tmp_path: Path) -> None:
    trained, fresh = Model(), Model()
    trained.weights, trained.steps = np.ones(2), 7
    load_weights(export(RunDir(tmp_path), "m", trained, 3, "npz", best=False), fresh)
    assert fresh.weights.tolist() == [1.0, 1.0]
    assert (type(fresh.steps), fresh.steps) == (int, 7)


@pytest.mark.parametrize("format", ["npz", "pt", "safetensors"])
def test_a_torch_module_takes_what_another_gave(tmp_path: Path, format: str) -> None:
    torch = pytest.importorskip("torch")
    if format == "safetensors":
        pytest.importorskip("safetensors")

    def net() -> Any:
        return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2))

    one, other = net(), net()
    one(torch.randn(8, 3))  # so that the running means are none of the usual ones
    load_weights(export(RunDir(tmp_path), "net", one, 3, format, best=False), other)
    for name, tensor in other.state_dict().items():
        assert torch.equal(tensor, one.state_dict()[name]), name


def test_a_head_of_another_size_is_left_out_for_fine_tuning(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    old = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2))
    new = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 5))
    path = export(RunDir(tmp_path), "net", old, 0, "pt", best=False)
    report = load_weights(path, new, strict=False, name_map={"1.weight": None, "1.bias": None})
    assert report.missing == ("1.weight", "1.bias")
    assert torch.equal(new[0].weight, old[0].weight)
