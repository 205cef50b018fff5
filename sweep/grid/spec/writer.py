"""From a grid to the text of a grid file, of which the reader makes the same grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sweep.base.errors import GridError
from sweep.base.text import shown
from sweep.grid.definition import Ablation, Block, Definition, Dimension, Sample, When
from sweep.grid.grid import Grid
from sweep.grid.spec import keys
from sweep.grid.spec.emit import emit
from sweep.grid.spec.forms import columns, derivation, entry, rule
from sweep.grid.spec.values import encode, import_path

_DEFAULT = Definition()


def grid_text(grid: Grid, thunk: str | Callable[..., Any] | None = None, run: Mapping[str, Any] | None = None) -> str:
    """Return the YAML text of a grid.

    Args:
        thunk: a function that a module defines, its ``module:name``, or a key of the grid.
        run: keywords for `run`.

    Raises:
        GridError: YAML cannot hold a value or a rule; it names the key, or the number of the rule.
    """
    document = {
        "sweep": keys.VERSION,
        **_document(grid.definition, type(grid)().definition.default_shorthand),
        "thunk": _thunk(thunk),
        "run": {key: encode(value, f"run: {key!r}") for key, value in run.items()} if run else None,
    }
    return emit({key: document[key] for key in keys.DOCUMENT if document.get(key) is not None})


def _thunk(thunk: str | Callable[..., Any] | None) -> str | None:
    path = thunk if thunk is None or isinstance(thunk, str) else import_path(thunk)
    if thunk is not None and path is None:
        raise GridError(f"the thunk {shown(thunk)} cannot be written to YAML: no module defines it by name.")
    return path


def _document(definition: Definition, default_shorthand: bool) -> dict[str, Any]:
    """Return what one grid says, without what goes without saying.

    Args:
        default_shorthand: of the document around it, or what the class of grid does.
    """
    # A union is called as the first part that has a name.
    name = next((part.name for part in definition.parts if part.name), _DEFAULT.name)
    automatic = definition.default_shorthand
    sections = {
        "name": None if definition.name == name else definition.name,
        "default_shorthand": None if automatic == default_shorthand else automatic,
        **_block(definition.block, ""),
        "cases": [columns(case.parameters, f"case {number}") for number, case in enumerate(definition.cases, 1)],
        "derive": dict(map(derivation, definition.derived)),
        "exclude": [rule(one, f"exclude {number}") for number, one in enumerate(definition.excludes, 1)],
        "ablate": _ablations(definition.ablations),
        "sample": _sample(definition.sample),
        "order": _order(definition),
        "union": [_document(part, automatic) for part in definition.parts],
    }
    return {key: sections[key] for key in keys.GRID if sections[key] not in (None, [], {})}


def _block(block: Block, outer: str) -> dict[str, Any]:
    """Return what is under `grid`, `zip` and `when`.

    Args:
        outer: number of the `when` around it, for messages.
    """
    singles = [one.parameters[0] for one in block.dimensions if not _is_zip(one)]
    zips = [(place, one) for place, one in enumerate(block.dimensions) if _is_zip(one)]
    return {
        "grid": dict(map(entry, singles)),
        "zip": [_zip(one, block.dimensions[place + 1 :]) for place, one in zips],
        "when": [_when(one, f"{outer}{number}") for number, one in enumerate(block.whens, 1)],
    }


def _is_zip(dimension: Dimension) -> bool:
    return len(dimension.parameters) > 1


def _zip(dimension: Dimension, later: Sequence[Dimension]) -> dict[str, Any]:
    vals = columns(dimension.parameters, "zip")
    before = next((one.keys[0] for one in later if not _is_zip(one)), None)
    in_name = dimension.parameters[0].in_name
    if before is None and not in_name and "vals" not in vals:
        return vals
    given = {"in_name": in_name or None, "before": before}
    return {"vals": vals, **{key: value for key, value in given.items() if value is not None}}


def _when(when: When, number: str) -> dict[str, Any]:
    condition = rule(when.condition, f"the condition of when {number}")
    return {"if": condition, **{key: value for key, value in _block(when.block, f"{number}.").items() if value}}


def _ablations(ablations: Sequence[Ablation]) -> Any:
    if len(ablations) == 1 and not ablations[0].base:
        return columns(ablations[0].parameters, "ablate")
    return [
        {
            "vals": columns(one.parameters, f"ablate {number}"),
            **({"base": columns(one.base, f"ablate {number}")} if one.base else {}),
        }
        for number, one in enumerate(ablations, 1)
    ]


def _sample(sample: Sample | None) -> dict[str, int]:
    if sample is None:
        return {}
    return {"n": sample.n, **({"seed": sample.seed} if sample.seed else {})}


def _order(definition: Definition) -> Any:
    if definition.order_seed:
        return {"order": definition.order, "seed": definition.order_seed}
    return None if definition.order == _DEFAULT.order else definition.order
