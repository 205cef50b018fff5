"""What every run does around its thunk, done once by a forked process while it waits for its run.

After a fork the first write to a page of memory copies it, which takes microseconds each and milliseconds in all,
mostly for counting references. A process that waits anyway can do it then.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import time
from pathlib import Path

from sweep.base.signature import signature
from sweep.rundir.paths import RunDir
from sweep.rundir.payload import read_header
from sweep.rundir.status import Completion
from sweep.rundir.supervised import NO_RUN, RUN_VARIABLE
from sweep.runtime.process.forking import show_environment


def rehearse() -> None:
    """Touch what a run will touch; writes nothing and leaves nothing behind."""
    show_environment(RUN_VARIABLE, NO_RUN)
    signature(rehearse)
    run = RunDir(Path(os.devnull))
    task = json.loads(json.dumps({"environ": {"A": "b"}, "completion": {"text": "a\nb", "inode": 1}}))
    text = Completion(**task["completion"]).text.replace("a", repr(time.time()))
    read_header(io.BytesIO(pickle.dumps({"path": ["a"], "num_cpu": 1, "goodbye_s": 1.0})))
    with run.path.open("rb") as file:
        file.read()
    sink = os.open(run.path, os.O_WRONLY | os.O_CLOEXEC)
    os.write(sink, f"{run.payload}{run.status}{text}".encode())
    os.close(sink)
