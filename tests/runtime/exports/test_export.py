"""Weights out of a run, in each format, as other programs read them."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.rundir.paths import RunDir
from sweep.runtime.context.run import RunContext
from sweep.runtime.exports.errors import WeightsError
from sweep.runtime.exports.formats import WRITERS, read_weights


@pytest.fixture
def context(tmp_path: Path) -> RunContext:
    return RunContext(RunDir(tmp_path / "run"))


def require(format: str) -> None:
    for module in {"safetensors": ["safetensors"], "pt": ["torch"]}.get(format, []):
        pytest.importorskip(module)


@pytest.mark.parametrize("format", WRITERS)
def test_nested_arrays_come_back_flat_and_as_they_were(context: RunContext, format: str) -> None:
    require(format)
    arrays = {"w": np.arange(6.0).reshape(2, 3), "b": np.array([True, False])}
    path = context.export("policy", {"pi": arrays, "file": np.arange(3, dtype=np.int64), "n": 2.5}, 12, format=format)
    assert path == context.path / "exports" / f"policy_step_000000012.{format}"
    found = {name: np.asarray(one) for name, one in read_weights(path).items()}
    assert {name: (one.dtype.name, one.tolist()) for name, one in found.items()} == {
        "pi.w": ("float64", [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]),
        "pi.b": ("bool", [True, False]),
        "file": ("int64", [0, 1, 2]),
        "n": ("float64", 2.5),
    }


@pytest.mark.parametrize("format", WRITERS)
def test_a_torch_module_with_tied_weights_and_views_is_written_whole(context: RunContext, format: str) -> None:
    require(format)
    torch = pytest.importorskip("torch")
    net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 2))
    net[1].weight = net[0].weight
    big = torch.arange(1000.0)
    path = context.export(
        "net", {"net": net.state_dict(), "view": big[:2], "turned": big[:4].reshape(2, 2).T}, 0, format=format
    )
    found = read_weights(path)
    assert sorted(found) == ["net.0.bias", "net.0.weight", "net.1.bias", "net.1.weight", "turned", "view"]
    assert np.array_equal(np.asarray(found["net.1.weight"]), net[0].weight.detach().numpy())
    assert np.asarray(found["turned"]).tolist() == [[0.0, 2.0], [1.0, 3.0]]
    assert path.stat().st_size < 4000, "the rest of what a view is a view of is not written"


def test_half_precision_that_numpy_has_not_goes_where_it_can(context: RunContext) -> None:
    torch = pytest.importorskip("torch")
    state = {"w": torch.ones(2, dtype=torch.bfloat16)}
    with pytest.raises(WeightsError, match=r"w is torch.bfloat16, which npz cannot hold; use format='safetensors'"):
        context.export("net", state, 0, format="npz")
    assert not list((context.path / "exports").iterdir()), "nothing half written stays"
    assert read_weights(context.export("net", state, 0, format="pt"))["w"].dtype is torch.bfloat16


def test_the_step_is_that_of_the_loop_and_the_best_is_kept_beside(context: RunContext) -> None:
    weights = np.zeros(1)
    for epoch in context.epochs(3):
        weights += 1
        context.export("policy", {"w": weights}, format="npz", best=epoch == 1)
    folder = context.path / "exports"
    assert sorted(path.name for path in folder.iterdir()) == [
        "best_policy.npz", "policy_step_000000000.npz", "policy_step_000000001.npz", "policy_step_000000002.npz",
    ]  # fmt: skip
    assert read_weights(folder / "best_policy.npz")["w"].tolist() == [2.0]
    assert [read_weights(folder / f"policy_step_00000000{at}.npz")["w"].tolist() for at in (0, 2)] == [[1.0], [3.0]]


def test_a_file_that_is_there_stays_whole_when_a_new_one_cannot_be_written(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = context.export("policy", {"w": np.ones(2)}, 1, format="npz")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        context.export("policy", {"w": np.zeros(2)}, 1, format="npz")
    assert read_weights(path)["w"].tolist() == [1.0, 1.0]
    assert len(list(path.parent.iterdir())) == 1


def test_npz_is_what_numpy_reads_and_safetensors_says_the_step(context: RunContext) -> None:
    path = context.export("policy", {"w": np.ones(2)}, 1, format="npz")
    with np.load(path) as arrays:
        assert arrays["w"].tolist() == [1.0, 1.0]
    safetensors = pytest.importorskip("safetensors")
    path = context.export("policy", [np.ones(2), np.zeros((2, 1))], 7)
    with safetensors.safe_open(path, "numpy") as file:
        assert file.metadata() == {"name": "policy", "step": "7"}
        assert file.get_tensor("1").shape == (2, 1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"name": "../up"}, r"export\('../up', ...\): a name is letters"),
        ({"step": None}, "outside the run's loop needs the step"),
        ({"step": -1}, "step=-1"),
        ({"step": True}, "step=True"),
        ({"format": "pickle"}, "format='pickle' is none of 'safetensors', 'pt', 'npz'"),
        ({"format": "safetensor"}, "Did you mean 'safetensors'"),
        ({"what": {"a": {"b": object}}}, r"a.b is <class 'object'>, no weights"),
        ({"what": {"text": "x"}}, "text is 'x', no weights"),
        ({"what": {"a.b": np.ones(1), "a": {"b": np.ones(1)}}}, "there are two weights 'a.b'"),
        ({"what": {}}, "has no weights at all"),
        ({"what": 3}, "3 has no weights: pass what has state_dict"),
    ],
)
def test_what_cannot_be_exported_is_one_line(context: RunContext, words: dict[str, Any], message: str) -> None:
    given = {"name": "policy", "what": {"w": np.ones(1)}, "step": 0, "format": "npz", **words}
    with pytest.raises(WeightsError, match=message) as caught:
        context.export(given["name"], given["what"], given["step"], format=given["format"])
    assert "\n" not in str(caught.value)


def test_without_the_package_the_error_names_it_and_what_needs_none(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "safetensors.numpy", None)
    with pytest.raises(WeightsError, match=r"needs safetensors .*: pip install safetensors, or use 'npz'"):
        context.export("policy", {"w": np.ones(1)}, 0)


def test_reading_runs_no_code(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return (os.mkdir, (str(tmp_path / "sprung"),))

    np.savez(tmp_path / "bad.npz", w=np.array([Trap()], dtype=object), allow_pickle=True)
    with pytest.raises(WeightsError, match=r"bad.npz cannot be read as weights: ValueError"):
        read_weights(tmp_path / "bad.npz")
    torch = pytest.importorskip("torch")
    torch.save({"w": Trap()}, tmp_path / "bad.pt")
    with pytest.raises(
        WeightsError, match=r"bad.pt cannot be read .* A model pickled whole is for load_policy_and_env"
    ):
        read_weights(tmp_path / "bad.pt")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [("gone.npz", "gone.npz is not there"), ("torn.npz", "torn.npz cannot be read as weights"),
     ("w.pkl", "w.pkl is of no format that holds weights alone: .safetensors, .pt, .pth, .npz")],
)  # fmt: skip
def test_a_file_that_holds_no_weights_is_one_line(tmp_path: Path, name: str, message: str) -> None:
    with zipfile.ZipFile(tmp_path / "whole.npz", "w") as archive:
        archive.writestr("w.npy", b"x" * 100)
    (tmp_path / "torn.npz").write_bytes((tmp_path / "whole.npz").read_bytes()[:80])
    with pytest.raises(WeightsError, match=message):
        read_weights(tmp_path / name)
