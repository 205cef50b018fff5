"""The plan: what a launch would do, from the data directory alone."""

from __future__ import annotations

import os
import socket
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import Conflict, LaunchError
from sweep.front.plan import Call, Verdict, make_plan, plan_notes
from sweep.front.prepare import prepare
from sweep.rundir.naming import Place
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, read_status, write_status

NIGHT = datetime(2026, 11, 21, 23, 59, 59)


def train(lr: float = 0.1, seed: int = 0, workers: int = 1) -> None: ...


def other(lr: float = 0.1, seed: int = 0) -> None: ...


def call(name: str = "ppo", thunk: Any = train, **config: Any) -> Call:
    config.setdefault("seed", 0)
    return Call(name, thunk, config, config["seed"])


def ended(run: RunDir, state: State, seconds: float = 10.0, cause: str = "") -> None:
    begun = Status(State.PENDING).begun()
    write_status(run, Status(state, 1, begun.host, begun.pid, 100.0, 100.0 + seconds, cause))


def made(place: Place, one: Call, state: State, **more: Any) -> RunDir:
    planned = make_plan([one], place).runs[0]
    prepare(planned, 1)
    ended(planned.run, state, **more)
    return planned.run


def verdicts(place: Place, *calls: Call) -> list[Verdict]:
    return [run.verdict for run in make_plan(calls, place).runs]


def test_in_an_empty_data_directory_everything_is_new(tmp_path: Path) -> None:
    assert verdicts(Place(tmp_path / "data"), call(lr=1.0), call(lr=2.0)) == [Verdict.NEW, Verdict.NEW]
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("state", "verdict"),
    [(State.DONE, Verdict.DONE), (State.FAILED, Verdict.FAILED), (State.INTERRUPTED, Verdict.RESUME)],
)
def test_a_run_that_was_there_is_known_by_its_state(tmp_path: Path, state: State, verdict: Verdict) -> None:
    place = Place(tmp_path)
    made(place, call(lr=1.0), state)
    assert verdicts(place, call(lr=1.0)) == [verdict]


def test_d12_a_run_is_found_by_what_it_is_when_its_name_has_changed(tmp_path: Path) -> None:
    place = Place(tmp_path)
    old = made(place, call("ppo", lr=1.0), State.DONE)
    plan = make_plan([call("ppo_lr1-0", lr=1.0), call("ppo_lr2-0", lr=2.0)], place)
    assert [run.verdict for run in plan.runs] == [Verdict.DONE, Verdict.NEW]
    assert plan.runs[0].run == old


def test_d12_two_grids_that_differ_in_a_fixed_setting_never_share_a_directory(tmp_path: Path) -> None:
    place = Place(tmp_path)
    made(place, call("ppo", lr=1.0), State.DONE)
    plan = make_plan([call("ppo", lr=3.0)], place)
    with pytest.raises(
        Conflict, match=r"ppo_s0 holds another configuration, differing in 'lr'\. Nothing is overwritten"
    ):
        plan.check()


def test_another_function_with_the_same_arguments_is_a_conflict(tmp_path: Path) -> None:
    place = Place(tmp_path)
    made(place, call(lr=1.0), State.DONE)
    with pytest.raises(Conflict, match=r"of the function .*:train, not .*:other\."):
        make_plan([call(thunk=other, lr=1.0)], place).check()


def test_a_directory_that_somebody_else_made_is_a_conflict(tmp_path: Path) -> None:
    (tmp_path / "ppo" / "ppo_s0").mkdir(parents=True)
    (tmp_path / "ppo" / "ppo_s0" / "progress.txt").write_text("Epoch\n0\n")
    with pytest.raises(Conflict, match="holds files that this sweep did not make"):
        make_plan([call(lr=1.0)], Place(tmp_path)).check()


def test_a_file_where_a_directory_must_be_made_is_a_conflict(tmp_path: Path) -> None:
    (tmp_path / "ppo").write_text("notes")
    with pytest.raises(Conflict, match=r"ppo_s0 cannot be made: .*/ppo is a file"):
        make_plan([call(lr=1.0)], Place(tmp_path)).check()


def test_an_empty_directory_is_free(tmp_path: Path) -> None:
    (tmp_path / "ppo" / "ppo_s0").mkdir(parents=True)
    assert verdicts(Place(tmp_path), call(lr=1.0)) == [Verdict.NEW]


def test_with_a_date_a_finished_run_of_an_earlier_date_counts(tmp_path: Path) -> None:
    first = made(Place(tmp_path, NIGHT), call(lr=1.0), State.DONE)
    plan = make_plan([call(lr=1.0)], Place(tmp_path, datetime(2026, 11, 23)))
    assert (plan.runs[0].verdict, plan.runs[0].run) == (Verdict.DONE, first)


def test_d18_two_configurations_in_one_second_get_two_directories(tmp_path: Path) -> None:
    place = Place(tmp_path, NIGHT)
    first = made(place, call(lr=1.0), State.DONE)
    second = make_plan([call(lr=2.0)], place).runs[0]
    assert second.verdict is Verdict.NEW
    assert second.run != first
    assert second.run.path.name == "2026-11-22_00-00-00-ppo_s0"


def test_a_run_that_is_going_on_is_not_started_twice(tmp_path: Path) -> None:
    place = Place(tmp_path)
    run = made(place, call(lr=1.0), State.DONE)
    write_status(run, Status(State.RUNNING, 1, socket.gethostname(), os.getpid(), started=time.time()))
    plan = make_plan([call(lr=1.0)], place)
    with pytest.raises(LaunchError, match=f"is being run by process {os.getpid()} on"):
        plan.check()


def test_a_run_whose_process_number_belongs_to_a_younger_process_is_gone_on_with(tmp_path: Path) -> None:
    place = Place(tmp_path)
    run = made(place, call(lr=1.0), State.DONE)
    write_status(run, Status(State.RUNNING, 1, socket.gethostname(), os.getpid(), started=1.0))
    assert verdicts(place, call(lr=1.0)) == [Verdict.RESUME]


def test_failed_runs_are_started_only_if_asked(tmp_path: Path) -> None:
    place = Place(tmp_path)
    made(place, call(lr=1.0), State.FAILED)
    plan = make_plan([call(lr=1.0), call("b", lr=2.0)], place)
    assert [run.call.name for run in plan.to_start(retry_failed=False)] == ["b"]
    assert [run.call.name for run in plan.to_start(retry_failed=True)] == ["ppo", "b"]


def test_the_forecast_is_the_median_of_what_finished(tmp_path: Path) -> None:
    place = Place(tmp_path)
    for number, seconds in enumerate((5.0, 10.0, 60.0)):
        made(place, call(f"n{number}", lr=float(number)), State.DONE, seconds=seconds)
    calls = [call(f"n{number}", lr=float(number)) for number in range(5)]
    plan = make_plan(calls, place)
    assert plan.forecast_s(retry_failed=False) == 20.0
    assert list(plan_notes(plan, False)) == [
        f"in {tmp_path}: 2 new, 3 done",
        "about 20 s to go, as the finished runs of this grid took",
    ]


def test_without_finished_runs_there_is_no_forecast(tmp_path: Path) -> None:
    assert make_plan([call(lr=1.0)], Place(tmp_path)).forecast_s(False) is None


def test_preparing_a_failed_run_again_forgets_its_failure_and_keeps_its_count(tmp_path: Path) -> None:
    place = Place(tmp_path)
    run = made(place, call(lr=1.0), State.FAILED)
    run.failure(0).write_text("{}")
    prepare(make_plan([call(lr=1.0)], place).runs[0], 1)
    status = read_status(run)
    assert status is not None
    assert (status.state, status.attempt, run.failures()) == (State.PENDING, 1, [])


def test_preparing_a_run_whose_owner_died_is_a_legal_move(tmp_path: Path) -> None:
    place = Place(tmp_path)
    run = made(place, call(lr=1.0), State.DONE)
    write_status(run, Status(State.RUNNING, 1, "elsewhere", 1, started=1.0))
    prepare(make_plan([call(lr=1.0)], place).runs[0], 1)
    status = read_status(run)
    assert status is not None
    assert status.state is State.PENDING


def test_a_prepared_directory_holds_the_reference_s_config(tmp_path: Path) -> None:
    planned = make_plan([call("demo", lr=1e-3, workers=2)], Place(tmp_path)).runs[0]
    prepare(planned, 1)
    assert planned.run.config.read_text() == (
        '{\n    "exp_name":\t"demo",\n    "lr":\t0.001,\n    "seed":\t0,\n    "workers":\t2\n}'
    )
