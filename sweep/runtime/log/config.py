"""What `save_config` records of what it is given."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from sweep.base.files import read_json
from sweep.base.jsonable import to_jsonable


def recorded(config: Mapping[str, Any], exp_name: str | None, unwanted: tuple[type, ...]) -> dict[str, Any]:
    """Return a configuration as strict JSON, without what `locals()` picks up by the way.

    Left out, at the top level: modules, open files, instances of `unwanted` and these classes themselves (with what
    is derived from them), and names that begin with two underscores.

    Args:
        config: usually `locals()`; it is not changed.
        exp_name: added if the configuration has none of its own.
        unwanted: more classes to leave out.
    """
    kept = {
        key: value
        for key, value in config.items()
        if not _is_by_the_way(value, unwanted) and not str(key).startswith("__")
    }
    if exp_name is not None and kept.get("exp_name") is None:
        kept["exp_name"] = exp_name
    plain: dict[str, Any] = to_jsonable(kept)
    return plain


def _is_by_the_way(value: object, unwanted: tuple[type, ...]) -> bool:
    if isinstance(value, type):
        return issubclass(value, unwanted)  # a local `from sweep import EpochLogger`
    return isinstance(value, (*unwanted, ModuleType, io.IOBase))


def over_existing(path: Path, config: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration laid over what a file holds already; what cannot be read counts as nothing."""
    there = read_json(path)
    return {**there, **config} if isinstance(there, dict) else config
