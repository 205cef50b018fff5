"""When snapshots are made and which are kept."""

from __future__ import annotations

import pytest

from sweep.runtime.snapshots.errors import SnapshotError
from sweep.runtime.snapshots.rhythm import MODES, Rhythm


def left(rhythm: Rhythm, total: int, scores: dict[int, float] | None = None) -> tuple[list[int], list[int]]:
    """Return the steps that are saved in a whole run, and those that are there at its end."""
    made: list[int] = []
    there: list[int] = []
    for step in range(total):
        known = {one: score for one, score in (scores or {}).items() if one in there}
        if rhythm.due(step, total, 1.0) or rhythm.is_better((scores or {}).get(step), known):
            made.append(step)
            there.append(step)
            known = {one: score for one, score in (scores or {}).items() if one in there}
            there = sorted(rhythm.kept(there, known, total))
    return made, there


@pytest.mark.parametrize(
    ("rhythm", "made", "kept"),
    [
        (Rhythm("none"), [], []),
        (Rhythm("last"), list(range(8)), [6, 7]),
        (Rhythm("all"), list(range(8)), list(range(8))),
        (Rhythm("gap", 3), [0, 3, 6, 7], [0, 3, 6, 7]),
        (Rhythm("gap_overwrite", 3), [0, 3, 6, 7], [7]),
        (Rhythm("gap_and_last", 3), list(range(8)), [0, 3, 6, 7]),
        (Rhythm("gap", 0), [7], [7]),
        (Rhythm("gap_and_last", 0), list(range(8)), [7]),
        (Rhythm("gap", "auto"), list(range(8)), list(range(8))),
    ],
    ids=lambda value: f"{value.mode}-{value.gap}" if isinstance(value, Rhythm) else "",
)
def test_every_mode_leaves_its_steps_and_gap_modes_have_the_final_one(
    rhythm: Rhythm, made: list[int], kept: list[int]
) -> None:
    assert left(rhythm, 8) == (made, kept)


def test_an_automatic_gap_is_a_tenth_of_all_steps() -> None:
    assert left(Rhythm("gap", "auto"), 40)[0] == [*range(0, 40, 4), 39]


def test_the_best_and_the_newest_never_evict_each_other() -> None:
    scores = {0: 1.0, 1: 9.0, 2: 3.0, 3: 2.0, 4: 8.0, 5: 0.0}
    rhythm = Rhythm("gap_overwrite", 2, keep_best=2, metric="Return")
    assert left(rhythm, 6, scores)[1] == [1, 4, 5]
    smallest = Rhythm("last", keep_best=1, metric="Loss", better="min")
    assert left(smallest, 6, {**scores, 2: -1.0})[1] == [2, 4, 5]


def test_a_better_step_is_saved_although_it_is_not_due() -> None:
    rhythm = Rhythm("gap", 100, keep_best=1, metric="Return")
    assert left(rhythm, 6, {1: 5.0, 2: 4.0, 3: 6.0})[0] == [0, 1, 3, 5]


def test_a_worse_score_after_a_restart_does_not_replace_the_best() -> None:
    rhythm = Rhythm(keep_best=1, metric="Return")
    assert not rhythm.is_better(3.0, {4: 7.0})
    assert not rhythm.is_better(7.0, {4: 7.0})
    assert not rhythm.is_better(None, {})
    assert not rhythm.is_better(float("nan"), {})
    assert rhythm.best({4: 7.0, 9: 7.0}) == [4]


def test_with_a_shortest_time_between_them_only_multiples_and_the_final_one_come_earlier() -> None:
    rhythm = Rhythm("gap_and_last", 4, min_seconds=60)
    assert [step for step in range(7) if rhythm.due(step, 7, since_s=59.0)] == [0, 4, 6]
    assert [step for step in range(7) if rhythm.due(step, 7, since_s=60.0)] == list(range(7))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mode": "lst"}, "mode='lst' is no snapshot mode; use one of none, last, all, gap"),
        ({"mode": "last", "gap": 2}, "mode='last' has no gap"),
        ({"mode": "gap_overwrite"}, "needs a gap of more than 1"),
        ({"mode": "gap", "gap": -1}, "gap=-1: give a whole number"),
        ({"mode": "gap", "gap": True}, "gap=True"),
        ({"mode": "gap", "gap": "often"}, "gap='often'"),
        ({"keep_best": 1}, "keep_best=1 needs a metric"),
        ({"better": "highest"}, "better='highest'"),
        ({"min_seconds": float("nan")}, "min_seconds=nan"),
    ],
)
def test_what_does_not_go_together_is_refused_at_once(given: dict[str, object], said: str) -> None:
    with pytest.raises(SnapshotError) as refused:
        Rhythm(**given)  # type: ignore[arg-type]
    assert said in str(refused.value)


def test_a_mistyped_mode_is_guessed() -> None:
    with pytest.raises(SnapshotError, match="Did you mean 'gap_overwrite'"):
        Rhythm("gap_overwrit")
    assert len(MODES) == 6
