"""Asking hosts whether they answer, all at once, in the way in which runs will be started there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from sweep.base.errors import LaunchError
from sweep.base.mpi_command import Launcher
from sweep.launch.hosts.command import check_family, split_flags, worker_argv
from sweep.launch.hosts.named import Host
from sweep.launch.hosts.reach import own_address
from sweep.launch.hosts.worker import Worker
from sweep.launch.job import Machine
from sweep.launch.slots import Part

# Longer than ssh tries to connect.
_PATIENCE_S, _LOOK_S = 15.0, 0.05


def launcher_of(machine: Machine) -> Launcher:
    """Return the launcher that reaches hosts.

    Raises:
        LaunchError: there is none, or of which is not known how.
    """
    if machine.launcher is None:
        raise LaunchError("hosts: there is no MPI launcher to reach them with; pip install 'sweep[mpich]'.")
    check_family(machine.launcher)
    return machine.launcher


@dataclass
class Probe:
    """Hosts that are being asked.

    Attributes:
        address: see `sweep.launch.hosts.engine`.
        gone: those that do not answer, each with why, in one line.
    """

    machine: Machine
    environ: Mapping[str, str]
    address: Callable[[str], str]
    gone: dict[str, str] = field(default_factory=dict)
    _asked: dict[str, Worker] = field(default_factory=dict)

    def ask(self, hosts: Iterable[str]) -> None:
        """Begin to ask: whether the interpreter of the ranks can be started there.

        Raises:
            LaunchError, OSError: nothing can be started.
        """
        launcher, machine = launcher_of(self.machine), self.machine
        reaching, _ = split_flags(machine.flags)
        for host in hosts:
            part, command = Part(host, (0,), 1), [str(machine.python), "-V"]
            argv = worker_argv(launcher, part, reaching, self.address(host), command, machine.as_root)
            self._asked[host] = Worker.start(argv, "", self.environ)

    def is_over(self, now: float) -> bool:
        """Say whether all have answered, or will not."""
        for host, worker in list(self._asked.items()):
            worker.look(now)
            if worker.is_over:
                if worker.process.returncode:
                    self.gone[host] = worker.reason
                worker.close()
                del self._asked[host]
        return not self._asked

    def close(self) -> None:
        """Ask no more; who has not answered by now does not."""
        for host, worker in self._asked.items():
            worker.close()
            self.gone[host] = "it is silent"
        self._asked.clear()


def silent_hosts(
    hosts: Iterable[Host],
    machine: Machine,
    environ: Mapping[str, str],
    address: Callable[[str], str] | None = None,
) -> dict[str, str]:
    """Return the hosts that do not answer, each with why; takes half a second, and 15 s where one is silent.

    Raises:
        LaunchError: no host answers, or there is no launcher that could ask.
    """
    reaching, _ = split_flags(machine.flags)
    probe = Probe(machine, environ, address or (lambda host: own_address(host, reaching)))
    names = [host.name for host in hosts]
    try:
        probe.ask(names)
        deadline = time.monotonic() + _PATIENCE_S
        while not probe.is_over(time.monotonic()) and time.monotonic() < deadline:
            time.sleep(_LOOK_S)
    finally:
        probe.close()
    if len(probe.gone) == len(names):
        words = "; ".join(f"{name}: {why or 'it cannot start anything'}" for name, why in list(probe.gone.items())[:3])
        raise LaunchError(f"no host answers ({words}); see to it that `ssh {names[0]} true` works without a question.")
    return probe.gone
