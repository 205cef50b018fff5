"""Where an export may write: anywhere but in a run, and over nothing that nobody has given up."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from sweep.base.errors import UsageError
from sweep.base.text import shown
from sweep.results.identify import identify
from sweep.results.walk import upwards


@dataclass
class Destination:
    """A folder that an export fills.

    Attributes:
        path: the folder.
        files: what was written, in order.
    """

    path: Path
    files: list[Path] = field(default_factory=list)

    @classmethod
    def opened(cls, path: str | Path, force: bool = False) -> Destination:
        """Return a place to write to.

        Args:
            force: take it though there is something in it; files of the same names are then replaced, others stay.

        Raises:
            UsageError: it is in a run's directory, or a file; or there is something in it, without `force`.
        """
        made = cls(Path(path))
        check_outside(made.path)
        if os.path.lexists(made.path) and not made.path.is_dir():
            raise UsageError(f"{shown(str(path))} is no folder; name one with -o that is empty or not there yet.")
        if not force and made.path.is_dir() and any(made.path.iterdir()):
            raise UsageError(f"there is something in {shown(str(path))}; name another folder with -o, or use --force.")
        return made

    def file(self, *parts: str) -> Path:
        """Return the path of a file to write, in a folder that is there; a file that was there is gone.

        Raises:
            UsageError: its folder is in a run's directory.
        """
        path = self.path.joinpath(*parts)
        self.folder(*parts[:-1])
        path.unlink(missing_ok=True)  # it may be a link to something else
        self.files.append(path)
        return path

    def folder(self, *parts: str) -> Path:
        """Return a folder, made if it is not there.

        Raises:
            UsageError: it is in a run's directory.
        """
        path = self.path.joinpath(*parts)
        check_outside(path)
        path.mkdir(parents=True, exist_ok=True)
        return path


def check_outside(path: Path) -> None:
    """Raise if something is a run's directory, or in one.

    Raises:
        UsageError: it is.
    """
    for above in upwards(os.path.realpath(path)):
        if identify(above, _names(above)) is not None:
            raise UsageError(
                f"{shown(str(path))} is in the run {shown(above)}, where only the run writes; name another folder "
                "with -o."
            )


def _names(folder: str) -> set[str]:
    try:
        return {entry.name for entry in Path(folder).iterdir()}
    except OSError:  # not there yet, or no folder
        return set()
