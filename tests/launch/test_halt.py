"""When a launch ends early: GNU parallel's words."""

from __future__ import annotations

from typing import Any

import pytest

from sweep.base.errors import UsageError
from sweep.launch.halt import Halt, parse_halt


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("never", Halt()),
        ("soon", Halt("soon", 1)),
        ("now", Halt("now", 1)),
        ("soon,fail=5", Halt("soon", 5)),
        ("now, fail=10%", Halt("now", 10, True)),
    ],
)
def test_never_soon_or_now_with_a_number_of_failures(given: str, meant: Halt) -> None:
    assert parse_halt(given) == meant


@pytest.mark.parametrize(
    "given",
    [
        "",
        "always",
        "soon,fail=",
        "soon,fail=0",
        "now,fail=101%",
        "now,fail=0%",
        "now,success=1",
        "soon,fail=1.5",
        3,
        None,
    ],
)
def test_a_wrong_wish_is_one_clear_line(given: Any) -> None:
    with pytest.raises(UsageError, match=r"halt is .*; it is 'never', 'soon'") as caught:
        parse_halt(given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("halt", "failed", "total", "halts"),
    [
        ("never", 100, 100, False),
        ("soon", 0, 10, False),
        ("soon", 1, 10, True),
        ("now,fail=3", 2, None, False),
        ("now,fail=3", 3, None, True),
        ("now,fail=10%", 1, 20, False),
        ("now,fail=10%", 2, 20, True),
        ("now,fail=10%", 1, 3, True),
        ("now,fail=10%", 99, None, False),
    ],
)
def test_so_many_failures_halt(halt: str, failed: int, total: int | None, halts: bool) -> None:
    assert bool(parse_halt(halt).why(failed, total)) == halts


def test_it_says_why() -> None:
    assert parse_halt("now,fail=10%").why(2, 20) == "halted after 2 failures (halt=now,fail=10%)"
