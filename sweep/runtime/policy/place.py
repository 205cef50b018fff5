"""A directory that holds a policy, and which of its pickles, which are programs, may be loaded."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sweep.base.errors import SweepError, listed
from sweep.rundir.find import find_runs
from sweep.rundir.paths import RunDir
from sweep.rundir.saved_files import import_path_file, read_import_path, state_path, tf_saves, torch_saves
from sweep.rundir.snapshot_files import snapshots_in
from sweep.rundir.trusted import foreign
from sweep.rundir.variant_file import read_variant
from sweep.runtime.policy.errors import PolicyError
from sweep.runtime.policy.pickled import load_state


@dataclass(frozen=True)
class Place:
    """A directory that holds a policy.

    Attributes:
        run: its names.
        trust: whether somebody vouches for all that is in it. Else only what nobody but this user could have written
            is loaded, of a run that they have made.
    """

    run: RunDir
    trust: bool

    @property
    def path(self) -> Path:
        return self.run.path

    def doubt(self, file: Path) -> str:
        """Say why a file, or all in a folder, may not run code; '' if it may."""
        return "" if self.trust else self._no_run or foreign(file, self.path)

    @cached_property
    def _no_run(self) -> str:
        """Why it is no run that this user has made with sweep; '' if it is one."""
        record = self.run.variant
        return foreign(record, self.path) or ("" if read_variant(self.run) else f"{record} is no record of a run")

    def vouched(self, file: Path) -> Path:
        """Return a file that runs code when it is loaded.

        Raises:
            PolicyError: nobody vouches for it.
        """
        if why := self.doubt(file):
            raise PolicyError(
                f"{file} is a program, and not from a run of yours alone ({why}): loading it runs what its author put "
                "there. If you trust that, say trust=True, or --trust on the command line."
            )
        return file

    def loaded(self, file: Path, load: Callable[[Path], Any]) -> Any:
        """Load a file that runs code.

        Raises:
            PolicyError: nobody vouches for it, or it cannot be loaded; says what may help.
        """
        self.vouched(file)
        try:
            return load(file)
        except SweepError:
            raise
        except ModuleNotFoundError as error:
            raise PolicyError(
                f"{file} needs a module {error.name!r}, which is not found: call this in the folder where it is, or "
                f"set PYTHONPATH to that folder; if it is a package, install it."
            ) from error
        except Exception as error:  # a class that is gone, a library of another version: anything may come
            raise PolicyError(f"{file} cannot be loaded: {type(error).__name__}: {error}") from error


def place_of(run: str | Path, trust: bool = False) -> Place:
    """Return the place of a run, after making modules of its own found where the run had found them.

    Raises:
        PolicyError: there is no such directory, or nothing in it that could be played.
    """
    directory = RunDir(Path(run).absolute())
    if not directory.path.is_dir():
        raise PolicyError(f"{str(run)!r} is no directory; name that of a run, such as data/NAME/NAME_s0.")
    if not _has_saves(directory):
        raise _nothing_there(directory)
    place = Place(directory, trust)
    known = not place.doubt(import_path_file(directory))
    for folder in (str(Path.cwd()), *(read_import_path(directory) if known else ())):
        if folder not in sys.path and Path(folder).exists():
            sys.path.append(folder)
    return place


def _has_saves(run: RunDir) -> bool:
    path = run.path
    return bool(snapshots_in(run.snapshots) or torch_saves(path) or tf_saves(path) or any(path.glob("vars*.pkl")))


def _nothing_there(run: RunDir) -> PolicyError:
    below = [str(one.path.relative_to(run.path)) for one in find_runs(run.path)]
    if below:
        return PolicyError(f"{run.path} is no run; name one of those in it: {listed(below, 5)}.")
    return PolicyError(
        f"{run.path} has nothing to play: neither snapshots (run.state(policy=...) and run.epochs) nor what "
        "logger.save_state writes (vars.pkl, pyt_save, tf1_save)."
    )


def read_state(place: Place, itr: int | None) -> Any:
    """Return what `save_state` has pickled, by us or by Spinning Up.

    Raises:
        PolicyError: it is not there, nobody vouches for it, or it cannot be loaded.
    """
    path = state_path(place.path, itr)
    if not path.is_file():
        raise PolicyError(f"{path} is not there")
    return place.loaded(path, load_state)
