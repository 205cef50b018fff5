"""A saved value put into a live one, so that whoever holds a part of the live one sees it too."""

from __future__ import annotations

from typing import Any


def merged(live: Any, saved: Any) -> Any:
    """Return a live value brought to a saved one: dicts, lists, arrays and tensors in place, anything else replaced.

    An array or tensor keeps its memory if shape and type are the same, so that an optimizer which holds it goes on
    with it. A reference to a registered item is that item.
    """
    if live is saved:
        return live
    if isinstance(live, dict) and isinstance(saved, dict):
        return _merged_dict(live, saved)
    if isinstance(live, list) and isinstance(saved, list):
        live[:] = [merged(live[at], one) if at < len(live) else one for at, one in enumerate(saved)]
        return live
    return _filled(live, saved) if _is_alike(live, saved) else saved


def _merged_dict(live: dict[Any, Any], saved: dict[Any, Any]) -> dict[Any, Any]:
    new = {key: merged(live[key], value) if key in live else value for key, value in saved.items()}
    live.clear()
    live.update(new)
    return live


def _is_alike(live: Any, saved: Any) -> bool:
    """Say whether two values are arrays, or tensors, of one shape and type."""
    if type(live) is not type(saved) or not hasattr(live, "shape") or not hasattr(live, "dtype"):
        return False
    is_tensor = hasattr(live, "copy_")
    writeable = is_tensor or bool(getattr(getattr(live, "flags", None), "writeable", False))
    return writeable and bool(live.shape == saved.shape) and bool(live.dtype == saved.dtype)


def _filled(live: Any, saved: Any) -> Any:
    if hasattr(live, "copy_"):
        live.detach().copy_(saved)
    else:
        live[...] = saved
    return live


def replace_attributes(live: Any, saved: dict[str, Any]) -> None:
    """Give an object the attributes that were saved, and no others."""
    merged(vars(live), saved)
