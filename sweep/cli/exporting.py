"""The command that hands results to other programs: export."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from sweep.cli.command import Command
from sweep.cli.printing import carry_anything, show_json
from sweep.cli.score_flags import add_score

if TYPE_CHECKING:
    from sweep.results.export.material import Material
    from sweep.results.export.place import Destination

_EXPORT = """\
Write results in a format of other programs.

  sweep export data/ppo --to csv                 runs.csv and curves.csv
  sweep export data/ppo --to parquet -o shared/ppo
  sweep export data/ppo --to tensorboard -o tb   for tensorboard --logdir tb
  sweep export data/ppo --to optuna -y Loss --min
  sweep export data/ppo --to wandb               for wandb sync

  csv, parquet  a row a run with its parameters, seed, state and score; and a
                row for each row that a run has written
  tensorboard   curves, and the page HParams: settings are its rows, seeds the
                sessions
  wandb         offline runs: settings are groups
  optuna        a study in study.journal: a trial is a setting with its mean
                score; --each makes every run a trial

All but csv need a package, and say which. Nothing is written into a run's
directory, nor over what is there already, unless --force replaces files of
the same names.
"""
_KINDS = ("csv", "parquet", "tensorboard", "wandb", "optuna")
_THEN = {"tensorboard": "tensorboard --logdir {0}", "wandb": "wandb sync {0}/wandb/offline-run-*"}


def command_export(parsed: Any) -> int:
    """Write results in a format of others."""
    from sweep.base.errors import UsageError
    from sweep.results.export.kinds import export
    from sweep.results.export.material import gather
    from sweep.results.export.place import Destination
    from sweep.results.find import find_runs
    from sweep.results.score import Score

    if parsed.to is None:
        raise UsageError(f"no format: add --to and one of {', '.join(_KINDS)}.")
    score = Score(parsed.value, parsed.how, "min" if parsed.min else "max")
    material = gather(find_runs(*parsed.paths), score, parsed.which, parsed.xaxis)
    place = Destination.opened(parsed.output or f"export_{parsed.to}", parsed.force)
    notes = export(material, parsed.to, place, parsed.each)
    if parsed.json:
        show_json(_facts(material, place, notes))
    else:
        _tell(material, place, notes, parsed.to)
    return 0


def _facts(material: Material, place: Destination, notes: list[str]) -> dict[str, Any]:
    counts = {"runs": len(material.runs), "settings": len(material.settings)}
    return {
        **counts,
        "score": vars(material.score),
        "where": str(place.path),
        "files": list(map(str, place.files)),
        "notes": notes,
    }


def _tell(material: Material, place: Destination, notes: list[str], kind: str) -> None:
    from sweep.base.text import plural, printable

    carry_anything()
    print(f"{plural(len(material.runs), 'run')} of {plural(len(material.settings), 'setting')}")
    print(printable(f"score: {material.score}"))
    print("".join(f"! {printable(note)}\n" for note in notes), end="")
    files = (
        [str(file) for file in place.files] if len(place.files) <= 3 else [f"{len(place.files)} files in {place.path}"]
    )
    print("\n".join(f"written: {printable(file)}" for file in files))
    if kind in _THEN:
        print(printable(f"to see it: {_THEN[kind].format(place.path)}"))


def _add_export(parser: argparse.ArgumentParser) -> None:
    add_score(parser)
    parser.add_argument("--to", choices=_KINDS, metavar="FORMAT", help=", ".join(_KINDS))
    parser.add_argument("-o", "--output", metavar="DIR", help="the folder to write (default: export_FORMAT)")
    parser.add_argument("--each", action="store_true", help="optuna: a trial for each run")
    parser.add_argument("--force", action="store_true", help="write where there is something already")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


_NO_PATH = "no path: name a directory of runs, for example: sweep export data --to csv"

COMMANDS = (Command("export", "hand results to other programs", _EXPORT, command_export, _add_export, _NO_PATH),)
