"""The benchmarks of this package alone, or the named ones: ``python benchmarks [NAME ...] [FLAG ...]``.

`launch`, `slurm` and `gradients` run only if they are named: the first two take minutes, and need the peers that
`python3 make.py bench launch` (or `bench slurm`) installs, and `slurm` the daemons of Slurm; `gradients` needs torch.
Flags after the names go to every benchmark that is named.

Each prints a table: contenders alternate within a round, a figure is the median over rounds of the ratio to the floor
of the same round. They are measurements, not tests: nothing here passes or fails.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

USUAL = ("grid", "imports", "logger", "plan", "status", "memory", "snapshots", "bootstrap", "reading", "report")
NAMES = (*USUAL, "gradients", "launch", "slurm")


def main(words: list[str]) -> int:
    wanted, flags = split(words)
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    codes = [subprocess.run([sys.executable, program(name), *flags]).returncode for name in wanted or USUAL]
    return max(codes)


def split(words: list[str]) -> tuple[list[str], list[str]]:
    """Return the names, and the flags with their values: everything from the first flag on."""
    first = next((i for i, word in enumerate(words) if word.startswith("-")), len(words))
    return words[:first], words[first:]


def program(name: str) -> Path:
    """Return the file of a benchmark, or its folder where it has one."""
    folder = Path(__file__).with_name(name)
    return folder if folder.is_dir() else folder.with_suffix(".py")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
