"""Policies out of what `save_state` leaves, and what Spinning Up left."""

from __future__ import annotations

import importlib.util
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.rundir.paths import RunDir
from sweep.runtime.log.logger import Logger
from sweep.runtime.policy.errors import PolicyError
from sweep.runtime.policy.load import load_policy_and_env

Outcome = Any


@pytest.fixture
def logger(own: RunDir) -> Logger:
    return Logger(str(own.path), outputs=["-console"])


def age(path: Path, hours: int) -> None:
    """Let a file be so many hours old."""
    then = path.stat().st_mtime - 3600 * hours
    os.utime(path, (then, then))


def test_a_policy_of_plain_python_is_played_from_the_state(logger: Logger, own: RunDir, walker: Any, line: Any) -> None:
    logger.save_state({"env": line(4), "policy": walker(1.0)})
    logger.save_state({"env": line(7), "policy": walker(2.0)}, itr=5)
    env, act = load_policy_and_env(own.path, 5)
    assert (env.length, act(np.zeros(1))) == (7, 2.0)


def test_the_last_is_what_was_written_last_not_what_has_a_number(logger: Logger, own: RunDir, walker: Any) -> None:
    logger.save_state({"policy": walker(1.0)}, itr=50)
    logger.save_state({"policy": walker(2.0)}, itr=9)
    logger.save_state({"policy": walker(3.0)})
    for name, hours in (("vars50.pkl", 2), ("vars9.pkl", 2), ("vars.pkl", 1)):
        age(own.path / name, hours)
    assert load_policy_and_env(own.path)[1](np.zeros(1)) == 3.0
    age(own.path / "vars.pkl", 3)
    os.utime(own.path / "vars9.pkl", (1e9, 1e9))
    os.utime(own.path / "vars50.pkl", (1e9, 1e9))
    os.utime(own.path / "vars.pkl", (1e9, 1e9))
    assert load_policy_and_env(own.path)[1](np.zeros(1)) == 1.0, "of copies made at once the highest number counts"


@pytest.mark.parametrize(("which", "said"), [(8, "has no saved model 8; it has the last, 3"), ("best", "keep_best=1")])
def test_a_save_that_is_not_there_lists_those_there_are(
    logger: Logger, own: RunDir, walker: Any, which: Any, said: str
) -> None:
    logger.save_state({"policy": walker(1.0)}, itr=3)
    logger.save_state({"policy": walker(1.0)})
    with pytest.raises(PolicyError, match=said):
        load_policy_and_env(own.path, which)


def test_a_state_without_a_policy_says_how_to_offer_one(logger: Logger, own: RunDir) -> None:
    logger.save_state({"env": None})
    with pytest.raises(PolicyError, match=r"vars.pkl has no entry 'policy'. A run offers a policy"):
        load_policy_and_env(own.path)


def test_a_state_of_others_is_loaded_only_when_somebody_vouches_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return (os.mkdir, (str(tmp_path / "sprung"),))

    (tmp_path / "vars.pkl").write_bytes(pickle.dumps({"policy": Trap()}))
    with pytest.raises(PolicyError, match="is a program, and not from a run of yours"):
        load_policy_and_env(tmp_path)
    assert not (tmp_path / "sprung").exists()
    with pytest.raises(PolicyError, match="has no entry 'policy'"):
        load_policy_and_env(tmp_path, trust=True)
    assert (tmp_path / "sprung").exists()


def test_a_module_that_is_gone_is_named_with_what_helps(tmp_path: Path) -> None:
    (tmp_path / "vars.pkl").write_bytes(b"cgone_module\nPolicy\n.")
    with pytest.raises(PolicyError, match=r"needs a module 'gone_module', which is not found: .*PYTHONPATH"):
        load_policy_and_env(tmp_path, trust=True)


def test_a_file_of_joblib_s_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "joblib", None)
    (tmp_path / "vars.pkl").write_bytes(b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n.")
    with pytest.raises(PolicyError, match="was written with joblib: pip install joblib"):
        load_policy_and_env(tmp_path, trust=True)


def test_the_state_of_spinning_up_is_read_with_arrays_in_it(
    tmp_path: Path, need: Callable[[str, bool, str], None], line: Any
) -> None:
    need("joblib", importlib.util.find_spec("joblib") is not None, "joblib is not installed")
    joblib = importlib.import_module("joblib")
    env = line(4)
    env.low = np.arange(5.0)
    joblib.dump({"env": env}, tmp_path / "vars3.pkl")
    loaded, _ = load_policy_and_env(tmp_path, 3, trust=True, policy=lambda state: lambda seen: state["env"].low[2])
    assert loaded.low.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize("trust", [False, True])
def test_an_empty_directory_says_what_a_run_leaves(tmp_path: Path, trust: bool) -> None:
    with pytest.raises(PolicyError, match="has nothing to play: neither snapshots"):
        load_policy_and_env(tmp_path, trust=trust)


def test_a_torch_model_of_a_script_is_played_by_another_program(own: RunDir, run: Callable[..., Outcome]) -> None:
    torch = pytest.importorskip("torch")
    made = run(
        f"""
        import torch
        from sweep import Logger

        class Net(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.scale = torch.nn.Parameter(torch.tensor([2.0]))

            def act(self, observation, deterministic=False):
                assert observation.dtype is torch.float32 and not torch.is_grad_enabled()
                return self.scale * observation * (0 if deterministic else 1)

        logger, net = Logger({str(own.path)!r}), Net()
        logger.setup_pytorch_saver(net)
        logger.save_state({{}}, itr=1)
        net.scale.data += 1
        logger.save_state({{}})
        """
    )
    assert made.returncode == 0, made.stderr
    assert "not saved" not in made.stdout
    assert load_policy_and_env(own.path)[1](np.ones(1)).tolist() == [3.0]
    assert load_policy_and_env(own.path, 1)[1](np.ones(1)).tolist() == [2.0]
    assert load_policy_and_env(own.path, 1, deterministic=True)[1](np.ones(1)).tolist() == [0.0]
    own.variant.unlink()
    with pytest.raises(PolicyError, match=r"model.pt is a program"):
        load_policy_and_env(own.path)
    torch.save({"no": "module"}, own.path / "pyt_save" / "model.pt")
    with pytest.raises(PolicyError, match=r"the policy \(dict\) has no method act\(observation\)"):
        load_policy_and_env(own.path, trust=True)
