"""The flags of a launch, in argparse: what stands before the target, and what a retry shares with it."""

from __future__ import annotations

import argparse

from sweep.front.request import ENGINES, STARTS
from sweep.grid.definition import ORDERS

# Flags of ours that the reference knows too; they may also stand after the target.
SHARED_FLAGS = ("num_cpu", "data_dir", "datestamp", "exp_name")

_SHARE_FLAGS = (
    ("parallel", "N", "runs at once, or auto: what there is room for (default)"),
    ("threads", "N", "threads of each rank (default 1)"),
    ("gpus", "N", "GPUs per run; 0.5 puts two runs on one"),
    ("memory", "SIZE", "memory that a run needs, for example 8G"),
    ("timeout", "TIME", "time limit of a run, for example 90s or 2h"),
    ("stall-timeout", "TIME", "how long a run may write nothing, for example 10min"),
    ("retries", "N", "further tries of a failed run: 2, or killed=3,timeout=1"),
    ("halt", "WHEN", "after a failure: never, soon or now; soon,fail=5; now,fail=10%%"),
)

_PART_FLAGS = (
    ("shard", "K/N", "only every N-th variant, from the K-th: 3/10"),
    ("index", "I", "only the variant at this place, from 0"),
)

_SWITCHES = (
    ("fresh", "do everything anew; what is there is set aside"),
    ("share", "go on beside other launches of the same grid"),
    ("pin", "give each rank cores of its own"),
)


def add_target(parser: argparse.ArgumentParser) -> None:
    """Add the flags that a plan depends on, the target, and what stands behind it."""
    parser.add_argument("--num_cpu", "--num-cpu", metavar="N", help="MPI ranks per run, or auto (default 1)")
    parser.add_argument("--data_dir", "--data-dir", metavar="DIR", help="root of the results (default: data)")
    parser.add_argument("--datestamp", action="store_true", default=None, help="put the date on the directories")
    parser.add_argument("--exp_name", "--exp-name", metavar="NAME", help="begins every name (default: cmd_<function>)")
    parser.add_argument("--order", choices=ORDERS, help="in which order variants run")
    parser.add_argument("--extendable", metavar="KEYS", help="what may change for a run that is there: epochs,lr")
    for name, metavar, text in _PART_FLAGS:
        parser.add_argument(f"--{name}", metavar=metavar, help=text)
    parser.add_argument("target", help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


def add_launch(parser: argparse.ArgumentParser) -> None:
    """Add all flags of a launch."""
    add_target(parser)
    parser.add_argument("--dry-run", "--dry_run", action="store_true", help="stop after the plan")
    parser.add_argument(
        "--retry-failed", "--retry_failed", action="store_true", default=None, help="try again what failed before"
    )
    add_share(parser)
    parser.add_argument("--start", choices=STARTS, help="how a run's processes are made")
    parser.add_argument("--engine", choices=ENGINES, help="where runs execute (default local: this machine)")
    parser.add_argument("--hosts", metavar="LIST", help="machines that ssh reaches, with cores for runs: h1:8,h2:8")
    parser.add_argument(
        "--slurm", action="append", metavar="KEY=VALUE", help="how Slurm's jobs are to be: partition=gpu, time=12h, ..."
    )
    for name, text in _SWITCHES:
        parser.add_argument(f"--{name}", action="store_true", default=None, help=text)
    parser.add_argument("--wait", type=float, metavar="S", help="seconds between the plan and the start")


def add_share(parser: argparse.ArgumentParser) -> None:
    """Add the flags on a run's share of the machine and on its failures."""
    for name, metavar, text in _SHARE_FLAGS:
        parser.add_argument(*_spellings(name), metavar=metavar, help=text)


def _spellings(name: str) -> list[str]:
    """Return a flag as it is shown, and with underscores, as the reference writes its own."""
    return list(dict.fromkeys((f"--{name}", f"--{name.replace('-', '_')}")))


def own_flags() -> set[str]:
    """Return every flag of a launch, with underscores: names that a function's arguments may share."""
    parser = argparse.ArgumentParser()
    add_launch(parser)
    return {text.lstrip("-").replace("-", "_") for action in parser._actions for text in action.option_strings}
