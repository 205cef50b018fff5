"""The commands relaunch and fork: one clear line for each mistake, one object with --json."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_cluster import fake_cluster

from sweep.base.errors import UsageError
from sweep.cli import main
from sweep.front.relaunch import relaunch
from sweep.grid.identity import identity
from sweep.launch.slurm.talk.fake import FakeSlurm
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import MANIFEST, Manifest, StoredItem, snapshot_name, stored_file
from sweep.rundir.status import State, Status, write_status
from sweep.rundir.variant_file import write_variant


@pytest.fixture
def run(workplace: Path) -> Iterator[Path]:
    """A done run of a function in a module of the working directory."""
    (workplace / "relaunched_module.py").write_text("def train(lr=1.0, epochs=2, seed=0): ...\n")
    found = RunDir(workplace / "data/a/a_s0")
    found.own.mkdir(parents=True)
    (workplace / "data/.sweep").mkdir()
    sys.path.insert(0, str(workplace))
    module = __import__("relaunched_module")
    config = {"lr": 0.5, "seed": 0}
    write_variant(found, identity(module.train, config), "a", "relaunched_module:train", config)
    write_status(found, Status(State.DONE, 1))
    found.config.write_text('{"exp_name": "a", "lr": 0.5, "seed": 0}')
    yield found.path
    sys.path.remove(str(workplace))
    del sys.modules["relaunched_module"]


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["fork"], "no run: name the directory of one"),
        (["relaunch"], "no run: name the directory of one"),
        (["fork", "data/a/a_s0"], "has no whole snapshot for which='last'; it has none: its function saved no state"),
        (["fork", "--which", "9", "data/a/a_s0"], "has no snapshot of step 9"),
        (["fork", "--which", "lst", "data/a/a_s0"], "Did you mean 'last'?"),
        (["fork", "data/a/a_s0/config.json", "--thunk", "relaunched_module:train"], "is a configuration alone"),
        (["relaunch", "data/a/a_s0", "epochs"], "'epochs' is no change; write key=value"),
        (["relaunch", "data/a/a_s0", "lr=1", "lr=2"], "lr= is given twice"),
        (["relaunch", "data/a/a_s0", "epoch=3"], "Did you mean 'epochs'?"),
        (["relaunch", "data/a/a_s0", "lr=[1"], "the command line"),
        (["relaunch", "--seed", "x", "data/a/a_s0"], "seed"),
        (["relaunch", "--extendable", "epoch", "data/a/a_s0"], "the grid has no parameter 'epoch'"),
        (["relaunch", "data"], "is no run that sweep made"),
        (["relaunch", "data/a/a_s0/config.json"], "does not say which function it is of"),
        (["relaunch", "--thunk", "relaunched_module:trian", "data/a/a_s0"], "Did you mean 'train'?"),
        (["relaunch", "--thunk", "relaunched_module:train", "relaunched_module.py"], "cannot be read as JSON"),
        (["relaunch", "--exact", "data/a/a_s0"], "has no record of its source"),
        (["relaunch", "--engine", "slrum", "data/a/a_s0"], "'slrum'"),
        (["relaunch", "--slurm", "time=1h", "data/a/a_s0"], "engine='slurm' (--engine slurm)"),
        (["relaunch", "--engine", "slurm", "--slurm", "time", "data/a/a_s0"], "'time' is not KEY=VALUE"),
        (["relaunch", "--hosts", "h1", "data/a/a_s0"], "h1"),
        (["relaunch", "--exact", "--engine", "slurm", "data/a/a_s0"], "unpacks the recorded source on this machine"),
        (["relaunch", "--exact", "--hosts", "h1:2", "data/a/a_s0"], "unpacks the recorded source on this machine"),
        (["fork", "--engine", "slurm", "--hosts", "h1:2", "data/a/a_s0"], "has no whole snapshot"),
        (["relaunch", "--whcih", "data/a/a_s0"], "is nothing that `sweep relaunch` takes"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2_and_changes_nothing(
    workplace: Path, run: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    before = contents(workplace)
    assert main(words) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.splitlines()) == 1
    assert contents(workplace) == before


def test_with_json_the_answer_is_one_object_and_the_rest_goes_elsewhere(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["relaunch", "--json", "data/a/a_s0"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["plan"] == {"done": 1}
    assert "1 run done before, not started again" in said.err


def test_a_dry_run_shows_the_plan_and_starts_nothing(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["relaunch", "--dry-run", "data/a/a_s0", "lr=[1,2]", "seed=[3,4]"]) == 0
    assert "2 settings x 2 seeds = 4 runs" in capsys.readouterr().out
    assert [one.name for one in (run.parents[1]).iterdir() if one.name != ".sweep"] == ["a"]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeSlurm:
    return fake_cluster(monkeypatch)


def snapshot(run: Path, step: int) -> None:
    folder = RunDir(run).snapshots / snapshot_name(step)
    folder.mkdir(parents=True)
    file = folder / "w.json"
    file.write_text("1")
    manifest = Manifest(step, items={"w": StoredItem("dict", "json", file.name)}, files={file.name: stored_file(file)})
    (folder / MANIFEST).write_text(json.dumps(manifest.as_json()))


def test_relaunched_and_forked_runs_are_submitted(
    run: Path, fake: FakeSlurm, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--json", "--engine", "slurm", "--slurm", "time=12h", "--slurm", "partition=gpu", "data/a/a_s0"]
    assert main(["relaunch", *words, "lr=[1,2]"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["plan"], told["submitted"]) == ({"new": 2}, [{"job": "12", "runs": 2}])
    snapshot(run, 3)
    assert main(["fork", *words, "lr=[3,4,5]"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["plan"], told["submitted"]) == ({"new": 3}, [{"job": "13", "runs": 3}])
    assert all("--time=0-12:00:00" in script and "--partition=gpu" in script for script in fake.scripts)
    assert main(["fork", *words, "lr=[3,4,5]"]) == 0
    assert json.loads(capsys.readouterr().out)["plan"] == {"with Slurm": 3}


def test_from_python_too_a_relaunched_run_is_submitted(run: Path, fake: FakeSlurm) -> None:
    assert relaunch(run, seed=7, engine="slurm", slurm={"time": "1h"}).submitted == [("12", 1)]
    with pytest.raises(UsageError, match="hosts does not go with engine"):
        relaunch(run, seed=7, engine="slurm", hosts="h1:2")
