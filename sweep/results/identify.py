"""From a directory and the names in it to the run that it is."""

from __future__ import annotations

import math
import re
import socket
import stat
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

from sweep.base.errors import LaunchError
from sweep.base.text import printable
from sweep.results.files import read_json
from sweep.results.foreign import config_of, kind_of, table_of
from sweep.results.run import DEAD, UNKNOWN, Run
from sweep.results.values import flat, key_of, of_exact_form, of_json
from sweep.rundir.lock import holder
from sweep.rundir.naming import OWN
from sweep.rundir.paths import RunDir
from sweep.rundir.status import State, Status, as_status
from sweep.rundir.variant_file import VariantRecord, as_variant

SEED_IN_NAME = re.compile(r"(?:_s|[-_]?seed[-_=]?)(-?\d{1,18})$")


def identify(path: str, names: Collection[str]) -> Run | None:
    """Return the run that a directory is; None if it is none.

    Args:
        names: what is in it.
    """
    if OWN in names:
        run = RunDir(Path(path))
        record = as_variant(read_json(f"{path}/{OWN}/{run.variant.name}"))
        status = _status(run)
        if record is not None or status is not None:
            return _own(run, record, status)
    kind = kind_of(names)
    return None if kind is None else _foreign(path, names, kind)


def looked_again(run: Run) -> Run:
    """Return a run of sweep's with the state that its directory tells now."""
    here = RunDir(run.path)
    status = _status(here)
    return replace(run, state=_state(here, status), status=status)


def is_held(run: Run) -> bool:
    """Say whether somebody holds a run's lock, as far as that can be seen from here."""
    lock = RunDir(run.path).lock
    try:
        return stat.S_ISREG(lock.stat().st_mode) and holder(lock) is not None
    except (LaunchError, OSError):  # a file system without locks, or no file
        return False


def _own(run: RunDir, record: VariantRecord | None, status: Status | None) -> Run:
    if record is None:  # the record is damaged; the file for people says nearly the same
        made = _foreign(str(run.path), [run.config.name], "sweep")
        return replace(made, state=_state(run, status), status=status, table=run.progress)
    form = record.config if isinstance(record.config, dict) else {}
    config = flat(form, of_exact_form)
    counted = {key: value for key, value in config.items() if key not in record.uncounted}
    parent = record.story.parent
    origin = None if parent is None else [parent.step, *parent.items]
    return Run(
        path=run.path,
        name=printable(_name(run.path)),
        label=printable(str(record.exp_name)),
        setting=key_of(str(record.thunk), counted, origin),
        config=config,
        seed=_whole(form.get("seed")),
        state=_state(run, status),
        status=status,
        source="sweep",
        table=run.progress,
        thunk=printable(str(record.thunk)),
    )


def _foreign(path: str, names: Collection[str], kind: str) -> Run:
    name = _name(Path(path))
    told = config_of(path, names, kind)
    config = flat(told, of_json)
    of_name = SEED_IN_NAME.search(name)
    seed = _whole(told.get("seed"))
    plain = name[: of_name.start()] if of_name and of_name.start() else name
    label = told.get("exp_name")
    label = printable(label if isinstance(label, str) and label else plain)
    return Run(
        path=Path(path),
        name=printable(name),
        label=label,
        setting=key_of(kind, label, config),
        config=config,
        seed=int(of_name[1]) if seed is None and of_name else seed,
        state=UNKNOWN,
        status=None,
        source=kind,
        table=Path(path, table_of(names, kind)),
    )


def _name(path: Path) -> str:
    return path.name if path.name not in ("", "..") else path.resolve().name


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _status(run: RunDir) -> Status | None:
    status = as_status(read_json(run.status))
    return None if status is None else _of_its_types(status)


def _of_its_types(status: Status) -> Status:
    """Return a status in which every field has the type that it should, whatever the file held."""
    texts = {name: str(getattr(status, name)) for name in ("host", "cause", "kind", "start", "start_note")}
    wholes = {name: _whole(getattr(status, name)) or 0 for name in ("attempt", "pid")}
    moments = {name: _moment(getattr(status, name)) for name in ("started", "ended")}
    off = status.outputs_off if isinstance(status.outputs_off, dict) else {}
    outputs_off = {key: str(why) for key, why in off.items()}
    return Status(state=status.state, outputs_off=outputs_off, **texts, **wholes, **moments)  # type: ignore[arg-type]


def _moment(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < 1e15 and math.isfinite(value) else None


def _state(run: RunDir, status: Status | None) -> str:
    if status is None:
        return UNKNOWN
    if status.state is State.RUNNING and _is_abandoned(run, status):
        again = _status(run)  # it may have ended between the two looks
        return str(DEAD if again is None or again.state is State.RUNNING else again.state)
    return str(status.state)


def _is_abandoned(run: RunDir, status: Status) -> bool:
    """Say whether nobody holds a run's lock. Locks of other machines cannot be asked about everywhere."""
    if status.host != socket.gethostname():
        return False
    try:
        is_file = stat.S_ISREG(run.lock.stat().st_mode)
    except OSError:
        return True
    try:
        return is_file and holder(run.lock) is None
    except (LaunchError, OSError):  # a file system without locks
        return False
