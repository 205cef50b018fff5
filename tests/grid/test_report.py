"""The report of a grid: the reference's block, the arithmetic, the names; text and HTML."""

from __future__ import annotations

import pytest

from sweep.grid.distributions import loguniform
from sweep.grid.grid import Grid
from sweep.grid.report import product_line, report, report_html
from sweep.grid.survey import survey


def text_of(grid: Grid, *notes: str, colour: bool = False) -> str:
    return report(grid.definition, survey(grid.definition), notes, colour)


def test_the_whole_report_of_a_small_grid() -> None:
    grid = Grid("ppo").add("env_name", "CartPole-v1", "", True).add("hid", [(32,), (64, 64)]).add("seed", [0, 10])
    assert text_of(grid, "2 ranks a run").splitlines() == [
        "=" * 80,
        "Grid [ppo] sweeps these parameters:",
        "",
        " env_name".ljust(41) + " []",
        "",
        "\tCartPole-v1",
        "",
        " hid".ljust(41) + " [hid]",
        "",
        "\t[32]",
        "\t[64, 64]",
        "",
        " seed".ljust(41) + " [see]",
        "",
        "\t0",
        "\t10",
        "",
        " Variants, counting seeds:".ljust(40) + " 4",
        " Settings, not counting seeds:".ljust(40) + " 2",
        "",
        " 2 settings x 2 seeds = 4 runs",
        " first name:   ppo_cartpole-v1_hid32",
        " last name:    ppo_cartpole-v1_hid64-64",
        " longest name: ppo_cartpole-v1_hid64-64 (24 characters)",
        " 2 ranks a run",
        "=" * 80,
    ]


@pytest.mark.parametrize(
    ("grid", "line"),
    [
        (Grid("g"), "1 setting x 1 seed = 1 run"),
        (Grid("g").add("a", range(4)).add("b", range(3)).add("c", [1, 2]).add("seed", range(5)),
         "4 x 3 x 2 = 24 settings x 5 seeds = 120 runs"),
        (Grid("g").add("a", range(1000)).add("seed", range(10)), "1,000 settings x 10 seeds = 10,000 runs"),
        (Grid("g").add("a", [1, 2]).add("seed", [0, 1]).exclude({"a": 2, "seed": 1}),
         "2 settings, 3 runs after the rules above"),
        (Grid("g").add("lr", loguniform(1e-4, 1e-2)).add("seed", [0, 1]).sample(3),
         "3 settings, 6 runs after the rules above"),
    ],
)  # fmt: skip
def test_the_arithmetic_in_one_line(grid: Grid, line: str) -> None:
    assert product_line(grid.definition, survey(grid.definition)) == line


def test_a_long_name_breaks_the_headline() -> None:
    lines = text_of(Grid("x" * 70)).splitlines()
    assert lines[1:3] == [f"Grid [{'x' * 70}]", "sweeps these parameters:"]


def test_every_rule_is_shown() -> None:
    grid = Grid("g").add("a", [1, 2]).zip({"m": ["x", "y"], "n": [1, 2]}).when("a > 1", {"w": [5, 6]})
    grid.derive("d", "a * 2").exclude({"m": "x"}).ablate({"a": [3]}).case({"a": 4, "m": "y"}).order("shuffle")
    text = text_of(grid)
    for part in (
        "zip       m, n move together", "when      a > 1: w = 5, 6", "derive    d = a * 2", "exclude   {'m': 'x'}",
        "ablate    a = 3", "case      a = 4; m = y", "order     shuffle",
    ):  # fmt: skip
        assert part in text


def test_many_alternatives_are_cut() -> None:
    assert "\t... and 980 more" in text_of(Grid("g").add("a", range(1000)))


def test_a_value_cannot_steer_the_terminal() -> None:
    text = text_of(Grid("g").add("a", ["\x1b[2Jx", "y"]))
    assert "\x1b" not in text


def test_colours_only_if_asked() -> None:
    grid = Grid("g").add("a", [1, 2])
    assert "\x1b[32;1mGrid [g]" in text_of(grid, colour=True)
    assert "\x1b" not in text_of(grid)


def test_html_escapes_everything() -> None:
    grid = Grid("g").add("<script>", ["<b>1</b>", "2"], "s").derive("d", "len('<i>')")
    page = report_html(grid.definition, survey(grid.definition))
    for hostile in ("<script>", "<b>1", "<i>"):
        assert hostile not in page
    assert "&lt;script&gt;" in page
