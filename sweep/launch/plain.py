"""How ranks are started and what they may take, as plain data: for whoever runs a run on another machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sweep.base.mpi_command import Launcher
from sweep.launch.job import Machine
from sweep.launch.limits import Limits
from sweep.launch.retries import Retries
from sweep.launch.slots import Demand
from sweep.rundir.status import Kind


def machine_data(machine: Machine) -> dict[str, Any]:
    """Return a machine as JSON takes it."""
    launcher = machine.launcher and {**asdict(machine.launcher), "path": str(machine.launcher.path)}
    return {**asdict(machine), "python": str(machine.python), "launcher": launcher, "flags": list(machine.flags)}


def machine_of(data: Mapping[str, Any]) -> Machine:
    """Return the machine that plain data describes.

    Raises:
        KeyError, TypeError: it describes none.
    """
    launcher = data["launcher"] and Launcher(**{**data["launcher"], "path": Path(data["launcher"]["path"])})
    return Machine(
        **{**data, "python": Path(data["python"]), "launcher": launcher, "flags": tuple(map(str, data["flags"]))}
    )


def demand_data(demand: Demand) -> dict[str, Any]:
    return asdict(demand)


def demand_of(data: Mapping[str, Any]) -> Demand:
    """Return the demand that plain data describes.

    Raises:
        TypeError: it describes none.
    """
    return Demand(**data)


def limits_data(limits: Limits) -> dict[str, Any]:
    """Return what a launch allows one run, as JSON takes it; what it allows all of them together is left out."""
    by_kind = limits.retries.by_kind
    return {
        "timeout_s": limits.timeout_s,
        "stall_timeout_s": limits.stall_timeout_s,
        "failure_lines": limits.failure_lines,
        "retries": limits.retries.whatever,
        "retries_by_kind": by_kind if by_kind is None else {str(kind): count for kind, count in by_kind.items()},
    }


def limits_of(data: Mapping[str, Any]) -> Limits:
    """Return the limits of one run that plain data describes.

    Raises:
        KeyError, TypeError, ValueError: it describes none.
    """
    by_kind = data["retries_by_kind"]
    kinds = None if by_kind is None else {Kind(kind): int(count) for kind, count in by_kind.items()}
    return Limits(
        at_once=1,
        timeout_s=data["timeout_s"],
        stall_timeout_s=data["stall_timeout_s"],
        failure_lines=int(data["failure_lines"]),
        retries=Retries(int(data["retries"]), kinds),
    )
