"""Parameters that may change: what makes a done run go on, what makes it another, and what is recorded."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from sweep.base.errors import ConfigMismatch, GridError, UsageError
from sweep.front.call import call_experiment
from sweep.front.experiment import ExperimentGrid
from sweep.front.extending import check_extendable, extendable_keys
from sweep.front.launch import Launch
from sweep.front.plan import plan_notes
from sweep.front.prepare import prepare
from sweep.front.request import Request
from sweep.front.summary import Sweep
from sweep.front.verdict import Look, Verdict
from sweep.grid.grid import Grid
from sweep.launch.slots import Demand
from sweep.rundir.snapshot_files import MANIFEST
from sweep.rundir.status import State, read_status
from sweep.rundir.variant_file import read_variant


def done(scene: Any, *snapshots: int, **config: Any) -> Any:
    run = scene.made(scene.call(**config), State.DONE)
    for step in snapshots:
        scene.snapshot(run, step)
    return run


def test_a_done_run_with_another_value_of_an_extendable_parameter_is_to_be_extended(scene: Any) -> None:
    done(scene, 9, lr=1.0, epochs=10)
    plan = scene.plan(scene.extendable("epochs", lr=1.0, epochs=20))
    assert (plan.at(0), plan.to_start) == (Verdict.EXTEND, 1)
    assert "the 1 run to extend: epochs 10 -> 20" in list(plan_notes(plan))


def test_with_the_same_value_it_is_done_declared_or_not(scene: Any) -> None:
    done(scene, 9, lr=1.0, epochs=10)
    assert scene.verdicts(scene.extendable("epochs", lr=1.0, epochs=10)) == [Verdict.DONE]
    assert scene.verdicts(scene.call(lr=1.0, epochs=10)) == [Verdict.DONE]


def test_a_parameter_that_was_left_to_its_default_may_be_given_now(scene: Any) -> None:
    done(scene, 9, lr=1.0)
    plan = scene.plan(scene.extendable("epochs", lr=1.0, epochs=20))
    assert plan.of(Verdict.EXTEND)[0].note == "epochs missing -> 20"


def test_a_run_that_was_declared_extendable_is_known_without_the_declaration(scene: Any) -> None:
    run = scene.made(scene.extendable("epochs", lr=1.0, epochs=10), State.DONE)
    scene.snapshot(run, 9)
    assert scene.verdicts(scene.call(lr=1.0, epochs=10)) == [Verdict.DONE]
    assert scene.verdicts(scene.call(lr=1.0, epochs=11)) == [Verdict.CONFLICT]


def test_a_run_under_another_name_is_found_whether_it_was_declared_or_not(scene: Any) -> None:
    done(scene, 9, name="ppo_epo10", lr=1.0, epochs=10)
    plan = scene.plan(scene.extendable("epochs", name="ppo_epo20", lr=1.0, epochs=20))
    assert plan.of(Verdict.EXTEND)[0].run.path.name == "ppo_epo10_s0"


def test_a_mismatch_of_two_objects_of_one_kind_says_where_they_differ(scene: Any) -> None:
    done(scene, lr=functools.partial(max, 3))
    plan = scene.plan(scene.call(lr=functools.partial(max, 4)))
    with pytest.raises(ConfigMismatch, match="'lr': functools:partial with 3 there, functools:partial with 4 here"):
        plan.check()


def test_any_other_change_is_a_mismatch_that_has_the_differences(scene: Any) -> None:
    done(scene, 9, lr=1.0, epochs=10)
    plan = scene.plan(scene.extendable("epochs", lr=3.0, epochs=20))
    with pytest.raises(ConfigMismatch, match=r"differing in 'lr': 1\.0 there, 3\.0 here\.") as caught:
        plan.check()
    assert caught.value.differences == (("lr", "1.0", "3.0"),)


def test_a_mismatch_of_a_run_that_could_go_on_says_how(scene: Any) -> None:
    done(scene, 9, lr=1.0, epochs=10)
    with pytest.raises(ConfigMismatch, match=r"extendable=\['epochs'\] \(--extendable epochs\)"):
        scene.plan(scene.call(lr=1.0, epochs=20)).check()


@pytest.mark.parametrize("harm", ["none", "no manifest", "incomplete"])
def test_a_done_run_without_a_snapshot_to_go_on_from_is_left_alone_and_says_so(scene: Any, harm: str) -> None:
    run = done(scene, lr=1.0, epochs=10)
    if harm != "none":
        folder = scene.snapshot(run, 9, complete=harm != "incomplete")
        (folder / MANIFEST).unlink() if harm == "no manifest" else None
    plan = scene.plan(scene.extendable("epochs", lr=1.0, epochs=20))
    assert (plan.at(0), plan.to_start) == (Verdict.STUCK, 0)
    assert any("left alone; fresh=True runs anew" in note for note in plan_notes(plan))
    with pytest.raises(ConfigMismatch, match=r"no snapshot .*\(epochs 10 -> 20\); fresh=True runs it anew"):
        plan.check_extended()
    sweep = Sweep(plan)
    assert sweep.exit_code == 1
    assert "1 run not extended:" in sweep.summary()


def test_damage_is_found_once_the_run_is_ours(scene: Any) -> None:
    run = done(scene, 9, lr=1.0, epochs=10)
    (run.snapshots / "step_000000009" / "w.json").write_text("1")
    call = scene.extendable("epochs", lr=1.0, epochs=20)
    assert scene.at(call).verdict is Verdict.EXTEND
    (run.snapshots / "step_000000009" / "w.json").write_text("longer")
    assert Look(scene.place).at(call, mine=run).verdict is Verdict.STUCK


def test_fresh_runs_it_anew(scene: Any) -> None:
    done(scene, lr=1.0, epochs=10)
    plan = scene.plan(scene.extendable("epochs", lr=1.0, epochs=20), fresh=True)
    assert (plan.at(0), plan.moved) == (Verdict.NEW, 1)


def test_a_run_that_has_more_than_is_asked_for_is_done_and_stays_as_it_is(scene: Any) -> None:
    run = done(scene, lr=1.0, epochs=50)
    scene.snapshot(run, 49, total=50)
    before = run.variant.read_bytes()
    planned = scene.at(scene.extendable("epochs", lr=1.0, epochs=10))
    assert planned.verdict is Verdict.DONE
    assert planned.note == "has more than is asked for (epochs 50 -> 10), and stays as it is"
    notes = list(plan_notes(scene.plan(scene.extendable("epochs", lr=1.0, epochs=10))))
    assert f"{run.path.name} {planned.note}" in notes
    assert run.variant.read_bytes() == before
    assert scene.verdicts(scene.extendable("epochs", lr=1.0, epochs=60)) == [Verdict.EXTEND]


def test_a_lower_value_of_what_is_no_total_extends(scene: Any) -> None:
    run = done(scene, lr=1.0, epochs=50, batch=64)
    scene.snapshot(run, 49, total=50)
    wanted = {"lr": 1.0, "epochs": 50, "batch": 32}
    assert scene.verdicts(scene.extendable("epochs", "batch", **wanted)) == [Verdict.EXTEND]
    assert scene.verdicts(scene.extendable("epochs", "batch", **{**wanted, "epochs": 10})) == [Verdict.EXTEND]
    assert scene.verdicts(scene.extendable("lr", "epochs", lr=0.5, epochs=50, batch=64)) == [Verdict.EXTEND]


def test_the_change_is_recorded_and_the_run_is_not_done_any_more(scene: Any) -> None:
    run = done(scene, 9, lr=1.0, epochs=10)
    prepare(scene.at(scene.extendable("epochs", lr=1.0, epochs=20)), Demand())
    record, status = read_variant(run), read_status(run)
    assert record is not None and status is not None
    assert (status.state, status.attempt) == (State.PENDING, 1)
    assert record.config["epochs"] == 20
    [entry] = record.story.history
    assert (entry["attempt"], entry["changed"]) == (2, {"epochs": [10, 20]})


def test_a_second_change_is_added_to_the_first(scene: Any) -> None:
    run = scene.made(scene.call(lr=1.0, epochs=10), State.INTERRUPTED)
    for epochs in (20, 30):
        prepare(scene.at(scene.extendable("epochs", lr=1.0, epochs=epochs)), Demand())
    record = read_variant(run)
    assert record is not None
    assert [entry["changed"]["epochs"] for entry in record.story.history] == [[10, 20], [20, 30]]


def test_an_interrupted_run_goes_on_with_the_other_value(scene: Any) -> None:
    scene.made(scene.call(lr=1.0, epochs=10), State.INTERRUPTED)
    assert scene.verdicts(scene.extendable("epochs", lr=1.0, epochs=20)) == [Verdict.RESUME]


def test_a_nested_parameter_may_change(scene: Any) -> None:
    done(scene, 9, opt={"lr": 1.0, "epochs": 10})
    assert scene.verdicts(scene.extendable("opt:epochs", opt={"lr": 1.0, "epochs": 20})) == [Verdict.EXTEND]
    assert scene.verdicts(scene.extendable("opt:epochs", opt={"lr": 2.0, "epochs": 20})) == [Verdict.CONFLICT]


@pytest.mark.parametrize("given", [3, [1], {"a": 1}, None])
def test_what_is_no_list_of_parameters_is_refused(given: Any) -> None:
    with pytest.raises(UsageError, match="it is a list of parameters"):
        extendable_keys(given)


def test_a_text_with_commas_is_a_list_and_the_seed_cannot_be_in_it() -> None:
    assert extendable_keys("epochs, lr,") == ("epochs", "lr")
    with pytest.raises(UsageError, match="the seed cannot be extendable"):
        extendable_keys(["seed"])


def test_a_key_that_the_grid_lacks_or_that_has_several_values_is_refused() -> None:
    definition = Grid("ppo").add("epochs", [10, 20]).add("lr", 1.0).definition
    with pytest.raises(UsageError, match=r"no parameter 'epoch'; .* Did you mean 'epochs'\?"):
        check_extendable(["epoch"], definition)
    with pytest.raises(UsageError, match="must have one value, not 2"):
        check_extendable(["epochs"], definition)
    check_extendable(["lr"], definition)


def train(lr: float = 0.1, epochs: int = 1, seed: int = 0) -> None: ...


def test_two_variants_that_differ_in_nothing_that_counts_are_refused() -> None:
    grid = ExperimentGrid("ppo").add("lr", [1.0]).add("epochs", [10], in_name=True).case({"epochs": 20})
    with pytest.raises(GridError, match="differ in extendable or runtime-only keys alone"):
        Launch(grid.definition, Request(train, extendable=["epochs"]))
    Launch(grid.definition, Request(train))


def test_a_single_call_may_name_arguments_alone() -> None:
    with pytest.raises(UsageError, match=r"takes no argument 'epoch'.*Did you mean 'epochs'"):
        call_experiment("x", train, extendable="epoch", epochs=3)
