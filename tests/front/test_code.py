"""Digests of a thunk's code: the same for the same code, whoever asks, and another one for other code."""

from __future__ import annotations

import functools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sweep.front.code import code_changed, code_digest


def compiled(text: str) -> Any:
    """Return the function `f` of a source text."""
    space: dict[str, Any] = {}
    exec(compile(text, "a_module.py", "exec"), space)
    return space["f"]


BASE = "def f(x, y=1):\n    return [x + i for i in range(y) if i in {'a', 'b', 'c'}]\n"


@pytest.mark.parametrize(
    "text",
    [
        "\n\n# a comment\n" + BASE,
        BASE.replace("):\n", "):\n    'what it does'\n"),
    ],
)
def test_comments_lines_and_the_docstring_do_not_count(text: str) -> None:
    assert code_digest(compiled(text)) == code_digest(compiled(BASE.replace("):\n", "):\n    'other words'\n")))


@pytest.mark.parametrize(
    ("old", "new"), [("x + i", "x - i"), ("y=1", "y=2"), ("'a'", "'d'"), ("range", "list"), ("def f(x", "def f(z, x")]
)
def test_what_the_function_does_counts(old: str, new: str) -> None:
    assert code_digest(compiled(BASE.replace(old, new))) != code_digest(compiled(BASE))


def test_another_process_comes_to_the_same_digest(tmp_path: Path) -> None:
    (tmp_path / "their.py").write_text(BASE)
    ask = "from sweep.front.code import code_digest; import their; print(code_digest(their.f))"
    found = {
        subprocess.run(
            [sys.executable, "-c", ask],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {code_digest(compiled(BASE))}


def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*words: Any) -> Any:
        return function(*words)

    return wrapper


def test_what_is_behind_a_decorator_or_a_partial_counts() -> None:
    one, other = compiled(BASE), compiled(BASE.replace("x + i", "x - i"))
    assert code_digest(decorated(one)) != code_digest(decorated(other))
    assert code_digest(functools.partial(one, 1)) == code_digest(one)


class Model:
    def __init__(self, size: int) -> None:
        self.size = size

    def __call__(self) -> int:
        return self.size

    def fit(self) -> int:
        return -self.size


def test_classes_methods_and_callable_objects_have_the_code_that_runs_first() -> None:
    digests = {code_digest(thunk) for thunk in (Model, Model(1), Model(1).fit)}
    assert len(digests) == 3
    assert code_digest(Model(1)) == code_digest(Model(2))
    assert code_digest(len) == ""


def test_digests_of_two_versions_of_python_tell_nothing() -> None:
    assert code_changed("cpython-311:a", "cpython-311:b")
    assert not code_changed("cpython-311:a", "cpython-311:a")
    assert not code_changed("cpython-310:a", "cpython-311:b")
    assert not code_changed("", "cpython-311:b")
    assert not code_changed("cpython-311:a", "")
