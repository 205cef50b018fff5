"""A package that an export needs and the rest does not."""

from __future__ import annotations

import importlib
from typing import Any

from sweep.base.errors import UsageError


def needed(module: str, kind: str) -> Any:
    """Import and return a module.

    Args:
        kind: of the export that needs it.

    Raises:
        UsageError: it is not installed; the message says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise UsageError(f"an export to {kind} needs {package} ({error}): pip install {package}.") from None
