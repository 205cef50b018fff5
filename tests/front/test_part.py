"""Which part of a grid is asked for, and what launches of parts do beside one another: played."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sweep import ExperimentGrid
from sweep.base.errors import LaunchError, SpecError, UsageError
from sweep.front.part import Part, index_given, part_of, shard_given
from sweep.launch.engines.fake import FakeEngine
from sweep.rundir.lock import Lock, holder, take
from sweep.rundir.naming import Place

HERE = Path("data")
ME = f"process {os.getpid()} on .* since "


def train(lr: float = 0.1, seed: int = 0) -> None: ...


def grid(count: int = 5) -> Any:
    return ExperimentGrid("g").add("lr", list(range(count)))


def started(engine: FakeEngine) -> list[str]:
    return [name.removesuffix(" seed 0") for what, name in engine.history if what == "submit"]


@pytest.fixture
def hold(workplace: Path) -> Any:
    """Return a function that takes a lock of the sweep, as another launch would."""
    locks: list[Lock] = []
    HERE.joinpath(".sweep").mkdir(parents=True)

    def hold_it(name: str, shared: bool = False) -> Lock:
        lock = take(Place(HERE).sweep_lock(name), shared)
        assert lock is not None
        locks.append(lock)
        return lock

    yield hold_it
    for lock in locks:
        lock.release()


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"shard": "0/10"}, r"shard is '0/10'; it is which one of how many, from '1/10' to '10/10'\."),
        ({"shard": "11/10"}, "shard is '11/10'"),
        ({"shard": "3"}, "shard is '3'"),
        ({"shard": "3/1e1"}, "shard is '3/1e1'"),
        ({"shard": 3}, "shard is 3;"),
        ({"index": -1}, r"index is -1; it is the place of a variant, a whole number from 0\."),
        ({"index": "-1"}, "index is '-1'"),
        ({"index": ""}, "index is ''"),
        ({"index": True}, "index is True"),
        ({"index": 1.0}, r"index is 1\.0"),
        ({"index": 5}, r"index is 5 and the grid has 5 variants; it is from 0 to 4, in Slurm --array=0-4\."),
        ({"index": 1, "shard": "1/2"}, "shard is '1/2' and index is 1; a launch takes one of the two"),
        ({"shard": "1/2", "datestamp": True}, "shard does not go with a date on the directories"),
        ({"index": 1, "datestamp": True}, "index does not go with a date on the directories"),
    ],
)
def test_a_part_that_cannot_be_is_one_line_and_nothing_on_disk(
    workplace: Path, asked: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        grid().run(train, **asked)
    assert "\n" not in str(caught.value)
    assert list(workplace.iterdir()) == []


def test_a_part_is_a_range_of_places() -> None:
    assert part_of(None, None, 7) is None
    assert part_of("3/3", None, 7) == Part("shard 3 of 3", range(2, 7, 3), 7, ".shard-3-of-3")
    assert part_of(None, "6", 7) == Part("index 6", range(6, 7), 7)
    assert (shard_given(None), index_given(None)) == (None, None)


def test_the_shards_of_a_grid_run_each_variant_once(workplace: Path, engines: list[FakeEngine]) -> None:
    sweeps = [grid().run(train, shard=f"{which}/3") for which in (1, 2, 3)]
    assert [started(engine) for engine in engines] == [["g_lr0", "g_lr3"], ["g_lr1", "g_lr4"], ["g_lr2"]]
    assert [(sweep.done, sweep.plan.runs, sweep.exit_code) for sweep in sweeps] == [(2, 2, 0), (2, 2, 0), (1, 1, 0)]


def test_what_is_done_already_moves_nothing_into_another_shard(workplace: Path, engines: list[FakeEngine]) -> None:
    for index in (0, 1):
        grid().run(train, index=index)
    again = grid().run(train, shard="1/3")
    assert [started(engine) for engine in engines] == [["g_lr0"], ["g_lr1"], ["g_lr3"]]
    assert "1 run done before" in again.summary()


@pytest.mark.parametrize("order", ["seeds-outer", "shuffle"])
def test_another_order_starts_the_same_shard_otherwise(workplace: Path, engines: list[FakeEngine], order: str) -> None:
    def seeded() -> Any:
        return ExperimentGrid("g").add("lr", list(range(9))).add("seed", [0, 1])

    seeded().run(train, shard="2/4", order=order)
    names = [name for what, name in engines[0].history if what == "submit"]
    assert sorted(names) == [f"g_lr{place // 2} seed {place % 2}" for place in range(1, 18, 4)]
    seeded().run(train, shard="2/4")
    assert len(engines) == 1


def test_an_index_may_be_the_text_of_an_array_job_s_variable(workplace: Path, engines: list[FakeEngine]) -> None:
    assert grid().run(train, index="4").done == 1
    assert started(engines[0]) == ["g_lr4"]


def test_a_shard_beyond_the_last_variant_has_nothing_to_do(
    workplace: Path, engines: list[FakeEngine], capsys: pytest.CaptureFixture[str]
) -> None:
    assert grid().run(train, shard="6/6").exit_code == 0
    assert engines == []
    assert "shard 6 of 6: 0 of the 5 variants" in capsys.readouterr().out


def test_report_and_summary_say_that_it_is_a_part(
    workplace: Path, engines: list[FakeEngine], capsys: pytest.CaptureFixture[str]
) -> None:
    summary = grid().run(train, shard="1/3").summary()
    assert "shard 1 of 3: 2 of the 5 variants\n2 runs done, 0 failed" in summary
    report = capsys.readouterr().out
    assert " shard 1 of 3: 2 of the 5 variants\n in data: 2 new" in report
    assert "g_lr3" in report.partition("Preparing to run 2 runs")[2]
    grid().print(train, index=1)
    assert " index 1: 1 of the 5 variants\n in data: 1 new" in capsys.readouterr().out


def test_a_look_without_a_function_counts_the_directories_of_the_part(
    workplace: Path, engines: list[FakeEngine], capsys: pytest.CaptureFixture[str]
) -> None:
    grid().run(train, shard="1/3")
    capsys.readouterr()
    grid().print(shard="2/3")
    grid().print(shard="1/3")
    found = [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith(" in data")]
    assert found == [
        "in data: 0 of these directories exist, 2 are new",
        "in data: 2 of these directories exist, 0 are new",
    ]


def test_a_shard_goes_on_beside_another_one(hold: Callable[..., Lock], engines: list[FakeEngine]) -> None:
    hold("g", shared=True)
    hold("g.shard-1-of-3")
    assert grid().run(train, shard="2/3").done == 2
    assert grid().run(train, index=2).done == 1


@pytest.mark.parametrize("asked", [{"shard": "1/3"}, {"index": 0}])
def test_a_part_is_refused_while_the_whole_sweep_goes_on_unless_it_is_to_share(
    hold: Callable[..., Lock], engines: list[FakeEngine], asked: dict[str, Any]
) -> None:
    hold("g")
    with pytest.raises(LaunchError, match=f"the sweep 'g' in data is being run by {ME}"):
        grid().run(train, **asked)
    assert engines == []
    assert grid().run(train, share=True, **asked).exit_code == 0


def test_the_same_shard_twice_at_once_is_refused(hold: Callable[..., Lock], engines: list[FakeEngine]) -> None:
    hold("g", shared=True)
    hold("g.shard-1-of-3")
    with pytest.raises(LaunchError, match=f"is being run by {ME}"):
        grid().run(train, shard="1/3")
    assert engines == []


def test_the_whole_sweep_is_refused_while_a_part_goes_on(hold: Callable[..., Lock], engines: list[FakeEngine]) -> None:
    hold("g", shared=True)
    with pytest.raises(LaunchError, match=f"the sweep 'g' in data is being run by {ME}"):
        grid().run(train)
    assert grid().run(train, share=True).done == 5


def test_the_same_index_twice_at_once_is_refused_by_the_lock_of_its_run(
    workplace: Path, scene: Any, engines: list[FakeEngine]
) -> None:
    theirs = scene.held(Place(HERE).run_dir("g_lr1", 0))
    with pytest.raises(LaunchError, match=f"g_lr1_s0 is being run by {ME}"):
        grid().run(train, index=1)
    assert grid().run(train, index=2).done == 1
    theirs.release()


def test_a_part_may_be_done_anew_and_leaves_the_others_alone(workplace: Path, engines: list[FakeEngine]) -> None:
    grid().run(train)
    assert grid().run(train, index=1, fresh=True).done == 1
    assert [path.name for path in HERE.glob(".sweep/aside/*/*/*")] == ["g_lr1_s0"]


def test_every_lock_is_free_after_a_part(workplace: Path, engines: list[FakeEngine]) -> None:
    grid().run(train, shard="1/3")
    locks = sorted(HERE.glob(".sweep/*.lock"))
    assert [lock.name for lock in locks] == ["g.lock", "g.shard-1-of-3.lock"]
    assert [holder(lock) for lock in locks] == [None, None]


def test_a_run_that_a_renamed_grid_has_done_is_found_in_a_shard_too(workplace: Path, engines: list[FakeEngine]) -> None:
    grid().run(train)
    renamed = ExperimentGrid("h").add("lr", list(range(5)))
    assert renamed.run(train, shard="2/2").exit_code == 0
    assert len(engines) == 1


def test_one_with_more_ranks_than_there_are_cores_keeps_no_other_part_from_running(
    workplace: Path, engines: list[FakeEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    from sweep.grid import parameter

    allowed = tuple(name for name in parameter.RESERVED if name != "num_cpu")
    monkeypatch.setattr(parameter, "RESERVED", allowed)

    sizes = ExperimentGrid("g").add("num_cpu", [1, 100_000], in_name=True)
    assert sizes.run(train, index=0).done == 1
    with pytest.raises(LaunchError, match="a run needs 100,000 cores"):
        sizes.run(train, index=1)


def test_a_grid_file_names_no_part_of_itself(workplace: Path) -> None:
    (workplace / "grid.yaml").write_text("name: y\ngrid: {lr: [1, 2]}\nrun: {shard: 1/2}\n")
    with pytest.raises(SpecError, match="shard"):
        ExperimentGrid.from_yaml(workplace / "grid.yaml")
