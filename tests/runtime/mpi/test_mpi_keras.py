"""TensorFlow and Keras over MPI: one process, and two real ranks with the real library."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from sweep.base.errors import MpiError
from sweep.runtime.mpi.keras import MpiAdamOptimizer, sync_all_params

Outcome = subprocess.CompletedProcess[str]
BOTH = """
import os
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras, numpy as np, tensorflow as tf
from sweep import *
rank = proc_id()
say = lambda *words: (os.write(1, (' '.join(map(str, words)) + chr(10)).encode()), None)[1]
"""


@pytest.fixture
def ranks(need: Callable[[str, bool, str], None], run_ranks: Callable[..., Outcome]) -> Callable[[str], list[str]]:
    """Return a function that runs a text on two ranks and returns the lines that they said."""
    there = all(importlib.util.find_spec(name) for name in ("tensorflow", "keras"))
    need("tensorflow", there, "TensorFlow and Keras 3 are not installed")

    def run(text: str) -> list[str]:
        outcome = run_ranks(BOTH + text)
        assert outcome.returncode == 0, outcome.stderr
        return outcome.stdout.splitlines()

    return run


# Without the library


def variable(value: float) -> SimpleNamespace:
    return SimpleNamespace(numpy=lambda: np.array(value), assign=lambda new: pytest.fail(f"assigned {new}"))


def test_alone_nothing_is_assigned_and_no_mpi_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mpi4py.MPI", raising=False)
    sync_all_params(variable(1.0), [variable(2.0)], SimpleNamespace(weights=[variable(3.0)]))
    assert "mpi4py.MPI" not in sys.modules


@pytest.mark.parametrize("nothing", [(), ([],), (SimpleNamespace(weights=[]),)])
def test_nothing_to_sync_is_an_error(nothing: tuple[object, ...]) -> None:
    with pytest.raises(MpiError, match="nothing to sync: pass it models that are built"):
        sync_all_params(*nothing)


def test_without_the_library_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(MpiError, match=r"this needs Keras 3 and TensorFlow .*: pip install tensorflow"):
        MpiAdamOptimizer()


def test_another_backend_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    keras = SimpleNamespace(backend=SimpleNamespace(backend=lambda: "jax"))
    monkeypatch.setitem(sys.modules, "keras", keras)
    monkeypatch.setitem(sys.modules, "tensorflow", SimpleNamespace())
    with pytest.raises(MpiError, match="Keras runs on 'jax'; set KERAS_BACKEND=tensorflow"):
        MpiAdamOptimizer()


# Two ranks


@pytest.mark.mpi
def test_weights_become_those_of_rank_0_and_random_generators_stay(ranks: Callable[[str], list[str]]) -> None:
    lines = ranks(
        """
def net(seed):
    keras.utils.set_random_seed(seed)
    ends = [keras.layers.Dense(2, dtype=name) for name in ("float32", "float64")]
    between = [keras.layers.BatchNormalization(), keras.layers.Dropout(0.5, seed=seed)]
    model = keras.Sequential([keras.Input((3,)), ends[0], *between, ends[1]])
    model(np.random.normal(size=(4, 3)), training=True)
    return model

model, want = net(rank), net(0)
plain = tf.Variable([rank, 5 * rank], dtype=tf.int64)
sync_all_params(model, [plain])
same = all((a.numpy() == b.numpy()).all() and a.dtype == b.dtype for a, b in zip(model.weights, want.weights))
say(same, len(model.weights), plain.numpy().tolist(), model.layers[2].seed_generator.state.numpy()[0] == rank)
"""
    )
    assert lines == ["True 8 [0, 0] True"] * 2


@pytest.mark.mpi
@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "tf.function"])
def test_two_ranks_with_half_the_batch_each_train_as_one_with_all_of_it(
    ranks: Callable[[str], list[str]], compiled: bool
) -> None:
    lines = ranks(
        f"compiled = {compiled}"
        + """
x = np.random.default_rng(0).normal(size=(32, 3))
y = x.sum(axis=1, keepdims=True) ** 2

def built(seed):
    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Dense(8, "tanh", dtype="float64"), keras.layers.Dense(1, dtype="float64")]
    return keras.Sequential([keras.Input((3,), dtype="float64"), *layers])

def trained(x, y, model, optimizer):
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x) - y) ** 2)
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))

    step = tf.function(step) if compiled else step
    for _ in range(10):
        step()
    return np.concatenate([np.ravel(weight) for weight in model.get_weights()])

model, half = built(1 + rank), slice(16 * rank, 16 * rank + 16)
sync_all_params(model)
both = trained(x[half], y[half], model, MpiAdamOptimizer(learning_rate=0.01))
alone = trained(x, y, built(1), keras.optimizers.Adam(0.01))
say(np.allclose(alone, both, rtol=1e-6, atol=1e-9))
"""
    )
    assert lines == ["True", "True"]


@pytest.mark.mpi
def test_gradients_that_are_missing_sparse_or_of_half_precision_are_averaged(ranks: Callable[[str], list[str]]) -> None:
    lines = ranks(
        """
from sweep.runtime.mpi.keras import _averaged
table, half, missing = tf.Variable(tf.zeros((3, 2))), tf.Variable(tf.zeros(2, tf.float16)), tf.Variable(tf.zeros(1))
sparse = tf.IndexedSlices(tf.ones((1, 2)), tf.constant([rank]), tf.constant([3, 2]))
gradients = [sparse, tf.constant([1, 2], tf.float16) * rank, tf.constant([4.0]) if rank else None]
found = _averaged(gradients, [table, half, missing])
say([(gradient.dtype.name, gradient.numpy().tolist()) for gradient in found])
"""
    )
    expected = [
        ("float32", [[0.5, 0.5], [0.5, 0.5], [0.0, 0.0]]), ("float16", [0.5, 1.0]), ("float32", [2.0]),
    ]  # fmt: skip
    assert lines == [str(expected)] * 2


@pytest.mark.mpi
def test_fit_trains_the_same_weights_on_both_ranks(ranks: Callable[[str], list[str]]) -> None:
    lines = ranks(
        """
keras.utils.set_random_seed(rank)
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, "relu"), keras.layers.Dense(1)])
sync_all_params(model)
before = model.get_weights()[0].copy()
model.compile(MpiAdamOptimizer(1e-2), loss="mse", jit_compile=False)
model.fit(np.random.normal(size=(64, 3)), np.random.normal(size=(64, 1)), epochs=2, verbose=0)
say(float(np.abs(before - model.get_weights()[0]).max()) > 0, [weight.sum().item() for weight in model.get_weights()])
"""
    )
    assert len(lines) == 2
    assert lines[0] == lines[1]
    assert lines[0].startswith("True")
