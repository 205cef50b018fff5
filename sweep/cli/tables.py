"""The commands that rank settings: table and best, and rerun, which asks the leaders again with fresh seeds."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from sweep.cli.command import Command
from sweep.cli.launch_flags import add_share

if TYPE_CHECKING:
    from sweep.results.table.ranking import Ranking

_TABLE = """\
Rank settings: how good each is, how sure that is, and how it stands to the
best.

  sweep table data/ppo
  sweep table data/ppo -y Loss --min --how last
  sweep table data/ppo --by lr clip          main effects of parameters
  sweep table data/ppo --format latex

A run's score is the mean of the last 10 % of its rows unless --how says
otherwise: last, best (flatters), auc, at:X, above:T. Failed and unfinished
runs have none, and are counted. Differences to the best are taken seed by
seed. Intervals are 95% t intervals.
"""

_BEST = """\
Show the configurations of the leading settings, ready to be used again.

  sweep best data/ppo
  sweep best -k 3 --json data/ppo

The best of many is lucky: `sweep rerun` asks the leaders again, with seeds
that they were not chosen by.
"""

_RERUN = """\
Run the leading settings again with fresh seeds.

  sweep rerun data/ppo --best 3 --seeds 100:110
  sweep rerun data/ppo -y Loss --min --seeds 100,101,102

The runs go beside those that there are; what is done is not run again.
"""


def command_table(parsed: Any) -> int:
    """Show the ranking, or the main effects of parameters."""
    from sweep.results.table.page import effects_table, ranking_table
    from sweep.results.text.glyphs import glyphs_for

    ranking = _ranking(parsed)
    if parsed.json or parsed.format == "json":
        _print_json(ranking.as_json() | {"levels": {key: _levels(ranking, key) for key in parsed.by or ()}})
    elif parsed.by:
        table = effects_table({key: ranking.levels(key) for key in parsed.by}, ranking.effects().main)
        _print(parsed, ranking, table)
    else:
        _print(parsed, ranking, ranking_table(ranking.rows, ranking.keys, glyphs_for(sys.stdout)))
    return 0


def _levels(ranking: Ranking, key: str) -> list[dict[str, Any]]:
    return [{"value": str(one.value), "mean": one.mean, "settings": one.n} for one in ranking.levels(key)]


def _print(parsed: Any, ranking: Ranking, table: Any) -> None:
    from sweep.results.table.formats import FORMATS
    from sweep.results.table.page import LEGEND
    from sweep.results.text.page import line
    from sweep.results.text.screen import text_of

    if parsed.format:
        print(FORMATS[parsed.format](table), end="")
        return
    effects = ranking.effects()
    head = [line(ranking.title, "bold"), *(line(note) for note in ranking.notes)]
    doubts = [line(f"! {text}", "yellow") for text in ranking.warnings]
    foot = [line(effects.note)] if parsed.by and effects.note else []
    legend = [] if parsed.by else [line(LEGEND, "bright_black")]
    print(text_of([*head, *_fixed(ranking), *doubts, line(), table, line(), *legend, *foot], sys.stdout), end="")


def _fixed(ranking: Ranking) -> list[Any]:
    from sweep.results.text.numbers import value_text
    from sweep.results.text.page import line

    text = ", ".join(f"{key} {value_text(value)}" for key, value in ranking.fixed.items())
    return [line(f"fixed: {text}", "bright_black")] if text else []


def command_best(parsed: Any) -> int:
    """Show the configurations of the leaders."""
    from sweep.results.table.leaders import as_flags, as_json
    from sweep.results.text.numbers import number
    from sweep.results.text.page import line
    from sweep.results.text.screen import text_of

    ranking = _ranking(parsed)
    leaders = ranking.scored()[: parsed.count]
    if parsed.json:
        _print_json({"best": [as_json(one) for one in leaders], "warnings": ranking.warnings})
        return 0
    lines = [line(ranking.title, "bold"), *(line(f"! {text}", "yellow") for text in ranking.warnings)]
    for place, one in enumerate(leaders, 1):
        lines += [line(), line(f"{place}. {one.setting.label}: {number(one.mean)} over {one.n} seeds ({one.mark})")]
        lines += [line(f"   {as_flags(one)}")]
    print(text_of(lines, sys.stdout), end="")
    return 0


def command_rerun(parsed: Any) -> int:
    """Run the leaders again with other seeds."""
    from sweep.base.errors import UsageError
    from sweep.cli import words
    from sweep.front.relaunch import relaunch
    from sweep.results.table.leaders import parse_seeds

    seeds = parse_seeds(parsed.seeds)
    leaders = _ranking(parsed).scored()[: parsed.best]
    if not leaders:
        raise UsageError("no setting has a score yet; `sweep status` tells what there is.")
    used = sorted({seed for one in leaders for seed in one.setting.scores if seed in seeds})
    if used:
        raise UsageError(f"seed {used[0]} is one that the settings were ranked by; fresh ones are all above.")
    options = {name: getattr(parsed, name) for name in ("memory", "timeout", "stall_timeout", "retries", "halt")}
    share = {name: words.number(getattr(parsed, name)) for name in ("parallel", "threads", "gpus")}
    codes = [relaunch(one.setting.runs[0].path, {"seed": seeds}, **options, **share).exit_code for one in leaders]
    return max(codes)


def _ranking(parsed: Any) -> Ranking:
    from sweep.results.find import find_runs
    from sweep.results.table.ranking import rank

    better = "min" if parsed.min else "max"
    return rank(find_runs(*parsed.paths), parsed.value, parsed.how, better, parsed.which, parsed.xaxis)


def _print_json(found: dict[str, Any]) -> None:
    print(json.dumps(found))


def _add_score(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("-y", "--value", metavar="Y", default="", help="the metric that counts")
    parser.add_argument("-x", "--xaxis", metavar="X", default="", help="the metric that says how far a run is")
    parser.add_argument("--how", metavar="WHAT", default="last10%", help="what of it (default last10%%)")
    parser.add_argument("--min", action="store_true", help="lower is better")
    parser.add_argument("--which", choices=("done", "all"), default="done", help="runs that are done (default), or all")


def _add_table(parser: argparse.ArgumentParser) -> None:
    _add_score(parser)
    parser.add_argument("--by", metavar="KEY", nargs="+", help="show the main effects of parameters instead")
    parser.add_argument("--format", choices=("md", "csv", "latex", "json"), help="for elsewhere")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _add_best(parser: argparse.ArgumentParser) -> None:
    _add_score(parser)
    parser.add_argument("-k", "-n", "--count", metavar="K", type=int, default=1, help="how many (default 1)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _add_rerun(parser: argparse.ArgumentParser) -> None:
    _add_score(parser)
    parser.add_argument("--best", metavar="K", type=int, default=1, help="how many settings (default 1)")
    parser.add_argument("--seeds", metavar="SEEDS", required=True, help="fresh ones: 100:110, or 100,101")
    add_share(parser)


_NO_PATH = "no path: name a directory of runs, for example data"
_NO_SEEDS = "a path and --seeds are needed, for example: sweep rerun data --seeds 100:110"
_RANK = "rank settings, with intervals and differences to the best"
_LEAD = "show the configurations of the leading settings"
_AGAIN = "run the leading settings again with fresh seeds"

COMMANDS = (
    Command("table", _RANK, _TABLE, command_table, _add_table, _NO_PATH),
    Command("best", _LEAD, _BEST, command_best, _add_best, _NO_PATH),
    Command("rerun", _AGAIN, _RERUN, command_rerun, _add_rerun, _NO_SEEDS),
)
