"""What may be asked of a launch, checked at the door."""

from __future__ import annotations

from typing import Any

import pytest

from sweep.base.errors import UsageError
from sweep.base.settings import Settings
from sweep.front.request import Request
from sweep.front.share import limits_of
from sweep.launch.halt import Halt
from sweep.launch.limits import Limits
from sweep.launch.retries import Retries
from sweep.rundir.status import Kind


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"retries": "often"}, "retries is 'often'"),
        ({"retries": {"killed": -1}}, "retries is {'killed': -1}"),
        ({"halt": "at once"}, "halt is 'at once'; it is 'never', 'soon'"),
        ({"stall_timeout": "soon"}, "stall_timeout is 'soon'; write seconds, or a time such as '90s'"),
        ({"stall_timeout": 0}, "stall_timeout is 0"),
        ({"timeout": "soon"}, "timeout is 'soon'"),
        ({"start": "forked"}, r"start is 'forked'; it is one of auto, fork, spawn, inline\. Did you mean 'fork'\?"),
        ({"start": ["fork"]}, r"start is \['fork'\]"),
        ({"fresh": "yes"}, "fresh is 'yes'; it is True or False"),
        ({"share": 1}, "share is 1"),
        ({"pin": None}, "pin is None"),
    ],
)
def test_a_wish_that_cannot_be_is_one_clear_line(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        Request(None, **asked)
    assert "\n" not in str(caught.value)


def test_the_limits_of_a_request_are_in_plain_units() -> None:
    request = Request(None, timeout="2h", stall_timeout="90s", retries="killed=3", halt="now,fail=10%")
    limits = limits_of(request, Settings(failure_lines=7), at_once=4, total=50)
    assert limits == Limits(4, 7200.0, 7, 90.0, Retries(by_kind={Kind.KILLED: 3}), Halt("now", 10, True), 50)


def test_by_default_nothing_is_tried_again_and_nothing_halts() -> None:
    assert limits_of(Request(None), Settings(), at_once=1) == Limits(1, None, Settings().failure_lines)
