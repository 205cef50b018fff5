"""Where figures go: to a window, or to files."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from sweep.base.errors import UsageError
from sweep.results.export.place import check_outside
from sweep.results.plotting.plot import Plot

FORMATS = ("png", "svg", "pdf")
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
_DOTS_PER_INCH = 160


def has_display(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Say whether a window can be opened."""
    return platform in ("darwin", "win32") or any(environ.get(name) for name in _DISPLAYS)


def paths_for(plots: Sequence[Plot], output: str | None) -> list[Path]:
    """Return a file for each figure: `output`, or with the metric in its name where there are several.

    Raises:
        UsageError: the ending is of no format that there is.
    """
    target = Path(output or "plot.png")
    if target.suffix.lstrip(".").lower() not in FORMATS:
        raise UsageError(f"{str(target)!r} is no figure's name; it ends in .{', .'.join(FORMATS)}.")
    if len(plots) == 1:
        return [target]
    return [target.with_stem(f"{target.stem}_{_safe(one.y)}") for one in plots]


def _safe(text: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in text)


def write(plots: Sequence[Plot], paths: Sequence[Path]) -> None:
    """Write each figure to its file.

    Raises:
        UsageError: a file cannot be written, or is to be in a run's directory.
    """
    for path in paths:
        check_outside(path.parent)
    for one, path in zip(plots, paths, strict=True):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            one.figure.savefig(path, dpi=_DOTS_PER_INCH, metadata={"Date": None} if path.suffix == ".svg" else None)
        except OSError as error:
            raise UsageError(f"the figure cannot be written to {path}: {error.strerror or error}.") from None


def show() -> None:
    """Show the figures that were made for windows, and wait until they are closed."""
    import matplotlib.pyplot as plt

    plt.show()
