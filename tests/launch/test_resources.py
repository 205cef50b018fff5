"""Cores, as the machine, the affinity mask and the control group allow."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from sweep.launch.resources import cgroup_quota, usable_cores


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
