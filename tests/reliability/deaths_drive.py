"""A driver as a program: ``python deaths_drive.py HOME RANKS START``; a cell a line in, how it ended a line out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from deaths_bench import STALL_S, Bench
from deaths_thunk import Bomb, train


def main(argv: list[str]) -> None:
    with Bench(Path(argv[1]), int(argv[2]), argv[3]) as bench:
        # The warm process loads this one, and no bomb.
        _answer(bench.run(train, way="", rank=0, phase="none").as_dict())
        for line in sys.stdin:
            way, rank, phase = json.loads(line)
            bomb: Any = Bomb(way, rank) if phase == "import" else False
            stall_s = STALL_S if way == "STOP" else None
            _answer(bench.run(train, stall_s, way=way, rank=rank, phase=phase, bomb=bomb).as_dict())


def _answer(words: dict[str, Any]) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    main(sys.argv)
