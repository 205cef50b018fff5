"""How often a failed run is tried again: what may be said, and how it is counted."""

from __future__ import annotations

from typing import Any

import pytest

from sweep.base.errors import UsageError
from sweep.launch.retries import Retries, Tries, parse_retries
from sweep.rundir.status import Kind

EACH = {Kind.KILLED: 3, Kind.TIMEOUT: 1}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (0, Retries()),
        (2, Retries(2)),
        ("2", Retries(2)),
        ({"killed": 3, "timeout": 1}, Retries(by_kind=EACH)),
        ("killed=3,timeout=1", Retries(by_kind=EACH)),
        ("killed=3, timeout=1", Retries(by_kind=EACH)),
        ({"out of memory": 1}, Retries(by_kind={Kind.MEMORY: 1})),
        ("oom=1", Retries(by_kind={Kind.MEMORY: 1})),
        ("out-of-memory=1,lost=2,error=0", Retries(by_kind={Kind.MEMORY: 1, Kind.LOST: 2, Kind.ERROR: 0})),
        ({}, Retries(by_kind={})),
    ],
)
def test_a_number_or_one_for_each_class(given: Any, meant: Retries) -> None:
    assert parse_retries(given) == meant


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (-1, r"retries is -1; it is a number of further tries from 0 to 1000"),
        (1.5, r"retries is 1\.5"),
        (True, r"retries is True"),
        ("", r"retries is ''"),
        ("many", r"retries is 'many'"),
        (None, r"retries is None"),
        (5000, r"retries is 5000"),
        ("killed=x", r"retries is 'killed=x'"),
        ("kiled=1", r"'kiled' is no class of failures; there are error, killed, lost, timeout, out of memory\. "
                    r"Did you mean 'killed'\?"),
        ({3: 1}, r"3 is no class of failures"),
        ("killed=1,", r"'' is no class"),
        ("oom=1,out of memory=2", r"names 'out of memory' twice"),
    ],
)  # fmt: skip
def test_a_wrong_wish_is_one_clear_line(given: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        parse_retries(given)
    assert "\n" not in str(caught.value)


def test_a_number_counts_failures_of_every_class() -> None:
    tries = Tries()
    assert tries.failed(Kind.KILLED, Retries(2)) == "2 of 3"
    assert tries.failed(Kind.TIMEOUT, Retries(2)) == "3 of 3"
    assert tries.failed(Kind.ERROR, Retries(2)) == ""


def test_classes_are_counted_apart() -> None:
    tries, retries = Tries(), Retries(by_kind=EACH)
    assert tries.failed(Kind.TIMEOUT, retries) == "2 of 2"
    assert tries.failed(Kind.KILLED, retries) == "2 of 4"
    assert tries.failed(Kind.TIMEOUT, retries) == ""


def test_the_pause_grows_to_a_minute() -> None:
    tries, pauses = Tries(), list[float]()
    for _ in range(9):
        tries.failed(Kind.ERROR, Retries())
        pauses.append(tries.pause_s)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
