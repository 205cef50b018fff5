"""What a rank says of its end: the one line of a failure file, and a thunk that ran nothing."""

from __future__ import annotations

import functools
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import MpiError
from sweep.rundir.paths import RunDir
from sweep.runtime.process import child


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


class Outer:
    class Inner(Exception):
        pass


def failure(tmp_path: Path, error: BaseException) -> dict[str, Any]:
    run = RunDir(tmp_path)
    run.own.mkdir()
    child._report_failure(run, None, error)
    found: dict[str, Any] = json.loads(run.failure(0).read_text())
    return found


def broken() -> SyntaxError:
    try:
        compile("x = 1\ny = = 2\n", "train.py", "exec")
    except SyntaxError as error:
        return error
    raise AssertionError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("on purpose"), "ValueError: on purpose"),
        (ValueError("\n  \n  first\nsecond"), "ValueError: first"),
        (ValueError(), "ValueError"),
        (ValueError(" \n"), "ValueError"),
        (KeyError("lr"), "KeyError: 'lr'"),
        (SystemExit(3), "SystemExit: 3"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (broken(), "SyntaxError: invalid syntax (train.py, line 2)"),
        (MpiError("no"), "sweep.base.errors.MpiError: no"),
        (Outer.Inner("in"), f"{__name__}.Outer.Inner: in"),
        (Mute(), f"{__name__}.Mute"),
        (ValueError("\x1b[31mred\x07"), "ValueError: \x1b[31mred\x07"),
        (ValueError("\ud800"), "ValueError: \ud800"),
    ],
)
def test_the_error_is_the_type_and_the_first_line_of_the_message(
    tmp_path: Path, error: BaseException, line: str
) -> None:
    assert failure(tmp_path, error)["error"] == line


def test_the_error_is_cut_to_500_characters_and_the_traceback_is_whole(tmp_path: Path) -> None:
    words = failure(tmp_path, ValueError("x" * 1000))
    assert words["error"] == "ValueError: " + "x" * 488
    assert "x" * 1000 in words["traceback"]


async def a_coroutine() -> None:
    pass


def a_generator() -> Iterator[int]:
    yield 1


async def an_async_generator() -> AsyncIterator[int]:
    yield 1


class Trainer:
    def __call__(self) -> Any:
        return a_generator()


@pytest.mark.parametrize(
    ("thunk", "kind"),
    [
        (a_coroutine, "a_coroutine() returned a coroutine"),
        (a_generator, "a_generator() returned a generator"),
        (an_async_generator, "an_async_generator() returned an async generator"),
        (lambda: a_coroutine(), "<lambda>() returned a coroutine"),
        (functools.partial(a_generator), "a_generator() returned a generator"),
        (Trainer(), "Trainer() returned a generator"),
    ],
)
def test_a_thunk_that_ran_nothing_is_an_error(thunk: Any, kind: str) -> None:
    with pytest.raises(TypeError) as caught:
        child._refuse_unrun(thunk, thunk())
    assert str(caught.value) == f"{kind} and ran nothing; write a plain function"


@pytest.mark.parametrize("result", [None, 3, [1], range(3), iter([1]), a_generator])
def test_any_other_result_is_fine(result: Any) -> None:
    child._refuse_unrun(print, result)
