"""What a launch comes from, written once for all its runs, and found again from any of them.

data_dir/.sweep/origins/DIGEST.json      command line, directory, commit, diff, source: the same origin is there once
RUN/.sweep/provenance.json               {"attempts": [{"program": {"origin": "DIGEST.json", ...}, ...}, ...]}
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sweep.base.files import read_json, write_once
from sweep.rundir.paths import RunDir

_ORIGINS = "origins"
# A run is so deep in its data directory at most, one that was set aside included.
_DEPTH = 6


def write_origin(data_dir: Path, origin: Mapping[str, Any]) -> Path:
    """Write what a launch comes from, unless that is there already; return its file.

    Only its owner can read it: a diff may hold anything.

    Raises:
        OSError: it cannot be written.
    """
    data = (json.dumps(origin, indent=1, sort_keys=True) + "\n").encode()
    file = _own(data_dir) / _ORIGINS / f"{hashlib.sha256(data).hexdigest()}.json"
    if not os.access(file, os.R_OK):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_once(file, lambda opened: opened.write(data), 0o600)
    return file


def read_origin(run: RunDir) -> Mapping[str, Any] | None:
    """Return all that was recorded of what a run's newest attempt comes from, its diff included; None without it."""
    with suppress(KeyError, TypeError, OSError):
        file = find_kept(run, _ORIGINS, Path(str(newest_attempt(run)["program"]["origin"])).name)
        data = read_json(file) if file else None
        return data if isinstance(data, dict) else None
    return None


def attempts_of(file: Path) -> list[dict[str, Any]]:
    """Return the attempts that a provenance file tells of; none if it is damaged or not there."""
    try:
        data = read_json(file)
    except OSError:
        return []
    found = data.get("attempts") if isinstance(data, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def newest_attempt(run: RunDir) -> Mapping[str, Any]:
    """Return what a run's newest attempt has recorded; empty without one."""
    return next(reversed(attempts_of(run.provenance)), {})


def find_kept(run: RunDir, folder: str, name: str) -> Path | None:
    """Return a file that launches keep in the data directory of a run, wherever that is by now."""
    above = list(run.path.absolute().parents)[:_DEPTH]
    return next((file for parent in above if (file := _own(parent) / folder / name).is_file()), None)


def _own(data_dir: Path) -> Path:
    return RunDir(data_dir).own  # it is called the same in a data directory
