"""Where a run is, and what it leaves there for use elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from sweep.base.files import read_json
from sweep.rundir.paths import RunDir
from sweep.runtime.context.local import local_directory


class LocatedRun:
    """The part of a run's context that knows its directory.

    Args:
        run: its directory; None for a function that is called outside a sweep.
    """

    def __init__(self, run: RunDir | None = None) -> None:
        self._run = run
        self._at: int | None = None

    @cached_property
    def _directory(self) -> RunDir:
        return local_directory() if self._run is None else self._run

    @property
    def path(self) -> Path:
        """The run's directory; outside a sweep a new one under ``data/local``, made by the first who writes there."""
        return self._directory.path

    def owns(self, folder: str | Path | None) -> bool:
        """Say whether a folder is this run's directory; one that nobody has asked for yet is not."""
        if folder is None or (self._run is None and "_directory" not in vars(self)):
            return False
        return Path(folder).absolute() == self.path.absolute()

    def _config(self) -> Mapping[str, Any]:
        config = read_json(self._directory.config)
        return config if isinstance(config, dict) else {}

    def export(
        self, name: str, what: Any, step: int | None = None, *, format: str = "safetensors", best: bool = False
    ) -> Path:
        """Write weights to ``exports/NAME_step_000000012.FORMAT`` in the run's directory, atomically.

        An export is for use elsewhere: `sweep.load_weights` reads it, and so do the format's own libraries. To go on
        from, there are snapshots.

        Args:
            name: such as 'policy'.
            what: has `state_dict()`, or is a dict of arrays, tensors and numbers (nested too), or a list of them.
            step: in the file's name; that of the loop by default.
            format: 'safetensors', 'pt' or 'npz'; the first two need a package of their own, safetensors and torch.
            best: write ``exports/best_NAME.FORMAT`` too, in place of what is there.

        Returns:
            the file; rank 0 alone writes it.

        Raises:
            WeightsError: what was given has no weights, or name, step or format cannot be.
        """
        from sweep.runtime.exports.export import export

        return export(self._directory, name, what, self._at if step is None else step, format, best)
