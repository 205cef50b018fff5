"""What runs on hosts in these tests: rows to a table, and a line in a ledger for each beginning and end."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from typing import Any


def note(ledger: str, *words: object) -> None:
    """Add a line to the ledger, whole."""
    descriptor = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.write(descriptor, json.dumps(words).encode() + b"\n")
    os.close(descriptor)


def train(ledger: str, name: str, rows: int, row_s: float, ranks: int, fails: bool = False, run: Any = None) -> None:
    """Write so many rows, each after a pause and a sum over all ranks, and go on behind the last snapshot."""
    from sweep.runtime.mpi.helpers import mpi_sum, num_procs, proc_id

    assert num_procs() == ranks
    steps = run.counter()
    run.state(steps=steps)
    host, cores = socket.gethostname(), sorted(os.sched_getaffinity(0))
    note(ledger, "begin", name, proc_id(), host, cores, os.environ.get("HOSTS_TOKEN"), str(Path.cwd()))
    for row in run.epochs(rows):
        time.sleep(row_s)
        steps += 1
        run.logger.log_tabular("Epoch", row)
        run.logger.log_tabular("Steps", steps.value)
        run.logger.log_tabular("Sum", mpi_sum(1) if ranks > 1 else 1)
    if fails:
        raise ValueError("it was to fail")
    note(ledger, "end", name, proc_id(), host, run.resumes)
