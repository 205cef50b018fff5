"""The part of the commands that ranks settings over several tasks: its flags, and how a table of it is shown."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from sweep.cli.printing import carry_anything, show, show_json

if TYPE_CHECKING:
    from sweep.results.table.ranking import Ranking
    from sweep.results.tasks.ranking import TaskRanking


def add_tasks(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say what a task is, and how its scores are normalised."""
    parser.add_argument("--task", metavar="KEY", nargs="+", help="the parameter that is the task: rank over all tasks")
    parser.add_argument(
        "--normalise", "--normalize", metavar="HOW", nargs="+", help="none, minmax, LOW:HIGH or TASK=LOW:HIGH ..."
    )


def check_flags(parsed: Any) -> None:
    """Check that flags of tasks stand with one that says what a task is.

    Raises:
        UsageError: they do not.
    """
    from sweep.base.errors import UsageError

    if parsed.task and getattr(parsed, "by", None):
        raise UsageError("--by shows main effects and --task ranks over tasks; give one of them.")
    for name in ("normalise", "by_task"):
        if not parsed.task and getattr(parsed, name, None):
            raise UsageError(f"--{name.replace('_', '-')} is for scores of several tasks; say which with --task KEY.")


def show_tasks(parsed: Any, ranking: Ranking) -> int:
    """Show a ranking over all tasks in the format that was asked for."""
    from sweep.results.table.formats import FORMATS, comma_separated
    from sweep.results.tasks.page import tasks_table
    from sweep.results.tasks.ranking import rank_tasks

    found = rank_tasks(ranking, parsed.task, parsed.normalise or ())
    if parsed.json or parsed.format == "json":
        show_json(found.as_json())
        return 0
    if not parsed.format:
        _show_page(found, parsed.by_task)
        return 0
    carry_anything()
    is_csv = parsed.format == "csv"
    table = tasks_table(found, parsed.by_task)
    print(comma_separated(found.plain_rows()) if is_csv else FORMATS[parsed.format](table), end="")
    return 0


def _show_page(found: TaskRanking, by_task: bool) -> None:
    from sweep.results.table.page import paragraphs
    from sweep.results.tasks.page import legend, tasks_table
    from sweep.results.text.numbers import value_text
    from sweep.results.text.page import line

    fixed = ", ".join(f"{key} {value_text(value)}" for key, value in found.ranking.fixed.items())
    told = [found.ranking.title, found.told_tasks, str(found.scale), *found.ranking.notes]
    head = [
        line(found.title, "bold"),
        *map(line, told),
        *([line(f"fixed: {fixed}", "bright_black")] if fixed else []),
        *(line(f"! {text}", "yellow") for text in found.warnings),
    ]
    foot = paragraphs([line(legend(found, by_task), "bright_black")])
    show([paragraphs(head), line(), tasks_table(found, by_task), line(), foot])
