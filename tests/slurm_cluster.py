"""A real Slurm cluster for tests: two virtual nodes on this machine, one cluster for each process of tests.

    def test_it(cluster):                      # with accounting; SLURM_CONF is set for what the test starts
    def test_it(cluster_without_accounting):   # no sacct

It is started by `slurm_up.sh` for the first test that asks, which takes 3 to 5 s, and mended after each: what was
stopped or frozen is started again, and jobs are ended. Jobs that are over stay in `squeue --states=all` for five
minutes, so use names of your own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("slurm_up.sh")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch")
ACCOUNTING = ("slurmdbd", "mariadbd")
_SEARCHED = os.defpath + ":/usr/local/bin:/usr/sbin:/sbin"
_LIMIT_S = 90
_FREEZING = {"freeze": signal.SIGSTOP, "thaw": signal.SIGCONT}
_OUT_OF_SERVICE = ("down", "drain", "drng", "fail")
# A controller that was started anew hears of its nodes within some seconds, and lets jobs wait until then.
_READY = {"idle", "unk"}
# What is left of a machine's own, so that daemons carry no mark of the test that happens to be the first.
_KEPT = ("PATH", "HOME", "USER", "LOGNAME", "LANG")
Need = Callable[[str, bool, str], None]
Finished = subprocess.CompletedProcess[str]


@dataclass
class Cluster:
    """A cluster that is up: nodes n1 and n2 of 4 cores, partitions main and urgent (whose jobs preempt main's).

    Attributes:
        dir: configuration, sockets, and logs in `log`.
        accounting: whether it has `sacct`.
        environ: what Slurm's programs need to find it.
    """

    dir: Path
    accounting: bool = True
    environ: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.environ = {"SLURM_CONF": str(self.dir / "etc" / "slurm.conf")}

    def node(self, name: str, verb: str) -> None:
        """Do something to a node's daemon: 'stop' (SIGKILL), 'start', 'freeze', 'thaw'."""
        _script("node", str(self.dir), verb, name)

    def ctld(self, verb: str) -> None:
        """Do something to the controller: 'stop', 'kill', 'start', 'freeze', 'thaw'."""
        if verb in _FREEZING:
            os.kill(self._pid("slurmctld"), _FREEZING[verb])
        else:
            _script("ctld", str(self.dir), verb)

    def dbd(self, verb: str) -> None:
        """Do something to accounting's daemon: 'stop' (SIGKILL), 'start', 'freeze', 'thaw'."""
        if verb in _FREEZING:
            os.kill(self._pid("slurmdbd"), _FREEZING[verb])
        elif verb == "stop":
            os.kill(self._pid("slurmdbd"), signal.SIGKILL)
            self.until(lambda: not self._is_up("slurmdbd"))
        elif not self._is_up("slurmdbd"):
            self._start_dbd()

    def run(self, *words: str, **options: str) -> Finished:
        """Run one of Slurm's programs to its end."""
        environ = {**os.environ, **self.environ, **options}
        return subprocess.run(words, env=environ, capture_output=True, text=True, timeout=_LIMIT_S, check=False)

    def sinfo(self) -> dict[str, str]:
        """Return each node's state: {'n1': 'idle', 'n2': 'down*'}."""
        lines = self.run("sinfo", "-h", "-N", "-p", "main", "-o", "%N %t").stdout.splitlines()
        return dict(line.split(" ") for line in lines)  # type: ignore[misc]

    def until(self, is_so: Callable[[], object], limit_s: float = 30) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + limit_s
        while not is_so():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not so within {limit_s:g} s: {is_so}; the cluster's logs are in {self.dir}/log")
            time.sleep(0.05)

    def mend(self) -> None:
        """Start again what was stopped, and end all jobs."""
        for name in filter(self._is_up, ("slurmctld", "slurmdbd")):
            os.kill(self._pid(name), signal.SIGCONT)
        if self.accounting:  # first: a controller that is new does not begin without
            self.dbd("start")
        self.ctld("start")
        for name in ("n1", "n2"):
            self.node(name, "start")
            self.node(name, "thaw")
        self.until(self._is_clean, _LIMIT_S)

    def _is_clean(self) -> bool:
        jobs = self.run("squeue", "-h", "-o", "%A").stdout.split()
        if jobs:
            self.run("scancel", "--full", "--signal=KILL", *jobs)  # at once, whatever a job does about a signal
            self.run("scancel", *jobs)
        states = set(self.sinfo().values())
        if any(state.startswith(_OUT_OF_SERVICE) for state in states):
            self.run("scontrol", "update", "NodeName=n[1-2]", "State=RESUME")
        return not jobs and states <= _READY

    def _start_dbd(self) -> None:
        """Start it as the script does: nobody's child, its process and start time in a file, by which it is ended."""
        log = self.dir / "log" / "slurmdbd.out"
        begin = f'setsid slurmdbd -D >> "{log}" 2>&1 < /dev/null & echo $!'
        pid = int(_bash(begin, {**_clean_environ(), **self.environ}).stdout)
        (self.dir / "pid" / "slurmdbd").write_text(f"{pid} {_born(pid)}\n")
        self.until(lambda: self.run("sacctmgr", "-n", "show", "cluster").returncode == 0)

    def _pid(self, name: str) -> int:
        return int((self.dir / "pid" / name).read_text().split()[0])

    def _is_up(self, name: str) -> bool:
        file = self.dir / "pid" / name
        pid, born = file.read_text().split() if file.exists() else ("0", "0")
        return _born(int(pid)) == int(born) != 0


def _born(pid: int) -> int:
    """Return when a process was started, in ticks; 0 if there is none, or only what is left to be waited for."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return 0 if words[0] == "Z" else int(words[19])


def _clean_environ() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PATH": f"{kept.get('PATH', '')}:{_SEARCHED}"}


def _bash(command: str, environ: Mapping[str, str]) -> Finished:
    return subprocess.run(["bash", "-c", command], env=environ, capture_output=True, text=True, timeout=_LIMIT_S)


def _script(*words: str, **options: str) -> None:
    """Run `slurm_up.sh`, and fail with what it said."""
    done = subprocess.run(
        ["bash", str(SCRIPT), *words],
        env={**_clean_environ(), **options},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"slurm_up.sh {' '.join(words)} exited with {done.returncode}: {done.stderr.strip()}")


@contextlib.contextmanager
def started(accounting: bool) -> Iterator[Cluster]:
    """Give a new cluster, and take it down whatever happens, the death of this process included."""
    folder = Path(tempfile.mkdtemp(prefix="sl-", dir="/tmp"))  # a socket's path may not be long
    # It reads until all copies of the other end are closed, which the kernel does for a process that dies.
    watch = subprocess.Popen(
        ["bash", "-c", 'cat > /dev/null; bash "$0" down "$1"; rm -rf "$1"', str(SCRIPT), str(folder)],
        env=_clean_environ(),
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        _script("up", str(folder), ACCT=str(int(accounting)), REQUEUE="5")
        yield Cluster(folder, accounting)
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            watch.communicate(timeout=_LIMIT_S)
        shutil.rmtree(folder, ignore_errors=True)


def _is_here(programs: tuple[str, ...]) -> bool:
    return all(shutil.which(program, path=_clean_environ()["PATH"]) for program in programs)


@pytest.fixture(scope="session")
def slurm_cluster(need: Need) -> Iterator[Cluster]:
    """A cluster with accounting for all tests of this process; `cluster` is the one for a single test."""
    need("slurm", _is_here(PROGRAMS + ACCOUNTING), "its daemons are not here; `bash tests/slurm_up.sh install`")
    with started(accounting=True) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def slurm_cluster_without_accounting(need: Need) -> Iterator[Cluster]:
    """A cluster without accounting for all tests of this process."""
    need("slurm", _is_here(PROGRAMS), "its daemons are not here; `bash tests/slurm_up.sh install`")
    with started(accounting=False) as cluster:
        yield cluster


@pytest.fixture
def cluster(slurm_cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A cluster where nothing runs, which what this test starts finds by its environment."""
    yield from _for_one_test(slurm_cluster, monkeypatch)


@pytest.fixture
def cluster_without_accounting(
    slurm_cluster_without_accounting: Cluster, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Cluster]:
    """The same, with nothing that `sacct` could ask."""
    yield from _for_one_test(slurm_cluster_without_accounting, monkeypatch)


def _for_one_test(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    for name, value in cluster.environ.items():
        monkeypatch.setenv(name, value)
    yield cluster
    cluster.mend()
