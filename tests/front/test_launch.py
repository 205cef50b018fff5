"""A launch of a grid, played: who may run it, which ranks its runs have, and what is said of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sweep import ExperimentGrid
from sweep.base.errors import LaunchError, SweepError
from sweep.front import ownership
from sweep.grid import parameter
from sweep.launch.engines.fake import FakeEngine
from sweep.rundir.lock import Lock, holder, take
from sweep.rundir.naming import Place
from sweep.rundir.paths import RunDir

HERE = Path("data")
ME = f"process {os.getpid()} on .* since "


def train(lr: float = 0.1, seed: int = 0) -> None: ...


def grid(count: int = 3) -> Any:
    return ExperimentGrid("g").add("lr", list(range(count)))


@pytest.fixture
def sweep_lock(workplace: Path) -> Iterator[Lock]:
    """The lock of the sweep, in other hands."""
    HERE.joinpath(".sweep").mkdir(parents=True)
    lock = take(Place(HERE).sweep_lock("g"))
    assert lock is not None
    yield lock
    lock.release()


@pytest.fixture
def unreserved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a grid have a parameter `num_cpu`."""
    allowed = tuple(name for name in parameter.RESERVED if name != "num_cpu")
    monkeypatch.setattr(parameter, "RESERVED", allowed)


def started(engines: list[FakeEngine]) -> list[str]:
    return [name for what, name in engines[-1].history if what == "submit"]


def test_a_sweep_runs_what_is_new_and_the_next_one_nothing(workplace: Path, engines: list[FakeEngine]) -> None:
    first, second = grid().run(train), grid().run(train)
    assert (first.done, first.exit_code, len(started(engines))) == (3, 0, 3)
    assert (second.done, second.exit_code, len(engines)) == (0, 0, 1)


def test_every_lock_is_free_after_a_launch(workplace: Path, engines: list[FakeEngine]) -> None:
    grid().run(train)
    assert holder(Place(HERE).sweep_lock("g")) is None
    assert [holder(RunDir(path.parents[1]).lock) for path in HERE.glob("*/*/.sweep/lock")] == [None] * 3


def test_a_second_launch_of_a_sweep_is_refused_with_who_has_it(
    sweep_lock: Lock, engines: list[FakeEngine], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(LaunchError, match=rf"the sweep 'g' in data is being run by {ME}.*--share \(share=True\)"):
        grid().run(train)
    assert (capsys.readouterr().out, engines) == ("", [])
    assert [path.name for path in HERE.iterdir()] == [".sweep"]


def test_a_second_launch_that_shares_takes_what_is_free_then_waits_for_the_rest(
    sweep_lock: Lock, engines: list[FakeEngine], scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Place(HERE).run_dir("g_lr1", 0)
    theirs = scene.held(run)

    def wait(file: Path, check: Any) -> None:
        assert (file, started(engines)) == (run.lock, ["g_lr0 seed 0", "g_lr2 seed 0"])
        theirs.release()

    monkeypatch.setattr("sweep.front.carrying_out.wait_until_free", wait)
    result = grid().run(train, share=True)
    assert started(engines) == ["g_lr0 seed 0", "g_lr2 seed 0", "g_lr1 seed 0"]
    assert (result.done, result.held_runs, result.exit_code) == (3, 0, 0)


def test_a_dry_run_and_a_look_are_not_refused_while_the_sweep_goes_on(
    sweep_lock: Lock, capsys: pytest.CaptureFixture[str]
) -> None:
    assert grid().run(train, dry_run=True).exit_code == 0
    grid().print(train)
    assert capsys.readouterr().out.count("in data: 3 new") == 2


def test_the_launch_that_came_second_after_the_plan_is_refused_too(
    workplace: Path, engines: list[FakeEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.front.launch.check_free", lambda *words: None)
    HERE.joinpath(".sweep").mkdir(parents=True)
    lock = take(Place(HERE).sweep_lock("g"))
    assert lock is not None
    with pytest.raises(LaunchError, match=f"is being run by {ME}"):
        grid().run(train)
    lock.release()
    assert grid().run(train).done == 3


@pytest.mark.parametrize("asked", [{"datestamp": True}, {"fresh": True}])
def test_sharing_goes_with_one_set_of_directories(workplace: Path, asked: dict[str, Any]) -> None:
    with pytest.raises(SweepError, match="share=True does not go with"):
        grid().run(train, share=True, **asked)
    assert list(workplace.iterdir()) == []


def test_what_a_killed_launch_left_behind_is_ended_first_and_said(
    workplace: Path, engines: list[FakeEngine], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[Path, bool]] = []

    def clear(data_dir: Path) -> list[str]:
        asked.append((data_dir, holder(Place(data_dir).sweep_lock("g")) is not None))
        return ["ended 2 processes that an earlier launch had left behind"]

    monkeypatch.setattr(ownership, "clear_leftovers", clear)
    grid().run(train)
    assert asked == [(HERE, True)]
    assert "ended 2 processes that an earlier launch had left behind" in capsys.readouterr().out


def test_a_data_directory_that_cannot_be_written_is_one_line(workplace: Path, engines: list[FakeEngine]) -> None:
    HERE.mkdir()
    (HERE / ".sweep").write_text("a file")
    with pytest.raises(LaunchError, match=r"data/.sweep/g\.lock cannot be written: .*name another data_dir") as caught:
        grid().run(train)
    assert "\n" not in str(caught.value)
    assert engines == []


def test_fresh_runs_everything_again_and_keeps_the_old_runs(
    workplace: Path, engines: list[FakeEngine], capsys: pytest.CaptureFixture[str]
) -> None:
    grid().run(train)
    again = grid(4).run(train, fresh=True)
    assert (again.done, len(started(engines))) == (4, 4)
    assert "3 old runs moved to data/.sweep/aside first" in capsys.readouterr().out
    assert sorted(path.name for path in HERE.glob(".sweep/aside/*/*")) == ["g_lr0", "g_lr1", "g_lr2"]
    assert grid(4).run(train).plan.to_start == 0


def test_a_swept_num_cpu_is_each_run_s_number_of_ranks(
    workplace: Path,
    unreserved: None,
    engines: list[FakeEngine],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sweep.front.share.capacity", lambda environ: _capacity(8))
    monkeypatch.setattr("sweep.front.sites.base.this_machine", lambda *words: None)
    swept = ExperimentGrid("g").add("num_cpu", [1, 2, 4]).add("lr", 1)
    result = swept.run(train)
    ranks = sorted(int(path.name.split("_")[1].removeprefix("num")) for path in HERE.glob("g_*"))
    said = capsys.readouterr().out
    assert (result.done, ranks) == (3, [1, 2, 4])
    assert "1, 2 or 4 ranks a run, up to 8 runs at once" in said
    assert "takes no argument" not in said
    assert '"num_cpu":\t4' in (HERE / "g_num4" / "g_num4_s0" / "config.json").read_text()


def _capacity(cores: int) -> Any:
    from sweep.launch.resources import Capacity

    return Capacity(cores=tuple(range(cores)), gpus=(), memory=2**34)


@pytest.mark.parametrize(
    ("values", "asked", "message"),
    [
        ([1, 2], {"num_cpu": 2}, "num_cpu is 2 for every run, and a parameter of the grid too; leave one out"),
        ([1, 0], {}, "num_cpu is 0; it is the number of MPI ranks per run"),
        ([1, 4096], {}, "a run needs 4,096 cores"),
    ],
)
def test_a_wrong_swept_num_cpu_is_one_line_and_nothing_on_disk(
    workplace: Path, unreserved: None, values: list[int], asked: dict[str, Any], message: str
) -> None:
    with pytest.raises(SweepError, match=message) as caught:
        ExperimentGrid("g").add("num_cpu", values).run(train, **asked)
    assert "\n" not in str(caught.value)
    assert list(workplace.iterdir()) == []


def takes_it(num_cpu: int, seed: int = 0) -> None: ...


def test_a_function_that_takes_num_cpu_itself_gets_it_as_any_argument(
    workplace: Path, unreserved: None, capsys: pytest.CaptureFixture[str]
) -> None:
    ExperimentGrid("g").add("num_cpu", [4096, 2]).run(takes_it, dry_run=True)
    assert "1 rank a run, " in capsys.readouterr().out


def test_the_names_about_to_run_are_shown_up_to_a_number(
    workplace: Path, engines: list[FakeEngine], capsys: pytest.CaptureFixture[str]
) -> None:
    grid(50).run(train)
    said = capsys.readouterr().out.partition("Preparing to run 50 runs:")[2].partition("====")[0].split()
    assert said == [*(f"g_lr{number}" for number in range(40)), "..."]
