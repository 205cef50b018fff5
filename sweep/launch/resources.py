"""What this machine has for us: cores, memory and GPUs, as the kernel, the affinity mask and the cgroup allow."""

from __future__ import annotations

import math
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile
from pathlib import Path

from sweep.base.errors import UsageError
from sweep.base.text import shown

_CGROUP = Path("/sys/fs/cgroup")
_MEMBERSHIP = Path("/proc/self/cgroup")
_TOPOLOGY = Path("/sys/devices/system/cpu")

# Of a memory control group, version 2 and 1: its limit, its use, and the part of that use, in memory.stat, which the
# kernel drops when somebody needs the room (files read long ago).
_MEMORY_FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
_MEMORY = re.compile(r"(\d{1,18}(?:\.\d{1,18})?)\s*(?:([kmgt])(?:i?b)?|b)?", re.IGNORECASE)
_NVIDIA_SMI = ("nvidia-smi", "--query-gpu=index", "--format=csv,noheader")
_NVIDIA_SMI_TIMEOUT_S = 2
_GPU_ID = re.compile(r"\d+|(GPU|MIG)-[\w/-]+")


@dataclass(frozen=True)
class Capacity:
    """What all runs together may use.

    Attributes:
        cores: logical CPUs, in the order in which they are given out.
        memory: bytes in all, in use or not.
        gpus: indices or UUIDs, as CUDA_VISIBLE_DEVICES takes them.
    """

    cores: tuple[int, ...]
    memory: int
    gpus: tuple[str, ...] = ()


def capacity(environ: Mapping[str, str]) -> Capacity:
    """Return what this process may use of this machine; `environ` may name its GPUs, see `gpu_ids`."""
    return Capacity(core_ids(), total_memory(), gpu_ids(environ))


def usable_cores() -> int:
    """Return how many processes can compute at once here: `num_cpu='auto'`.

    Physical cores (two hyperthreads compute hardly faster than one), but never more than the affinity mask or the
    cgroup's CPU quota let this process use; at least 1.
    """
    import psutil

    limits = [psutil.cpu_count(logical=False), len(_affinity()), cgroup_quota(_CGROUP)]
    return max(1, min(limit for limit in limits if limit is not None))


def core_ids(topology: Path = _TOPOLOGY, cgroup: Path = _CGROUP) -> tuple[int, ...]:
    """Return the logical CPUs that this process may use, never empty.

    One hyperthread of every physical core comes first, then the second ones, so that runs share a core only when
    every core has one. No more than the cgroup's CPU quota has whole cores.

    Args:
        topology: the folder of ``cpu0``, ``cpu1``, ...; without it the order is that of the numbers.
        cgroup: where control groups are mounted.
    """
    cores = set(_affinity())
    order = sorted(cores, key=lambda core: (len(_lower_siblings(core, topology) & cores), core))
    return tuple(order[: cgroup_quota(cgroup)])


def _affinity() -> list[int]:
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def _lower_siblings(core: int, topology: Path) -> set[int]:
    """Return the hyperthreads of the same physical core that have lower numbers."""
    siblings = _read(topology / f"cpu{core}/topology/thread_siblings_list")
    return {other for other in _cpu_list(siblings) if other < core}


def _cpu_list(text: str) -> Iterator[int]:
    """Yield the numbers of the kernel's list format: ``0,64`` or ``0-3,8`` (cpuset(7), "List format")."""
    for first, last in re.findall(r"(\d+)(?:-(\d+))?", text):
        yield from range(int(first), int(last or first) + 1)


def cgroup_quota(root: Path, membership: Path = _MEMBERSHIP) -> int | None:
    """Return the whole cores of the tightest CPU quota around this process, version 2 or 1; None without one."""
    quotas = [quota for group in _groups(root, "cpu", membership) if (quota := _quota(group)) is not None]
    return min(quotas, default=None)


def _quota(group: Path) -> int | None:
    try:
        quota, period = (group / "cpu.max").read_text().split()
    except (OSError, ValueError):
        quota, period = _read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")
    if not quota.lstrip("-").isdigit() or not period.isdigit() or int(quota) <= 0:
        return None
    return max(1, math.floor(int(quota) / int(period)))


def _groups(root: Path, controller: str, membership: Path) -> set[Path]:
    """Return the folders of the control groups around this process, of both versions; not all of them exist.

    A container sees its own group as the root. A batch job or a login session is in a group further down, and every
    group above it limits it as well.
    """
    groups = {root, root / controller}
    for line in filter(None, _read(membership).splitlines()):
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(",") or not controllers:
            mount = root / controller if controllers else root
            inner = mount / path.lstrip("/")
            groups |= {group for group in (inner, *inner.parents) if group.is_relative_to(mount)}
    return groups


def total_memory(root: Path = _CGROUP, membership: Path = _MEMBERSHIP) -> int:
    """Return the bytes that this process could use if nobody else used any: the machine's, or a memory cgroup's."""
    import psutil

    return min([psutil.virtual_memory().total, *(limit for limit, _ in _memory_limits(root, membership))])


def free_memory(root: Path = _CGROUP, membership: Path = _MEMBERSHIP) -> int:
    """Return the bytes that are free now: the machine's, or what the tightest memory cgroup around us leaves.

    What the kernel would drop for somebody who needs it counts as free in both.
    """
    left = [limit - used for limit, used in _memory_limits(root, membership)]
    import psutil

    return max(0, min([psutil.virtual_memory().available, *left]))


def _memory_limits(root: Path, membership: Path) -> Iterator[tuple[int, int]]:
    """Yield limit and use, in bytes, of each memory control group around this process that has a limit."""
    for group in _groups(root, "memory", membership):
        for limit, used, reclaimable in _MEMORY_FILES:
            if (bytes_allowed := _read(group / limit)).isdigit():
                yield int(bytes_allowed), int(_read(group / used) or 0) - _statistic(group, reclaimable)


def _statistic(group: Path, name: str) -> int:
    found = re.search(rf"^{name} (\d+)$", _read(group / "memory.stat"), re.MULTILINE)
    return int(found[1]) if found else 0


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""


def parse_memory(text: str | int | None) -> int | None:
    """Return an amount of memory in bytes: ``'8G'``, ``'512M'``, ``'1.5GiB'``, plain bytes; None stays None.

    Every unit counts in 1024s, with or without its i, as Slurm's do.

    Raises:
        UsageError: it is nothing of this, or less than one byte.
    """
    if text is None:
        return None
    found = None if isinstance(text, bool) else _MEMORY.fullmatch(str(text).strip())
    amount = int(Fraction(found[1]) * 1024 ** " kmgt".index((found[2] or " ").lower())) if found else 0
    if amount < 1:
        raise UsageError(
            f"memory is {shown(text)}; it is a number of bytes above 0, or text with K, M, G or T such as '8G', "
            "'512M' or '1.5GiB'. Give what one run needs, or leave memory out."
        )
    return amount


def ask_nvidia_smi() -> str:
    """Return the indices of the GPUs here, one a line; '' if nvidia-smi is absent, fails or takes too long."""
    try:
        answer = subprocess.run(
            _NVIDIA_SMI, stdin=subprocess.DEVNULL, capture_output=True, timeout=_NVIDIA_SMI_TIMEOUT_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.decode(errors="replace")


def gpu_ids(environ: Mapping[str, str], ask: Callable[[], str] = ask_nvidia_smi) -> tuple[str, ...]:
    """Return the GPUs that this process may use, as indices or UUIDs, each once.

    They are those of CUDA_VISIBLE_DEVICES where it is set ('' and '-1' mean none), read as CUDA reads it: the first
    entry that names no device ends the list. Else they are all that `ask` lists.
    """
    visible = environ.get("CUDA_VISIBLE_DEVICES")
    words = ask().splitlines() if visible is None else visible.split(",")
    return tuple(dict.fromkeys(takewhile(_GPU_ID.fullmatch, map(str.strip, words))))
