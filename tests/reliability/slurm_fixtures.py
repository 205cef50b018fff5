"""Fixtures of the tests of Slurm: a bench on a real cluster, and what a sweep comes to that nobody disturbs."""

from __future__ import annotations

from pathlib import Path

import pytest
from slurm_bench import RUNS, SlurmBench
from slurm_cluster import Cluster


@pytest.fixture
def slurm(home: Path, cluster: Cluster) -> SlurmBench:
    """A bench in a directory of its own."""
    return SlurmBench(home, cluster)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of `steps` after it went through on this machine, without Slurm and without a fault."""
    bench = SlurmBench(tmp_path_factory.mktemp("golden"), Cluster(Path()))
    bench.go.touch()
    driver = bench.start("steps", runs=RUNS, engine="local")
    assert driver.wait() == 0, driver.text
    return bench.data
