"""Every state file of a run, cut off at every byte: what reads it says so, and at most one row is computed again."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any

import faults_learner
import pytest

from sweep import ExperimentGrid
from sweep.base.errors import SweepError
from sweep.cli import main
from sweep.front.verdict import Verdict
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import damage, snapshots_in
from sweep.runtime.context.current import running
from sweep.runtime.snapshots.reading import newest

pytest_plugins = ("faults_fixtures",)
pytestmark = pytest.mark.limit(1800)
Straight = Callable[..., RunDir]
EPOCHS = 4


@contextmanager
def cut_off(file: Path, size: int) -> Iterator[None]:
    """Have a file shortened for a while: a copy of its own, where snapshots share it."""
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content[:size])
    try:
        yield
    finally:
        file.write_bytes(content)


def sizes(file: Path, long: bool, dice: random.Random) -> Iterator[int]:
    """Return lengths that a file may be cut to: all, or every fourth from one that is drawn; a last newline is nothing.

    Of what is long and all of one kind (the state of random generators, the versions of packages) fewer are enough.
    """
    every = 1 if long else 4 if file.stat().st_size < 2000 else 61
    return iter(range(dice.randrange(every), len(file.read_bytes().rstrip(b"\n")), every))


@pytest.fixture
def ended(straight: Straight, tmp_path: Path) -> RunDir:
    """A run at its end, with two snapshots, as a directory of this test alone."""
    shutil.copytree(straight(kind="numpy", epochs=EPOCHS).path, tmp_path / "run")
    return RunDir(tmp_path / "run")


def test_a_snapshot_with_any_file_cut_off_anywhere_is_passed_over_for_the_one_before(
    ended: RunDir, long: bool, dice: random.Random
) -> None:
    folder = snapshots_in(ended.snapshots)[EPOCHS - 1]
    for file in filter(Path.is_file, sorted(folder.rglob("*"))):
        for size in sizes(file, long, dice):
            with cut_off(file, size):
                assert damage(folder), f"{file} of {size} bytes"
        check_passed_over(ended, file, dice)


def check_passed_over(run: RunDir, file: Path, dice: random.Random) -> None:
    warnings: list[str] = []
    with cut_off(file, dice.randrange(file.stat().st_size - 1)):
        found = newest(run, warnings.append)
    assert found is not None
    assert found.manifest.step == EPOCHS - 2
    assert "is damaged" in warnings[0]
    found = newest(run, warnings.append)
    assert found is not None
    assert found.manifest.step == EPOCHS - 1


def go_on(run: RunDir, epochs: int) -> None:
    """Go on with a run in this process, as a process of its own would."""

    def act() -> None:
        with running(run) as context:
            faults_learner.learn("numpy", epochs, ("-console",), run=context, logger_kwargs=log)

    log = {"output_dir": str(run.path), "exp_name": "learner"}
    state = random.getstate()
    copy_context().run(act)
    random.setstate(state)


RECORDS = ("progress.txt", "metrics.jsonl", "tracked.jsonl", "log.txt")


@pytest.fixture
def quiet(capfd: pytest.CaptureFixture[str]) -> None:
    """Keep the tables of many runs from the screen."""


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("name", RECORDS)
def test_a_record_cut_off_anywhere_is_gone_on_with_and_costs_no_row_of_the_table(
    ended: RunDir, straight: Straight, long: bool, dice: random.Random, name: str
) -> None:
    whole, file = straight(kind="numpy", epochs=EPOCHS), ended.path / name
    content = file.read_bytes()
    for size in sizes(file, long, dice):
        file.write_bytes(content[:size])
        go_on(ended, EPOCHS)
        kept = content[: content[:size].rfind(b"\n") + 1]
        assert file.read_bytes().startswith(kept), f"{name} of {size} bytes"
        assert ended.progress.read_bytes() == whole.progress.read_bytes(), f"{name} of {size} bytes"
        file.write_bytes(content)
        shutil.rmtree(ended.orphans, ignore_errors=True)


def learned(seed: int = 0, run: Any = None) -> None:
    """Have a row and a snapshot."""
    run.state(seen=[])
    for epoch in run.epochs(1):
        run.logger.log_tabular("Epoch", epoch)


OF_THE_RUN = ("status.json", "config.json", ".sweep/variant.json", ".sweep/launch.json", ".sweep/provenance.json")


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("name", OF_THE_RUN)
def test_a_file_that_says_what_a_run_is_cut_off_anywhere_is_met_with_words_by_whoever_reads_it(
    workplace: Path, long: bool, dice: random.Random, name: str
) -> None:
    grid = ExperimentGrid("learned")
    assert grid.run(learned, start="inline").exit_code == 0
    run = RunDir(workplace / "data/learned/learned_s0")
    file = run.path / name
    for size in sizes(file, long, dice):
        with cut_off(file, size):
            try:
                assert not grid.run(learned, dry_run=True).plan.counts[Verdict.RUNNING]
            except SweepError as error:
                assert "\n" not in str(error).strip() and "learned_s0" in str(error), error
            for words in (["wait", "data"], ["wait", "--json", "data"]):
                assert main(words) in (0, 1, 2, 75)
    assert grid.run(learned, dry_run=True).plan.counts[Verdict.DONE] == 1
