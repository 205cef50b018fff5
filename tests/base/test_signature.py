"""What a thunk takes."""

from __future__ import annotations

import pytest

from sweep.base.errors import UsageError
from sweep.base.signature import missing_arguments, signature, unknown_arguments


def train(lr: float, hidden: tuple[int, ...] = (32,), seed: int = 0, logger_kwargs: object = None) -> None: ...


def any_keywords(**kwargs: object) -> None: ...


def with_env_fn(env_fn: object, lr: float = 1.0) -> None: ...


def test_an_unknown_argument_is_named_with_the_closest_one() -> None:
    assert unknown_arguments(signature(train), ["hiden", "lr"]) == [
        "train() takes no argument 'hiden'; it takes lr, hidden. Did you mean 'hidden'?"
    ]


def test_a_function_of_any_keywords_takes_every_argument() -> None:
    assert unknown_arguments(signature(any_keywords), ["what", "ever"]) == []


def test_env_name_is_taken_by_a_function_that_asks_for_env_fn() -> None:
    assert unknown_arguments(signature(with_env_fn), ["env_name"]) == []
    assert unknown_arguments(signature(train), ["env_name"]) != []


def test_a_required_argument_that_nobody_gives_is_missing() -> None:
    assert missing_arguments(signature(train), []) == ["lr"]
    assert missing_arguments(signature(train), ["lr"]) == []
    assert missing_arguments(signature(with_env_fn), []) == []


def test_a_builtin_that_cannot_be_asked_takes_everything() -> None:
    assert signature(dict.fromkeys).takes("anything") or signature(dict).takes("anything")


def test_what_cannot_be_called_is_refused() -> None:
    with pytest.raises(UsageError, match="3 is not a function"):
        signature(3)  # type: ignore[arg-type]
