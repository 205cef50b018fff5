"""Cores, memory and GPUs, as the machine, the affinity mask and the control group allow."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from sweep.base.errors import UsageError
from sweep.launch.resources import (
    Capacity,
    ask_nvidia_smi,
    capacity,
    cgroup_quota,
    core_ids,
    free_memory,
    gpu_ids,
    parse_memory,
    total_memory,
    usable_cores,
)

GIB = 2**30


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """64 GiB of which 40 are free, and an empty folder in place of the kernel's."""
    memory = SimpleNamespace(total=64 * GIB, available=40 * GIB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    return tmp_path


def siblings(folder: Path, *lists: str) -> Path:
    """Write for cpu0, cpu1, ... which hyperthreads share its core."""
    for number, text in enumerate(lists):
        write(folder / f"cpu{number}/topology/thread_siblings_list", text)
    return folder


def may_use(monkeypatch: pytest.MonkeyPatch, *cores: int) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(cores))


def test_a_quota_of_the_second_version_gives_whole_cores(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("350000 100000\n")
    assert cgroup_quota(tmp_path) == 3


def test_a_quota_of_the_first_version_gives_whole_cores(tmp_path: Path) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text("200000\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert cgroup_quota(tmp_path) == 2


@pytest.mark.parametrize("text", ["max 100000\n", "", "nonsense"])
def test_no_quota_is_no_limit(tmp_path: Path, text: str) -> None:
    (tmp_path / "cpu.max").write_text(text)
    assert cgroup_quota(tmp_path) is None
    assert cgroup_quota(tmp_path / "missing") is None


def test_less_than_a_core_is_still_one(tmp_path: Path) -> None:
    (tmp_path / "cpu.max").write_text("50000 100000\n")
    assert cgroup_quota(tmp_path) == 1


def test_the_affinity_mask_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3})
    assert usable_cores() == 1


def test_an_unknown_number_of_physical_cores_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: None)
    assert usable_cores() >= 1


def test_auto_never_asks_for_more_cores_than_there_are_to_give() -> None:
    assert 1 <= usable_cores() <= len(core_ids())


def test_a_quota_of_a_group_further_down_counts_and_the_tightest_wins(tmp_path: Path) -> None:
    membership = tmp_path / "membership"
    write(membership, "0::/user.slice/job.scope")
    write(tmp_path / "user.slice/job.scope/cpu.max", "600000 100000")
    assert cgroup_quota(tmp_path, membership) == 6
    write(tmp_path / "user.slice/cpu.max", "400000 100000")
    assert cgroup_quota(tmp_path, membership) == 4


def test_one_hyperthread_of_each_core_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may_use(monkeypatch, 0, 1, 2, 3)
    neighbours = siblings(tmp_path / "neighbours", "0-1", "0-1", "2-3", "2-3")
    assert core_ids(neighbours, tmp_path) == (0, 2, 1, 3)
    halves = siblings(tmp_path / "halves", "0,2", "1,3", "0,2", "1,3")
    assert core_ids(halves, tmp_path) == (0, 1, 2, 3)


def test_a_second_hyperthread_comes_first_where_the_first_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_use(monkeypatch, 1, 2, 3)
    assert core_ids(siblings(tmp_path, "0-1", "0-1", "2-3", "2-3"), tmp_path) == (1, 2, 3)


def test_without_a_topology_cores_come_by_their_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may_use(monkeypatch, 7, 3, 5)
    assert core_ids(tmp_path, tmp_path) == (3, 5, 7)


def test_without_an_affinity_mask_every_core_is_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert core_ids(tmp_path, tmp_path) == (0, 1, 2)


def test_a_quota_cuts_the_cores_and_leaves_the_physical_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may_use(monkeypatch, 0, 1, 2, 3)
    write(tmp_path / "cpu.max", "250000 100000")
    assert core_ids(siblings(tmp_path, "0-1", "0-1", "2-3", "2-3"), tmp_path) == (0, 2)


def test_without_a_memory_group_the_machine_decides(machine: Path) -> None:
    assert free_memory(machine) == 40 * GIB
    assert total_memory(machine) == 64 * GIB


@pytest.mark.parametrize(
    ("limit", "used"),
    [("memory.max", "memory.current"), ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes")],
)
def test_a_memory_group_of_either_version_leaves_its_limit_less_its_use(machine: Path, limit: str, used: str) -> None:
    write(machine / limit, str(16 * GIB))
    write(machine / used, str(5 * GIB))
    assert free_memory(machine) == 11 * GIB
    assert total_memory(machine) == 16 * GIB


@pytest.mark.parametrize(
    ("folder", "limit", "used", "reclaimable"),
    [
        ("", "memory.max", "memory.current", "inactive_file"),
        ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ],
)
def test_files_that_the_kernel_would_drop_count_as_free(
    machine: Path, folder: str, limit: str, used: str, reclaimable: str
) -> None:
    write(machine / folder / limit, str(16 * GIB))
    write(machine / folder / used, str(15 * GIB))
    write(machine / folder / "memory.stat", f"anon {GIB}\n{reclaimable} {12 * GIB}\nactive_file 1")
    assert free_memory(machine) == 13 * GIB


def test_a_memory_group_without_a_limit_is_none(machine: Path) -> None:
    write(machine / "memory.max", "max")
    write(machine / "memory/memory.limit_in_bytes", "9223372036854771712")
    write(machine / "memory/memory.usage_in_bytes", str(5 * GIB))
    assert free_memory(machine) == 40 * GIB
    assert total_memory(machine) == 64 * GIB


def test_a_full_memory_group_leaves_nothing_and_not_less(machine: Path) -> None:
    write(machine / "memory.max", str(GIB))
    write(machine / "memory.current", str(GIB + 4096))
    assert free_memory(machine) == 0


def test_the_memory_group_of_a_batch_job_counts(machine: Path) -> None:
    write(machine / "membership", "3:cpu,memory:/slurm/job_7\n1:name=systemd:/elsewhere\n0::/")
    write(machine / "memory/slurm/job_7/memory.limit_in_bytes", str(4 * GIB))
    write(machine / "memory/slurm/job_7/memory.usage_in_bytes", str(1 * GIB))
    assert free_memory(machine, machine / "membership") == 3 * GIB
    assert total_memory(machine, machine / "membership") == 4 * GIB


def test_the_real_machine_has_memory() -> None:
    assert 0 < free_memory() <= total_memory()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (None, None),
        (4096, 4096),
        ("4096", 4096),
        ("64B", 64),
        ("512M", 512 * 2**20),
        ("8G", 8 * GIB),
        ("8GB", 8 * GIB),
        (" 1.5 GiB ", 3 * GIB // 2),
        ("2k", 2048),
        ("1t", 2**40),
    ],
)
def test_memory_is_read_as_people_write_it(text: str | int | None, count: int | None) -> None:
    assert parse_memory(text) == count


@pytest.mark.parametrize("text", ["", "G", "8X", "8GG", "-1G", "0", 0, -5, True, "1e9", "8i", "0.1B", "9" * 400, [8]])
def test_memory_that_is_no_amount_is_refused_in_one_line(text: Any) -> None:
    with pytest.raises(UsageError, match=r"^memory is .*'8G'.*leave memory out\.$") as caught:
        parse_memory(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("visible", "gpus"),
    [
        ("0", ("0",)),
        ("2, 0", ("2", "0")),
        ("GPU-8d1b-44,MIG-5c89/1/0", ("GPU-8d1b-44", "MIG-5c89/1/0")),
        ("", ()),
        ("-1", ()),
        ("NoDevFiles", ()),
        ("1,-1,2", ("1",)),
        ("1,1", ("1",)),
    ],
)
def test_the_variable_names_the_gpus_and_nobody_is_asked(visible: str, gpus: tuple[str, ...]) -> None:
    assert gpu_ids({"CUDA_VISIBLE_DEVICES": visible}, ask=lambda: pytest.fail("asked")) == gpus


@pytest.mark.parametrize(("answer", "gpus"), [("0\n1\n", ("0", "1")), ("", ()), ("No devices were found\n", ())])
def test_without_the_variable_the_driver_is_asked(answer: str, gpus: tuple[str, ...]) -> None:
    assert gpu_ids({}, ask=lambda: answer) == gpus


@pytest.mark.parametrize(
    "failure",
    [FileNotFoundError("nvidia-smi"), subprocess.TimeoutExpired("nvidia-smi", 2), subprocess.CalledProcessError(9, "")],
)
def test_a_driver_that_does_not_answer_means_no_gpus(failure: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        assert kwargs["timeout"] == 2
        raise failure

    monkeypatch.setattr(subprocess, "run", fail)
    assert ask_nvidia_smi() == ""


def test_the_command_that_asks_the_driver_is_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def answer(argv: tuple[str, ...], **kwargs: Any) -> SimpleNamespace:
        asked.append(list(argv))
        return SimpleNamespace(stdout=b"0\n1\n")

    monkeypatch.setattr(subprocess, "run", answer)
    assert gpu_ids({}) == ("0", "1")
    assert asked == [["nvidia-smi", "--query-gpu=index", "--format=csv,noheader"]]


def test_the_capacity_is_cores_memory_and_gpus() -> None:
    assert capacity({"CUDA_VISIBLE_DEVICES": "3"}) == Capacity(core_ids(), total_memory(), ("3",))
