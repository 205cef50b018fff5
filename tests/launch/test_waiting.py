"""Whose turn it is."""

from __future__ import annotations

import math
from pathlib import Path

from sweep.launch.job import Job
from sweep.launch.waiting import Waiting
from sweep.rundir.paths import RunDir


def job(name: str) -> Job:
    return Job(RunDir(Path(name)), name)


A, B, C = job("a"), job("b"), job("c")


def test_jobs_come_in_their_order_and_are_not_lost_by_looking() -> None:
    waiting = Waiting([A, B])
    assert [waiting.first(0), waiting.first(0)] == [A, A]
    waiting.take(A)
    assert waiting.first(0) is B
    waiting.take(B)
    assert waiting.first(0) is None
    assert not waiting


def test_a_run_that_is_tried_again_goes_first_once_its_pause_is_over() -> None:
    waiting = Waiting([B, C])
    waiting.again(A, due=2.0)
    assert (waiting.first(1.0), waiting.due) == (B, 2.0)
    assert waiting.first(2.0) is A
    waiting.take(A)
    assert (waiting.first(2.0), waiting.due) == (B, math.inf)


def test_of_two_tries_that_are_due_the_earlier_goes_first() -> None:
    waiting = Waiting([])
    waiting.again(B, due=1.0)
    waiting.again(A, due=1.0)
    waiting.again(C, due=0.5)
    order = []
    while first := waiting.first(9.0):
        order.append(first)
        waiting.take(first)
    assert order == [C, B, A]


def test_what_was_taken_and_not_started_is_given_back_and_nothing_more_is_taken() -> None:
    waiting = Waiting([B, C])
    waiting.first(0)
    waiting.again(A, due=5.0)
    assert waiting.drain() == [A, B]
    assert waiting.drain() == []
    assert waiting.first(9.0) is None
