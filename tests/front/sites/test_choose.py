"""Which site a launch runs on, what is said of it, and what its engine promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import LaunchError, UsageError
from sweep.base.settings import Settings
from sweep.front.inline import InlineEngine
from sweep.front.request import ENGINES, Request
from sweep.front.sites import here
from sweep.front.sites.base import Work
from sweep.front.sites.choose import NAMED, site_of
from sweep.front.sites.here import Here
from sweep.front.sites.in_process import InProcess
from sweep.front.sites.on_executor import OnExecutor
from sweep.launch.engines.base import Engine
from sweep.launch.engines.executor import ExecutorEngine
from sweep.launch.engines.local import LocalEngine
from sweep.launch.limits import Limits
from sweep.launch.slots import Demand


def work(ranks: list[int] | None = None, **asked: Any) -> Work:
    return Work(Request(None, **asked), Settings(), Path("data"), ranks or [1], Demand(), "g")


def engine_of(**asked: Any) -> Engine:
    return site_of(work(**asked)).engine(None, Limits(), {})


def test_every_name_that_an_engine_may_have_has_a_site() -> None:
    assert tuple(NAMED) == ENGINES


@pytest.mark.parametrize("asked", [{}, {"engine": "local"}, {"engine": None}])
def test_without_an_engine_it_is_this_machine(asked: dict[str, Any]) -> None:
    site = site_of(work(**asked))
    assert (type(site), site.note) == (Here, "")
    assert isinstance(engine_of(**asked), LocalEngine)


@pytest.mark.parametrize("asked", [{}, {"engine": "local"}])
def test_a_run_for_a_breakpoint_is_in_this_process(asked: dict[str, Any]) -> None:
    site = site_of(work(start="inline", **asked))
    assert type(site) is InProcess
    assert isinstance(engine_of(start="inline", **asked), InlineEngine)
    site.check_count(1)
    with pytest.raises(UsageError, match="runs one variant in this process, and 2 are to be run"):
        site.check_count(2)


def test_an_executor_is_said_by_its_type_and_watches_the_times_itself() -> None:
    with ThreadPoolExecutor(3) as executor:
        site = site_of(work(engine=executor))
        assert (type(site), site.note, site.at_once) == (OnExecutor, " on ThreadPoolExecutor", 3)
        engine = engine_of(engine=executor)
        assert isinstance(engine, ExecutorEngine)
        assert engine.promises.keeps_time


def test_the_runs_of_every_site_need_the_driver_and_those_here_are_timed_by_it() -> None:
    with ThreadPoolExecutor(1) as executor:
        assert engine_of(engine=executor).promises.stays
    for start in ("auto", "inline"):
        promises = engine_of(start=start).promises
        assert (promises.stays, promises.keeps_time) == (True, False)


def test_a_run_that_is_too_large_for_this_machine_is_refused_only_when_it_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sweep.front.sites.base.this_machine", lambda *words: None)
    site = site_of(work(ranks=[1, 4096]))
    with pytest.raises(LaunchError, match="a run needs 4,096 cores"):
        site.check()


def test_the_smallest_runs_say_how_many_there_is_room_for_and_the_largest_must_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    class Shares:
        def __init__(self, demand: Demand) -> None:
            asked.append(demand.ranks)

        def most(self, demand: Demand) -> int:
            asked.append(demand.ranks)
            return 6

    monkeypatch.setattr(here, "slots_here", Shares)
    assert site_of(work(ranks=[1, 2, 4])).at_once == 6
    assert asked == [4, 1]
