"""A fork: which snapshot, what it is called, what is recorded, and what is refused."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import ConfigMismatch, LaunchError, UsageError
from sweep.front.experiment import ExperimentGrid
from sweep.front.fork import find_snapshot, fork
from sweep.front.relaunch import relaunch
from sweep.front.verdict import Verdict
from sweep.launch.engines.fake import FakeEngine
from sweep.rundir.parent import brought
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import MANIFEST
from sweep.rundir.variant_file import read_variant

pytestmark = pytest.mark.usefixtures("workplace", "engines")
PARENT = "data/ppo/ppo_s0"


def train(lr: float = 0.1, epochs: int = 5, seed: int = 0, run: Any = None) -> None: ...


@pytest.fixture
def parent(engines: list[FakeEngine], workplace: Path, scene: Any) -> RunDir:
    ExperimentGrid("ppo").add("lr", 1.0).run(train, data_dir="data", wait=0)
    run = RunDir(workplace / PARENT)
    for step, score in enumerate((1.0, 5.0, 3.0)):
        scene.snapshot(run, step, score=score, metric="Return")
    return run


def tree(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


@pytest.mark.parametrize(("which", "step"), [("last", 2), ("best", 1), ("first", 0), (1, 1), ("2", 2)])
def test_a_snapshot_is_chosen_by_a_word_or_its_step(parent: RunDir, which: str | int, step: int) -> None:
    assert find_snapshot(parent, which)[0].step == step


def test_the_best_may_be_the_smallest(parent: RunDir, scene: Any) -> None:
    run = RunDir(parent.path / "other")
    for step, score in enumerate((4.0, 2.0)):
        scene.snapshot(run, step, score=score, better="min")
    assert find_snapshot(run, "best")[0].step == 1


@pytest.mark.parametrize(
    ("which", "message"),
    [
        (9, "has no snapshot of step 9; it has those of the steps 0, 1, 2"),
        ("bst", r"which='bst' is no snapshot; .* Did you mean 'best'\?"),
        (True, "which=True is no snapshot"),
    ],
)
def test_an_unknown_step_lists_those_there_are(parent: RunDir, which: Any, message: str) -> None:
    before = tree(Path("data"))
    with pytest.raises((LaunchError, UsageError), match=message):
        fork(PARENT, which=which)
    assert tree(Path("data")) == before


def test_a_damaged_one_is_passed_over_by_a_word_and_refused_by_its_step(parent: RunDir) -> None:
    (parent.snapshots / "step_000000002" / "w.json").write_text("other")
    (parent.snapshots / "step_000000001" / MANIFEST).write_text("{")
    assert find_snapshot(parent, "last")[0].step == 0
    with pytest.raises(LaunchError, match=r"step_000000002 is damaged: w\.json .* Name another"):
        find_snapshot(parent, 2)


def test_a_run_without_snapshots_cannot_be_forked(parent: RunDir) -> None:
    ExperimentGrid("bare").add("lr", 2.0).run(train, data_dir="data", wait=0)
    with pytest.raises(LaunchError, match="which='last'; it has none: its function saved no state"):
        fork("data/bare/bare_s0")


def test_without_scores_there_is_no_best(parent: RunDir, scene: Any) -> None:
    run = RunDir(parent.path / "other")
    scene.snapshot(run, 3)
    with pytest.raises(LaunchError, match=r"the steps 3, of which none has a score: run\.snapshots\(keep_best=1"):
        find_snapshot(run, "best")


def test_it_is_a_run_of_its_own_that_names_its_parent_and_the_parent_stays_as_it_is(parent: RunDir) -> None:
    before = tree(parent.path)
    sweep = fork(PARENT, {"lr": 0.5}, which="best")
    assert (sweep.done, tree(parent.path)) == (1, before)
    child = RunDir(Path("data/ppo_fork_lr0-5/ppo_fork_lr0-5_s0"))
    record, origin = read_variant(child), read_variant(parent)
    assert record is not None and origin is not None and record.story.parent is not None
    begun = record.story.parent
    assert (begun.path, begun.identity, begun.step) == (str(parent.path), origin.identity, 1)
    assert begun.changed == {"lr": [1.0, 0.5]}
    snapshot = brought(child)
    assert snapshot is not None
    assert tree(snapshot) == tree(parent.snapshots / "step_000000001")


def test_the_same_fork_again_is_done_and_without_changes_it_is_still_a_run_of_its_own(parent: RunDir) -> None:
    assert fork(PARENT).done == 1
    assert Path("data/ppo_fork/ppo_fork_s0").is_dir()
    again = fork(PARENT)
    assert (again.done, again.plan.counts[Verdict.DONE], again.exit_code) == (0, 1, 0)


def test_a_fork_of_another_snapshot_is_another_run(parent: RunDir) -> None:
    fork(PARENT, {"lr": 0.5}, which="best")
    with pytest.raises(ConfigMismatch, match=r"differing in 'parent': '.*step 1' there, '.*step 2' here") as caught:
        fork(PARENT, {"lr": 0.5}, which="last")
    assert caught.value.differences[0][0] == "parent"
    assert fork(PARENT, {"lr": 0.5}, which="last", exp_name="tuned").done == 1


def test_several_values_are_several_forks(parent: RunDir) -> None:
    assert fork(PARENT, {"lr": [0.5, 0.25], "seed": [0, 1]}).done == 4


def test_a_fork_does_not_pass_for_a_run_of_the_same_values(parent: RunDir) -> None:
    fork(PARENT, {"lr": 0.5})
    sweep = ExperimentGrid("new").add("lr", 0.5).run(train, data_dir="data", wait=0)
    assert sweep.done == 1


def test_it_can_be_limited_to_items_that_there_are(parent: RunDir) -> None:
    with pytest.raises(UsageError, match=r"has no item 'v'; it has w\."):
        fork(PARENT, items="v")
    fork(PARENT, items=["w"])
    record = read_variant(RunDir(Path("data/ppo_fork/ppo_fork_s0")))
    assert record is not None and record.story.parent is not None
    assert record.story.parent.items == ("w",)


def test_a_fork_is_relaunched_from_where_it_began(parent: RunDir) -> None:
    fork(PARENT, {"lr": 0.5}, which="best")
    child = "data/ppo_fork_lr0-5/ppo_fork_lr0-5_s0"
    assert relaunch(child).plan.counts[Verdict.DONE] == 1
    assert relaunch(child, data_dir="again").done == 1
    snapshot = brought(RunDir(Path("again/ppo_fork_lr0-5/ppo_fork_lr0-5_s0")))
    assert snapshot is not None
    assert snapshot.name == "step_000000001"


def test_a_configuration_alone_has_no_snapshots(parent: RunDir) -> None:
    with pytest.raises(UsageError, match="is a configuration alone; a fork needs the directory of a run"):
        fork(f"{PARENT}/config.json", thunk=train)


def test_a_pickle_that_anybody_could_have_written_or_put_there_is_not_loaded(parent: RunDir) -> None:
    folder = parent.snapshots / "step_000000002"
    text = (folder / MANIFEST).read_text().replace('"form": "json"', '"form": "pkl"')
    (folder / MANIFEST).write_text(text)
    file = folder / "w.json"
    file.chmod(file.stat().st_mode | stat.S_IWOTH)
    said = r"w\.json is a pickle that could have been written by somebody else \(everybody may write .*{}\), and"
    with pytest.raises(LaunchError, match=said.format("w.json")):
        fork(PARENT)
    file.chmod(0o644)
    parent.snapshots.chmod(0o777)
    with pytest.raises(LaunchError, match=said.format("snapshots")):
        fork(PARENT)
    parent.snapshots.chmod(0o755)
    assert fork(PARENT).done == 1
