"""The command that plays a policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.cli import main
from sweep.rundir.paths import RunDir
from sweep.rundir.variant_file import write_variant
from sweep.runtime.log.logger import Logger


class Steps:
    """Five steps, each worth its action."""

    def reset(self) -> Any:
        self.left = 5
        return np.zeros(1), {}

    def step(self, action: float) -> Any:
        self.left -= 1
        return np.zeros(1), action, self.left == 0, False, {}


class Constant:
    """Always acts alike."""

    def __init__(self, action: float) -> None:
        self.action = action

    def act(self, observation: Any, deterministic: bool = False) -> float:
        return 0.0 if deterministic else self.action


@pytest.fixture
def run(workplace: Path) -> RunDir:
    run = RunDir(workplace / "data" / "a" / "a_s0")
    run.own.mkdir(parents=True)
    write_variant(run, "id", "a", "m:train", {"seed": 0})
    logger = Logger(str(run.path), outputs=["-console"])
    logger.save_state({"env": Steps(), "policy": Constant(2.0)}, itr=3)
    logger.save_state({"env": Steps(), "policy": Constant(1.0)})
    return run


def said(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["test_policy", "--json", *words, "data/a/a_s0"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_the_reference_s_flags_mean_what_they_meant(run: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "-n", "2") == {
        "policy": str(run.path / "vars.pkl"), "returns": [5.0, 5.0], "lengths": [5, 5],
    }  # fmt: skip
    assert said(capsys, "-n", "1", "-l", "3", "-nr")["lengths"] == [3]
    assert said(capsys, "--episodes", "1", "--len", "0", "--norender")["lengths"] == [5]
    assert said(capsys, "-n", "1", "-i", "3")["returns"] == [10.0]
    assert said(capsys, "-n", "1", "--itr", "-1")["returns"] == [5.0]
    assert said(capsys, "-n", "1", "--which", "3", "-d")["returns"] == [0.0]
    assert len(said(capsys)["returns"]) == 100


def test_people_see_every_episode_and_a_table(run: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test_policy", "-nr", "-n", "2", "data/a/a_s0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-10] == f"policy: {run.path / 'vars.pkl'}"
    assert lines[-9] == "Episode 0 \t EpRet 5.000 \t EpLen 5"
    assert lines[-6] == "|    AverageEpRet |               5 |"
    assert not any("progress.txt" in line for line in lines[-10:]), "no logger is opened"


def test_a_policy_and_an_environment_can_be_named(run: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.py").write_text("def make(states):\n    return lambda seen: 7.0 * states['policy'].action\n")
    assert said(capsys, "-n", "1", "-i", "3", "--policy", "mine:make")["returns"] == [70.0]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "no run: name its directory, for example data/NAME/NAME_s0"),
        (["data"], "is no run; name one of those in it: a/a_s0"),
        (["gone"], "'gone' is no directory; name that of a run"),
        (["-i", "9", "data/a/a_s0"], "has no saved model 9; it has the last, 3"),
        (["-i", "9", "--which", "best", "data/a/a_s0"], "say the same thing twice"),
        (["-n", "0", "data/a/a_s0"], "--episodes 0: play at least one"),
        (["--which", "worst", "data/a/a_s0"], "has no saved model 'worst'"),
        (["--policy", "gone:make", "data/a/a_s0"], "'gone:make' cannot be imported"),
        (["--env", "builtins:gone", "data/a/a_s0"], "has no 'gone'"),
        (["--rendr", "data/a/a_s0"], "'--rendr' is nothing that `sweep test_policy` takes. Did you mean '--norender'"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    run: RunDir, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["test_policy", *words]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_missing_environment_is_explained_with_the_factory(run: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    Logger(str(run.path), outputs=["-console"]).save_state({"policy": Constant(1.0)})
    assert main(["test_policy", "data/a/a_s0"]) == 2
    assert "a_s0 has no environment. Where an environment cannot be pickled, register how to make it" in (
        capsys.readouterr().err
    )


def test_the_directory_of_others_needs_trust(run: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    run.variant.unlink()
    assert main(["test_policy", "-n", "1", "data/a/a_s0"]) == 2
    assert "--trust on the command line" in capsys.readouterr().err
    assert said(capsys, "-n", "1", "--trust")["returns"] == [5.0]


def test_the_help_teaches_by_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["help", "test_policy"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert "  sweep test_policy data/" in text
    assert "--norender, -nr" in text
    assert max(map(len, text.splitlines())) < 80


def test_the_spelling_with_a_hyphen_is_pointed_to_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test-policy", "data"]) == 2
    assert "Did you mean 'test_policy'?" in capsys.readouterr().err
