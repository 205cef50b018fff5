"""What `import sweep` costs and loads, against an interpreter that imports nothing.

python benchmarks/imports.py [--rounds 11]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

PROGRAMS = {
    "python (floor)": "pass",
    "import sweep": "import sweep",
    "from sweep import ExperimentGrid": "from sweep import ExperimentGrid",
    "from sweep import EpochLogger": "from sweep import EpochLogger",
    "import numpy": "import numpy",
}
LIST = "import sys; before = set(sys.modules); {code}; print(*sorted(set(sys.modules) - before))"


def seconds(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def loaded(code: str) -> list[str]:
    program = [sys.executable, "-c", LIST.format(code=code)]
    return subprocess.run(program, capture_output=True, text=True, check=True).stdout.split()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11)
    times: dict[str, list[float]] = {name: [] for name in PROGRAMS}
    for _ in range(parser.parse_args().rounds):
        for name, code in PROGRAMS.items():
            times[name].append(seconds(code))
    floor = statistics.median(times["python (floor)"])
    print("Imports (aim: `import sweep` under 100 ms)" + " " * 6 + "ms in all   ms over the floor")
    for name, found in times.items():
        middle = statistics.median(found)
        print(f"  {name:<44}{middle * 1e3:10.1f}{(middle - floor) * 1e3:20.1f}")
    print("\n`import sweep` loads:", *loaded("import sweep"))


if __name__ == "__main__":
    main()
