"""Grid files on the disk: the one place where a grid meets a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from sweep.base.errors import SpecError
from sweep.base.files import write_text
from sweep.grid.grid import Grid
from sweep.grid.spec.reader import GridFile, read_grid
from sweep.grid.spec.sections import G
from sweep.grid.spec.writer import grid_text


def read_grid_file(
    path: str | Path,
    *,
    grid_class: type[G] = Grid,  # type: ignore[assignment]  # as in `read_grid`
    run_keys: Iterable[str] | None = None,
) -> GridFile[G]:
    """Read a grid file; modules beside it can be imported.

    Args:
        grid_class: what to make, a `Grid` or a subclass; called without arguments.
        run_keys: the keywords that `run` may have; None lets all pass.

    Raises:
        SpecError: the file cannot be read, is not UTF-8, or is wrong at one line.
    """
    folder = Path(path).absolute().parent
    return read_grid(_text(Path(path)), str(path), grid_class=grid_class, run_keys=run_keys, folder=folder)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = 1 + error.object.count(b"\n", 0, error.start)
        raise SpecError("the file is not UTF-8 text; save it as UTF-8.", str(path), line) from error
    except OSError as error:
        unread = SpecError(f"{path}: the file cannot be read: {error.strerror}.")
        unread.source = str(path)  # without a line: none of it was seen
        raise unread from error


def grid_from_yaml(
    path: str | Path,
    grid_class: type[G] = Grid,  # type: ignore[assignment]  # as in `read_grid`
) -> G:
    """Return the grid of a grid file; what it says about a thunk and a run is checked and left out.

    Raises:
        SpecError: as `read_grid_file`.
    """
    return read_grid_file(path, grid_class=grid_class).grid


def grid_to_yaml(
    grid: Grid,
    thunk: str | Callable[..., Any] | None = None,
    run: Mapping[str, Any] | None = None,
    path: str | Path | None = None,
) -> str:
    """Return the YAML text of a grid, and write it to a file if one is named.

    Args:
        thunk: a function that a module defines, its ``module:name``, or a key of the grid.
        run: keywords for `run`.
        path: the file, replaced atomically.

    Raises:
        GridError: YAML cannot hold a value or a rule; it names the key, or the number of the rule.
    """
    text = grid_text(grid, thunk, run)
    if path is not None:
        write_text(Path(path), text)
    return text
