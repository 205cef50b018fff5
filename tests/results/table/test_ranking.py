"""The ranking of settings: numbers, marks, warnings, and the formats it is told in."""

from __future__ import annotations

import csv
import io
import json
import math
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from sweep.base.errors import SweepError, UsageError
from sweep.cli.words import split_flags, value_of
from sweep.results.run import Run
from sweep.results.table.formats import comma_separated, latex, markdown
from sweep.results.table.leaders import as_flags, as_json, parse_seeds, to_rerun
from sweep.results.table.page import effects_table, paragraphs, ranking_table
from sweep.results.table.ranking import Ranking, rank
from sweep.results.text.cell import cell
from sweep.results.text.glyphs import UNICODE
from sweep.results.text.plain import table_lines
from sweep.results.text.table import Column, TextTable


def made(root: Path, seed: int, rows: Sequence[float], state: str = "done", **config: object) -> Run:
    """Return a run with a table of a `Return` a row."""
    name = "x_" + "_".join(f"{key}{value}" for key, value in config.items())
    folder = root / name / f"{name}_s{seed}"
    folder.mkdir(parents=True)
    lines = ["Epoch\tReturn", *(f"{epoch}\t{value}" for epoch, value in enumerate(rows))]
    (folder / "progress.txt").write_text("\n".join(lines) + "\n")
    return Run(folder, folder.name, name, name, config, seed, state, None, "sweep", folder / "progress.txt")


@pytest.fixture
def runs(tmp_path: Path) -> list[Run]:
    """Three settings: 2 is best, 3 cannot be told from it, 1 is worse and has a failed seed."""
    found = []
    for lr, scores in {1: (1.0, 2.0, 3.0), 2: (11.0, 12.0, 13.0), 3: (10.0, 14.0, 9.0)}.items():
        for seed, score in enumerate(scores):
            found.append(made(tmp_path, seed, [0.0, score], "failed" if (lr, seed) == (1, 2) else "done", lr=lr, b=0))
    return found


def ranking(runs: Sequence[Run]) -> Ranking:
    return rank(runs, "Return", how="last")


def test_settings_are_ranked_and_marked_with_the_difference_to_the_best(runs: list[Run]) -> None:
    rows = ranking(runs).rows
    assert [row.setting.params["lr"] for row in rows] == [2, 3, 1]
    assert [row.mark for row in rows] == ["best", "unresolved", "worse"]
    assert [(row.n, row.mean, row.worst) for row in rows] == [(3, 12.0, 11.0), (3, 11.0, 9.0), (2, 1.5, 1.0)]
    gap = rows[1].difference
    assert gap is not None and gap.paired and gap.mean == -1.0 and gap.low < 0 < gap.high
    assert rows[0].difference is None and math.isnan(rows[0].p_better) and rows[2].p_better == 0.0


def test_lower_can_be_better(runs: list[Run]) -> None:
    rows = rank(runs, "Return", how="last", better="min").rows
    assert [row.setting.params["lr"] for row in rows] == [1, 3, 2]
    assert [row.worst for row in rows] == [2.0, 14.0, 13.0]


def test_what_a_reader_must_know_comes_before_the_ranking(runs: list[Run]) -> None:
    said = "\n".join(ranking(runs).warnings)
    assert "1 of 9 runs have no score: failed or unfinished" in said
    assert "1 of 3 settings have fewer than 3 seeds" in said
    assert "the best of 3 looks up to" in said
    assert "1 of 3 settings cannot be told from the best (1 of them need more seeds)" in said


def test_runs_that_ended_at_different_places_are_told(tmp_path: Path) -> None:
    runs = [made(tmp_path, seed, [0.0] * rows, lr=1) for seed, rows in enumerate([10, 5])]
    assert any("end at different Epoch: 4 to 9" in note for note in ranking(runs).notes)


def test_hiding_a_setting_does_not_change_the_numbers_of_another(runs: list[Run]) -> None:
    whole = {row.setting.label: (row.mean, row.interval, row.iqm) for row in ranking(runs).rows}
    fewer = {row.setting.label: (row.mean, row.interval, row.iqm) for row in ranking(runs[3:]).rows}
    assert fewer == {label: whole[label] for label in fewer} and len(fewer) == 2


def test_a_parameter_has_its_main_effect(runs: list[Run]) -> None:
    found = ranking(runs)
    assert [(level.value, level.mean, level.n) for level in found.levels("lr")] == [
        (2, 12.0, 1),
        (3, 11.0, 1),
        (1, 1.5, 1),
    ]
    assert found.effects().main == {"lr": pytest.approx(1.0)}
    lines = list(table_lines(effects_table({"lr": found.levels("lr")}, found.effects().main)))
    assert lines[1].split() == ["lr", "100%", "2", "12", "1"]
    with pytest.raises(UsageError, match="those that do: lr"):
        found.levels("b")


def test_a_narrow_terminal_keeps_what_matters_most(runs: list[Run]) -> None:
    found = ranking(runs)
    table = ranking_table(found.rows, found.keys, UNICODE)
    wide, narrow = list(table_lines(table, 200)), list(table_lines(table, 40))
    assert "IQM" in wide[0] and "to the best" in wide[0]
    assert "IQM" not in narrow[0] and all(len(line) <= 40 for line in narrow)
    assert narrow[0].split() == ["#", "lr", "n", "mean", "mark"] or "mean" in narrow[0]


def test_the_formats_hold_what_the_cells_say_whatever_it_is() -> None:
    odd = "a|b & $c_1$ \\ 50% {x} <b>"
    table = TextTable([Column("na|me"), Column("n", "right")], [[cell(odd), cell(3)]])
    head, rule, row = markdown(table).splitlines()
    assert rule == "| :-- | --: |" and head.count("\\|") == 1
    assert row.replace("\\|", "").count("|") == 3 and "<b>" not in row
    text = comma_separated([{"na|me": odd, "n": 3.25}, {"n": None, "new": "=1"}])
    assert list(csv.reader(io.StringIO(text))) == [["na|me", "n", "new"], [odd, "3.25", ""], ["", "", "'=1"]]
    assert r"a|b \& \$c\_1\$ \textbackslash{} 50\% \{x\} \textless{}b\textgreater{} & 3 \\" in latex(table)


def test_json_has_no_nan(runs: list[Run]) -> None:
    text = json.dumps(ranking(runs).as_json(), allow_nan=False)
    assert json.loads(text)["settings"][0]["mark"] == "best"


def test_a_leader_can_be_used_again(runs: list[Run]) -> None:
    best = ranking(runs).rows[0]
    assert as_flags(best) == "--lr 2 --b 0"
    assert as_json(best)["config"] == {"lr": 2, "b": 0} and len(as_json(best)["paths"]) == 3


@pytest.mark.parametrize(
    ("text", "seeds"), [("100:103", [100, 101, 102]), ("0:10:5", [0, 5]), ("7", [7]), ("1,3", [1, 3])]
)
def test_seeds_are_read(text: str, seeds: list[int]) -> None:
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "a", "5:5", "1:2:0", "1,1", "1:2:3:4"])
def test_seeds_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="100:110"):
        parse_seeds(text)


def test_what_cannot_be_ranked_is_told_in_one_line(runs: list[Run], tmp_path: Path) -> None:
    with pytest.raises(SweepError, match="Return"):
        rank(runs, "Returns")
    with pytest.raises(UsageError, match="nothing to rank: none of 1 run has"):
        rank([made(tmp_path, 0, [], lr=9)])


def test_failed_runs_alone_make_a_ranking_without_scores(tmp_path: Path) -> None:
    found = ranking([made(tmp_path, seed, [1.0], "failed", lr=1) for seed in range(2)])
    assert [row.mark for row in found.rows] == ["none"] and "2 of 2 runs have no score" in found.warnings[0]


def test_the_score_is_over_the_x_that_was_asked_for(tmp_path: Path) -> None:
    run = made(tmp_path, 0, [1.0, 2.0, 3.0], lr=1)
    (run.path / "progress.txt").write_text("Epoch\tTime\tReturn\n0\t10\t1\n1\t20\t2\n2\t60\t3\n")
    assert rank([run], "Return", "at:20", x="Time").rows[0].mean == 2.0
    assert rank([run], "Return", "at:2").rows[0].mean == 3.0


def test_the_first_to_come_up_to_a_threshold_is_the_best(tmp_path: Path) -> None:
    runs = [made(tmp_path, seed, [0.0] * lr + [9.0] * 9, lr=lr) for lr in (1, 3) for seed in range(3)]
    found = rank(runs, "Return", "above:5")
    assert [(row.setting.params["lr"], row.mean, row.mark) for row in found.rows] == [
        (1, 1.0, "best"),
        (3, 3.0, "worse"),
    ]
    assert "lower is better" in found.title and found.rows[1].p_better == 0.0


def test_leaders_are_chosen_by_other_seeds_than_the_fresh_ones(runs: list[Run], tmp_path: Path) -> None:
    fresh = [made(tmp_path, seed, [0.0, 99.0], lr=3, b=0) for seed in (100, 101)]  # a lucky rerun of the second
    leaders = to_rerun([*runs, *fresh], [100, 101], 2, ranking)
    assert [row.setting.params["lr"] for row in leaders] == [2, 3] and leaders[1].n == 3
    assert [row.setting.params["lr"] for row in to_rerun(runs, [7], 1, ranking)] == [2]


@pytest.mark.parametrize("seeds", [[0], [5, 1], [0, 1, 2]])
def test_seeds_that_every_setting_has_are_not_fresh(runs: list[Run], seeds: list[int]) -> None:
    with pytest.raises(UsageError, match=r"seed [01] is one that the settings are ranked by"):
        to_rerun(runs, seeds, 1, ranking)


def test_nothing_is_run_again_where_nothing_has_a_score(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no setting has a score yet"):
        to_rerun([made(tmp_path, 0, [1.0], "failed", lr=1)], [7], 1, ranking)


def test_notes_are_broken_between_words() -> None:
    text = "a note that is longer than the place in which it stands"
    assert list(table_lines(paragraphs([cell(text)]), 30)) == [
        "a note that is longer than the",
        "place in which it stands",
    ]
    assert list(table_lines(paragraphs([cell(text)]))) == [text]


def test_the_flags_of_a_leader_mean_the_same_values_on_a_command_line(tmp_path: Path) -> None:
    values: dict[str, object] = {"a": "1", "b": -0.5, "c": (32, 32), "d": "it's; rm", "e": "-x", "f": None, "g": True}
    words = shlex.split(as_flags(ranking([made(tmp_path, 0, [1.0], **values)]).rows[0]))
    assert [(flag.name, value_of(flag.words[0])) for flag in split_flags(words)] == list(values.items())


def test_a_setting_of_which_runs_diverged_is_never_the_best(tmp_path: Path) -> None:
    lucky = [made(tmp_path, seed, [1.0, score], lr=1) for seed, score in enumerate([99.0, 98.0, math.nan, math.inf])]
    solid = [made(tmp_path, seed, [1.0, 50.0 + seed], lr=2) for seed in range(4)]
    rows = ranking([*lucky, *solid]).rows
    assert [(row.setting.params["lr"], row.mark, row.n) for row in rows] == [(2, "best", 4), (1, "incomplete", 2)]
    assert "2 of 8 runs have no number to be scored by" in "\n".join(ranking([*lucky, *solid]).warnings)


def test_numbers_at_the_end_of_floats_are_ranked(tmp_path: Path) -> None:
    runs = [made(tmp_path, seed, [1.7e308], lr=lr) for lr in (1, 2) for seed in range(3)]
    assert [row.mean for row in ranking(runs).rows] == [1.7e308, 1.7e308]
