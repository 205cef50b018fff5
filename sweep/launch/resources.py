"""What this machine has for us: cores, as the kernel, the affinity mask and the cgroup allow."""

from __future__ import annotations

import math
import os
from pathlib import Path

import psutil

_CGROUP = Path("/sys/fs/cgroup")


def usable_cores() -> int:
    """Return how many processes can compute at once here: `num_cpu='auto'`.

    Physical cores (two hyperthreads compute hardly faster than one), but never more than the affinity mask or the
    cgroup's CPU quota let this process use; at least 1.
    """
    limits = [psutil.cpu_count(logical=False), _affinity(), cgroup_quota(_CGROUP)]
    return max(1, min(limit for limit in limits if limit is not None))


def _affinity() -> int | None:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def cgroup_quota(root: Path) -> int | None:
    """Return the whole cores of the CPU quota of a control group, version 2 or 1; None without one."""
    try:
        quota, period = (root / "cpu.max").read_text().split()
    except (OSError, ValueError):
        quota, period = _read(root / "cpu/cpu.cfs_quota_us"), _read(root / "cpu/cpu.cfs_period_us")
    if not quota.lstrip("-").isdigit() or not period.isdigit() or int(quota) <= 0:
        return None
    return max(1, math.floor(int(quota) / int(period)))


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""
