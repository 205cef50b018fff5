"""A driver over one run that leaves a daemon and waits: ``python namespace_driver.py FOLDER RANKS NAMESPACE``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from deaths_bench import Bench
from deaths_hostile import leave_a_daemon

WAITS_S = 45.0


def leave_a_daemon_and_wait(file: str) -> None:
    """Leave a daemon in a session of its own, and go on for longer than a test."""
    leave_a_daemon(file)
    time.sleep(WAITS_S)


def main(folder: str, ranks: str, namespace: str) -> None:
    with Bench(Path(folder), int(ranks), namespace=namespace == "True") as bench:
        seen = bench.run(leave_a_daemon_and_wait, timeout_s=WAITS_S, file=str(bench.home / "daemon"))
        print(seen.state, seen.cause)


if __name__ == "__main__":
    main(*sys.argv[1:])
