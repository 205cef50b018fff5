"""TensorBoard's files, read with TensorBoard's own readers."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.base.errors import LoggerError
from sweep.runtime.log.logger import Logger
from sweep.runtime.outputs.output import Home
from sweep.runtime.outputs.tensorboard import TensorBoardOutput

pytest.importorskip("tensorboard")
Points = dict[str, list[tuple[int, float]]]


def opened(folder: Path, mark: Any = None, exp_name: str | None = None) -> TensorBoardOutput:
    folder.mkdir(parents=True, exist_ok=True)
    output = TensorBoardOutput()
    output.open(Home(folder, exp_name=exp_name), goes_on=mark is not None)
    if mark is not None:
        output.roll_back(mark)
    return output


def write(output: TensorBoardOutput, steps: range, scale: float = 1) -> None:
    for step in steps:
        output.row({"Epoch": step, "Loss": step * scale, "Note": "text"}, step)


def reader(folder: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0, "images": 0})


def scalars(found: Any) -> Points:
    found.Reload()
    return {tag: [(one.step, one.value) for one in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def straight(steps: range, scale: float = 1) -> Points:
    return {"Epoch": [(step, step) for step in steps], "Loss": [(step, step * scale) for step in steps]}


def events(folder: Path) -> list[list[Any]]:
    """Return the events of each file, in the order in which TensorBoard reads them."""
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

    return [list(LegacyEventFileLoader(str(path)).Load()) for path in sorted(folder.glob("events.*"))]


def test_numbers_of_a_row_are_points_and_texts_are_left_out(tmp_path: Path) -> None:
    output = opened(tmp_path)
    output.row({"a": 0.5, "b": np.float32(2), "c": True, "d": "text", "e": None, "f": [1.0], "g": 10**400}, 3)
    output.row({"d": "text"}, 4)
    assert scalars(reader(tmp_path)) == {"a": [(3, 0.5)], "b": [(3, 2.0)], "c": [(3, 1.0)]}
    output.close("")


def test_what_single_precision_cannot_hold_is_infinite_and_nan_stays(tmp_path: Path) -> None:
    output = opened(tmp_path)
    output.row({"a": 1e300, "b": -1e300, "c": float("nan"), "d": float("inf")}, 0)
    assert repr([point[0][1] for point in scalars(reader(tmp_path)).values()]) == "[inf, -inf, nan, inf]"
    output.close("")


def test_a_row_is_in_the_file_when_it_was_taken(tmp_path: Path) -> None:
    output = opened(tmp_path)
    for step in range(3):
        write(output, range(step, step + 1))
        assert scalars(reader(tmp_path)) == straight(range(step + 1))
    output.close("")


def test_the_first_file_begins_with_its_version_and_a_session_start(tmp_path: Path) -> None:
    opened(tmp_path).close("")
    ((version, start),) = events(tmp_path)
    assert version.file_version == "brain.Event:2"
    assert (start.session_log.status, start.step) == (start.session_log.START, 0)


@pytest.mark.parametrize("looks_on", [False, True])
@pytest.mark.parametrize("at", [0, 1, 50])
def test_after_going_back_every_point_is_there_once(tmp_path: Path, looks_on: bool, at: int) -> None:
    output, found = opened(tmp_path), reader(tmp_path)
    write(output, range(at))
    mark = output.mark()
    write(output, range(at, 70), scale=-1)
    if looks_on:
        assert len(scalars(found)["Epoch"]) == 70
    again = opened(tmp_path, mark)
    write(again, range(at, 120))
    assert scalars(found) == scalars(reader(tmp_path)) == straight(range(120))
    output.close("")
    again.close("")


def test_a_file_torn_at_any_byte_behind_the_mark_gives_every_point_once(tmp_path: Path) -> None:
    output = opened(tmp_path)
    write(output, range(2))
    mark = output.mark()
    write(output, range(2, 3))
    output.close("")
    (path,) = tmp_path.glob("events.*")
    full = path.read_bytes()
    for length in range(mark["bytes"], len(full) + 1):
        for file in tmp_path.glob("events.*"):
            file.unlink()
        path.write_bytes(full[:length])
        again = opened(tmp_path, mark)
        write(again, range(2, 4))
        again.close("")
        assert scalars(reader(tmp_path)) == straight(range(4))


def test_files_of_attempts_after_the_mark_are_set_aside_where_tensorboard_does_not_look(tmp_path: Path) -> None:
    output = opened(tmp_path)
    write(output, range(2))
    mark = output.mark()
    write(output, range(2, 4))
    for _ in range(3):
        output.close("")
        output = opened(tmp_path, mark)
        write(output, range(2, 5))
    output.close("")
    assert scalars(reader(tmp_path)) == straight(range(5))
    assert len(list(tmp_path.glob("events.*"))) == 2
    kept = [path.name for path in (tmp_path / ".sweep/orphans").iterdir()]
    assert sorted(kept) == [f"tensorboard.{number}.events" for number in (1, 2, 3)]


def test_a_run_that_begins_anew_sets_its_files_aside_and_leaves_those_of_others(tmp_path: Path) -> None:
    output = opened(tmp_path)
    write(output, range(5))
    output.close("")
    foreign = tmp_path / "events.out.tfevents.1234567890.host"
    foreign.write_bytes(b"")
    output = opened(tmp_path)
    write(output, range(2))
    output.close("")
    assert scalars(reader(tmp_path)) == straight(range(2))
    assert foreign.exists()


def test_every_file_comes_after_the_one_before_whatever_the_clock_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = None
    for now in (1_700_000_000.0, 1_700_000_000.5, 1_600_000_000.0):
        monkeypatch.setattr(time, "time", lambda now=now: now)
        output = opened(tmp_path, mark)
        write(output, range(1))
        mark = output.mark()
        output.close("")
    names = [path.name.split(".")[3] for path in sorted(tmp_path.glob("events.*"))]
    assert names == ["1700000000", "1700000001", "1700000002"]


def test_histograms_texts_and_figures_are_where_tensorboard_shows_them(tmp_path: Path) -> None:
    from tensorboard.util import tensor_util

    logger = Logger(str(tmp_path), outputs=["tensorboard"])
    logger.writer.add_histogram("weights", np.arange(100.0).reshape(10, 10), 7)
    logger.writer.add_text("note", "*hello*", 8)
    logger.writer.add_figure("picture", Figure(3, 2), 9)
    found = reader(tmp_path).Reload()
    (weights,), (note,) = found.Tensors("weights"), found.Tensors("note")
    assert (weights.step, tensor_util.make_ndarray(weights.tensor_proto)[:, 2].sum()) == (7, 100)
    assert (note.step, tensor_util.make_ndarray(note.tensor_proto).item()) == (8, b"*hello*")
    (picture,) = found.Images("picture")
    assert (picture.step, picture.width, picture.height) == (9, 3, 2)
    plugins = {tag: found.SummaryMetadata(tag).plugin_data.plugin_name for tag in ("weights", "note")}
    assert plugins == {"weights": "histograms", "note": "text"}
    logger.close()


class Figure:
    """A figure as matplotlib's are, as far as outputs know."""

    def __init__(self, width: int, height: int) -> None:
        self.size = width, height

    def savefig(self, file: io.BytesIO, format: str) -> None:
        pytest.importorskip("PIL.Image").new("RGB", self.size).save(file, format=format)


def test_what_is_no_figure_is_an_error_and_no_failure_of_the_output(tmp_path: Path) -> None:
    logger = Logger(str(tmp_path), outputs=["tensorboard"])
    with pytest.raises(LoggerError, match="pass one of matplotlib's"):
        logger.writer.add_figure("picture", "no figure")
    logger.writer.add_scalar("a", 1, 0)
    assert scalars(reader(tmp_path)) == {"a": [(0, 1.0)]}
    logger.close()


def test_an_output_that_no_logger_has_opened_says_so() -> None:
    with pytest.raises(LoggerError, match="is not open"):
        TensorBoardOutput().mark()


@pytest.fixture
def hparams_of() -> Callable[[Path], Any]:
    """Return a function that asks TensorBoard's HParams page for the session groups of a directory."""
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
    from tensorboard.context import RequestContext
    from tensorboard.plugins.base_plugin import TBContext
    from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups

    def groups(logdir: Path) -> Any:
        found = EventMultiplexer().AddRunsFromDirectory(str(logdir))
        found.Reload()
        provider = MultiplexerDataProvider(found, str(logdir))
        context = backend_context.Context(TBContext(data_provider=provider, logdir=str(logdir)))
        ask, metadata = RequestContext(), context.hparams_metadata(RequestContext(), "")
        experiment = context.experiment_from_metadata(ask, "", True, metadata, [])
        request = api_pb2.ListSessionGroupsRequest(
            slice_size=100,
            allowed_statuses=[api_pb2.STATUS_UNKNOWN, api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE],
            aggregation_type=api_pb2.AGGREGATION_AVG,
            col_params=[api_pb2.ColParams(metric=info.name) for info in experiment.metric_infos],
        )
        handler = list_session_groups.Handler(ask, context, "", request)
        return experiment, handler.run().session_groups

    return groups


def test_a_setting_is_a_group_and_its_seeds_are_sessions(tmp_path: Path, hparams_of: Callable[[Path], Any]) -> None:
    for lr in (0.1, 0.2):
        for seed in (0, 1):
            name = f"demo_lr{lr}"
            logger = Logger(str(tmp_path / name / f"{name}_s{seed}"), exp_name=name, outputs=["tensorboard"])
            logger.save_config({"lr": lr, "act": "tanh", "seed": seed, "flag": True})
            logger.log_tabular("Return", lr + seed)
            logger.dump_tabular()
            logger.close("failed" if seed else "done")
    experiment, groups = hparams_of(tmp_path)
    assert sorted(info.name for info in experiment.hparam_infos) == ["act", "flag", "lr"]
    assert sorted(group.name for group in groups) == ["demo_lr0.1", "demo_lr0.2"]
    for group in groups:
        lr = float(group.name[-3:])
        assert group.hparams["lr"].number_value == lr
        assert [session.name for session in group.sessions] == [f"{group.name}/{group.name}_s{seed}" for seed in (0, 1)]
        assert [session.status for session in group.sessions] == [1, 2]
        (value,) = [one.value for one in group.metric_values if one.name.tag == "Return"]
        assert value == pytest.approx(lr + 0.5)


def test_a_run_that_goes_on_is_one_session_that_ends_as_it_ended_last(
    tmp_path: Path, hparams_of: Callable[[Path], Any]
) -> None:
    folder = tmp_path / "run"
    first = Logger(str(folder), exp_name="demo", outputs=["tensorboard"])
    first.save_config({"lr": 0.1})
    first.log_tabular("Return", 1)
    first.dump_tabular()
    marks = first.marks()
    first.log_tabular("Return", 2)
    first.dump_tabular()
    first.close("failed")
    output = opened(folder, marks["outputs"]["tensorboard"])
    output.row({"Return": 3}, 1)
    output.close("done")
    _, (group,) = hparams_of(tmp_path)
    (session,) = group.sessions
    assert (session.status, group.hparams["lr"].number_value) == (1, 0.1)
    assert scalars(reader(folder)) == {"Return": [(0, 1.0), (1, 3.0)]}


def test_the_output_needs_no_tensorflow_and_starts_no_thread(run: Callable[..., Any]) -> None:
    outcome = run(
        """
        import sys, threading
        sys.modules["tensorflow"] = None
        from sweep import Logger
        logger = Logger("out", outputs=["tensorboard"])
        logger.log_tabular("A", 1)
        logger.dump_tabular()
        logger.writer.add_histogram("h", [1, 2])
        print(threading.active_count())
        """
    )
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.splitlines()[-1] == "1"
