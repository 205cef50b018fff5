"""The command that draws: plot."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sweep.cli.command import Command
from sweep.cli.printing import show as show_page
from sweep.cli.printing import show_json

if TYPE_CHECKING:
    from sweep.results.plotting.plot import Plot

_PLOT = """\
Draw learning curves: a line a setting, averaged over its seeds.

  sweep plot data/ppo -y AverageEpRet
  sweep plot data/ppo -y Performance Loss --color lr --col clip -o curves.pdf
  sweep plot data/a data/b -l "plain" "with the trick" -s 10 --seeds

A path is a run, a data directory, a pattern, or the beginning of a name. A
file is written where there is no display, or with -o: png, svg or pdf. Where
a line is dotted some of its seeds have ended.

  --est     mean (default), median, min, max or iqm
  --band    t: 95% t interval of the mean (default); sd, se; iqr, minmax:
            ranges of the seeds; boot: 95% bootstrap interval; none
  -s N      each point is the mean of the last N rows: nothing of the future
"""


def command_plot(parsed: Any) -> int:
    """Draw what was asked for, to a window or to files."""
    from sweep.results.find import find_runs
    from sweep.results.plotting.files import has_display, paths_for, show, write
    from sweep.results.plotting.plot import plot
    from sweep.results.plotting.selecting import selected

    in_window = parsed.output is None and has_display() and not parsed.json
    runs = selected(find_runs(*parsed.paths), parsed.select or (), parsed.exclude or ())
    names = ("color", "row", "col", "count", "smooth", "est", "band", "seeds", "which")
    options = {name: getattr(parsed, name) for name in names}
    plots = plot(runs, parsed.value, x=parsed.xaxis, legend=tuple(parsed.legend or ()), in_window=in_window, **options)
    paths = [] if in_window else paths_for(plots, parsed.output)
    write(plots, paths)
    files = [str(path) for path in paths]
    if parsed.json:
        show_json({"figures": [{"y": one.y, "x": one.x, "notes": one.notes} for one in plots], "files": files})
        return 0
    _tell(plots, files)
    if in_window:
        show()
    return 0


def _tell(plots: Sequence[Plot], files: Sequence[str]) -> None:
    from sweep.results.table.page import paragraphs
    from sweep.results.text.page import line

    for one in plots:
        notes = [line(note) for note in one.notes]
        show_page([line(f"{one.y} over {one.x or 'rows'}", "bold"), paragraphs(notes, indent=2)])
    show_page([line(f"written: {file}") for file in files])


def _add_plot(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("-y", "--value", metavar="Y", nargs="+", default=["Performance"], help="metrics, a figure each")
    parser.add_argument("-x", "--xaxis", metavar="X", default="", help="the metric on the x axis")
    parser.add_argument("-l", "--legend", metavar="NAME", nargs="+", help="a name for each line, in order")
    parser.add_argument("-s", "--smooth", metavar="N", type=int, default=1, help="rows that a point is the mean of")
    parser.add_argument("--select", metavar="TEXT", nargs="+", help="runs whose path contains all of these")
    parser.add_argument("--exclude", metavar="TEXT", nargs="+", help="runs whose path contains none of these")
    parser.add_argument("--count", action="store_true", help="a line for each run")
    parser.add_argument("--est", default="mean", metavar="WHAT", help="what a line is of its seeds")
    parser.add_argument("--band", default="", metavar="KIND", help="what is shaded")
    parser.add_argument("--seeds", action="store_true", help="draw each seed too")
    for name, what in (("color", "line's colour"), ("row", "panel's row"), ("col", "panel's column")):
        parser.add_argument(f"--{name}", metavar="KEY", default="", help=f"the parameter that chooses a {what}")
    parser.add_argument("--which", choices=("all", "done"), default="all", help="runs in any state (default), or done")
    parser.add_argument("-o", "--output", metavar="FILE", help="the file to write; several get the metric's name too")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


_NO_PATH = "no path: name a directory of runs, for example data"

COMMANDS = (Command("plot", "draw learning curves", _PLOT, command_plot, _add_plot, _NO_PATH),)
