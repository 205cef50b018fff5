"""Runs on several hosts: two namespaces with an sshd each; one is lost in the middle, and nothing is done twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hosts_net import Network, missing, network

from sweep.base.errors import MpiError
from sweep.base.mpi_command import find_launcher
from sweep.launch.supervisor.processes import environment, ours

pytestmark = pytest.mark.limit(120)

HERE = Path(__file__).parent
ODD = os.fsdecode(b"w \"a\n$(x) ';\xff*")


def family() -> str:
    """Return whose launcher is there, '' without one."""
    try:
        return find_launcher(None, os.environ).family
    except MpiError:
        return ""


@pytest.fixture(scope="module")
def net(need: Callable[[str, bool, str], None]) -> Iterator[Network]:
    lacking = missing() or ("" if family() in ("mpich", "openmpi") else "there is no launcher that reaches hosts")
    need("hosts", not lacking, lacking)
    with network("h1", "h2") as made:
        yield made


@dataclass
class Bench:
    """One data directory, the runs that are wanted there, and what became of them."""

    net: Network
    home: Path
    hosts: str = "h1:2,h2:2"
    runs: list[dict[str, Any]] = field(default_factory=list)
    launches: int = 0

    @property
    def ledger(self) -> Path:
        return self.home / "ledger"

    def want(self, count: int, **run: Any) -> None:
        first = len(self.runs)
        self.runs += [{"name": f"r{first + n}", "rows": 3, "row_s": 0.1, **run} for n in range(count)]

    def start(self) -> subprocess.Popen[bytes]:
        self.launches += 1
        told = {"home": str(self.home), "hosts": self.hosts, "runs": self.runs, "ledger": str(self.ledger)}
        file = self.home / f"told{self.launches}"
        flags = {"openmpi": ["--prtemca", "plm_ssh_agent"]}.get(family(), ["-launcher-exec"])
        file.write_text(json.dumps({**told, "flags": [*flags, str(self.net.ssh)]}))
        words = [sys.executable, str(HERE / "hosts_driver.py"), str(file)]
        with (self.home / "said").open("ab") as said:
            return subprocess.Popen(words, cwd=self.home, stdin=subprocess.DEVNULL, stdout=said, stderr=said)

    def run(self) -> int:
        return self.start().wait(100)

    @property
    def out(self) -> dict[str, Any]:
        return dict(json.loads((self.home / f"told{self.launches}.out").read_text()))

    def lines(self, what: str) -> list[list[Any]]:
        """Return what rank 0 of runs has noted of a kind, without that."""
        found = map(json.loads, self.ledger.read_text().splitlines() if self.ledger.exists() else [])
        return [line[1:2] + line[3:] for line in found if line[0] == what and line[2] == 0]

    def wait_for(self, what: Callable[[], Any], seconds: float = 30.0) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := what()):
            assert time.monotonic() < deadline, (self.home / "said").read_text()
            time.sleep(0.02)
        return found

    def begun_on(self, host: str) -> list[str]:
        return [line[0] for line in self.lines("begin") if line[1] == host]

    def check_all_done(self) -> None:
        """See that each run has ended well once, with each of its rows once."""
        said = (self.home / "said").read_text()
        assert Counter(line[0] for line in self.lines("end")) == {run["name"]: 1 for run in self.runs}, said
        for run in self.runs:
            assert json.loads((self.home / run["name"] / "status.json").read_text())["state"] == "done", said
            _, *rows = (self.home / run["name"] / "progress.txt").read_text().splitlines()
            ranks = run.get("ranks", 1)
            assert [list(map(float, row.split("\t"))) for row in rows] == [
                [n, n + 1, ranks] for n in range(run["rows"])
            ]

    def left_behind(self) -> list[int]:
        return [pid for pid in ours() if environment(pid).get("SWEEP_RUN_DIR", "").startswith(str(self.home))]


@pytest.fixture
def only_long(long: bool) -> None:
    """Skip a test in the short form."""
    if not long:
        pytest.skip("only in the long form")


@pytest.fixture
def bench(net: Network, home: Path) -> Iterator[Bench]:
    folder = home / ODD
    folder.mkdir()
    bench = Bench(net, folder)
    yield bench
    for name in net.names:
        net.mend(name)


def test_runs_go_to_both_hosts_in_an_odd_folder_and_over_both_where_one_is_too_small(
    bench: Bench, monkeypatch: Any
) -> None:
    monkeypatch.setenv("HOSTS_TOKEN", "a b\n'\"$x")
    bench.want(3)
    bench.want(2, ranks=2)
    bench.want(1, ranks=3)  # more than any of them has slots
    assert bench.run() == 0, (bench.home / "said").read_text()
    bench.check_all_done()
    assert bench.out["retried"] == []
    begun = bench.lines("begin")
    assert {line[1] for line in begun} == {"h1", "h2"}
    assert {line[3] for line in begun} == {"a b\n'\"$x"}
    assert {line[4] for line in begun} == {str(bench.home)}
    assert not list(bench.home.glob("*/.sweep/errand.json"))


@pytest.mark.usefixtures("only_long")
def test_a_run_that_fails_has_its_cause_and_is_not_tried_elsewhere(bench: Bench) -> None:
    bench.want(1, fails=True)
    assert bench.run() == 1
    assert bench.out["ends"] == {"r0": ["failed", "rank 0: ValueError: it was to fail", "error"]}
    assert len(bench.lines("begin")) == 1


def test_the_runs_of_a_host_that_dies_go_on_elsewhere_and_no_others(bench: Bench) -> None:
    bench.want(6, rows=6, row_s=0.2)
    driver = bench.start()
    bench.wait_for(lambda: bench.begun_on("h2"))
    time.sleep(0.5)
    bench.net.kill("h2")
    before, ended = bench.begun_on("h2"), {line[0] for line in bench.lines("end")}
    assert driver.wait(100) == 0
    bench.check_all_done()
    lost = {name for name in before if name not in ended}
    again = Counter(line[0] for line in bench.lines("begin"))
    assert {name for name, count in again.items() if count > 1} == lost
    assert all("host h2 was lost" in line for line in bench.out["retried"])
    assert {line[1] for line in bench.lines("end") if line[0] in lost} == {"h1"}


def test_what_runs_on_a_host_that_falls_silent_is_neither_lost_nor_doubled(bench: Bench) -> None:
    bench.want(4, rows=8, row_s=0.2)
    driver = bench.start()
    bench.wait_for(lambda: bench.begun_on("h2"))
    time.sleep(0.5)
    bench.net.silence("h2")
    assert driver.wait(100) == 0
    bench.check_all_done()
    assert set(Counter(line[0] for line in bench.lines("begin")).values()) == {1}


@pytest.mark.usefixtures("only_long")
def test_a_driver_that_is_killed_takes_its_runs_with_it_and_the_next_one_does_what_is_left(bench: Bench) -> None:
    bench.want(1, rows=1)
    bench.want(3, rows=10, row_s=0.2)
    driver = bench.start()
    bench.wait_for(lambda: bench.lines("end"))
    bench.wait_for(lambda: bench.begun_on("h2") and bench.begun_on("h1"))
    driver.kill()
    driver.wait()
    bench.wait_for(lambda: not bench.left_behind(), 8)
    ended = {line[0] for line in bench.lines("end")}
    assert bench.run() == 0
    bench.check_all_done()
    again = Counter(line[0] for line in bench.lines("begin"))
    assert all(again[name] == 1 for name in ended)


@pytest.mark.usefixtures("only_long")
def test_a_launch_that_is_stopped_ends_its_runs_on_all_hosts(bench: Bench) -> None:
    bench.want(2, rows=100, row_s=0.2)
    driver = bench.start()
    bench.wait_for(lambda: bench.begun_on("h2") and bench.begun_on("h1"))
    driver.send_signal(signal.SIGTERM)
    assert driver.wait(20) == 75
    assert {end[0] for end in bench.out["ends"].values()} == {"interrupted"}
    assert not bench.left_behind()


@pytest.mark.usefixtures("only_long")
def test_a_run_over_several_hosts_that_is_stopped_saves_and_goes_on_another_time(bench: Bench) -> None:
    bench.want(1, ranks=3, rows=20, row_s=0.1)
    driver = bench.start()
    table = bench.home / "r0" / "progress.txt"
    bench.wait_for(lambda: table.exists() and len(table.read_text().splitlines()) > 2)
    driver.send_signal(signal.SIGTERM)
    assert driver.wait(20) == 75
    assert bench.out["ends"]["r0"][0] == "interrupted"
    bench.wait_for(lambda: not bench.left_behind(), 5)
    assert bench.run() == 0
    bench.check_all_done()
    assert [line[2] for line in bench.lines("end")] == [True]


@pytest.mark.usefixtures("only_long")
def test_a_run_over_several_hosts_of_which_one_dies_is_lost_and_goes_on_when_there_is_room(bench: Bench) -> None:
    bench.want(1, ranks=3, rows=5, row_s=0.2)
    driver = bench.start()
    bench.wait_for(lambda: bench.lines("begin"))
    bench.net.kill("h2")
    bench.wait_for(lambda: b"trying again" in (bench.home / "said").read_bytes())
    bench.net.mend("h2")
    assert driver.wait(100) == 0, (bench.home / "said").read_text()
    bench.check_all_done()
    assert "host h2 was lost" in bench.out["retried"][0]


def sweep_run(bench: Bench, hosts: str) -> subprocess.CompletedProcess[str]:
    """Launch a grid of four runs of two ranks as a person does."""
    (bench.home / "toy.py").write_text(
        "import os\n\n\ndef train(lr, seed=0, run=None):\n"
        "    for epoch in run.epochs(2):\n        run.logger.log_tabular('Epoch', epoch)\n"
    )
    flag = {"openmpi": ["--prtemca", "plm_ssh_agent"]}.get(family(), ["-launcher-exec"])
    environ = {**os.environ, "SWEEP_MPIEXEC_FLAGS": repr([*flag, str(bench.net.ssh)])}
    words = ["run", "--hosts", hosts, "--num_cpu", "2", "toy:train", "--lr", "1", "2", "--seed", "0", "1"]
    command = [sys.executable, "-m", "sweep", *words]
    options: Any = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "errors": "replace"}
    return subprocess.run(command, cwd=bench.home, env=environ, timeout=100, **options)


def test_a_grid_is_launched_over_hosts_with_one_flag(bench: Bench) -> None:
    told = sweep_run(bench, bench.hosts)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "2 ranks a run, up to 2 runs at once on h1:2, h2:2" in told.stdout
    found = [json.loads(file.read_text()) for file in bench.home.glob("data/*/*/status.json")]
    assert [one["state"] for one in found] == ["done"] * 4
    assert {one["host"] for one in found} == {"h1", "h2"}


def test_hosts_that_nobody_reaches_are_named_before_anything_is_written(bench: Bench) -> None:
    told = sweep_run(bench, "nowhere:2")
    assert told.returncode == 2 and "no host answers (nowhere:" in told.stderr, told.stdout + told.stderr
    assert "Traceback" not in told.stdout + told.stderr
    assert not list(bench.home.glob("data/*/*/progress.txt"))


def test_hosts_that_do_not_see_the_data_directory_are_refused_with_that_as_the_reason(bench: Bench) -> None:
    (bench.home / "data").mkdir()
    for name in bench.net.names:
        bench.net.blind(name, bench.home / "data")
    told = sweep_run(bench, bench.hosts)
    assert told.returncode == 2, told.stdout + told.stderr
    assert "h1 and h2 do not see " in told.stderr
    assert "data; name a data_dir on a file system that all hosts share." in told.stderr
    assert "Traceback" not in told.stdout + told.stderr
    assert not list((bench.home / "data").iterdir())


def test_hosts_that_cannot_be_used_are_left_out_of_the_launch_with_a_warning(bench: Bench) -> None:
    (bench.home / "data").mkdir()
    bench.net.blind("h1", bench.home / "data")
    told = sweep_run(bench, f"{bench.hosts},nowhere:2")
    assert told.returncode == 0, told.stdout + told.stderr
    words = " ".join(told.stdout.split())
    assert "warning: host h1 does not see " in words and "warning: host nowhere does not answer" in words
    assert "that leaves up to 1 run at once, on h2:2." in words
    found = [json.loads(file.read_text()) for file in bench.home.glob("data/*/*/status.json")]
    assert [(one["state"], one["host"]) for one in found] == [("done", "h2")] * 4
