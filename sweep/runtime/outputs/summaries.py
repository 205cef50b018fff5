"""What TensorBoard calls events and summaries, made with its own package; imported by its output alone."""

from __future__ import annotations

import io
import struct
import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sweep.base.errors import LoggerError
from sweep.base.text import shown
from sweep.runtime.outputs.hyperparameters import Scalar

_FLOAT_MAX = float(np.finfo(np.float32).max)  # a scalar of TensorBoard's is single precision
_STATES = {"done": "STATUS_SUCCESS", "failed": "STATUS_FAILURE"}


def record(event: Any) -> bytes:
    """Return an event as a record of an event file, checksums included, as `RecordWriter` writes it."""
    from tensorboard.summary.writer.record_writer import RecordWriter

    buffer = io.BytesIO()
    RecordWriter(buffer).write(event.SerializeToString())
    return buffer.getvalue()


def beginning(step: int) -> Iterator[Any]:
    """Yield the events at the head of a file: its version, and a session start at a step."""
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog

    yield Event(wall_time=time.time(), file_version="brain.Event:2")
    yield Event(wall_time=time.time(), step=step, session_log=SessionLog(status=SessionLog.START))


def event(summary: Any, step: int) -> Any:
    """Return a summary as an event of now."""
    from tensorboard.compat.proto.event_pb2 import Event

    return Event(wall_time=time.time(), step=step, summary=summary)


def scalars(values: Mapping[str, float]) -> Any:
    """Return one summary of several scalars; what single precision cannot hold is infinite."""
    from tensorboard.compat.proto.summary_pb2 import Summary

    return Summary(value=[Summary.Value(tag=tag, simple_value=_single(value)) for tag, value in values.items()])


def _single(value: float) -> float:
    return value if abs(value) <= _FLOAT_MAX or value != value else float(np.copysign(np.inf, value))


def histogram(tag: str, values: Any) -> Any:
    """Return the histogram of an array of numbers in 30 bins."""
    from tensorboard.plugins.histogram.summary_v2 import histogram_pb

    return histogram_pb(tag, values)


def text(tag: str, value: str) -> Any:
    """Return a text, which TensorBoard reads as Markdown."""
    from tensorboard.plugins.text.summary_v2 import text_pb

    return text_pb(tag, value)


def figure(tag: str, drawn: Any) -> Any:
    """Return a figure as an image."""
    from tensorboard.compat.proto.summary_pb2 import Summary

    png = png_of(drawn)
    width, height = struct.unpack(">II", png[16:24])  # PNG specification, 11.2.1: the first chunk is the header
    image = Summary.Image(width=width, height=height, colorspace=4, encoded_image_string=png)
    return Summary(value=[Summary.Value(tag=tag, image=image)])


def png_of(drawn: Any) -> bytes:
    """Return a figure as the bytes of a PNG file.

    Raises:
        LoggerError: it has no `savefig`, as matplotlib's figures have.
    """
    if not hasattr(drawn, "savefig"):
        raise LoggerError(f"add_figure(..., {shown(drawn, 60)}) is no figure; pass one of matplotlib's.")
    buffer = io.BytesIO()
    drawn.savefig(buffer, format="png")
    return buffer.getvalue()


def session_start(values: Mapping[str, Scalar], group: str) -> Any:
    """Return the summary by which the HParams page knows a run's parameters and group."""
    from tensorboard.plugins.hparams.summary_v2 import hparams_pb

    return hparams_pb(dict(values), trial_id=group)


def session_end(state: str) -> Any:
    """Return the summary that tells the HParams page how a run ended."""
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

    status = getattr(api_pb2, _STATES.get(state, "STATUS_UNKNOWN"))
    end = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=time.time())
    content = metadata.create_summary_metadata(plugin_data_pb2.HParamsPluginData(session_end_info=end))
    value = Summary.Value(tag=metadata.SESSION_END_INFO_TAG, metadata=content, tensor=metadata.NULL_TENSOR)
    return Summary(value=[value])
