"""Data-parallel training with TensorFlow 2 and Keras 3 over MPI; Spinning Up had it for TensorFlow 1.

In a world of one nothing is synced, and the optimizer is Keras's. It works eagerly and inside a `tf.function`, but not
in code that XLA compiles: `model.compile(..., jit_compile=False)`.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweep.base.errors import MpiError
from sweep.runtime.mpi.flat import add_up, from_root
from sweep.runtime.mpi.helpers import num_procs


def MpiAdamOptimizer(*args: Any, **kwargs: Any) -> Any:
    """Return a `keras.optimizers.Adam` that averages the gradients over all ranks, in one all-reduce, before each step.

    Its arguments are those of Adam. A variable without a gradient counts as 0. Sync the variables once, before the
    first step, with `sync_all_params`; they stay the same on all ranks from then on.

    Raises:
        MpiError: Keras or TensorFlow is not installed, or Keras runs on another backend.
    """
    return _adam()(*args, **kwargs)


def sync_all_params(*what: Any, root: int = 0) -> None:
    """Give variables on every rank the values that they have on rank `root`, in one broadcast.

    Args:
        what: Keras models, layers and optimizers, TensorFlow modules, or variables, at least one. Of a Keras model the
            weights are synced; its generators of random numbers stay each rank's own.

    Raises:
        MpiError: nothing to sync was given, or a rank has other variables.
    """
    variables = [variable for one in what for variable in _variables(one)]
    if not variables:
        raise MpiError("sync_all_params has nothing to sync: pass it models that are built, optimizers or variables.")
    if num_procs() == 1:
        return
    found = from_root([np.asarray(variable.numpy()) for variable in variables], root)
    for variable, value in zip(variables, found, strict=True):
        variable.assign(value)


def _variables(one: Any) -> Iterable[Any]:
    for name in ("weights", "variables"):
        if hasattr(one, name):
            found = getattr(one, name)
            return list(found() if callable(found) else found)
    return [one] if hasattr(one, "assign") else list(one)


@functools.cache
def _adam() -> Any:
    """Make the class once, and only where it is asked for: Keras is slow to import."""
    keras = _keras()

    class MpiAdam(keras.optimizers.Adam):  # type: ignore[misc, name-defined]
        def apply(self, grads: Any, trainable_variables: Any = None) -> Any:
            grads = list(grads)
            variables = self._trainable_variables if trainable_variables is None else list(trainable_variables)
            if num_procs() > 1 and any(gradient is not None for gradient in grads):
                grads = _averaged(grads, variables)
            return super().apply(grads, trainable_variables)

    return MpiAdam


def _tensorflow() -> Any:
    return importlib.import_module("tensorflow")


def _keras() -> Any:
    try:
        keras, _ = importlib.import_module("keras"), _tensorflow()
    except ImportError as error:
        raise MpiError(f"this needs Keras 3 and TensorFlow ({error}): pip install tensorflow") from error
    if keras.backend.backend() != "tensorflow":
        raise MpiError(f"Keras runs on {keras.backend.backend()!r}; set KERAS_BACKEND=tensorflow.")
    return keras


def _averaged(gradients: Sequence[Any], variables: Sequence[Any]) -> list[Any]:
    """Return the means of gradients over all ranks.

    They travel in one message, in float64 if any of them is: two could meet in another order on another rank.
    """
    tf = _tensorflow()
    dense = [
        tf.zeros(variable.shape, variable.dtype) if gradient is None else tf.convert_to_tensor(gradient)
        for gradient, variable in zip(gradients, variables, strict=True)
    ]
    carrier = tf.float64 if any(gradient.dtype == tf.float64 for gradient in dense) else tf.float32
    flat = tf.concat([tf.reshape(tf.cast(gradient, carrier), [-1]) for gradient in dense], 0)
    mean = tf.ensure_shape(tf.numpy_function(_mean, [flat], carrier), flat.shape)
    pieces = tf.split(mean, [tf.size(gradient) for gradient in dense])
    return [
        tf.cast(tf.reshape(piece, tf.shape(gradient)), gradient.dtype)
        for piece, gradient in zip(pieces, dense, strict=True)
    ]


def _mean(flat: NDArray[Any]) -> NDArray[Any]:
    total = np.array(flat)
    count = add_up(total)
    total /= count
    return total
