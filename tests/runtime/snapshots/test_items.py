"""What can be saved, how it is written, and that it comes back in place."""

from __future__ import annotations

import pickle
import random
import sys
import threading
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.runtime.snapshots.counter import Counter
from sweep.runtime.snapshots.errors import SnapshotError
from sweep.runtime.snapshots.factory import Factory
from sweep.runtime.snapshots.forms import READERS, WRITERS, form_of
from sweep.runtime.snapshots.items import load_items, put_items, save_items
from sweep.runtime.snapshots.kinds import kind_of
from sweep.runtime.snapshots.pickles import Reference


class Model:
    def __init__(self) -> None:
        self.w = np.zeros(3)

    def state_dict(self) -> dict[str, Any]:
        return {"w": self.w}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.w[...] = state["w"]


class Agent:
    def __init__(self, model: Any) -> None:
        self.model, self.notes, self.buffer, self.me = model, ["a"], np.zeros(2), self


class Slotted:
    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 1


class Itself:
    def __init__(self) -> None:
        self.x = 0

    def __getstate__(self) -> dict[str, int]:
        return {"saved": self.x}

    def __setstate__(self, state: dict[str, int]) -> None:
        self.x = state["saved"]


class Folder:
    def __init__(self) -> None:
        self.text = "a"

    def save_to(self, directory: Path) -> None:
        (directory / "text").write_text(self.text)

    def load_from(self, directory: Path) -> None:
        self.text = (directory / "text").read_text()


def there_and_back(folder: Path, live: dict[str, Any], change: Any) -> dict[str, Any]:
    stored = save_items(folder, live, live)
    change()
    states = load_items(folder, stored, live)
    put_items(folder, stored, states, live)
    return {name: one.form for name, one in stored.items()}


def test_containers_and_arrays_come_back_in_the_very_same_objects(tmp_path: Path) -> None:
    array, inner = np.arange(3.0), np.zeros(2)
    live: dict[str, Any] = {
        "array": array,
        "params": {"w": inner},
        "nested": {"deep": {"list": [1, 2.5, None]}},
        "seen": {1, 2},
        "recent": deque([1, 2], maxlen=2),
        "raw": bytearray(b"abc"),
        "steps": Counter(3),
    }

    def change() -> None:
        array[:], inner[:] = 9, 9
        live["nested"]["deep"].clear()
        live["seen"].add(5)
        live["recent"].append(7)
        live["raw"][:] = b"x"
        live["steps"] += 4

    forms = there_and_back(tmp_path, live, change)
    assert forms == {
        "array": "npz",
        "params": "npz",
        "nested": "json",
        "seen": "pkl",
        "recent": "json",
        "raw": "pkl",
        "steps": "json",
    }
    assert live["array"] is array and array.tolist() == [0, 1, 2]
    assert live["params"]["w"] is inner and inner.tolist() == [0, 0]
    assert live["nested"] == {"deep": {"list": [1, 2.5, None]}}
    assert (live["seen"], list(live["recent"]), live["recent"].maxlen, live["raw"]) == ({1, 2}, [1, 2], 2, b"abc")
    assert live["steps"].value == 3


def test_an_object_comes_back_in_place_with_the_live_items_that_it_refers_to(tmp_path: Path) -> None:
    model = Model()
    agent, buffer = Agent(model), None
    buffer = agent.buffer

    def change() -> None:
        agent.notes.append("b")
        agent.buffer[:] = 3
        agent.model.w[:] = 5
        agent.extra = 1  # type: ignore[attr-defined]

    live = {"agent": agent, "model": model}
    assert there_and_back(tmp_path, live, change) == {"agent": "pkl", "model": "npz"}
    assert agent.model is model and agent.me is agent and agent.buffer is buffer
    assert (agent.notes, agent.buffer.tolist(), model.w.tolist()) == (["a"], [0, 0], [0, 0, 0])
    assert not hasattr(agent, "extra")


def test_objects_that_share_a_part_still_share_it(tmp_path: Path) -> None:
    part = Agent(None)
    live = {"one": Agent(part), "two": Agent(part)}
    there_and_back(tmp_path, live, lambda: None)
    assert live["one"].model is live["two"].model


def test_objects_with_slots_and_with_states_of_their_own_come_back(tmp_path: Path) -> None:
    slotted, own, folder = Slotted(), Itself(), Folder()

    def change() -> None:
        slotted.value, own.x, folder.text = 2, 2, "b"

    assert there_and_back(tmp_path, {"slotted": slotted, "own": own, "folder": folder}, change)["folder"] == "directory"
    assert (slotted.value, own.x, folder.text) == (1, 0, "a")


@pytest.mark.parametrize(
    "make",
    [
        lambda: np.random.default_rng(3),
        lambda: np.random.Generator(np.random.MT19937(3)),
        lambda: np.random.RandomState(3),
        lambda: random.Random(3),
    ],
)
def test_generators_go_on_where_they_were_and_belong_to_a_rank(tmp_path: Path, make: Any) -> None:
    live = make()
    drawn = live.random()
    numbers: list[float] = []
    there_and_back(tmp_path, {"rng": live}, lambda: numbers.extend(live.random() for _ in range(5)))
    assert [live.random() for _ in range(5)] == numbers != [drawn] * 5
    assert kind_of("rng", live).own


def test_a_factory_is_saved_in_place_of_what_it_makes(tmp_path: Path) -> None:
    factory = Factory(dict, {"a": 1})
    stored = save_items(tmp_path, {"env": factory}, {"env": factory})
    again = load_items(tmp_path, stored, {})["env"]
    assert again() == {"a": 1}


def test_a_state_that_is_read_without_the_live_items_has_references_to_them(tmp_path: Path) -> None:
    model = Model()
    live = {"model": model, "agent": Agent(model)}
    states = load_items(tmp_path, save_items(tmp_path, live, live), {})
    assert states["agent"]["model"] == Reference("model")


@pytest.mark.parametrize("value", [1, 2.5, "text", (1, 2), None, frozenset(), len])
def test_what_cannot_be_changed_in_place_is_refused_when_it_is_registered(value: object) -> None:
    with pytest.raises(SnapshotError, match=r"run\.state\(x=.*cannot be changed in place"):
        kind_of("x", value)


def test_an_object_that_cannot_be_pickled_is_named_with_the_part_to_blame_and_the_remedy(tmp_path: Path) -> None:
    agent = Agent(threading.Lock())
    with pytest.raises(SnapshotError) as refused:
        save_items(tmp_path, {"agent": agent}, {"agent": agent})
    assert "the item 'agent' of run.state" in str(refused.value)
    assert "_thread.lock" in str(refused.value)
    assert "sweep.Factory(function, kwargs)" in str(refused.value)
    with pytest.raises(SnapshotError, match="'lock'"):
        save_items(tmp_path, {"lock": threading.Lock()}, {})


def test_what_does_not_fit_any_more_is_one_clear_error(tmp_path: Path) -> None:
    stored = save_items(tmp_path, {"w": np.zeros(3)}, {})
    states = load_items(tmp_path, stored, {})
    with pytest.raises(SnapshotError, match=r"the item 'w' does not take its state back: .*\(2,\).*\(3,\)"):
        put_items(tmp_path, stored, states, {"w": np.zeros(2)})
    with pytest.raises(SnapshotError, match="has no item 'v'; it has w"):
        put_items(tmp_path, stored, states, {"v": np.zeros(3)})
    with pytest.raises(SnapshotError, match="'w' was saved as array, and is now list"):
        put_items(tmp_path, stored, states, {"w": []})


def test_a_class_that_is_gone_is_one_clear_error(tmp_path: Path) -> None:
    live = {"agent": Agent(None)}
    stored = save_items(tmp_path, live, live)
    (tmp_path / "objects.pkl").write_bytes(pickle.dumps({"agent": 1})[:-3])
    with pytest.raises(SnapshotError, match="the item 'agent' cannot be read"):
        load_items(tmp_path, stored, live)


@pytest.mark.parametrize(
    ("state", "form"),
    [
        ({"a": [1, None, True]}, "json"),
        ({"a": float("nan")}, "pkl"),
        ({1: "number as key"}, "pkl"),
        ({"a": (1, 2)}, "pkl"),
        ({"a": np.float64(1)}, "pkl"),
        (np.array([object()]), "pkl"),
        ({"a": np.zeros(1), "b": 2}, "pkl"),
        ({"file": np.zeros(1), "array": np.zeros(0)}, "npz"),
        (np.float32([1]).reshape(()), "npz"),
    ],
)
def test_the_form_is_the_safest_that_is_exact(monkeypatch: pytest.MonkeyPatch, state: object, form: str) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert form_of(state) == form


def test_arrays_under_any_name_are_read_back_without_pickle(tmp_path: Path) -> None:
    live = {"params": {"file": np.zeros(1, np.int8), "array": np.ones((0, 2)), "a/b": np.array(3.5)}}
    stored = save_items(tmp_path, live, live)
    again = load_items(tmp_path, stored, {})["params"]
    assert {name: (one.dtype, one.shape) for name, one in again.items()} == {
        name: (one.dtype, one.shape) for name, one in live["params"].items()
    }


def test_an_object_that_says_so_is_saved_by_each_rank() -> None:
    class Seen:
        per_rank = True

        def __init__(self) -> None:
            self.steps: list[int] = []

    assert kind_of("seen", Seen()).own
    assert not kind_of("seen", []).own


@pytest.mark.parametrize(
    "array",
    [
        np.full((), 3.5, "f4"),
        np.zeros((0, 3)),
        np.arange(6).reshape(2, 3).T,
        np.arange(10)[::2],
        np.array(["a", "bc"]),
        np.array(["2020-01-01"], "M8[D]"),
        np.array([1, 2], ">i4"),
        np.array([1 + 2j, np.nan]),
        np.zeros(3, [("a", "f4"), ("b", "i2")]),
        np.arange(100_000),
    ],
    ids=str,
)
def test_an_array_of_any_kind_comes_back_as_it_was(tmp_path: Path, array: np.ndarray) -> None:
    WRITERS["npz"](tmp_path / "a.npz", array)
    again = READERS["npz"](tmp_path / "a.npz")
    assert (again.dtype, again.shape) == (array.dtype, array.shape)
    assert again.tobytes("A") == array.tobytes("A")
    np.savez(tmp_path / "numpys.npz", array=array)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "numpys.npz").read_bytes()
