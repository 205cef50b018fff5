"""How runs stand: counts, causes, and what is shown of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sweep.results.status.launches import launches_of
from sweep.results.status.survey import survey
from sweep.results.status.view import status_page
from sweep.results.text.glyphs import ASCII
from sweep.results.text.naming import which
from sweep.results.text.page import plain_lines
from sweep.rundir.lock import take
from sweep.rundir.naming import Place
from sweep.rundir.status import State, Status, write_status

from .conftest import DataDir, curve


def shown(data_dir: DataDir, lines: int = 5) -> str:
    return "\n".join(plain_lines(status_page(survey(data_dir.find()), "data", ASCII, lines)))


def test_runs_are_counted_by_state_with_their_seeds_as_ranges(sweep_dir: DataDir) -> None:
    text = shown(sweep_dir)
    assert text.splitlines()[0] == "12 runs of 4 settings under data"
    assert " #  done       10  0 s ago  " in text
    assert "x  failed      1  0 s ago  ppo_lr0-1_relu s10" in text
    assert ".  pending     1           ppo_lr0-01_tanh s20" in text


def test_a_failure_has_its_cause_its_last_lines_and_its_log(data_dir: DataDir) -> None:
    run = data_dir.run(state="failed", cause="rank 1: ValueError: no")
    run.output.write_text("one\ntwo\n\nthree\n")
    told = shown(data_dir, 2).splitlines()
    start = told.index("failed: 1 run: rank 1: ValueError: no")
    assert told[start + 1 : start + 5] == ["    ppo s0", "      two", "      three", f"    log: {run.output}"]


def test_failures_of_one_cause_stand_together_and_the_most_frequent_is_first(data_dir: DataDir) -> None:
    data_dir.run("a", 0, state="failed", cause="rare")
    for seed in range(3):
        data_dir.run("b", seed, state="failed", cause="often")
    found = survey(data_dir.find())
    assert [(one.cause, len(one.runs)) for one in found.failures] == [("often", 3), ("rare", 1)]
    assert "failed: 3 runs: often\n    b s0-2" in shown(data_dir)


@pytest.mark.parametrize(
    ("states", "code"),
    [
        (["done", "done"], 0),
        (["done", "failed", "interrupted"], 1),
        (["done", "interrupted"], 75),
        (["done", "pending"], 75),
        (["done", "running"], 75),
    ],
)
def test_the_exit_code_is_that_of_waiting(data_dir: DataDir, states: list[str], code: int) -> None:
    for seed, state in enumerate(states):
        data_dir.run(seed=seed, state=state)
    assert survey(data_dir.find()).exit_code == code


def test_runs_of_which_no_state_is_known_are_counted_and_fail_nothing(data_dir: DataDir) -> None:
    data_dir.spinningup(rows=curve(1, 2))
    found = survey(data_dir.find())
    assert (found.counts["unknown"], found.exit_code) == (1, 0)


def test_a_run_that_nobody_has_is_dead_and_one_that_is_held_is_not(data_dir: DataDir, held: Callable[..., Any]) -> None:
    data_dir.run("gone", state="running")
    alive = data_dir.run("alive", state="running")
    with held(alive):
        text = shown(data_dir)
        told = survey(data_dir.find()).as_json()
    assert "dead: 1 run: marked as running, but nobody is at work there" in text
    assert "    gone s0: last written 0 s ago by process 1 on " in text
    assert (told["dead"], told["running"], [one["name"] for one in told["dead_runs"]]) == (1, 1, ["gone_s0"])


def test_the_json_is_strict_and_has_all_failures(sweep_dir: DataDir) -> None:
    told = json.loads(json.dumps(survey(sweep_dir.find()).as_json(3), allow_nan=False))
    assert (told["runs"], told["settings"], told["done"], told["failed"], told["exit_code"]) == (12, 4, 10, 1, 1)
    [failure] = told["failures"]
    assert (failure["cause"], failure["kind"], failure["last_lines"]) == ("rank 0: ValueError: no", "error", [])
    assert failure["runs"][0]["seed"] == 10
    assert told["which"]["pending"] == ["ppo_lr0-01_tanh s20"]


def test_what_files_hold_cannot_steer_a_terminal(data_dir: DataDir) -> None:
    evil = "\x1b[2J\x1b]0;x\x07\u2028\n[red]"
    run = data_dir.run("a\x1b[31mb", state="failed", cause=f"rank 0: {evil}")
    run.output.write_text(f"{evil}\x9b31m\r\x00\n")
    text = shown(data_dir)
    assert all(line.isprintable() for line in text.split("\n"))
    assert "\\x1b[2J" in text
    assert len(text.splitlines()) == len(text.split("\n"))


def test_a_status_of_wrong_types_is_no_reason_to_fail(data_dir: DataDir) -> None:
    run = data_dir.run(state="failed")
    run.status.write_text('{"state": "failed", "started": "x", "ended": [1], "cause": {"a": 1}, "host": 3}')
    assert "failed" in shown(data_dir)


def test_many_settings_are_cut_with_a_count(data_dir: DataDir) -> None:
    for number in range(12):
        data_dir.run(f"a{number}", state="interrupted", lr=number)
    told = which(data_dir.find(), 3)
    assert (told[:2], told[3]) == (["a0 s0", "a1 s0"], "and 9 more settings")
    assert len(which(data_dir.find(), None)) == 12


def test_a_launch_that_goes_on_is_told_and_another_sweeps_is_not(data_dir: DataDir) -> None:
    data_dir.run("ppo_lr1")
    place = Place(data_dir.path)
    place.own.mkdir()
    other = take(place.sweep_lock("sac"))
    assert launches_of(data_dir.find()) == []
    ours = take(place.sweep_lock("ppo"))
    assert ours is not None
    assert other is not None
    assert "a launch is going on: process " in shown(data_dir)
    ours.release()
    other.release()
    assert survey(data_dir.find()).is_over


def test_times_are_from_the_newest_to_the_oldest(data_dir: DataDir) -> None:
    now = time.time()
    for seed, ended in enumerate((now - 10, now - 600)):
        run = data_dir.run(seed=seed)
        write_status(run, replace(Status(State.DONE), attempt=1, started=now - 900, ended=ended))
    assert "10 s to 10 min ago" in shown(data_dir)
