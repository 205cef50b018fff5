"""TensorFlow models in Spinning Up's form: a SavedModel of a session's graph, and which tensors are what.

    tf1_save/saved_model.pb, variables/     written by `tf.compat.v1.saved_model.simple_save`
    tf1_save/model_info.pkl                 {"inputs": {key: tensor name}, "outputs": {key: tensor name}}

Of TensorFlow 1 and 2 alike: 2 keeps the functions of 1 under `tf.compat.v1`. A graph and a session are needed, as
with `tf.compat.v1.disable_eager_execution()` or `with tf.Graph().as_default()`; Keras 3 models have their own
`model.export(path)`.
"""

from __future__ import annotations

import importlib
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from sweep.base.errors import LoggerError
from sweep.rundir.saved_files import MODEL_INFO
from sweep.runtime.log.folders import write_folder


@dataclass(frozen=True)
class TfModel:
    """What is saved: a session, and the tensors that go in and come out, by the user's keys."""

    session: Any
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]

    def names(self) -> dict[str, dict[str, str]]:
        """Return the name that each tensor has in the graph."""
        both = {"inputs": self.inputs, "outputs": self.outputs}
        return {side: {key: str(one.name) for key, one in tensors.items()} for side, tensors in both.items()}


def tensorflow() -> Any:
    """Return TensorFlow's interface of version 1.

    Raises:
        LoggerError: it is not installed.
    """
    try:
        return importlib.import_module("tensorflow").compat.v1
    except ImportError as error:
        raise LoggerError(f"this needs TensorFlow ({error}): pip install tensorflow") from error


def save_tf(path: Path, model: TfModel) -> None:
    """Save the graph and the variables of a session as a SavedModel; one that is there is replaced in one instant."""

    def write(folder: Path) -> None:
        tensorflow().saved_model.simple_save(model.session, str(folder), dict(model.inputs), dict(model.outputs))
        (folder / MODEL_INFO).write_bytes(pickle.dumps(model.names()))

    write_folder(path, write)


def restore_tf_graph(sess: Any, fpath: str | Path) -> dict[str, Any]:
    """Load a saved model into a session; the keys of its inputs and outputs, and their tensors in the graph.

    A SavedModel is a program: load one of others only if you trust them.

    Args:
        sess: a session, `tf.compat.v1.Session()`, with the graph to load into as its own.
        fpath: a directory `tf1_save` or `tf1_save{itr}`, of ours or of Spinning Up's, or the older `simple_save`.

    Raises:
        LoggerError: TensorFlow is not installed, or there is no such model.
    """
    folder = Path(fpath)
    info = _read_info(folder / MODEL_INFO)
    tf = tensorflow()
    try:
        tf.saved_model.loader.load(sess, [tf.saved_model.tag_constants.SERVING], str(folder))
    except (OSError, RuntimeError) as error:
        raise LoggerError(f"{folder} holds no SavedModel that can be loaded: {error}") from error
    names = {**info["inputs"], **info["outputs"]}
    return {key: sess.graph.get_tensor_by_name(name) for key, name in names.items()}


class _PlainUnpickler(pickle.Unpickler):
    """Reads dicts, lists, texts and numbers, and nothing that would run."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"it refers to {module}.{name}")


def _read_info(path: Path) -> dict[str, dict[str, str]]:
    try:
        with path.open("rb") as file:
            return _checked(file)
    except FileNotFoundError:
        raise LoggerError(f"{path} is not there; name the directory that `save_state` has made, tf1_save.") from None
    except (pickle.UnpicklingError, EOFError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise LoggerError(f"{path} does not say which tensors are inputs and outputs: {error}") from error


def _checked(file: IO[bytes]) -> dict[str, dict[str, str]]:
    info = _PlainUnpickler(file).load()
    return {side: {str(key): str(name) for key, name in info[side].items()} for side in ("inputs", "outputs")}
