"""The snapshots of one run: found, judged, and given up."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sweep.base.errors import did_you_mean, listed
from sweep.base.files import write_text
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import EXCEPTION, MANIFEST, Manifest, damage, read_manifest, snapshots_in
from sweep.runtime.snapshots.commit import manifest_text, remove
from sweep.runtime.snapshots.errors import CorruptSnapshot, SnapshotError, SnapshotNotFound
from sweep.runtime.snapshots.rhythm import Rhythm

WORDS = ("last", "best", "first")
_LIBRARIES = ("numpy", "torch", "mpi4py")


@dataclass(frozen=True)
class Snapshot:
    """One that is there and whole."""

    path: Path
    manifest: Manifest


class Store:
    """The folder of a run's snapshots.

    Args:
        warn: is called with a sentence about a snapshot that is damaged.
    """

    def __init__(self, run: RunDir, warn: Callable[[str], object]) -> None:
        self._run, self._folder, self._warn = run, run.snapshots, warn
        self._known: dict[int, Manifest] = {}

    def steps(self) -> list[int]:
        """Return the steps that there are snapshots of, smallest first."""
        return list(snapshots_in(self._folder))

    def find(self, which: str | int) -> Snapshot:
        """Return a snapshot.

        Args:
            which: 'last', the newest that is whole and complete; 'first', the oldest; 'best', by its metric; or a step.

        Raises:
            SnapshotNotFound: there is none; lists those there are.
            CorruptSnapshot: the one that was named by its step is damaged.
            SnapshotError: `which` is no such word.
        """
        if which == EXCEPTION:
            return self._exception()
        step = _step_of(which)
        if step is not None:
            return self._at(step)
        order = {"last": self._newest_first, "first": self._oldest_first, "best": self._best_first}[str(which)]()
        for one in order:
            wrong = damage(self._folder_of(one))
            if not wrong:
                return self._snapshot(one)
            self._warn(f"{self._folder_of(one)} is damaged: {wrong}; the one before it is taken instead.")
        raise SnapshotNotFound(f"{self._folder} has no snapshot for which={which!r}; it has {self._listed()}.")

    def _exception(self) -> Snapshot:
        path = self._folder / EXCEPTION
        manifest = read_manifest(path)
        if manifest is None or damage(path):
            raise SnapshotNotFound(
                f"{path} is not there, or damaged; it is made if the function raises and asked for it."
            )
        return Snapshot(path, manifest)

    def _at(self, step: int) -> Snapshot:
        if step not in snapshots_in(self._folder):
            raise SnapshotNotFound(f"{self._folder} has no snapshot of step {step}; it has {self._listed()}.")
        wrong = damage(self._folder_of(step))
        if wrong:
            raise CorruptSnapshot(f"{self._folder_of(step)} is damaged: {wrong}. Name another: {self._listed()}.")
        return self._snapshot(step)

    def _snapshot(self, step: int) -> Snapshot:
        manifest = read_manifest(self._folder_of(step))
        assert manifest is not None
        return Snapshot(self._folder_of(step), manifest)

    def _folder_of(self, step: int) -> Path:
        return snapshots_in(self._folder)[step]

    def _listed(self) -> str:
        steps = self.steps()
        return f"those of the steps {listed(steps)}" if steps else "none"

    def _oldest_first(self) -> list[int]:
        return [step for step in self.steps() if (one := self._manifest(step)) is None or one.complete]

    def _newest_first(self) -> list[int]:
        return self._oldest_first()[::-1]

    def _best_first(self) -> list[int]:
        scores = self.scores()
        better = next((one.better for one in self._known.values() if one.score is not None), "max")
        return Rhythm(metric="any", keep_best=len(scores) or 1, better=better).best(scores)

    def _manifest(self, step: int) -> Manifest | None:
        """Return the manifest of a step; it is read once, as none is changed but by us."""
        if step not in self._known:
            found = read_manifest(self._folder_of(step))
            if found is None:
                return None
            self._known[step] = found
        return self._known[step]

    def scores(self) -> dict[int, float]:
        """Return the scores by step, of those snapshots that have one."""
        manifests = {step: self._manifest(step) for step in self.steps()}
        return {step: one.score for step, one in manifests.items() if one is not None and one.score is not None}

    def added(self, manifest: Manifest) -> None:
        """Hear of a snapshot that was just committed."""
        self._known[manifest.step] = manifest

    def prune(self, rhythm: Rhythm, total: int) -> None:
        """Give up what need not be kept, and the parts of older ones that need not be."""
        steps = self.steps()
        kept = rhythm.kept(steps, self.scores(), total)
        for step in steps:
            if step not in kept:
                self._known.pop(step, None)
                remove(self._folder_of(step))
            elif rhythm.only and step != steps[-1]:
                self._slim(step, rhythm.only)

    def _slim(self, step: int, only: Iterable[str]) -> None:
        """Reduce a snapshot to some items: first its manifest, then the files that this one does not name."""
        manifest = self._manifest(step)
        if manifest is None or not manifest.complete:
            return
        items = {name: one for name, one in manifest.items.items() if name in set(only)}
        names = {one.file for one in items.values()}
        files = {name: one for name, one in manifest.files.items() if name.split("/")[0] in names}
        slim = replace(manifest, items=items, own=(), files=files, complete=False)
        write_text(self._folder_of(step) / MANIFEST, manifest_text(slim))
        self._known[step] = slim
        for path in self._folder_of(step).iterdir():
            if path.is_dir() and path.name not in names:
                shutil.rmtree(path)
            elif path.name not in {*names, MANIFEST}:
                path.unlink()

    def set_aside_after(self, step: int) -> None:
        """Put away snapshots of steps that are about to be done again."""
        for later in [one for one in self.steps() if one > step]:
            self._known.pop(later, None)
            path = self._folder_of(later)
            path.rename(self._run.next_orphan(path))


def _step_of(which: str | int) -> int | None:
    """Return the step that is asked for by number; None for one of the words."""
    if isinstance(which, int) and not isinstance(which, bool):
        return which
    if isinstance(which, str) and which.isdecimal():
        return int(which)
    if which in WORDS:
        return None
    raise SnapshotError(
        f"which={which!r} is no snapshot; use {listed(map(repr, WORDS))} or a step.{did_you_mean(str(which), WORDS)}"
    )


def versions() -> Mapping[str, str]:
    """Return the versions of Python and of the libraries in use."""
    used = {name: getattr(sys.modules[name], "__version__", "") for name in _LIBRARIES if name in sys.modules}
    return {"python": platform.python_version(), **used}
