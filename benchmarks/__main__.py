"""All benchmarks, or the named ones: ``python benchmarks [grid] [imports] [logger]``.

Each prints a table: contenders alternate within a round, a figure is the median over rounds of the ratio to the floor
of the same round. They are measurements, not tests: nothing here passes or fails.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

NAMES = ("grid", "imports", "logger")


def main(wanted: list[str]) -> int:
    unknown = [name for name in wanted if name not in NAMES]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    codes = [subprocess.run([sys.executable, Path(__file__).with_name(f"{n}.py")]).returncode for n in wanted or NAMES]
    return max(codes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
