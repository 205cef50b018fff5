"""A package that an output needs and the core does not."""

from __future__ import annotations

import importlib
from typing import Any

from sweep.base.errors import LoggerError


def needed(module: str, output: str) -> Any:
    """Import and return a module.

    Raises:
        LoggerError: it is not installed; the message says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise LoggerError(
            f"the output {output!r} needs the package {package!r} ({error}); pip install {package}, or leave it out."
        ) from None
