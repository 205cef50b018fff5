"""TensorBoard's event files, made with its own package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sweep.results.export.parameters import Scalar

_FLOAT_MAX = float(np.finfo(np.float32).max)  # a scalar of TensorBoard's is single precision
_STATUS = {"done": "STATUS_SUCCESS", "failed": "STATUS_FAILURE", "running": "STATUS_RUNNING"}


def write_events(path: Path, events: Iterable[Any]) -> None:
    """Write an event file: its version, then some events."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.summary.writer.record_writer import RecordWriter

    with path.open("xb") as file:
        writer = RecordWriter(file)
        for event in (Event(file_version="brain.Event:2"), *events):
            writer.write(event.SerializeToString())


def event(summary: Any, step: int, wall_time_s: float) -> Any:
    """Return a summary as an event."""
    from tensorboard.compat.proto.event_pb2 import Event

    return Event(wall_time=wall_time_s, step=step, summary=summary)


def scalars(values: Mapping[str, float]) -> Any:
    """Return one summary of several scalars; what single precision cannot hold is infinite."""
    from tensorboard.compat.proto.summary_pb2 import Summary

    return Summary(value=[Summary.Value(tag=tag, simple_value=_single(value)) for tag, value in values.items()])


def _single(value: float) -> float:
    return value if abs(value) <= _FLOAT_MAX or value != value else float(np.copysign(np.inf, value))


def experiment(domains: Mapping[str, Sequence[Scalar]], metrics: Sequence[str], created_s: float) -> Any:
    """Return the summary by which the HParams page knows the parameters, their values, and the metrics.

    Without the values it offers no filter for texts.
    """
    from tensorboard.plugins.hparams import summary_v2

    params = [summary_v2.HParam(key, summary_v2.Discrete(values)) for key, values in domains.items()]
    return summary_v2.hparams_config_pb(params, [summary_v2.Metric(tag) for tag in metrics], created_s)


def session_start(values: Mapping[str, Scalar], group: str, started_s: float) -> Any:
    """Return the summary that makes a run a session of its setting."""
    from tensorboard.plugins.hparams.summary_v2 import hparams_pb

    return hparams_pb(dict(values), trial_id=group, start_time_secs=started_s)


def session_end(state: str, ended_s: float) -> Any:
    """Return the summary that tells how a run stands."""
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2

    status = getattr(api_pb2, _STATUS.get(state, "STATUS_UNKNOWN"))
    end = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=ended_s)
    content = metadata.create_summary_metadata(plugin_data_pb2.HParamsPluginData(session_end_info=end))
    value = Summary.Value(tag=metadata.SESSION_END_INFO_TAG, metadata=content, tensor=metadata.NULL_TENSOR)
    return Summary(value=[value])
