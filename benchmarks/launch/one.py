"""The process of one contender: ``python one.py MODULE.FUNCTION COUNT FOLDER``.

It leaves `result.json` in the folder: the times at which runs were completed, and when the contender had finished, all
in seconds since the epoch.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path


def main(call: str, count: int, folder: Path) -> None:
    module, _, function = call.partition(".")
    marks = getattr(importlib.import_module(module), function)(count, folder)
    (folder / "result.json").write_text(json.dumps({"marks": marks, "finished": time.time()}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
