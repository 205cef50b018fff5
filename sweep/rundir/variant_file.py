"""`.sweep/variant.json`: which configuration a directory belongs to, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sweep.base.canonical import canonical
from sweep.base.files import read_json, write_json
from sweep.rundir.paths import RunDir

_FORMAT = 1


@dataclass(frozen=True)
class VariantRecord:
    """What the file says.

    Attributes:
        identity: of the variant (see `sweep.grid.identity`).
        exp_name: the run's name.
        thunk: ``module:qualified.name`` of the function.
        config: the exact, tagged configuration.
        code: a digest of the function's code when the run was last started, '' if it is not known.
    """

    identity: str
    exp_name: str
    thunk: str
    config: Mapping[str, Any]
    code: str = ""


def write_variant(
    run: RunDir, identity: str, exp_name: str, thunk: str, config: Mapping[str, Any], code: str = ""
) -> None:
    """Write the record; `config` is the nested configuration as Python values."""
    form = {
        "format": _FORMAT,
        "identity": identity,
        "exp_name": exp_name,
        "thunk": thunk,
        "config": canonical(dict(config)),
        "code": code,
    }
    write_json(run.variant, form)


def read_variant(run: RunDir) -> VariantRecord | None:
    """Return the record, or None where a directory has none that can be read."""
    try:
        data = read_json(run.variant)
    except OSError:  # a path that cannot be, or that we may not read
        return None
    try:
        code = data.get("code", "")
        return VariantRecord(data["identity"], data["exp_name"], data["thunk"], data["config"], str(code))
    except (AttributeError, TypeError, KeyError):
        return None


def differing_keys(one: Mapping[str, Any], other: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Return the colon keys in which two tagged configurations differ."""
    found = []
    for key in dict.fromkeys([*one, *other]):
        ours, theirs = one.get(key), other.get(key)
        if isinstance(ours, Mapping) and isinstance(theirs, Mapping) and not any(k.startswith("$") for k in ours):
            found += differing_keys(ours, theirs, f"{prefix}{key}:")
        elif ours != theirs or type(ours) is not type(theirs) or (key in one) != (key in other):
            found.append(prefix + key)
    return found
