"""Directories that something else has made: Spinning Up, garage (and rllab before it), Stable-Baselines3.

=============  ======================================  =================================================
made by        its table                               what it was run with
=============  ======================================  =================================================
Spinning Up    `progress.txt`, tab-separated           `config.json`
garage         `progress.csv`                          `variant.json`; rllab: `params.json`
SB3            `progress.csv` of its logger, else the  the first line of a monitor file, ``#{...}``
               `monitor.csv` of its `Monitor`
=============  ======================================  =================================================

Files that would have to be unpickled, or YAML that makes objects, are not opened.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sweep.results.files import read_ends, read_json

TABLE, CSV, MONITOR = "progress.txt", "progress.csv", "monitor.csv"
_CONFIGS = {"sweep": ("config.json",), "spinningup": ("config.json",), "garage": ("variant.json", "params.json")}
_GARAGES = frozenset({"variant.json", "params.json", "metadata.json", "params.pkl", "variant.pkl"})
_FIRST_LINE = 65536
# Of a monitor's first line: what it was run with; the rest is when and where.
_OF_MONITOR = ("env_id",)


def kind_of(names: Collection[str]) -> str | None:
    """Return what has made a directory with these names in it; None if it is no run that we know."""
    if TABLE in names:
        return "spinningup"
    if CSV in names:
        return "sb3" if _GARAGES.isdisjoint(names) else "garage"
    return "sb3" if monitors(names) else None


def monitors(names: Collection[str]) -> list[str]:
    """Return the monitor files among some names: one, or one for each environment of a vector of them."""
    return sorted(filter(is_monitor, names))


def is_monitor(name: str) -> bool:
    return name == MONITOR or name.endswith(f".{MONITOR}")


def table_of(names: Collection[str], kind: str) -> str:
    """Return the name of the file that has the rows."""
    if kind in ("spinningup", "sweep"):
        return TABLE
    return CSV if CSV in names or kind == "garage" else monitors(names)[0]


def config_of(path: str, names: Collection[str], kind: str) -> dict[str, Any]:
    """Return what a run says that it was run with; nothing if it does not say."""
    for name in _CONFIGS.get(kind, ()):
        found = read_json(f"{path}/{name}") if name in names else None
        if isinstance(found, dict):
            inner = found.get("json_args")  # rllab keeps its classes' arguments here
            return inner if isinstance(inner, dict) and len(found) == 1 else found
    return _of_monitor(path, names) if kind == "sb3" else {}


def _of_monitor(path: str, names: Collection[str]) -> dict[str, Any]:
    for name in monitors(names):
        if (ends := read_ends(f"{path}/{name}", _FIRST_LINE, 0)) is not None:
            told = first_line(ends[0])
            return {key: told[key] for key in _OF_MONITOR if told.get(key) is not None}
    return {}


def first_line(text: bytes) -> dict[str, Any]:
    """Return what the first line of a monitor file tells; nothing if it is not whole."""
    line = text.partition(b"\n")[0]
    try:
        told = json.loads(line[1:]) if line.startswith(b"#") else {}
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
