"""What is refused before a grid is submitted, and what would be: without any Slurm."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import LaunchError, SweepError, UsageError
from sweep.base.mpi_command import Launcher
from sweep.base.settings import Settings
from sweep.front import machine
from sweep.front.request import Request
from sweep.front.sites.base import UNCOUNTED, Work
from sweep.front.sites.on_slurm import OnSlurm
from sweep.launch.slots import Demand
from sweep.launch.slurm.talk.client import Slurm
from sweep.launch.slurm.talk.cluster import PartitionInfo

PARTITIONS = {
    "main": PartitionInfo("main", True, None, 2, 4, 4000),
    "fat": PartitionInfo("fat", False, 3600.0, 1, 64, 9000),
}


class Cluster(Slurm):
    """A Slurm that answers at once."""

    most, kinds = 3, ("none", "pmi2")

    def check(self) -> None: ...

    def partitions(self) -> dict[str, PartitionInfo]:
        return PARTITIONS

    def most_in_array(self) -> int:
        return self.most

    def mpi_types(self) -> tuple[str, ...]:
        return self.kinds


@pytest.fixture(autouse=True)
def launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "find_launcher", lambda *words: Launcher(Path("/bin/mpiexec"), "mpich"))


def site(ranks: int = 1, demand: Demand | None = None, settings: Settings | None = None, **asked: Any) -> OnSlurm:
    request = Request(None, engine="slurm", **asked)
    work = Work(request, settings or Settings(), Path("data"), [ranks], demand or Demand(ranks), "grid")
    return OnSlurm(work, Cluster())


def test_a_site_that_takes_all_is_checked_in_silence() -> None:
    made = site()
    made.check()
    assert (made.at_once, made.note) == (UNCOUNTED, " on Slurm")


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ({"slurm": {"partition": "fast"}}, LaunchError, "there is no partition 'fast'; there are fat, main"),
        ({"slurm": {"partition": "main,fast"}}, LaunchError, "there is no partition 'fast'"),
        ({"halt": "soon"}, UsageError, "halt is 'soon', and with engine='slurm' nobody is there to count"),
        ({"demand": Demand(1, 99)}, LaunchError, "has 4; lower num_cpu or threads.$"),
        ({"num_cpu": "auto"}, UsageError, "num_cpu='auto' means the cores of this machine"),
        ({"demand": Demand(gpus=0.5)}, UsageError, "gpus is 0.5; Slurm gives whole GPUs"),
        ({"demand": Demand(gpus=1.5)}, UsageError, "gpus is 1.5; Slurm gives whole GPUs"),
        ({"ranks": 2, "slurm": {"nodes": 3}}, UsageError, "nodes is 3, and a run has 2 ranks"),
        ({"ranks": 5}, LaunchError, r"a run needs 5 cores .*, and a node of main has 4; lower num_cpu .*more nodes"),
        ({"demand": Demand(2, 3), "ranks": 2}, LaunchError, "a run needs 6 cores"),
        ({"slurm": {"time": "30s"}}, UsageError, "before its time is over"),
        ({"slurm": {"time": "2h", "partition": "fat"}}, LaunchError, "time is 2 h.*and a job in fat may take 1 h"),
        ({"parallel": 0}, UsageError, "parallel is 0"),
    ],
)
def test_what_no_job_could_do_is_refused_before_anything_is_submitted(
    asked: Mapping[str, Any], error: type[SweepError], message: str
) -> None:
    with pytest.raises(error, match=message) as refusal:
        site(**asked).check()
    assert "\n" not in str(refusal.value)


def test_a_run_that_one_node_has_no_room_for_may_go_over_two() -> None:
    site(ranks=5, slurm={"nodes": 2}).check()
    site(ranks=5, slurm={"partition": "fat"}).check()


def test_without_a_way_to_start_mpi_over_nodes_nothing_is_submitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cluster, "kinds", ("none",))
    with pytest.raises(LaunchError, match="srun knows none"):
        site(ranks=2, slurm={"nodes": 2}).check()
    site(ranks=2, slurm={"nodes": 2, "srun_flags": ["--mpi=cray"]}).check()


def test_options_of_slurm_without_slurm_are_refused() -> None:
    with pytest.raises(UsageError, match="engine='slurm'"):
        Request(None, slurm={"partition": "main"})
    Request(None, slurm={"partition": "main"}, engine="local")  # a file may have them for another time


def test_the_scripts_are_one_for_each_shape_and_as_many_runs_as_an_array_takes() -> None:
    counts = {Demand(1): 4, Demand(2): 1}
    texts = list(site(settings=Settings(slurm_account="lab"), parallel=2).scripts(lambda: counts))
    arrays = [[line.removeprefix("#SBATCH ") for line in text.splitlines() if "--array" in line] for text in texts]
    assert arrays == [["--array=0-2%2"], ["--array=0-0%2"], ["--array=0-0%2"]]
    assert [line.removeprefix("#SBATCH ") for text in texts for line in text.splitlines() if "--ntasks" in line] == [
        "--ntasks=1",
        "--ntasks=1",
        "--ntasks=2",
    ]
    assert all("#SBATCH --account=lab\n" in text for text in texts)


def test_a_run_that_is_asked_to_save_has_most_of_the_lead_for_it() -> None:
    assert site(slurm={"lead": 600, "time": "1h"}).machine.grace_s == 480
    assert site(slurm={"lead": 5, "time": "1h"}).machine.grace_s == Settings().grace
