"""Ask, wait, end, wait, kill: which signal goes to whom, and when. No process, no waiting."""

from __future__ import annotations

import signal

import pytest

from sweep.launch.supervisor import ending
from sweep.launch.supervisor.ending import TERM_S, Ending

Sent = list[tuple[int, int]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    signals: Sent = []
    monkeypatch.setattr(ending, "tell", lambda pid, number: signals.append((pid, number)))
    return signals


def step(end: Ending, now: float) -> None:
    end.step(now, [1], lambda: [1, 2])


def test_ranks_are_asked_first_and_everything_is_ended_after_the_grace(sent: Sent) -> None:
    end = Ending(0.0, ask=True, grace_s=10.0)
    step(end, 0.0)
    assert sent == [(1, signal.SIGUSR1)]
    assert end.due == 10.0
    step(end, 10.0)
    assert sent[1:] == [(1, signal.SIGTERM), (2, signal.SIGTERM)]
    assert end.due == 10.0 + TERM_S
    step(end, end.due)
    assert sent[3:] == [(1, signal.SIGKILL), (2, signal.SIGKILL)]


def test_after_a_failure_nobody_is_asked(sent: Sent) -> None:
    end = Ending(0.0)
    step(end, 0.0)
    assert sent == [(1, signal.SIGTERM), (2, signal.SIGTERM)]


def test_ranks_that_have_left_are_not_waited_for(sent: Sent) -> None:
    end = Ending(0.0, ask=True, grace_s=10.0)
    step(end, 0.0)
    end.ranks_are_gone(0.2)
    assert end.due == 0.2


def test_who_is_in_a_hurry_kills_at_once(sent: Sent) -> None:
    end = Ending(0.0, ask=True, grace_s=10.0)
    step(end, 0.0)
    end.hurry(1.0)
    assert end.due == 1.0
    step(end, 1.0)
    assert sent[1:] == [(1, signal.SIGKILL), (2, signal.SIGKILL)]


def test_what_cannot_be_killed_is_given_up_at_last(sent: Sent) -> None:
    end = Ending(0.0)
    while not end.given_up:
        step(end, end.due)
    assert 5 < end.due < 60
