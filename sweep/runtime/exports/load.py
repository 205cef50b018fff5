"""`load_weights`: the weights of a file into a model, by name, and nothing by guessing."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from sweep.base.errors import did_you_mean, listed
from sweep.runtime.exports.errors import WeightsError
from sweep.runtime.exports.formats import read_weights
from sweep.runtime.exports.weights import Weights, as_array, is_tensor, joined, shape_of, weights_of
from sweep.runtime.snapshots.merging import merged

_NONE: Mapping[str, str | None] = MappingProxyType({})


@dataclass(frozen=True)
class LoadedWeights:
    """What `load_weights` has done.

    Attributes:
        loaded: the model's names that got weights.
        missing: those that got none.
        unexpected: the file's names that went nowhere.
        by_shape: of what was loaded without a common name, the file's name to the model's.
    """

    loaded: tuple[str, ...]
    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    by_shape: Mapping[str, str] = field(default_factory=dict)


def load_weights(
    path: str | Path, into: Any, strict: bool = True, name_map: Mapping[str, str | None] = _NONE
) -> LoadedWeights:
    """Load weights from a file into a model, in place. No code in the file is run.

    Names that both have go together. With `strict`, that must be all of them. Without, what is left over goes where
    exactly one weight of its shape is free; the rest stays as it is, and is told.

    Args:
        path: a `.safetensors`, `.npz`, `.pt` or `.pth` file: an export, an item of a snapshot, or of other programs.
        into: has `state_dict()` and `load_state_dict(state)`, or is a dict or a list of arrays or tensors.
        strict: every weight of the model and of the file has its counterpart.
        name_map: the file's name to the model's, where they differ; to None for one that is to be left out.

    Raises:
        WeightsError: names are missing, unexpected or unknown, shapes differ, or it is not clear what goes where;
            nothing was changed.
    """
    file, live = read_weights(Path(path)), weights_of(into)
    pairs = _mapped(file, live, name_map)
    pairs |= {name: name for name in file if name in live and name not in name_map and name not in pairs.values()}
    left = [name for name in file if name not in pairs and name_map.get(name, name) is not None]
    free = [name for name in live if name not in pairs.values()]
    by_shape = {} if strict else _by_shape(file, live, left, free)
    report = _report(pairs | by_shape, left, free, by_shape)
    if strict and (report.missing or report.unexpected):
        raise WeightsError(_misfit(Path(path), report))
    _check_shapes(file, live, pairs)
    _put(into, {ours: file[theirs] for theirs, ours in (pairs | by_shape).items()})
    return report


def _mapped(file: Weights, live: Weights, name_map: Mapping[str, str | None]) -> dict[str, str]:
    wanted = {theirs: ours for theirs, ours in name_map.items() if ours is not None}
    for word, known, whose in ((name_map, file, "the file"), (wanted.values(), live, "the model")):
        for name in word:
            if name not in known:
                raise WeightsError(
                    f"name_map: {whose} has no {name!r}, only {listed(known)}.{did_you_mean(name, known)}"
                )
    if len(set(wanted.values())) < len(wanted):
        raise WeightsError(f"name_map={wanted!r} gives one weight of the model twice.")
    return wanted


def _by_shape(file: Weights, live: Weights, left: Iterable[str], free: Iterable[str]) -> dict[str, str]:
    """Return what goes together because there is one of its shape on either side."""
    theirs, ours = _shapes(file, left), _shapes(live, free)
    pairs = {}
    for shape, names in theirs.items():
        candidates = ours.get(shape, [])
        if len(names) == len(candidates) == 1:
            pairs[names[0]] = candidates[0]
        elif candidates:
            raise WeightsError(
                f"of the shape {shape} the file has {listed(names)} and the model {listed(candidates)}: say which is "
                f"which, name_map={{{names[0]!r}: {candidates[0]!r}, ...}}, or None for what is to be left out."
            )
    return pairs


def _shapes(weights: Weights, names: Iterable[str]) -> dict[tuple[int, ...], list[str]]:
    found = defaultdict(list)
    for name in names:
        found[shape_of(weights[name])].append(name)
    return found


def _report(
    pairs: Mapping[str, str], left: Iterable[str], free: Iterable[str], by_shape: Mapping[str, str]
) -> LoadedWeights:
    taken = set(pairs.values())
    missing = tuple(name for name in free if name not in taken)
    unexpected = tuple(name for name in left if name not in pairs)
    return LoadedWeights(tuple(pairs.values()), missing, unexpected, by_shape)


def _misfit(path: Path, report: LoadedWeights) -> str:
    missing = f"; missing: {listed(report.missing)}" if report.missing else ""
    unexpected = f"; unexpected: {listed(report.unexpected)}" if report.unexpected else ""
    return (
        f"{path} does not fit{missing}{unexpected}. Say name_map={{the file's name: the model's, or None}}, or "
        "strict=False to load what fits."
    )


def _check_shapes(file: Weights, live: Weights, pairs: Mapping[str, str]) -> None:
    for theirs, ours in pairs.items():
        got, want = shape_of(file[theirs]), shape_of(live[ours])
        if got != want:
            raise WeightsError(
                f"{theirs} has the shape {got} in the file, and {ours} {want} in the model; leave it out with "
                f"name_map={{{theirs!r}: None}} and strict=False."
            )


def _put(into: Any, new: Weights) -> None:
    """Bring a model to new weights: through `load_state_dict` if it has one, else in place."""
    if callable(getattr(into, "state_dict", None)):
        into.load_state_dict(_changed(into.state_dict(), "", new))
    else:
        merged(into, _changed(into, "", new))


def _changed(state: Any, name: str, new: Weights) -> Any:
    """Return a copy of a state, with the kinds and types that it has, and the new weights in their places."""
    if isinstance(state, tuple):
        return type(state)(_changed(one, joined(name, at), new) for at, one in enumerate(state))
    if isinstance(state, (Mapping, list)):
        changed: Any = copy.copy(state)  # torch's has attributes too
        for key in list(state.keys() if isinstance(state, Mapping) else range(len(state))):
            changed[key] = _changed(state[key], joined(name, key), new)
        return changed
    return _as_before(name, state, new[name]) if name in new else state


def _as_before(name: str, before: Any, new: Any) -> Any:
    if is_tensor(before):
        import torch

        return torch.as_tensor(new).to(dtype=before.dtype, device=before.device)
    array = as_array(name, new)
    return array.astype(before.dtype) if isinstance(before, np.ndarray) else type(before)(array.item())
