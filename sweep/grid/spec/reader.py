"""From the text of a grid file to the grid, the thunk and the keywords of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic

from sweep.base.errors import UsageError, did_you_mean, listed
from sweep.base.importing import import_object
from sweep.base.text import shown
from sweep.grid.grid import Grid
from sweep.grid.spec import keys
from sweep.grid.spec.compose import compose
from sweep.grid.spec.sections import G, make_grid
from sweep.grid.spec.tree import Node, Source
from sweep.grid.spec.values import decode


@dataclass(frozen=True)
class GridFile(Generic[G]):
    """All that a grid file says.

    Attributes:
        grid: of the class that the reader was given.
        thunk: as written: ``module:function``, or a key of the grid whose values are the thunks; None if not given.
        function: what `thunk` names, imported; None if it is a key.
        run: keywords of `run`, other names of them resolved (``ranks`` is ``num_cpu``).
        source: the file's name, for messages.
    """

    grid: G
    thunk: str | None = None
    function: Callable[..., Any] | None = None
    run: dict[str, Any] = field(default_factory=dict)
    source: str = ""

    @property
    def thunk_key(self) -> str | None:
        """The key of the grid whose values are the thunks, if that is how the file says it."""
        return self.thunk if self.function is None else None


def read_grid(
    text: str,
    source: str = "",
    *,
    grid_class: type[G] = Grid,  # type: ignore[assignment]  # a type variable has no default before Python 3.13
    run_keys: Iterable[str] | None = None,
    folder: Path | None = None,
) -> GridFile[G]:
    """Read the text of a grid file.

    Args:
        source: the file's name, for messages.
        grid_class: what to make, a `Grid` or a subclass; called without arguments.
        run_keys: the keywords that `run` may have; None lets all pass.
        folder: where modules beside the file are looked for.

    Raises:
        SpecError: anything is wrong; it carries the line.
    """
    root = compose(text, Source(source, folder))
    document = root.closed("a grid file", keys.DOCUMENT)
    _check_version(document.get("sweep"))
    grid = make_grid(root, grid_class)
    thunk, function = _thunk(document.get("thunk"), grid)
    return GridFile(grid, thunk, function, _run(document.get("run"), run_keys), source)


def _check_version(node: Node | None) -> None:
    if node is not None and node.whole("'sweep' (the version of the format)") != keys.VERSION:
        raise node.error(f"'sweep' is {node.shown}; this program reads grid files of version {keys.VERSION}.")


def _thunk(node: Node | None, grid: Grid) -> tuple[str | None, Callable[..., Any] | None]:
    if node is None:
        return None, None
    text, known = node.text("'thunk'"), {one.key: None for one in grid.definition.parameters()}
    if text in known:
        _check_thunks(node, text, grid)
        return text, None
    if ":" not in text:
        what = f"'thunk' is {text!r}, which is neither module:function nor a key of the grid"
        raise node.error(f"{what} ({listed(known) or 'it has none'}).{did_you_mean(text, known)}")
    function = _imported(node, text)
    if not callable(function):
        raise node.error(f"'thunk' is {text!r}, which is {shown(function)}; it must be a function.")
    return text, function


def _imported(node: Node, text: str) -> Any:
    try:
        return import_object(text, node.source.folder)
    except UsageError as error:
        raise node.error(f"'thunk': {error}{_near(node, text, error)}") from error


def _near(node: Node, text: str, error: UsageError) -> str:
    """Return which script beside the file a misspelt module is like, as `did_you_mean`; '' if the module is there."""
    module = text.rpartition(":")[0]
    cause = error.__cause__
    gone = cause.name == module if isinstance(cause, ModuleNotFoundError) else cause is None and module.endswith(".py")
    folder = node.source.folder
    if not gone or folder is None or (folder / module).is_file():
        return ""
    scripts = sorted(folder.glob("*.py"))
    return did_you_mean(module, [one.name if module.endswith(".py") else one.stem for one in scripts])


def _check_thunks(node: Node, key: str, grid: Grid) -> None:
    for value in (value for one in grid.definition.parameters() if one.key == key for value in one.values):
        if not callable(value):
            how = "write its values as {py: 'module:function'}"
            raise node.error(f"'thunk' is the key {key!r}, whose value {shown(value)} is no function; {how}.")


def _run(node: Node | None, run_keys: Iterable[str] | None) -> dict[str, Any]:
    if node is None:
        return {}
    allowed = None if run_keys is None else sorted({*run_keys, *keys.RUN_ALIASES})
    children = node.mapping("'run'") if allowed is None else node.closed("'run'", allowed)
    found: dict[str, Any] = {}
    for key, child in children.items():
        name = keys.RUN_ALIASES.get(key, key)
        if name in found:
            raise child.error(f"'run' has {name!r} under two names; keep one.")
        found[name] = decode(child)
    return found
