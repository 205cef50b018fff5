"""Policies out of snapshots: made again from their mould, by a Factory, or by a function."""

from __future__ import annotations

import pickle
import shutil
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.rundir.paths import RunDir
from sweep.rundir.saved_files import import_path_file, mould_path
from sweep.runtime.policy.errors import PolicyError
from sweep.runtime.policy.load import load_policy_and_env
from sweep.runtime.snapshots.errors import SnapshotNotFound
from sweep.runtime.snapshots.factory import Factory

Train = Callable[..., RunDir]


@pytest.fixture
def walked(trained: Train, walker: Any, line: Any) -> RunDir:
    """A run whose policy weighed 10, 11 and 12 after its three epochs, the second of which was the best."""
    policy = walker(9.0)

    def step(epoch: int) -> None:
        policy.weights += 1

    return trained(step, policy=policy, env=Factory(line, {"length": 5}))


@pytest.mark.parametrize(("which", "weight"), [("last", 12.0), ("best", 11.0), ("first", 10.0), (0, 10.0), ("1", 11.0)])
def test_the_policy_is_what_it_was_at_the_step_that_is_asked_for(walked: RunDir, which: Any, weight: float) -> None:
    env, act = load_policy_and_env(walked.path, which)
    assert act(np.array([0.5])) == weight + 0.5
    assert env.length == 5


def test_it_acts_without_chance_if_asked_to(walked: RunDir) -> None:
    _, act = load_policy_and_env(walked.path, deterministic=True)
    assert act(np.array([0.5])) == 12.0


def test_a_step_that_is_not_there_lists_those_there_are(walked: RunDir) -> None:
    with pytest.raises(SnapshotNotFound, match="has no snapshot of step 7; it has those of the steps 0, 1, 2"):
        load_policy_and_env(walked.path, 7)


def test_a_factory_makes_the_policy_where_one_is_registered(trained: Train, walker: Any, line: Any) -> None:
    run = trained(policy=Factory(walker, {"weight": 2.0}), env=line(4))
    env, act = load_policy_and_env(run.path)
    assert act(np.array([1.0])) == 3.0
    assert env.length == 4


class Agent:
    """A policy that refers to another item."""

    def __init__(self, weights: Any) -> None:
        self.weights = weights

    def act(self, observation: Any) -> float:
        return float(self.weights["w"][0])


def test_what_the_policy_refers_to_comes_back_with_it(trained: Train) -> None:
    weights = {"w": np.zeros(1)}

    def step(epoch: int) -> None:
        weights["w"] += 5

    run = trained(step, policy=Agent(weights), model=weights, other=[1])
    _, act = load_policy_and_env(run.path, 1)
    assert act(None) == 10.0


def test_a_snapshot_that_was_reduced_to_less_than_the_policy_needs_says_so(trained: Train) -> None:
    weights = {"w": np.zeros(1)}
    run = trained(policy=Agent(weights), model=weights, only=("policy",))
    with pytest.raises(PolicyError, match=r"does not hold 'model', to which the policy refers; keep it"):
        load_policy_and_env(run.path, 0)


def test_a_function_makes_the_policy_from_the_states(trained: Train) -> None:
    run = trained(model={"w": np.array([3.0])})

    def make(states: Mapping[str, Any]) -> Any:
        return lambda observation: observation * states["model"]["w"]

    _, act = load_policy_and_env(run.path, policy=make)
    assert act(np.array([2.0])) == 6.0


def test_a_function_that_makes_none_is_named_with_its_error(trained: Train) -> None:
    run = trained(model={"w": np.array([3.0])})
    with pytest.raises(PolicyError, match=r"<lambda>\(states\) made no policy: KeyError: 'actor'"):
        load_policy_and_env(run.path, policy=lambda states: states["actor"])


def test_without_a_policy_the_error_says_how_to_offer_one(trained: Train) -> None:
    run = trained(model={"w": np.array([3.0])})
    with pytest.raises(PolicyError, match=r"has no item 'policy', only model. A run offers a policy .*run.state"):
        load_policy_and_env(run.path)


def test_a_policy_that_cannot_be_pickled_is_warned_of_in_training(
    trained: Train, capsys: pytest.CaptureFixture[str]
) -> None:
    class Locked:
        def __init__(self) -> None:
            self.lock = threading.Lock()

        def state_dict(self) -> dict[str, Any]:
            return {"w": np.ones(1)}

        def load_state_dict(self, state: Any) -> None:
            raise AssertionError

    run = trained(policy=Locked())
    assert "the item 'policy' cannot be pickled (TypeError" in capsys.readouterr().out
    with pytest.raises(PolicyError, match="has the weights of 'policy', but its class could not be saved"):
        load_policy_and_env(run.path)
    _, act = load_policy_and_env(run.path, policy=lambda states: lambda seen: seen * states["policy"]["w"])
    assert act(np.array([2.0])) == 2.0


def test_a_directory_that_is_no_run_of_ours_is_played_only_when_somebody_vouches_for_it(walked: RunDir) -> None:
    walked.variant.unlink()
    with pytest.raises(PolicyError, match=r"is a program, and not from a run of yours.*--trust"):
        load_policy_and_env(walked.path)
    _, act = load_policy_and_env(walked.path, trust=True)
    assert act(np.array([0.0])) == 12.0


@pytest.mark.parametrize("at", [".sweep", ".sweep/moulds", ".sweep/moulds/policy.pkl", ".sweep/variant.json", "."])
def test_what_others_may_write_inside_a_run_of_ours_is_not_loaded(walked: RunDir, at: str) -> None:
    (walked.path / at).chmod(0o777)
    with pytest.raises(PolicyError, match=r"policy.pkl is a program, .* alone \(everybody may write .*--trust"):
        load_policy_and_env(walked.path)
    assert load_policy_and_env(walked.path, trust=True)[1](np.array([0.0])) == 12.0


def test_pickled_states_that_others_may_write_are_not_loaded(trained: Train, walker: Any) -> None:
    policy = walker(1.0)
    policy.odd = object
    run = trained(policy=policy)
    (run.snapshots / "step_000000002" / "objects.pkl").chmod(0o666)
    with pytest.raises(PolicyError, match=r"objects.pkl is a program, and not from a run of yours alone"):
        load_policy_and_env(run.path)
    seen: list[Mapping[str, Any]] = []

    def make(states: Mapping[str, Any]) -> Any:
        seen.append(states)
        return lambda observation: 0

    load_policy_and_env(run.path, policy=make)
    assert seen == [{}]


def test_folders_of_modules_that_others_may_have_named_are_not_searched(
    walked: RunDir, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    file = import_path_file(walked)
    file.write_text(f'["{tmp_path}"]')
    file.chmod(0o666)
    load_policy_and_env(walked.path)
    assert str(tmp_path) not in sys.path
    file.chmod(0o644)
    load_policy_and_env(walked.path)
    assert str(tmp_path) in sys.path


@pytest.mark.parametrize("text", ["{}", "[1]", "no JSON"])
def test_a_record_that_cannot_be_read_makes_no_run_of_ours(walked: RunDir, text: str) -> None:
    walked.variant.write_text(text)
    with pytest.raises(PolicyError, match=r"alone \(.*variant.json is no record of a run\)"):
        load_policy_and_env(walked.path)


def test_states_that_are_no_programs_need_nobody_to_vouch_for_them(trained: Train) -> None:
    run = trained(model={"w": np.array([3.0])}, odd={"a": object})
    run.variant.unlink()
    seen: list[Any] = []

    def make(states: Mapping[str, Any]) -> Any:
        seen.extend(states)
        return lambda observation: states["model"]["w"]

    _, act = load_policy_and_env(run.path, policy=make)
    assert seen == ["model"]
    assert act(None) == 3.0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no pickle", "cannot be loaded: "),
        (pickle.dumps(5), "holds no item 'policy'"),
        (pickle.dumps({"env": {}}), "holds no item 'policy'"),
        (pickle.dumps({"policy": 5}), "holds no item 'policy'"),
    ],
)
def test_a_damaged_mould_is_one_line(walked: RunDir, content: bytes, said: str) -> None:
    mould_path(walked, "policy").write_bytes(content)
    with pytest.raises(PolicyError, match=f"policy.pkl {said}"):
        load_policy_and_env(walked.path)


def test_a_run_that_was_copied_without_its_record_says_so(walked: RunDir) -> None:
    shutil.rmtree(walked.own)
    with pytest.raises(
        PolicyError, match=r"weights of 'policy', but .*/\.sweep, which has its class, is missing: copy"
    ):
        load_policy_and_env(walked.path)


def test_a_snapshot_without_its_mould_says_what_is_missing(walked: RunDir) -> None:
    shutil.rmtree(walked.own / "moulds")
    with pytest.raises(PolicyError, match="its class could not be saved"):
        load_policy_and_env(walked.path)


def test_a_torch_module_comes_back_with_its_weights(trained: Train) -> None:
    torch = pytest.importorskip("torch")

    class Net(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(2, 1)
            self.noise = torch.nn.Dropout(0.5)

        def act(self, observation: Any) -> Any:
            return self.noise(self.layer(observation)).numpy()

    net = Net()

    def step(epoch: int) -> None:
        net.layer.weight.data.fill_(epoch + 1.0)
        net.layer.bias.data.fill_(0.0)

    run = trained(step, policy=net)
    _, act = load_policy_and_env(run.path, 1)
    assert act([1.0, 2.0]).tolist() == [6.0]
    assert act(np.array([1.0, 2.0])).tolist() == [6.0]
