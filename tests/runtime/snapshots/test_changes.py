"""Which values stay as the function has made them where a changed parameter has given them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from sweep.rundir.variant_file import ABSENT
from sweep.runtime.snapshots.changes import Changes


def test_a_dict_keeps_the_entry_of_a_changed_parameter_and_nothing_that_grew() -> None:
    live: dict[str, Any] = {"lr": 0.1, "seen": [0]}
    changes = Changes({"d": live}, {"opt:lr": (0.5, 0.1), "seen": (2, 3)})
    live.update(lr=0.5, seen=[1, 2])
    assert changes.put_back() == ["d['lr'] = 0.1"]
    assert live == {"lr": 0.1, "seen": [1, 2]}


@pytest.mark.parametrize(("made", "saved"), [(0, 4), (8, 5), (8, 8)], ids=["a tally", "moved since", "the same"])
def test_an_entry_that_the_parameter_has_not_given_is_restored(made: int, saved: int) -> None:
    entries, thing = {"epochs": made}, SimpleNamespace(epochs=made)
    changes = Changes({"c": entries, "o": thing}, {"epochs": (4, 8)})
    entries["epochs"] = thing.epochs = saved
    assert changes.put_back() == []
    assert (entries["epochs"], thing.epochs) == (saved, saved)


def test_an_attribute_is_kept_of_a_parameter_that_was_not_given_before() -> None:
    thing = SimpleNamespace(clip=0.2)
    changes = Changes({"o": thing}, {"clip": (ABSENT, 0.2)})
    thing.clip = 0.1
    assert changes.put_back() == ["o.clip = 0.2"]


def test_a_true_is_no_one() -> None:
    live: dict[str, Any] = {"warm": True}
    changes = Changes({"d": live}, {"warm": (False, 1)})
    live["warm"] = False
    assert changes.put_back() == []


class TestTorchOptimizers:
    @pytest.fixture(autouse=True)
    def torch(self, need: Callable[[str, bool, str], None]) -> Any:
        need("torch", importlib.util.find_spec("torch") is not None, "torch is not installed")
        import torch

        return torch

    @pytest.fixture
    def made(self, torch: Any) -> Callable[..., Any]:
        return lambda lr, **more: torch.optim.Adam([torch.nn.Parameter(torch.ones(2))], lr=lr, **more)

    @pytest.mark.parametrize("parameter", ["lr", "pi_lr", "learning_rate", "ac_kwargs:lr"])
    def test_the_learning_rate_is_kept_if_it_was_changed(self, made: Callable[..., Any], parameter: str) -> None:
        saved, live = made(0.5).state_dict(), made(0.25)
        changes = Changes({"optimizer": live}, {parameter: (0.5, 0.25)})
        live.load_state_dict(saved)
        assert live.param_groups[0]["lr"] == 0.5
        assert changes.put_back() == ["optimizer.lr = 0.25"]
        assert live.param_groups[0]["lr"] == 0.25

    def test_other_options_are_kept_by_their_names(self, made: Callable[..., Any]) -> None:
        saved, live = made(0.5, weight_decay=0.1).state_dict(), made(0.5, weight_decay=0.2)
        changes = Changes({"optimizer": live}, {"wd": (0.1, 0.2)})
        live.load_state_dict(saved)
        assert changes.put_back() == ["optimizer.weight_decay = 0.2"]

    def test_an_option_that_happens_to_equal_another_parameter_is_restored(self, made: Callable[..., Any]) -> None:
        saved, live = made(0.125).state_dict(), made(1.0)
        changes = Changes({"optimizer": live}, {"warm": (5, 1), "epochs": (3, 6)})
        live.load_state_dict(saved)
        assert changes.put_back() == []
        assert live.param_groups[0]["lr"] == 0.125

    def test_of_two_optimizers_the_one_keeps_its_rate_that_was_changed(self, made: Callable[..., Any]) -> None:
        policy, value = made(0.001), made(0.001)
        changes = Changes({"p": policy, "v": value}, {"pi_lr": (0.5, 0.001)})
        policy.load_state_dict(made(0.5).state_dict())
        value.load_state_dict(made(0.0005).state_dict())  # lowered since
        assert changes.put_back() == ["p.lr = 0.001"]
        assert value.param_groups[0]["lr"] == 0.0005

    def test_a_rate_of_the_parameter_s_own_name_wins_though_it_was_lowered_since(
        self, made: Callable[..., Any]
    ) -> None:
        live = made(0.25)
        changes = Changes({"optimizer": live}, {"lr": (0.5, 0.25)})
        live.load_state_dict(made(0.125).state_dict())
        assert changes.put_back() == ["optimizer.lr = 0.25"]

    @pytest.mark.parametrize("kind", ["LambdaLR", "StepLR", "SequentialLR", "warmup"])
    def test_a_scheduler_goes_on_as_if_the_new_rate_had_been_there_all_along(
        self, made: Callable[..., Any], kind: str
    ) -> None:
        straight = (made(0.25),)
        wanted = rates(*straight, scheduled(kind, *straight), 6)
        parent = made(0.5)
        schedule = scheduled(kind, parent)
        rates(parent, schedule, 3)
        live = made(0.25)
        scheduler = scheduled(kind, live)
        changes = Changes({"sched": scheduler, "opt": live}, {"lr": (0.5, 0.25)})
        live.load_state_dict(parent.state_dict())
        scheduler.load_state_dict(schedule.state_dict())
        assert changes.put_back() == [f"opt.lr = {wanted[3]!r}"]
        assert scheduler.get_last_lr() == [wanted[3]]
        assert rates(live, scheduler, 3) == wanted[3:]


def scheduled(kind: str, optimizer: Any) -> Any:
    """Return a scheduler over an optimizer."""
    from torch.optim import lr_scheduler as those

    if kind == "SequentialLR":
        return those.SequentialLR(
            optimizer, [those.ConstantLR(optimizer, 0.5, 2), those.StepLR(optimizer, 2, 0.5)], milestones=[2]
        )
    how: dict[str, Callable[[], Any]] = {
        "LambdaLR": lambda: those.LambdaLR(optimizer, lambda step: 1.0),
        "StepLR": lambda: those.StepLR(optimizer, 2, 0.5),
        "warmup": lambda: those.LambdaLR(optimizer, lambda step: (1 + step) / 8),
    }
    return how[kind]()


def rates(optimizer: Any, scheduler: Any, epochs: int) -> list[float]:
    """Train for some epochs; return the learning rate of each."""
    found = []
    for _ in range(epochs):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found
