"""The entry of a worker that a launcher has started on another host: ``errand_main FILE TICKET``."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from sweep.launch.engines.errand import run_errand
from sweep.launch.engines.errand_file import read_errand, told
from sweep.rundir.status import Kind

# What a launcher leaves in the environment of what it starts: another one, below, would take it for its own.
LAUNCHER_PREFIXES = ("PMI", "HYDRA_", "HYDI_", "MPI_LOCAL", "OMPI_", "PRTE_", "I_MPI_HYDRA", "IN_MPI")


def main(argv: list[str]) -> int:
    """Run the errand in a file, and tell on standard output that it has begun, and how it has ended."""
    file, ticket = Path(argv[1]), argv[2]
    errand = read_errand(file)
    if errand is None:
        return _say(ticket, kind=Kind.LOST, text=_unseen(file))
    if errand.ticket != ticket:
        return _say(ticket, kind=Kind.LOST, text="it was started again meanwhile")
    file.unlink(missing_ok=True)
    _say(ticket, begun=socket.gethostname())
    _forget_launcher()
    kind, text = run_errand(errand)
    return _say(ticket, kind=kind, text=text)


def _unseen(file: Path) -> str:
    host, folder = socket.gethostname(), file.parent.parent
    if folder.is_dir():
        return f"{host} cannot read what it is to do in {folder}"
    return f"{host} does not see {folder}; data_dir must be in a file system that all hosts share, at one path"


def _say(ticket: str, **what: str) -> int:
    sys.stdout.write(told(ticket, **what) + "\n")
    sys.stdout.flush()
    return 0


def _forget_launcher() -> None:
    for name in [name for name in os.environ if name.startswith(LAUNCHER_PREFIXES)]:
        del os.environ[name]


if __name__ == "__main__":
    sys.exit(main(sys.argv))
