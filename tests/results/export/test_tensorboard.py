"""A log directory, read back with TensorBoard's own loader and its HParams page."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sweep.results.export.material import Material, gather
from sweep.results.export.place import Destination
from sweep.results.export.tensorboard import write_tensorboard
from sweep.results.run import Run
from sweep.results.score import Score


@pytest.fixture
def loaded(installed: Callable[[str], Any], tmp_path: Path) -> Callable[[Material], tuple[Any, Any, Any]]:
    """Return what writes a directory, and asks TensorBoard for its runs, its experiment and its session groups."""
    installed("tensorboard")
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
    from tensorboard.context import RequestContext
    from tensorboard.plugins.base_plugin import TBContext
    from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups

    def load(material: Material) -> tuple[Any, Any, Any]:
        folder = tmp_path / "tb"
        write_tensorboard(material, Destination.opened(folder, force=True))
        found = EventMultiplexer().AddRunsFromDirectory(str(folder))
        found.Reload()
        provider = MultiplexerDataProvider(found, str(folder))
        context = backend_context.Context(TBContext(data_provider=provider, logdir=str(folder)))
        ask = RequestContext()
        experiment = context.experiment_from_metadata(ask, "", True, context.hparams_metadata(ask, ""), [])
        request = api_pb2.ListSessionGroupsRequest(
            slice_size=100,
            allowed_statuses=[
                getattr(api_pb2, f"STATUS_{one}") for one in ("UNKNOWN", "SUCCESS", "FAILURE", "RUNNING")
            ],
            aggregation_type=api_pb2.AGGREGATION_AVG,
            col_params=[api_pb2.ColParams(metric=info.name) for info in experiment.metric_infos],
        )
        return found, experiment, list_session_groups.Handler(ask, context, "", request).run().session_groups

    return load


def test_curves_are_read_back(material: Material, loaded: Callable[[Material], Any], tmp_path: Path) -> None:
    loaded(material)
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    reader = EventAccumulator(str(tmp_path / "tb/ppo_lr0.2_s1"))
    reader.Reload()
    events = reader.Scalars("AverageEpRet")
    assert [(one.step, one.value, one.wall_time) for one in events] == [(1000, 0.0, 1000.5), (2000, 3.0, 1001.5)]
    assert [(one.step, one.value) for one in reader.Scalars("score")] == [(2000, 3.0)]


def test_a_setting_is_a_group_and_its_seeds_are_sessions(material: Material, loaded: Callable[[Material], Any]) -> None:
    _, experiment, groups = loaded(material)
    assert sorted(info.name.tag for info in experiment.metric_infos) == ["AverageEpRet", "score"]
    by_name = {group.name: group for group in groups}
    assert sorted(by_name) == ["ppo_lr0.1", "ppo_lr0.2", "ppo_lr0.3", "ppo_lr0.4"]
    group = by_name["ppo_lr0.2"]
    assert (group.hparams["lr"].number_value, group.hparams["act"].string_value) == (0.2, "tanh")
    assert [session.name for session in group.sessions] == ["ppo_lr0.2_s0", "ppo_lr0.2_s1"]
    values = {value.name.tag: value.value for value in group.metric_values}
    assert values == {"score": 2.5, "AverageEpRet": 2.5}


def test_a_session_tells_how_its_run_ended(material: Material, loaded: Callable[[Material], Any]) -> None:
    from tensorboard.plugins.hparams import api_pb2

    _, _, groups = loaded(material)
    statuses = {group.name: {session.status for session in group.sessions} for group in groups}
    assert statuses["ppo_lr0.1"] == {api_pb2.STATUS_SUCCESS}
    assert statuses["ppo_lr0.3"] == {api_pb2.STATUS_FAILURE}
    assert statuses["ppo_lr0.4"] == {api_pb2.STATUS_RUNNING}


def test_each_parameter_has_its_values_to_filter_by_and_the_seed_is_none(
    material: Material, loaded: Callable[[Material], Any]
) -> None:
    _, experiment, _ = loaded(material)
    domains = {info.name: list(info.domain_discrete.values) for info in experiment.hparam_infos}
    assert sorted(domains) == ["act", "lr"]
    assert [value.number_value for value in domains["lr"]] == [0.1, 0.2, 0.3, 0.4]
    assert [value.string_value for value in domains["act"]] == ["relu", "tanh"]


def test_values_of_several_types_hide_no_run(make: Callable[..., Run], loaded: Callable[[Material], Any]) -> None:
    values: list[object] = [1, None, math.nan, (32, 32), "$x", True]
    runs = [make(f"r{index}", 0, [1.0, 1e300], key=value, flag=index > 2) for index, value in enumerate(values)]
    _, _, groups = loaded(gather([*runs, make("r9", 0, [1.0], flag=True)], Score()))
    assert len(groups) == 7
    assert sorted(group.hparams["key"].string_value for group in groups if group.hparams["key"].string_value) == [
        "$x",
        "(32, 32)",
        "1",
        "None",
        "True",
        "nan",
    ]


def test_a_metric_called_score_keeps_its_place(make: Callable[..., Run], loaded: Callable[[Material], Any]) -> None:
    run = make("x", 0, [1.0, 2.0], lr=1)
    assert run.table is not None
    run.table.write_text("Epoch\tscore\n0\t5\n1\t7\n")
    found, experiment, _ = loaded(gather([run], Score("score", "best")))
    assert sorted(info.name.tag for info in experiment.metric_infos) == ["score", "sweep/score"]
    reader = found.GetAccumulator("x_s0")
    assert [event.tensor_proto.float_val[0] for event in reader.Tensors("score")] == [5.0, 7.0]


def test_a_second_export_replaces_the_first(material: Material, loaded: Callable[[Material], Any]) -> None:
    loaded(material)
    _, _, groups = loaded(material)
    assert [len(group.sessions) for group in groups].count(2) == 3
