"""The example of memories, run as it stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples/replay.py"


@pytest.mark.parametrize("format", ["npz", "csv", "pt"])
def test_what_one_program_exports_another_learns_from(
    workplace: Path, python: Callable[..., Any], need: Callable[[str, bool, str], None], format: str
) -> None:
    if format == "pt":
        try:
            import torch  # noqa: F401
        except ImportError as error:
            need("torch", False, str(error))
    done = python(str(EXAMPLE), *([] if format == "npz" else [format]))
    assert done.returncode == 0, done.stderr
    files = sorted((workplace / "data/replay").glob(f"*.{format}"))
    assert [file.stem for file in files] == ["carts_000000001000", "carts_000000002000"]
    assert done.stdout.count("Ring(1000 of 1000 steps x 4: state float32[2]") == 2
    errors = re.search(r"error: (\S+) before, (\S+) after", done.stdout)
    assert errors
    assert float(errors[2]) < float(errors[1]) / 100
