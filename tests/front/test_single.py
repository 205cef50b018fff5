"""A function whose call is a sweep of one run: its names and arguments; nothing is started here."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sweep.base.errors import UsageError
from sweep.front.experiment import ExperimentGrid
from sweep.front.single import experiment
from sweep.rundir.supervised import RUN_VARIABLE

Launched = list[tuple[ExperimentGrid, Any, dict[str, Any]]]


@pytest.fixture(autouse=True)
def launched(monkeypatch: pytest.MonkeyPatch) -> Launched:
    """What was launched: nothing is started."""
    seen: Launched = []

    def run(self: ExperimentGrid, thunk: Any, **options: Any) -> Any:
        seen.append((self, thunk, options))
        return SimpleNamespace(failed=[], plan=SimpleNamespace(check_extended=lambda: None))

    monkeypatch.setattr(ExperimentGrid, "run", run)
    return seen


def name_of(launched: Launched) -> str:
    grid = launched[-1][0]
    (variant,) = grid.variants()
    return grid.variant_name(variant)


def train(lr: float = 0.1, hidden: tuple[int, ...] = (3, 4), seed: int = 0, run: Any = None, **rest: Any) -> str:
    return f"trained with {lr}"


def test_what_was_passed_is_in_the_name_and_what_was_not_is_recorded_all_the_same(launched: Launched) -> None:
    call = experiment(train)
    names = []
    for args, kwargs in (((), {}), ((0.2,), {"seed": 3}), ((), {"lr": 0.1})):
        call(*args, **kwargs)
        names.append(name_of(launched))
    assert names == ["train", "train_lr0-2", "train_lr0-1"]
    call(0.2, extra=5, run="not an argument of the grid")
    (variant,) = launched[-1][0].variants()
    assert variant == {"lr": 0.2, "hidden": (3, 4), "seed": 0, "extra": 5}
    assert launched[-1][1] is train


@pytest.mark.parametrize(("how", "name"), [(None, "x"), ("all", "x_lr0-2_hid3-4"), ("passed", "x_lr0-2")])
def test_which_arguments_are_in_the_name_can_be_said(launched: Launched, how: str | None, name: str) -> None:
    experiment(name="x", name_parameters=how)(train)(lr=0.2)
    assert name_of(launched) == name


def test_options_of_a_launch_are_passed_on_and_a_failed_run_is_tried_again(launched: Launched) -> None:
    experiment(num_cpu=2, wait=3)(train)()
    assert launched[-1][2] == {"num_cpu": 2, "wait": 3, "retry_failed": True}


def test_without_arguments_the_decorator_needs_no_brackets() -> None:
    call = experiment(train)
    assert call.__name__ == "train"
    assert call.__wrapped__ is train


def test_inside_a_run_the_function_is_called_as_it_is(launched: Launched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUN_VARIABLE, "data/x")
    assert experiment(train)(lr=2) == "trained with 2"
    assert not launched


def test_wrong_arguments_are_told_with_those_there_are() -> None:
    def narrow(lr: float = 1) -> None: ...

    with pytest.raises(UsageError, match=r"narrow\(\): got an unexpected keyword argument 'l'; it takes \(lr"):
        experiment(narrow)(l=2)
    with pytest.raises(UsageError, match="have no name"):
        experiment(lambda *many: None)(1, 2)
    with pytest.raises(UsageError, match="name_parameters='some'"):
        experiment(name_parameters="some")
