"""The commands that rank settings: table and best, and rerun, which asks the leaders again with fresh seeds."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext, redirect_stdout
from typing import TYPE_CHECKING, Any

from sweep.cli.command import Command
from sweep.cli.launch_flags import add_share
from sweep.cli.over_tasks import add_tasks, check_flags, show_tasks
from sweep.cli.printing import carry_anything, show, show_json
from sweep.cli.score_flags import add_score

if TYPE_CHECKING:
    from sweep.results.run import Run
    from sweep.results.table.ranked import Ranked
    from sweep.results.table.ranking import Ranking
    from sweep.results.text.cell import Cell
    from sweep.results.text.table import TextTable

_TABLE = """\
Rank settings: how good each is, how sure that is, and how it stands to the
best.

  sweep table data/ppo
  sweep table data/ppo -y Loss --min --how last
  sweep table data/ppo --by lr clip          main effects of parameters
  sweep table data/ppo --task env --normalise minmax
  sweep table data/ppo --format latex

A run's score is the mean over the last 10 % of its steps unless --how says
otherwise: last, best (flatters), auc, at:X, above:T. Failed and unfinished
runs have none, and are counted. Differences to the best are taken seed by
seed. Intervals are 95% t intervals. What a narrow terminal has no room for is
left out; piped, and with --format, all columns are there.

With --task, settings are ranked over all values of a parameter by their
interquartile mean, with a stratified bootstrap interval. So that scores of
different tasks go together, --normalise says which become 0 and 1: minmax (the
worst and the best of these runs), 0:1000, or Ant=0:6000 Hopper=0:3000. A
parameter that goes along with the task is named too: --task env steps.
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

The runs go beside those that there are; what is done is not run again. The
leaders are those of the other seeds, so that the new runs have no say in it.
Exit codes: 0 all done, 1 some failed, 2 wrong seeds or no scores, 75 stopped.
"""


def command_table(parsed: Any) -> int:
    """Show the ranking, the one over several tasks, or the main effects of parameters."""
    check_flags(parsed)
    ranking = _ranking(parsed)
    if parsed.task:
        return show_tasks(parsed, ranking)
    if parsed.json or parsed.format == "json":
        show_json(ranking.as_json() | {"levels": {key: _levels(ranking, key) for key in parsed.by or ()}})
    elif parsed.format == "csv":
        from sweep.results.table.formats import comma_separated

        carry_anything()
        rows = ranking.effect_rows(parsed.by) if parsed.by else ranking.plain_rows()
        print(comma_separated(rows), end="")
    else:
        _print(parsed, ranking, _table(parsed, ranking))
    return 0


def _levels(ranking: Ranking, key: str) -> list[dict[str, Any]]:
    return [
        {"value": row["value"], "mean": row["mean"], "settings": row["settings"]} for row in ranking.effect_rows([key])
    ]


def _table(parsed: Any, ranking: Ranking) -> TextTable:
    from sweep.results.table.page import effects_table, ranking_table
    from sweep.results.text.glyphs import glyphs_for

    if parsed.by:
        return effects_table({key: ranking.levels(key) for key in parsed.by}, ranking.effects().main)
    return ranking_table(ranking.rows, ranking.keys, glyphs_for(sys.stdout))


def _print(parsed: Any, ranking: Ranking, table: TextTable) -> None:
    from sweep.results.table.formats import FORMATS
    from sweep.results.table.page import LEGEND, paragraphs
    from sweep.results.text.page import line

    if parsed.format:
        carry_anything()
        print(FORMATS[parsed.format](table), end="")
        return
    effects = ranking.effects()
    notes = [line(note) for note in ranking.notes]
    head = paragraphs([line(ranking.title, "bold"), *notes, *_fixed(ranking), *_doubts(ranking)])
    foot = effects.note if parsed.by else LEGEND
    show([head, line(), table, *([line(), paragraphs([line(foot, "bright_black")])] if foot else [])])


def _doubts(ranking: Ranking) -> list[Cell]:
    from sweep.results.text.page import line

    return [line(f"! {text}", "yellow") for text in ranking.warnings]


def _fixed(ranking: Ranking) -> list[Cell]:
    from sweep.results.text.numbers import value_text
    from sweep.results.text.page import line

    text = ", ".join(f"{key} {value_text(value)}" for key, value in ranking.fixed.items())
    return [line(f"fixed: {text}", "bright_black")] if text else []


def command_best(parsed: Any) -> int:
    """Show the configurations of the leaders."""
    from sweep.base.text import plural
    from sweep.results.table.leaders import as_flags, as_json
    from sweep.results.table.page import paragraphs
    from sweep.results.text.numbers import number
    from sweep.results.text.page import line

    ranking = _ranking(parsed)
    leaders = ranking.scored()[: _at_least_one("-k", parsed.count)]
    if parsed.json:
        show_json({"best": [as_json(one) for one in leaders], "warnings": ranking.warnings})
        return 0
    lines: list[Any] = [paragraphs([line(ranking.title, "bold"), *_doubts(ranking)])]
    for place, one in enumerate(leaders, 1):
        score = f"{number(one.mean)} over {plural(one.n, 'seed')}"
        lines += [line(), line(f"{place}. {one.setting.label}: {score} ({one.mark})")]
        lines += [line(f"   {as_flags(one)}")]
    show(lines)
    return 0


def _at_least_one(flag: str, count: int) -> int:
    from sweep.base.errors import UsageError

    if count < 1:
        raise UsageError(f"{flag} is {count}; it is a number of settings, from 1.")
    return count


def command_rerun(parsed: Any) -> int:
    """Run the leaders again with other seeds."""
    from sweep.results.find import find_runs
    from sweep.results.table.leaders import parse_seeds, to_rerun

    seeds = parse_seeds(parsed.seeds)
    count = _at_least_one("--best", parsed.best)
    leaders = to_rerun(find_runs(*parsed.paths), seeds, count, lambda runs: _ranked(runs, parsed))
    told: list[dict[str, Any]] = []
    for one in leaders:
        told.append(_run_again(one, seeds, parsed))
        if told[-1]["exit_code"] not in (0, 1):  # it was stopped, and so is all the rest
            break
    code = max(one["exit_code"] for one in told)
    if parsed.json:
        show_json({"settings": told, "exit_code": code})
    return int(code)


def _run_again(one: Ranked, seeds: list[int], parsed: Any) -> dict[str, Any]:
    """Run one setting with some seeds, and return what has become of it."""
    from sweep.cli import words
    from sweep.front.relaunch import relaunch

    options = {name: getattr(parsed, name) for name in ("memory", "timeout", "stall_timeout", "retries", "halt")}
    share = {name: words.number(getattr(parsed, name)) for name in ("parallel", "threads", "gpus")}
    run = one.setting.runs[0]
    with redirect_stdout(sys.stderr) if parsed.json else nullcontext():
        sweep = relaunch(run.path, {"seed": seeds}, thunk=parsed.thunk, dry_run=parsed.dry_run, **options, **share)
    counts = {str(verdict): count for verdict, count in sweep.plan.counts.items() if count}
    return {"label": one.setting.label, "plan": counts, "failed": sweep.failures, "exit_code": sweep.exit_code}


def _ranking(parsed: Any) -> Ranking:
    from sweep.results.find import find_runs

    return _ranked(find_runs(*parsed.paths), parsed)


def _ranked(runs: Sequence[Run], parsed: Any) -> Ranking:
    from sweep.results.table.ranking import rank

    better = "min" if parsed.min else "max"
    return rank(runs, parsed.value, parsed.how, better, parsed.which, parsed.xaxis)


def _add_table(parser: argparse.ArgumentParser) -> None:
    add_score(parser)
    parser.add_argument("--by", metavar="KEY", nargs="+", help="show the main effects of parameters instead")
    add_tasks(parser)
    parser.add_argument("--by-task", action="store_true", help="show the mean of each task too")
    parser.add_argument("--format", choices=("md", "csv", "latex", "json"), help="for elsewhere")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _add_best(parser: argparse.ArgumentParser) -> None:
    add_score(parser)
    parser.add_argument("-k", "-n", "--count", metavar="K", type=int, default=1, help="how many (default 1)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _add_rerun(parser: argparse.ArgumentParser) -> None:
    add_score(parser)
    parser.add_argument("--best", metavar="K", type=int, default=1, help="how many settings (default 1)")
    parser.add_argument("--seeds", metavar="SEEDS", required=True, help="fresh ones: 100:110, or 100,101")
    parser.add_argument("--thunk", metavar="M:F", help="the function, instead of the recorded one")
    parser.add_argument("--dry-run", "--dry_run", action="store_true", default=None, help="stop after the plan")
    parser.add_argument("--json", action="store_true", help="print one JSON object; all else goes to stderr")
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
