"""Learning curves: what is drawn, how, and what is said about it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.base.errors import SweepError, UsageError
from sweep.results.plotting.files import has_display, paths_for, write
from sweep.results.plotting.plot import Plot, plot
from sweep.results.run import Run

pytest.importorskip("matplotlib", reason="figures need matplotlib")


def made(root: Path, name: str, seed: int, rows: Sequence[float], **config: object) -> Run:
    """Return a run with a table of an `AverageEpRet` a row, a thousand steps apart."""
    folder = root / name / f"{name}_s{seed}"
    folder.mkdir(parents=True)
    lines = ["Epoch\tTotalEnvInteracts\tAverageEpRet"]
    lines += [f"{epoch}\t{(epoch + 1) * 1000}\t{value}" for epoch, value in enumerate(rows)]
    (folder / "progress.txt").write_text("\n".join(lines) + "\n")
    return Run(folder, folder.name, name, name, config, seed, "done", None, "sweep", folder / "progress.txt")


def grid(root: Path, seeds: Iterable[int] = (0, 1, 2), **keys: Sequence[object]) -> list[Run]:
    """Return runs of every combination of some parameters' values."""
    runs = []
    for values in itertools.product(*keys.values()):
        config = dict(zip(keys, values, strict=True))
        name = "x_" + "_".join(f"{key}{value}" for key, value in config.items())
        level = sum(
            10.0 * (index + 1) * list(keys[key]).index(value) for index, (key, value) in enumerate(config.items())
        )
        runs += [made(root, name, seed, [level + seed + step for step in range(5)], **config) for seed in seeds]
    return runs


def panels(one: Plot) -> list[Any]:
    return [axes for axes in one.figure.axes if axes.get_visible()]


def strokes(axes: Any, style: str = "-") -> list[np.ndarray]:
    """Return the heights of the lines of a style that are not thin."""
    found = [line for line in axes.lines if line.get_linestyle() == style and line.get_linewidth() > 1]
    return [np.asarray(line.get_ydata(), dtype=float) for line in found]


def test_a_setting_is_a_line_and_the_mean_of_its_seeds(tmp_path: Path) -> None:
    (one,) = plot(grid(tmp_path, lr=[0.1, 0.2]))
    assert (one.y, one.x) == ("AverageEpRet", "TotalEnvInteracts")
    (axes,) = panels(one)
    assert sorted(line[0] for line in strokes(axes)) == [1.0, 11.0]


def test_every_band_says_what_it_is_and_over_how_many_seeds(tmp_path: Path) -> None:
    runs = grid(tmp_path, lr=[0.1])
    for band, words in [("t", "t interval"), ("sd", "standard deviation"), ("minmax", "range"), ("boot", "bootstrap")]:
        (one,) = plot(runs, band=band)
        assert any(words in note and "3 seeds" in note for note in one.notes), one.notes
        assert panels(one)[0].collections, band
    (one,) = plot(runs, band="none")
    assert not panels(one)[0].collections


def test_what_matters_most_chooses_the_colour_and_the_next_two_the_panels(tmp_path: Path) -> None:
    (one,) = plot(grid(tmp_path, seeds=(0, 1), a=[1, 2], b=[1, 2, 3], c=[1, 2]))
    titles = [axes.get_title() for axes in panels(one)]
    assert len(titles) == 4
    assert all("a = " in title and "c = " in title for title in titles)  # b, which moves most, is the colour
    assert one.figure.legends[0].get_title().get_text() == "b"


def test_colour_row_and_column_are_as_asked(tmp_path: Path) -> None:
    (one,) = plot(grid(tmp_path, seeds=(0,), a=[1, 2], b=[1, 2, 3]), color="a", col="b")
    assert [axes.get_title() for axes in panels(one)] == ["b = 1", "b = 2", "b = 3"]
    assert [len(strokes(axes)) for axes in panels(one)] == [2, 2, 2]


def test_a_line_is_dotted_where_a_seed_has_ended(tmp_path: Path) -> None:
    runs = [made(tmp_path, "x", seed, [1.0] * rows) for seed, rows in enumerate([5, 5, 3])]
    (one,) = plot(runs)
    (axes,) = panels(one)
    (solid,), (dotted,) = strokes(axes), strokes(axes, ":")
    assert np.isfinite(solid).tolist() == [True, True, True, False, False]
    assert np.isfinite(dotted).tolist() == [False, False, True, True, True]


def test_smoothing_looks_back_only_and_is_said(tmp_path: Path) -> None:
    runs = [made(tmp_path, "x", 0, [0.0, 2.0, 4.0, 6.0])]
    (one,) = plot(runs, smooth=2)
    assert strokes(panels(one)[0])[0].tolist() == [0.0, 1.0, 3.0, 5.0]
    assert "each point is the mean of the last 2 rows" in one.notes
    assert len(strokes(panels(plot(runs, smooth=100)[0])[0])[0]) == 4  # a window longer than the run


def test_a_wide_band_does_not_press_the_lines_flat(tmp_path: Path) -> None:
    runs = [made(tmp_path, "x", seed, [0.0, 10.0 * seed]) for seed in range(2)]
    low, high = panels(plot(runs)[0])[0].get_ylim()
    assert -2.0 < low < 0.0 and 10.0 < high < 12.0


def test_each_seed_is_drawn_when_asked_and_count_makes_each_run_a_line(tmp_path: Path) -> None:
    runs = grid(tmp_path, lr=[0.1])
    (one,) = plot(runs, seeds=True)
    assert len(panels(one)[0].lines) == 4
    (one,) = plot(runs, count=True)
    assert len(strokes(panels(one)[0])) == 3


def test_equal_names_of_a_legend_make_one_line(tmp_path: Path) -> None:
    (one,) = plot(grid(tmp_path, lr=[0.1, 0.2]), legend=("both", "both"))
    assert len(strokes(panels(one)[0])) == 1
    assert any("6 " in note for note in one.notes)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"y": "AverageEpret"}, "AverageEpRet"),
        ({"x": "Steps"}, "TotalEnvInteracts"),
        ({"color": "momentum"}, "lr"),
        ({"color": "lr", "row": "lr"}, "twice"),
        ({"legend": ("one",)}, "2 lines"),
        ({"est": "mode"}, "median"),
        ({"band": "ci"}, "minmax"),
        ({"est": "median", "band": "t"}, "mean"),
        ({"smooth": 0}, "smooth"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_one_line_with_what_could(
    tmp_path: Path, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(SweepError) as caught:
        plot(grid(tmp_path, lr=[0.1, 0.2]), **options)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_runs_without_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    runs = [*grid(tmp_path, lr=[0.1]), made(tmp_path, "empty", 0, [])]
    (one,) = plot(runs)
    assert "1 run of 4 not drawn: no rows with this metric" in one.notes
    with pytest.raises(UsageError, match="nothing to draw"):
        plot(runs[-1:])


def test_a_hundred_panels_are_not_drawn_and_that_is_said(tmp_path: Path) -> None:
    (one,) = plot(grid(tmp_path, seeds=(0,), a=list(range(14)), b=[1, 2, 3]), col="a", color="b")
    assert len(panels(one)) == 12
    assert any("12 of the 14 values of a" in note for note in one.notes)


def test_names_are_text_and_no_formulas(tmp_path: Path) -> None:
    runs = grid(tmp_path, seeds=(0,), key=["$\\frac", "\x1b[31mred"])
    (one,) = plot(runs)
    write([one], [tmp_path / "plot.png"])
    texts = [text.get_text() for text in one.figure.legends[0].get_texts()]
    assert not any("\x1b" in text for text in texts)


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_a_figure_is_written_in_the_format_of_its_name(tmp_path: Path, kind: str) -> None:
    plots = plot(grid(tmp_path, seeds=(0,), lr=[1, 2]), y=["AverageEpRet", "Epoch"])
    paths = paths_for(plots, str(tmp_path / f"new/curves.{kind}"))
    write(plots, paths)
    assert [path.name for path in paths] == [f"curves_AverageEpRet.{kind}", f"curves_Epoch.{kind}"]
    begins = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind]
    assert all(path.read_bytes().startswith(begins) for path in paths)


def test_a_name_of_no_format_is_refused_and_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    plots = plot(grid(tmp_path, seeds=(0,), lr=[1, 2]))
    with pytest.raises(UsageError, match=r"\.png, \.svg, \.pdf"):
        paths_for(plots, "curves.docx")
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written"):
        write(plots, [tmp_path / "file" / "curves.png"])


def test_a_window_is_opened_only_where_there_is_a_display() -> None:
    assert has_display({"DISPLAY": ":0"}, "linux") and has_display({}, "darwin")
    assert not has_display({"DISPLAY": ""}, "linux")


def test_a_metric_of_every_other_row_is_a_line_all_the_same(tmp_path: Path) -> None:
    runs = [made(tmp_path, "x", seed, [1.0, np.nan, 3.0, np.nan, 5.0]) for seed in range(2)]
    (axes,) = panels(plot(runs)[0])
    assert strokes(axes)[0].tolist() == [1.0, 3.0, 5.0]


def test_a_hole_in_one_seed_is_dotted_and_nothing_is_interpolated(tmp_path: Path) -> None:
    runs = [made(tmp_path, "x", 0, [1.0, 2.0, 3.0, 4.0]), made(tmp_path, "x", 1, [1.0, np.nan, 3.0, 4.0])]
    (one,) = plot(runs)
    (solid,), (dotted,) = strokes(panels(one)[0]), strokes(panels(one)[0], ":")
    assert np.isfinite(solid).tolist() == [True, False, True, True] and np.isfinite(dotted[1])
    assert not any("interpolated" in note for note in one.notes)


def test_a_legend_too_long_for_its_figure_says_how_many_are_left_out(tmp_path: Path) -> None:
    (one,) = plot(grid(tmp_path, seeds=(0,), lr=list(range(60))), count=True)
    texts = [text.get_text() for text in one.figure.legends[0].get_texts()]
    assert len(texts) < 30 and texts[-1] == f"and {60 - len(texts) + 1} more"
    assert "each line is one run" in one.notes


def test_a_title_that_is_wider_than_its_panel_takes_two_lines(tmp_path: Path) -> None:
    (one,) = plot(
        grid(tmp_path, seeds=(0,), act=["tanh", "x" * 50], net=["a" * 30, "b"], lr=[1, 2]), row="act", col="net"
    )
    titles = [axes.get_title() for axes in panels(one)]
    assert "act = tanh, net = b" in titles and any(",\n" in title for title in titles)
    assert max(len(line) for title in titles for line in title.splitlines()) <= 39


def test_what_is_dotted_and_what_looks_alike_is_said(tmp_path: Path) -> None:
    runs = [made(tmp_path, "x", seed, [1.0] * rows) for seed, rows in enumerate([5, 3])]
    assert any("dotted: without some of the seeds" in note for note in plot(runs)[0].notes)
    whole = grid(tmp_path, seeds=(0, 1), a=[1, 2], b=[1, 2])
    assert not any("dotted" in note or "alike" in note for note in plot(whole)[0].notes)
    assert "lines that differ in b alone look alike" in plot(whole, color="a")[0].notes


def test_settings_that_lack_a_parameter_have_a_colour_too(tmp_path: Path) -> None:
    runs = [made(tmp_path, "sgd", 0, [1.0], opt="sgd", mom=0.9), made(tmp_path, "adam", 0, [2.0], opt="adam", b2=0.99)]
    for options in ({}, {"color": "mom"}):
        (one,) = plot(runs, **options)
        assert sum(len(axes.lines) for axes in panels(one)) == 2


def test_lines_that_end_with_their_shortest_run_are_told(tmp_path: Path) -> None:
    runs = [made(tmp_path, "x", seed, [1.0] * 5) for seed in range(2)]
    table = tmp_path / "x" / "x_s1" / "progress.txt"
    table.write_text("TotalEnvInteracts\tAverageEpRet\n900\t1\n1100\t1\n")
    (one,) = plot(runs)
    assert any("only where all of its runs are, as their x differ" in note for note in one.notes), one.notes


def test_runs_without_a_common_x_are_no_line(tmp_path: Path) -> None:
    runs = [made(tmp_path, "x", seed, [1.0]) for seed in range(2)]
    (tmp_path / "x" / "x_s1" / "progress.txt").write_text("TotalEnvInteracts\tAverageEpRet\n7000\t1\n8000\t1\n")
    (one,) = plot(runs)
    assert all(len(line.get_xdata()) == 0 for axes in panels(one) for line in axes.lines)


def test_a_parameter_that_is_no_float_can_be_drawn(tmp_path: Path) -> None:
    runs = [made(tmp_path, f"x{at}", 0, [1.0, 2.0], key=key) for at, key in enumerate((10**400, 1))]
    write(plot(runs, band="none"), [tmp_path / "plot.png"])
