"""Asking hosts whether they answer and are fit for runs, all at once, in the way in which runs are started there."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sweep.base.errors import LaunchError
from sweep.base.mpi_command import Launcher
from sweep.launch.hosts.command import check_family, split_flags, worker_argv
from sweep.launch.hosts.fitness import fresh_mark, question, refusal, unfit_for
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
        home: the data directory.
        mark: what a host must see of it.
        silent: those that do not answer, each with why, in one line.
        unfit: those that answer and lack something, each with what, behind its name.
    """

    machine: Machine
    environ: Mapping[str, str]
    address: Callable[[str], str]
    home: Path
    mark: Path
    silent: dict[str, str] = field(default_factory=dict)
    unfit: dict[str, str] = field(default_factory=dict)
    _asked: dict[str, Worker] = field(default_factory=dict)

    @property
    def gone(self) -> dict[str, str]:
        """Those that nothing can be run on, each with why."""
        return {**self.silent, **{host: f"it {text}" for host, text in self.unfit.items()}}

    def ask(self, hosts: Iterable[str]) -> None:
        """Begin to ask.

        Raises:
            LaunchError, OSError: nothing can be started.
        """
        launcher, machine = launcher_of(self.machine), self.machine
        reaching, _ = split_flags(machine.flags)
        for host in hosts:
            part, ticket = Part(host, (0,), 1), secrets.token_hex(8)
            command = question(ticket, self.mark, machine.python)
            argv = worker_argv(launcher, part, reaching, self.address(host), command, machine.as_root)
            self._asked[host] = Worker.start(argv, ticket, self.environ)

    def is_over(self, now: float) -> bool:
        """Say whether all have answered, or will not."""
        for host, worker in list(self._asked.items()):
            worker.look(now)
            if worker.is_over:
                self._take(host, worker)
                worker.close()
                del self._asked[host]
        return not self._asked

    def _take(self, host: str, worker: Worker) -> None:
        if not worker.has_begun:
            self.silent[host] = worker.reason
        elif worker.end is not None:
            self.unfit[host] = unfit_for(worker.end.text, self.home, self.machine.python)
        elif worker.process.returncode:
            why = worker.reason or f"exit code {worker.process.returncode}"
            self.unfit[host] = unfit_for(why, self.home, self.machine.python)

    def close(self) -> None:
        """Ask no more; who has not answered by now does not."""
        for host, worker in self._asked.items():
            worker.close()
            self.silent[host] = "it is silent"
        self._asked.clear()


def ask_hosts(
    hosts: Iterable[Host],
    machine: Machine,
    home: Path,
    environ: Mapping[str, str],
    address: Callable[[str], str] | None = None,
) -> Probe:
    """Ask hosts, and return what they said; takes half a second, and 15 s where one is silent.

    Nothing is left of it in the data directory, and nothing is made there.

    Raises:
        LaunchError: no host answers and is fit for runs, or there is no launcher that could ask.
    """
    reaching, _ = split_flags(machine.flags)
    names = [host.name for host in hosts]
    with fresh_mark(home) as mark:
        probe = Probe(machine, environ, address or (lambda host: own_address(host, reaching)), home, mark)
        try:
            probe.ask(names)
            deadline = time.monotonic() + _PATIENCE_S
            while not probe.is_over(time.monotonic()) and time.monotonic() < deadline:
                time.sleep(_LOOK_S)
        finally:
            probe.close()
    probe.silent, probe.unfit = in_order(probe.silent, names), in_order(probe.unfit, names)
    if len(probe.gone) == len(names):
        raise LaunchError(refusal(probe.unfit, probe.silent))
    return probe


def in_order(said: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return what hosts said in the order in which they were named, not in which they answered."""
    return {name: said[name] for name in names if name in said}
