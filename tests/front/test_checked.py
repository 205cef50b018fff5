"""What a person is told of a check: what is equal, what differs from which row on, and the likely cause."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sweep.front.checked import Check
from sweep.front.compared import Comparison, Difference


def comparison(*columns: str, items: dict[str, bool] | None = None, **how: Any) -> Comparison:
    """Return what came of comparing six rows, of which these columns differ from row 3 on."""
    differences = tuple(Difference("progress.txt", name, 3, "1.0", "2.0") for name in columns)
    names = tuple(dict.fromkeys(("Epoch", *columns)))
    settings: dict[str, Any] = {"rows": (6, 6), "times": ("Time",), "steps": (5, 5), **how}
    return Comparison(
        columns=names, differences=differences, items={"model": True} if items is None else items, **settings
    )


def check(found: Comparison, undisturbed: Comparison | None = None, **how: Any) -> Check:
    settings: dict[str, Any] = {"directory": None, "signal": "KILL", "killed_after": 2, "resumed_from": 1, **how}
    return Check(comparison=found, undisturbed=undisturbed, **settings)


def text(one: Check) -> str:
    return "\n".join(one.lines())


def test_runs_that_are_the_same_are_said_to_be() -> None:
    same = check(comparison())
    assert same.exit_code == 0
    assert text(same).splitlines() == [
        "SIGKILL after row 2 of 6 (from 0); the run went on from the snapshot of step 1",
        "",
        "  progress.txt  equal: 6 rows, 1 column",
        "  metrics.jsonl equal: 6 rows, 1 column",
        "  last snapshot equal: model",
        "left out: Time, as times or as asked",
        "",
        "the same: a run that is killed ends as one that is not",
    ]


def test_a_function_that_saves_nothing_is_told_that_it_began_anew() -> None:
    anew = check(comparison(items={}, steps=(None, None)), resumed_from=None)
    assert anew.exit_code == 0
    assert "the run began anew" in text(anew)
    assert "last snapshot none: the function registers no state" in text(anew)
    assert "the same, but the run saved nothing and did it all again" in text(anew)


def test_a_column_that_differs_is_shown_with_its_first_row() -> None:
    differs = check(comparison("Loss"), comparison())
    assert differs.exit_code == 1
    assert "progress.txt  differs in 1 column" in text(differs)
    assert "Loss from row 3 on: 1.0, and 2.0 in the run that was killed" in text(differs)


@pytest.mark.parametrize(
    ("found", "undisturbed", "words"),
    [
        (comparison("Loss"), comparison(), "all registered items are equal, so Loss depends on something else"),
        (comparison("Loss", items={"rng of rank 1": True}), comparison(), ", or with per_rank = True what each rank"),
        (comparison("Loss", items={"model": False}), comparison(), "is not registered with run.state"),
        (comparison("Loss"), comparison("Loss", "Other"), "two undisturbed runs differ too, in Loss, Other: seed"),
        (comparison("Epoch", rows=(6, 5)), comparison(), "6 rows, and 5 in the run that was killed: write them with"),
        (comparison(items={"model": False}), comparison(), "look at what model depends on"),
    ],
)
def test_the_cause_is_guessed_from_what_differs(found: Comparison, undisturbed: Comparison, words: str) -> None:
    assert words in check(found, undisturbed).cause
    assert check(found, undisturbed).exit_code == 1


def test_an_item_that_two_undisturbed_runs_do_not_share_is_left_out_and_that_is_said() -> None:
    found = comparison(items={"model": True, "random state": False})
    one = check(found, found)
    assert one.exit_code == 0
    assert "left out: random state, which two undisturbed runs do not have in common either" in text(one)
    assert check(found, comparison()).exit_code == 1


def test_a_run_that_does_not_go_on_differs_and_says_why() -> None:
    failed = check(comparison("Loss", rows=(6, 3)), failure="rank 0: SnapshotError: it has no item 'w'")
    assert failed.exit_code == 1
    assert "not the same: the run did not go on: rank 0: SnapshotError" in text(failed)


def test_of_many_columns_the_first_are_shown() -> None:
    names = [f"c{number}" for number in range(8)]
    assert "... and 3 more" in text(check(comparison(*names), comparison()))


def test_the_same_is_there_as_json() -> None:
    data = json.loads(json.dumps(check(comparison("Loss"), comparison()).as_json()))
    assert (data["equal"], data["exit_code"], data["rows"]) == (False, 1, [6, 6])
    assert data["differences"] == [{"file": "progress.txt", "column": "Loss", "row": 3, "one": "1.0", "other": "2.0"}]
