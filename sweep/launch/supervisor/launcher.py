"""The launcher (mpiexec) of one run: its process, its clients, and what it has to say."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sweep.base.mpi_command import Launcher, mpi_argv, mpi_environment
from sweep.launch.supervisor.client import SHIELDED, Clients, client_argv, launcher_flags, rank_environment, speaks
from sweep.launch.supervisor.processes import count_children, die_with_parent, has_children
from sweep.launch.supervisor.wire import Config, Elsewhere
from sweep.rundir.supervised import CHILD_MODULE, TOKEN_VARIABLE

# A launcher that has no process below it for so long has lost them and does not know: MPICH's waits for ever for a
# proxy that was killed before it had said anything. Before it has one it may look up names, which takes its time.
_BEREFT_S = 30.0
# One that has lost some of them, and waits for ever too, has had time to see it.
_MISSED_S = 4.0
# Of what a launcher has printed, so much is kept.
_KEPT = 2**16


@dataclass
class RunLauncher:
    """A launcher that was started.

    Attributes:
        pid: 0 once it has ended.
        clients: of the ranks, where others than the launcher can start them.
        chatter: where it prints what it has to say of its own; -1 if that goes to the log with what ranks print.
        alone_since: when it was first seen without any process below it; None if it has one.
        elsewhere: how it has ranks on other machines; None if it has none there.
        below: the most processes that were seen below it, one for each of those machines.
        fewer_since: when there were first fewer; None if there are not.
    """

    pid: int
    ranks: int
    clients: Clients | None = None
    chatter: int = -1
    alone_since: float | None = None
    elsewhere: Elsewhere | None = None
    below: int = 0
    fewer_since: float | None = None

    def misses_some(self, now: float) -> bool:
        """Look whether a machine has gone without its seeing it, and say so after a while. Asked every few seconds."""
        if self.elsewhere is None or not self.elsewhere.missed or not self.pid:
            return False
        count = count_children(self.pid)
        self.below = max(self.below, count or 0)
        fewer = count is not None and count < self.below
        self.fewer_since = (now if self.fewer_since is None else self.fewer_since) if fewer else None
        return self.fewer_since is not None and now - self.fewer_since >= _MISSED_S

    def has_lost(self, code: int) -> bool:
        """Say whether the launcher ended because it has lost a machine."""
        return self.elsewhere is not None and code in self.elsewhere.lost_codes

    def is_bereft(self, now: float) -> bool:
        """Look whether anything is below it, and say whether nothing has been for too long. Asked every few seconds."""
        alone = self.clients is not None and self.pid > 0 and has_children(self.pid) is False
        self.alone_since = (now if self.alone_since is None else self.alone_since) if alone else None
        return self.alone_since is not None and now - self.alone_since >= _BEREFT_S

    def report(self, rank: int, client: int, environment: dict[str, str]) -> Mapping[str, str]:
        """Hear that the client of a rank is there; return what its launcher gave it."""
        assert self.clients is not None
        self.clients.pids[rank] = client
        return rank_environment(environment, dict(os.environ), self.ranks)

    def let_client_go(self, rank: int) -> None:
        """Tell a rank's client that all is well; of a bad end a launcher would print a page, so it is just ended."""
        if self.clients is not None and rank in self.clients.pids:
            self.clients.answer(rank, 0)

    def said(self) -> bytes:
        """Return what the launcher printed of its own."""
        return os.pread(self.chatter, _KEPT, 0) if self.chatter >= 0 else b""

    def close(self) -> None:
        if self.chatter >= 0:
            os.close(self.chatter)
        if self.clients is not None:
            self.clients.close()


def start_launcher(
    config: Config, name: str, directory: Path, ranks: int, pipes: Path, cores: Sequence[int],
    environ: Mapping[str, str], output: int, elsewhere: Elsewhere | None = None,
) -> RunLauncher:  # fmt: skip
    """Start the ranks of a run through its launcher: as clients where that can be done, else by themselves.

    Args:
        name: of the run, for its clients.
        pipes: the folder of the clients' pipes.
        environ: variables of the run.
        output: a descriptor for what ranks print.
        elsewhere: where ranks are on other machines.

    Raises:
        OSError: the launcher cannot be started.
    """
    launcher, base = Launcher(Path(config.launcher), config.family), dict(os.environ)
    command = [config.python, "-m", "mpi4py", "-m", CHILD_MODULE, str(directory)]
    flags, clients, chatter = config.flags, None, -1
    if elsewhere is not None:
        launcher, flags = Launcher(Path(elsewhere.launcher), elsewhere.family), elsewhere.flags
        # By the mark of our launch somebody would look, over there, for its supervisor. And our room is here.
        base.pop(TOKEN_VARIABLE, None)
        environ = {name: word for name, word in environ.items() if name != "TMPDIR"}
    elif speaks(launcher.family, flags):
        clients = Clients(pipes, name, ranks)
        command = client_argv(pipes, name, command, config.shielded)
        flags = (*launcher_flags(launcher.family), *flags)
        chatter = os.memfd_create("launcher", os.MFD_CLOEXEC)

    def prepare() -> None:
        die_with_parent()
        if cores:
            os.sched_setaffinity(0, cores)
        if clients is not None and config.shielded:  # one that starts ranks itself may have to hand it on
            signal.pthread_sigmask(signal.SIG_BLOCK, SHIELDED)

    process = subprocess.Popen(
        mpi_argv(launcher, ranks, command, flags, as_root=config.as_root),
        env={**mpi_environment(base, launcher.family), **environ},
        stdin=subprocess.DEVNULL,
        stdout=output if chatter < 0 else chatter,
        stderr=output if chatter < 0 else chatter,
        start_new_session=True,
        preexec_fn=prepare,  # this process has one thread, so that this is safe
    )
    process.returncode = 0  # it is reaped with all other children, not by this object
    return RunLauncher(process.pid, ranks, clients, chatter, elsewhere=elsewhere)
