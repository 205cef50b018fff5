"""The tiny client that a launcher starts in place of a rank, and the pipes through which it talks.

A launcher (mpiexec) gives a rank its environment and waits for its exit status. The client, a few lines of shell that
start in a millisecond, tells the supervisor its process number, which then starts the real rank with the client's
environment, forked warm if possible, and answers with how the rank ended; the client ends in the same way. On another
host, where the pipes are not, it becomes a plain rank.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

STARTS = "starts"

# $1 the folder of the pipes, $2 the run; the command of a plain rank follows.
_SCRIPT = """\
rank=${PMI_RANK:-${PMI_ID:-${OMPI_COMM_WORLD_RANK:-$PMIX_RANK}}}
pipe=$1/$2.$rank
if [ -p "$pipe" ]; then
  echo "$2 $rank $$" > "$1/starts" && read -r code < "$pipe"
  case $code in -*) trap - TERM USR1; kill "$code" $$;; esac
  exit "${code:-1}"
fi
shift 2
trap - TERM USR1
exec "$@"
"""
# What is blocked in a launcher may not be so in a client: Open MPI clears the mask of ranks, and some shells their own.
_SHIELD = "trap '' TERM USR1\n"
# What a shielded launcher does not hear either: MPICH's hands SIGUSR1 on, to clients that would end by it.
SHIELDED = (signal.SIGTERM, signal.SIGUSR1)

# MPICH's proxies give a rank an open socket, which cannot be handed on without privileges; by this flag a port on this
# host instead, which is plain text.
_FLAGS = {"mpich": ("-iface", "lo", "-pmi-port"), "openmpi": ()}


# Of the user's, for ranks on other machines, which have to be started there.
_HOST_FLAGS = {
    "-f",
    "-host",
    "--host",
    "-hosts",
    "--hosts",
    "-H",
    "-hostfile",
    "--hostfile",
    "-machinefile",
    "--machinefile",
}


def speaks(family: str, flags: Sequence[str] = ()) -> bool:
    """Say whether ranks of this family of launchers, with the user's flags, can be started by others than it."""
    return family in _FLAGS and not _HOST_FLAGS & set(flags)


def launcher_flags(family: str) -> tuple[str, ...]:
    return _FLAGS[family]


def client_argv(folder: Path, run: str, plain: Sequence[str], shielded: bool = False) -> list[str]:
    """Return the command that a launcher starts for each rank; a shielded one is deaf to `SHIELDED`."""
    script = _SHIELD + _SCRIPT if shielded else _SCRIPT
    return ["/bin/sh", "-c", script, "sweep-rank", str(folder), run, *plain]


class Clients:
    """The clients of one run: one pipe each, through which they learn how their rank ended."""

    def __init__(self, folder: Path, run: str, ranks: int) -> None:
        self._pipes = [folder / f"{run}.{rank}" for rank in range(ranks)]
        self._descriptors = [_new_pipe(pipe) for pipe in self._pipes]
        self.pids: dict[int, int] = {}

    def answer(self, rank: int, code: int) -> None:
        """Tell a client how its rank ended; negative for a signal."""
        os.write(self._descriptors[rank], f"{code}\n".encode())

    def close(self) -> None:
        for descriptor in self._descriptors:
            os.close(descriptor)
        for pipe in self._pipes:
            pipe.unlink(missing_ok=True)


def open_starts(folder: Path) -> int:
    """Make the pipe on which clients report; return a descriptor to read it, one line a client."""
    return _new_pipe(folder / STARTS)


def _new_pipe(path: Path) -> int:
    os.mkfifo(path, 0o600)
    return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)  # both ends, so that it never ends


def rank_environment(client: dict[str, str], base: dict[str, str], ranks: int) -> dict[str, str]:
    """Return the variables that a rank needs beyond those of its supervisor: what its launcher gave to its client."""
    given = {name: value for name, value in client.items() if base.get(name) != value and name not in ("PWD", "_")}
    if "PMI_ID" in given:  # programs that ask the environment for their place look for these
        given |= {"PMI_RANK": given["PMI_ID"], "PMI_SIZE": str(ranks)}
    return given
