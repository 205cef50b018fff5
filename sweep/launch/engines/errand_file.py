"""An errand as a file in the run's own folder, for a worker that is started with nothing but its path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sweep.base.files import read_json, write_atomic
from sweep.launch.engines.errand import Errand
from sweep.launch.plain import demand_data, demand_of, machine_data, machine_of
from sweep.rundir.paths import RunDir

_NAME = "errand.json"


def errand_file(run: RunDir) -> Path:
    """Return where the errand of a run is kept until its worker has read it."""
    return run.own / _NAME


def write_errand(errand: Errand) -> Path:
    """Write an errand where only its owner can read it, as environments hold secrets; return the file.

    Raises:
        OSError: it cannot be written.
    """
    file = errand_file(RunDir(Path(errand.run)))
    data = {**asdict(errand), "demand": demand_data(errand.demand), "machine": machine_data(errand.machine)}
    text = json.dumps(data).encode()  # ASCII, whatever bytes a path or a variable holds
    write_atomic(file, lambda stream: stream.write(text), 0o600, durable=False)
    return file


def read_errand(file: Path) -> Errand | None:
    """Return the errand in a file; None where there is none, or none that can be read."""
    try:
        return _errand(read_json(file))
    except (OSError, KeyError, TypeError, ValueError):
        return None


def _errand(data: Mapping[str, Any]) -> Errand:
    return Errand(
        **{
            **data,
            "demand": demand_of(data["demand"]),
            "machine": machine_of(data["machine"]),
            "numbers": tuple(map(int, data["numbers"])),
        }
    )


def told(ticket: str, **what: str) -> str:
    """Return the line in which a worker tells its driver something, on its standard output."""
    return json.dumps({"errand": ticket, **what})


def heard(line: bytes, ticket: str) -> Mapping[str, str] | None:
    """Return what the worker of an errand tells in a line; None if that is somebody else's."""
    try:
        data = json.loads(line)
        return {str(name): str(word) for name, word in data.items()} if data["errand"] == ticket else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
