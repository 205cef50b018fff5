"""The commands on a directory of runs: stop, retry and wait."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from sweep.cli import words
from sweep.front.request import Request, seconds_given
from sweep.front.retry import retry
from sweep.front.stop import stop
from sweep.front.wait import wait

_NUMBERS = ("parallel", "threads", "gpus")
_TEXTS = ("memory", "timeout", "stall_timeout", "retries", "halt")


class _Result(Protocol):
    @property
    def exit_code(self) -> int: ...

    def lines(self) -> Iterator[str]: ...

    def as_json(self) -> dict[str, Any]: ...


def command_stop(parsed: Any) -> int:
    """Stop what is going on under a directory."""
    timeout_s = seconds_given("timeout", parsed.timeout)
    assert timeout_s is not None
    return _told(stop(Path(parsed.directory), timeout_s, parsed.now), parsed.json)


def command_retry(parsed: Any) -> int:
    """Try the failed runs under a directory again."""
    given = {
        **{name: words.number(getattr(parsed, name)) for name in _NUMBERS},
        **{name: getattr(parsed, name) for name in _TEXTS},
    }
    request = Request(None, **{name: value for name, value in given.items() if value is not None})
    return _told(retry(Path(parsed.directory), request), parsed.json)


def command_wait(parsed: Any) -> int:
    """Wait for what is going on under a directory."""
    return _told(wait(Path(parsed.directory), seconds_given("timeout", parsed.timeout)), parsed.json)


def _told(result: _Result, as_json: bool) -> int:
    print(json.dumps(result.as_json()) if as_json else "\n".join(result.lines()))
    return result.exit_code
