"""The payload: the call that a run makes, pickled into a file that only its owner can read.

A payload is code. It is written and loaded by the same user within one launch, by the child of the run it belongs to
and by nothing else, and removed when the run is done.
"""

from __future__ import annotations

import math
import pickle
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sweep.base.errors import LaunchError
from sweep.base.files import write_atomic
from sweep.base.picklable import fault
from sweep.rundir.paths import RunDir

_OWNER_ONLY = 0o600


@dataclass(frozen=True)
class Call:
    """A thunk and the keyword arguments it is called with."""

    thunk: Callable[..., Any]
    kwargs: Mapping[str, Any]


def write_payload(run: RunDir, call: Call, num_cpu: int, goodbye_s: float = math.inf) -> None:
    """Write the payload of a run: a header of plain data, then the call.

    Args:
        goodbye_s: how long a rank that has returned waits for the others.

    Raises:
        LaunchError: something cannot be pickled; names the argument.
    """
    header = {
        "path": [str(Path(folder).absolute()) for folder in sys.path],
        "num_cpu": num_cpu,
        "goodbye_s": goodbye_s,
    }

    def write(file: IO[bytes]) -> None:
        pickle.dump(header, file)
        _dump(call, file)

    write_atomic(run.payload, write, _OWNER_ONLY, durable=False)


def _dump(call: Call, file: IO[bytes]) -> None:
    import cloudpickle

    try:
        cloudpickle.dump((call.thunk, dict(call.kwargs)), file)
    except OSError:  # of the file itself: a full disk is no fault of the call's
        raise
    except Exception as error:  # pickle raises whatever an object's own methods raise
        raise LaunchError(
            f"{_culprit(call) or f'the call cannot be sent: {error}'}. Pass what it is made from."
        ) from error


def _culprit(call: Call) -> str:
    """Return what of a call cannot be sent to another process, and why."""
    sent = [(f"the argument {key!r}", value) for key, value in call.kwargs.items()]
    sent.append((f"the function {getattr(call.thunk, '__qualname__', call.thunk)!r}", call.thunk))
    return next(filter(None, (fault(what, value) for what, value in sent)), "")


def read_header(file: IO[bytes]) -> Mapping[str, Any]:
    """Read what must be known before the call can be loaded: the import path, and the number of ranks."""
    header: Mapping[str, Any] = pickle.load(file)
    return header


def read_call(file: IO[bytes]) -> Call:
    """Load the call behind the header; imports whatever it needs."""
    thunk, kwargs = pickle.load(file)
    return Call(thunk, kwargs)
