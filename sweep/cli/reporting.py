"""The command that makes a page of a whole sweep: report."""

from __future__ import annotations

import argparse
import json
from typing import Any

from sweep.cli.command import Command
from sweep.cli.over_tasks import add_tasks, check_flags

_REPORT = """\
Write one HTML file about a sweep: what was asked, what to beware of, the
ranked settings, what matters, learning curves, and what failed.

  sweep report data/ppo
  sweep report data/ppo -y Loss --min --how last -o loss.html
  sweep report data/ppo --shared       the drawing code in a file beside it
  sweep report data/ppo --parallel     with parallel coordinates
  sweep report data/ppo --task env --normalise minmax    over several tasks

A path is a run, a data directory, a pattern, or the beginning of a name. The
file opens offline by a double click, in light or dark, on a phone too; the
page neither sends nor fetches anything. Scores are those of `sweep table`.
With --shared many reports in one folder share 4.8 MB of plotly, and each is
small; without it a report is one file of about 2.3 MB. Nothing is ever written
into the directory of a run.
"""


def command_report(parsed: Any) -> int:
    """Write the report, and say where and how large it is."""
    from pathlib import Path

    from sweep.results.find import find_runs
    from sweep.results.report.content import gather
    from sweep.results.report.files import check_place, write_report
    from sweep.results.report.request import ReportRequest

    check_flags(parsed)
    better = "min" if parsed.min else "max"
    runs, path = find_runs(*parsed.paths), Path(parsed.output)
    check_place(path, runs)
    task, normalise = tuple(parsed.task or ()), tuple(parsed.normalise or ())
    request = ReportRequest(
        tuple(parsed.paths), parsed.value, parsed.how, better, parsed.xaxis, parsed.parallel, task, normalise
    )
    report = gather(runs, request)
    written = write_report(report, path, parsed.shared)
    shared = None if written.shared is None else str(written.shared)
    told = {"file": str(written.path), "bytes": written.size, "shared": shared}
    if parsed.json:
        counts = {"runs": len(runs), "settings": len(report.ranking.rows), "warnings": list(report.warnings)}
        print(json.dumps(told | counts))
        return 0
    beside = f", with {shared} beside it" if shared else ""
    print(f"written: {written.path} ({_size(written.size)}{beside}), {report.asked.shape}")
    return 0


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{max(1, round(count / 1e3))} kB"


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("-o", "--output", metavar="FILE", default="report.html", help="default report.html")
    parser.add_argument("-y", "--value", metavar="Y", default="", help="the metric that counts")
    parser.add_argument("-x", "--xaxis", metavar="X", default="", help="the metric that says how far a run is")
    parser.add_argument("--how", metavar="WHAT", default="last10%", help="what of it (default last10%%)")
    parser.add_argument("--min", action="store_true", help="lower is better")
    parser.add_argument("--shared", action="store_true", help="keep the drawing code in a file beside the page")
    parser.add_argument("--parallel", action="store_true", help="draw parallel coordinates too")
    add_tasks(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


_NO_PATH = "no path: name a directory of runs, for example data"

COMMANDS = (Command("report", "write one HTML file about a sweep", _REPORT, command_report, _add_report, _NO_PATH),)
