"""The configuration of a run as flat values, for the services that compare runs by them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sweep.base.files import read_json
from sweep.rundir.paths import RunDir

Scalar = bool | float | str
# No choice that a setting makes: seeds are sessions of one setting, names and places follow from the rest.
_LEFT_OUT = frozenset({"seed", "exp_name", "logger_kwargs", "output_dir", "data_dir", "datestamp"})


def hyperparameters(run: RunDir) -> dict[str, Scalar]:
    """Return what `config.json` says, without the seed; a key inside another is `outer:inner`, a list its JSON."""
    config = read_json(run.config)
    if not isinstance(config, dict):
        return {}
    return dict(_flat({key: value for key, value in config.items() if key not in _LEFT_OUT}, ""))


def _flat(config: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Scalar]]:
    for key, value in sorted(config.items()):
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{key}:")
        else:
            plain = value if isinstance(value, (bool, str)) else _number_or_text(value)
            yield f"{prefix}{key}", plain


def _number_or_text(value: Any) -> Scalar:
    try:
        return float(value) if isinstance(value, (int, float)) else json.dumps(value)
    except OverflowError:
        return str(value)
