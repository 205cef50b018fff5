"""Where a function writes that is called outside a sweep."""

from __future__ import annotations

import time
from pathlib import Path

from sweep.base.settings import load_settings
from sweep.rundir.paths import RunDir


def local_directory() -> RunDir:
    """Return a directory named after this second, under `local` in the usual data directory; it is not made."""
    stamp = time.strftime("%Y-%m-%d_%H-%M-%S")
    return RunDir(Path(load_settings().default_data_dir).absolute() / "local" / stamp)
