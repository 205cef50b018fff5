"""What a cluster has: partitions, and ways for `srun` to start MPI."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sweep.launch.slurm.talk.listings import records

SINFO_FIELDS = ("%P", "%l", "%c", "%m", "%G", "%D")
_TIME = re.compile(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)")
_NOTHING = ("(null)", "n/a", "")


@dataclass(frozen=True)
class PartitionInfo:
    """A partition, by the largest of its nodes.

    Attributes:
        is_default: jobs go there that name none.
        max_time_s: the longest that a job may ask for; None if there is no limit.
        memory_mb: of a node.
        gres: generic resources of nodes, such as 'gpu:a100:4'.
    """

    name: str
    is_default: bool
    max_time_s: float | None
    nodes: int
    cpus: int
    memory_mb: int
    gres: tuple[str, ...] = ()

    def with_more(self, other: PartitionInfo) -> PartitionInfo:
        """Return the partition with other nodes of it, which Slurm lists apart where they differ."""
        return PartitionInfo(
            self.name,
            self.is_default,
            self.max_time_s,
            self.nodes + other.nodes,
            max(self.cpus, other.cpus),
            max(self.memory_mb, other.memory_mb),
            tuple(dict.fromkeys((*self.gres, *other.gres))),
        )


def read_partitions(said: str, mark: str) -> dict[str, PartitionInfo]:
    """Return the partitions in what `sinfo` said with `SINFO_FIELDS`, each ended by the mark."""
    found: dict[str, PartitionInfo] = {}
    for fields in records(said, mark, len(SINFO_FIELDS)):
        one = _partition(*fields)
        found[one.name] = found[one.name].with_more(one) if one.name in found else one
    return found


def _partition(name: str, time: str, cpus: str, memory: str, gres: str, nodes: str) -> PartitionInfo:
    things = () if gres in _NOTHING else tuple(re.split(r",(?![^(]*\))", gres))
    return PartitionInfo(
        name.removesuffix("*"),
        name.endswith("*"),
        _seconds(time),
        _number(nodes),
        _number(cpus),
        _number(memory),
        things,
    )


def _seconds(time: str) -> float | None:
    """Return the seconds of '1-00:00:00' or '30:00'; None of 'infinite'."""
    found = _TIME.fullmatch(time)
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def _number(text: str) -> int:
    """Return 64 of '64' and of '64+', which means that some nodes have more."""
    found = re.match(r"\d+", text)
    return int(found[0]) if found else 0


def read_mpi_types(said: str) -> tuple[str, ...]:
    """Return the words that `srun --mpi=` takes: one a line, under a heading, with or without ``srun: `` before it."""
    lines = [line.removeprefix("srun: ").strip() for line in said.splitlines()]
    words = [line for line in lines if re.fullmatch(r"[a-z]\w*", line)]
    versions = [line.rpartition(": ")[2].split(",") for line in lines if "versions available: " in line]
    return tuple(dict.fromkeys([*words, *(word.strip() for one in versions for word in one)]))


def read_most_in_array(said: str) -> int | None:
    """Return MaxArraySize of what `scontrol show config` said; None if it is not there."""
    found = re.search(r"^MaxArraySize\s*=\s*(\d+)", said, re.MULTILINE)
    return int(found[1]) if found else None
