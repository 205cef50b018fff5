"""TensorFlow models in Spinning Up's form: without the library, and with the real one in a process of its own."""

from __future__ import annotations

import importlib.util
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from sweep.base.errors import LoggerError
from sweep.runtime.log.logger import Logger
from sweep.runtime.log.tf_saver import restore_tf_graph

Outcome = subprocess.CompletedProcess[str]
BEGIN = """
import os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, tensorflow
from pathlib import Path
from sweep import Logger
from sweep.runtime.log.tf_saver import restore_tf_graph
tf = tensorflow.compat.v1

def build():
    x = tf.placeholder(tf.float32, (None, 3))
    weights = tf.get_variable("weights", (3, 2), initializer=tf.ones_initializer())
    mu = tf.matmul(x, weights)
    return x, weights, mu, mu + 100.0

with tf.Graph().as_default(), tf.Session() as session:
    x, weights, mu, pi = build()
    session.run(tf.global_variables_initializer())
    logger = Logger("run", outputs=["-console"])
    logger.setup_tf_saver(session, {"x": x}, {"mu": mu, "pi": pi})
    logger.save_state({"epoch": 0})
    session.run(weights.assign(2 * np.ones((3, 2))))
    logger.save_state({"epoch": 1})
    session.run(weights.assign(3 * np.ones((3, 2))))
    logger.save_state({"epoch": 2}, itr=2)
"""


@pytest.fixture
def with_tf(need: Callable[[str, bool, str], None], run: Callable[..., Outcome]) -> Callable[[str], list[str]]:
    """Return a function that saves a graph, then runs a text, and returns what that said."""
    need("tensorflow", importlib.util.find_spec("tensorflow") is not None, "TensorFlow is not installed")

    def run_it(text: str) -> list[str]:
        outcome = run(BEGIN + text)
        assert outcome.returncode == 0, outcome.stderr
        return outcome.stdout.splitlines()

    return run_it


def test_a_graph_comes_back_under_the_keys_it_was_saved_with(with_tf: Callable[[str], list[str]]) -> None:
    lines = with_tf(
        """
for folder in ("run/tf1_save", "run/tf1_save2"):
    with tf.Session(graph=tf.Graph()) as session:
        model = restore_tf_graph(session, folder)
        print(sorted(model), session.run(model["mu"], {model["x"]: np.ones((1, 3))}).tolist())
print(sorted(path.name for path in Path("run/tf1_save").iterdir()))
print([path.name for path in Path("run").iterdir() if path.name.startswith(".tf1")])
"""
    )
    assert lines == [
        "['mu', 'pi', 'x'] [[6.0, 6.0]]",
        "['mu', 'pi', 'x'] [[9.0, 9.0]]",
        "['model_info.pkl', 'saved_model.pb', 'variables']",
        "[]",
    ]


def test_spinning_up_s_own_way_reads_it_and_ours_reads_spinning_up_s(with_tf: Callable[[str], list[str]]) -> None:
    lines = with_tf(
        """
import pickle
info = pickle.loads(Path("run/tf1_save/model_info.pkl").read_bytes())
with tf.Session(graph=tf.Graph()) as session:
    tf.saved_model.loader.load(session, [tf.saved_model.tag_constants.SERVING], "run/tf1_save")
    tensor = session.graph.get_tensor_by_name
    x, mu = tensor(info["inputs"]["x"]), tensor(info["outputs"]["mu"])
    print(session.run(mu, {x: np.ones((1, 3))}).tolist())
with tf.Graph().as_default(), tf.Session() as session:
    x, weights, mu, pi = build()
    session.run(tf.global_variables_initializer())
    tf.saved_model.simple_save(session, "old/simple_save", {"x": x}, {"pi": pi})
    info = {"inputs": {"x": x.name}, "outputs": {"pi": pi.name}}
    Path("old/simple_save/model_info.pkl").write_bytes(pickle.dumps(info, protocol=3))
from sweep.runtime.policy.load import load_policy_and_env
_, act = load_policy_and_env("old", trust=True)
print(act(np.ones(3)).tolist())
"""
    )
    assert [lines[0], lines[-1]] == ["[[6.0, 6.0]]", "[103.0, 103.0]"]


def test_the_newest_graph_is_played_and_without_chance_by_its_mean(with_tf: Callable[[str], list[str]]) -> None:
    lines = with_tf(
        """
from sweep.runtime.policy.load import load_policy_and_env
for which, deterministic in (("last", False), ("last", True), (2, True)):
    _, act = load_policy_and_env("run", which, deterministic, trust=True, env="builtins:dict")
    print(act(np.ones(3)).tolist())
try:
    load_policy_and_env("run")
except Exception as error:
    print(type(error).__name__, "tf1_save2 is a program" in str(error))
"""
    )
    assert lines == ["[109.0, 109.0]", "[9.0, 9.0]", "[9.0, 9.0]", "PolicyError True"]


# Without the library


def test_without_tensorflow_saving_is_told_like_any_other_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    logger = Logger(str(tmp_path))
    logger.setup_tf_saver(object(), {}, {})
    logger.save_state({"a": 1})
    assert "tf1_save was not saved: LoggerError: this needs TensorFlow" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir() if "tf1" in path.name) == []
    assert (tmp_path / "vars.pkl").exists()


def test_restoring_what_is_not_there_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(LoggerError, match=r"model_info.pkl is not there; name the directory"):
        restore_tf_graph(None, tmp_path)


@pytest.mark.parametrize("info", [b"cos\nsystem\n(S'true'\ntR.", pickle.dumps({"inputs": 3}), b"torn"])
def test_what_says_which_tensors_there_are_is_read_without_running_anything(tmp_path: Path, info: bytes) -> None:
    (tmp_path / "model_info.pkl").write_bytes(info)
    with pytest.raises(LoggerError, match="does not say which tensors are inputs and outputs"):
        restore_tf_graph(None, tmp_path)


def test_names_of_tensors_are_recorded_by_the_user_s_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def simple_save(session: object, folder: str, inputs: object, outputs: object) -> None:
        Path(folder).mkdir()

    fake = SimpleNamespace(
        compat=SimpleNamespace(v1=SimpleNamespace(saved_model=SimpleNamespace(simple_save=simple_save)))
    )
    monkeypatch.setitem(sys.modules, "tensorflow", fake)  # type: ignore[arg-type]
    logger = Logger(str(tmp_path))
    logger.setup_tf_saver(object(), {"x": SimpleNamespace(name="in:0")}, {"pi": SimpleNamespace(name="out:0")})
    logger.save_state({}, itr=4)
    info = pickle.loads((tmp_path / "tf1_save4" / "model_info.pkl").read_bytes())
    assert info == {"inputs": {"x": "in:0"}, "outputs": {"pi": "out:0"}}
