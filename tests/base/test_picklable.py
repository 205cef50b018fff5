"""What cannot be sent to another process, named down to the part that is to blame."""

from __future__ import annotations

import functools
import threading
from typing import Any

import pytest

from sweep.base.picklable import fault


class Env:
    def __init__(self, part: Any) -> None:
        self.fine, self.lock = 1, part


class Slotted:
    __slots__ = ("guard",)

    def __init__(self, part: Any) -> None:
        self.guard = part


LOCK = threading.Lock()


def using(part: Any) -> Any:
    def train() -> Any:
        return part

    return train


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (LOCK, "x (_thread.lock)"),
        (Env(LOCK), "x (Env): its attribute 'lock' (_thread.lock)"),
        (Slotted(LOCK), "x (Slotted): its attribute 'guard' (_thread.lock)"),
        ({"a": 1, "b": [0, Env(LOCK)]}, "x (dict): its item 'b', its item 1, its attribute 'lock' (_thread.lock)"),
        (Env(using(LOCK)), "x (Env): its attribute 'lock', its variable 'part' (_thread.lock)"),
        (using(LOCK), "x: its variable 'part' (_thread.lock)"),
        (lambda guard=LOCK: guard, "x: its default of 'guard' (_thread.lock)"),
        (lambda *, guard=LOCK: guard, "x: its default of 'guard' (_thread.lock)"),
        (functools.partial(print, LOCK), "x (functools.partial): its argument 0 (_thread.lock)"),
        (functools.partial(print, end=LOCK), "x (functools.partial): its argument 'end' (_thread.lock)"),
    ],
)
def test_the_part_to_blame_is_named(value: Any, where: str) -> None:
    assert fault("x", value) == f"{where} cannot be sent to another process: cannot pickle '_thread.lock' object"


def test_what_can_be_sent_has_no_fault() -> None:
    assert fault("x", Env([1, using(2)])) == ""


def test_an_object_that_holds_itself_ends_the_search() -> None:
    env = Env(LOCK)
    env.fine = env  # type: ignore[assignment]
    assert "its attribute 'lock' (_thread.lock)" in fault("x", env)


class Own:
    def __reduce__(self) -> Any:
        raise RuntimeError("it is tied\nto this machine")


def test_an_object_s_own_refusal_is_told_on_one_line() -> None:
    where = "x (list): its item 0 (Own)"
    assert fault("x", [Own()]) == f"{where} cannot be sent to another process: it is tied to this machine"
