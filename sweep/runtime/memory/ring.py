"""A ring of steps: what several environments gave, the newest kept, sampled, exported and imported."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from sweep.base.errors import RingError, listed
from sweep.base.text import shown
from sweep.runtime.context.current import current_run
from sweep.runtime.memory import files, segments
from sweep.runtime.memory.content import Content, checked, content_of, description_of, from_json, to_json
from sweep.runtime.memory.fields import Array, Arrays, Fields, declared, steps_of
from sweep.runtime.memory.storage import Storage
from sweep.runtime.mpi.helpers import num_procs, proc_id


class Ring:
    """The newest steps of several environments, on numpy.

        ring = Ring(10_000, num_envs=8, fields={"observation": ((4,), "float32"), "reward": ((), "float32")})
        ring.add(observation=observations, reward=rewards)
        batch = ring.sample(256)

    Args:
        capacity: how many steps are kept, so `capacity * num_envs` transitions.
        num_envs: environments that give a value of every field at every step.
        fields: name -> (shape of one value, dtype); dtypes are bool, integers and floats of 16, 32 or 64 bits.
        name: of the files that are exported.
        export: whether a file is written every time that the last slot is filled, before any is overwritten.
        export_format: 'npz' (or 'np'), 'pt' (needs torch) or 'csv'.
        export_directory: where; `memories` in the current run's directory if none is given.
        per_rank: whether each MPI rank saves what it holds itself in snapshots; else all get back what rank 0 held.

    `save_to` and `load_from` are for snapshots; `state_dict` and `load_state_dict` for those of others.

    Raises:
        RingError: an argument is not what it should be.
    """

    def __init__(
        self,
        capacity: int,
        num_envs: int = 1,
        *,
        fields: Mapping[str, Any],
        name: str = "memory",
        export: bool = False,
        export_format: str = "npz",
        export_directory: str | Path | None = None,
        per_rank: bool = False,
    ) -> None:
        counts = _count("capacity", capacity), _count("num_envs", num_envs)
        self._storage = Storage(*counts, declared(fields))
        if not isinstance(name, str) or not name or Path(name).name != name or name.startswith("."):
            raise RingError(f"name is {shown(name, 60)}; it begins the names of files, so use one such as 'memory'.")
        self.name, self.exports, self.export_format = name, bool(export), files.format_of(export_format)
        self.export_directory = None if export_directory is None else Path(export_directory)
        self.per_rank = bool(per_rank)
        self._base: segments.Base | None = None

    @property
    def capacity(self) -> int:
        """How many steps are kept at most."""
        return self._storage.capacity

    @property
    def num_envs(self) -> int:
        return self._storage.num_envs

    @property
    def fields(self) -> Fields:
        return dict(self._storage.fields)

    @property
    def steps(self) -> int:
        """How many steps are kept now."""
        return self._storage.rows

    @property
    def total(self) -> int:
        """How many steps were ever added."""
        return self._storage.total

    @property
    def cursor(self) -> int:
        """The slot that the next step goes to."""
        return self.total % self.capacity

    @property
    def filled(self) -> bool:
        """Whether every slot holds a step."""
        return self.total >= self.capacity

    def __len__(self) -> int:
        """Return how many transitions are kept: steps times environments."""
        return self.steps * self.num_envs

    def __repr__(self) -> str:
        return f"Ring({self.steps} of {self.capacity} steps x {self.num_envs}: {listed(self._storage.fields.values())})"

    def __getitem__(self, field: str) -> Array:
        """Return the steps of a field that are kept, of shape (steps, num_envs, *shape), oldest first; a copy."""
        return self._chosen([field], self._storage.first, self.total)[field].copy()

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_base": None}  # an open directory belongs to this process

    def add(self, /, **values: Any) -> None:
        """Append one step or several; everything is checked first, so a call that raises has added nothing.

        Args:
            values: for every field an array or tensor of shape (num_envs, *shape), or (steps, num_envs, *shape); with
                one environment its axis may be left out.

        Raises:
            RingError: a field is missing or unknown, or a value does not fit.
            OSError: an export failed; the steps up to the last slot have been added, the others not.
        """
        steps = steps_of(self._storage.fields, self.num_envs, values)
        if not self.exports:
            self._storage.put(steps)
            return
        count, done = len(next(iter(steps.values()))), 0
        while done < count:
            part = min(count - done, self._storage.room())
            self._storage.put({name: array[done : done + part] for name, array in steps.items()})
            done += part
            if self.cursor == 0:
                self.export()

    def sample(self, batch: int, names: Sequence[str] | None = None, *, sequence: int = 1, rng: Any = None) -> Arrays:
        """Draw transitions, or sequences of them, uniformly and with replacement.

        Args:
            batch: how many.
            names: of the fields that are wanted; all by default.
            sequence: steps in each: they follow on one another in time and are of one environment, and may go over
                the end of an episode.
            rng: a `numpy.random.Generator` or `RandomState`; numpy's global state by default, which `set_seed` seeds
                and a snapshot keeps.

        Returns:
            Arrays of shape (batch, *shape), or (batch, sequence, *shape) for a sequence of 2 or more.

        Raises:
            RingError: an unknown field, or fewer steps are kept than a sequence has.
        """
        batch, sequence = _count("batch", batch), _count("sequence", sequence)
        self._known(names)
        if self.steps < sequence:
            raise RingError(f"{sequence} steps in a row were asked for, and {self.steps} are kept; add more first.")
        draw = getattr(rng, "integers", None) or (np.random if rng is None else rng).randint
        begin = draw(0, self.steps - sequence + 1, batch) + self._storage.first
        slots = (begin[:, None] + np.arange(sequence)) % self.capacity
        envs = draw(0, self.num_envs, batch)[:, None]
        wanted = self._storage.fields if names is None else names
        found = {name: self._storage.arrays[name][slots, envs] for name in wanted}
        return found if sequence > 1 else {name: array[:, 0] for name, array in found.items()}

    def clear(self) -> None:
        """Forget every step."""
        self._storage, self._base = self._storage.emptied(), None

    def export(self, directory: str | Path | None = None, format: str | None = None) -> Path:
        """Write what is kept to a file of its own, oldest step first, and return its path.

        Args:
            directory: made if it is not there; `export_directory` by default.
            format: 'npz' (or 'np'), 'pt' or 'csv'; `export_format` by default.

        The name has the number of steps that were ever added, so a run that is resumed finds the files that it wrote
        before, and leaves those alone that are the same. Nothing is overwritten: other content gets a number.

        Raises:
            RingError: an unknown format, or torch is missing for 'pt'.
            OSError: nothing can be written there.
        """
        rank = f"_rank{proc_id()}" if num_procs() > 1 else ""
        folder = Path(directory) if directory is not None else self.export_directory or current_run().path / "memories"
        stem = f"{self.name}{rank}_{self.total:012d}"
        return files.export(folder, stem, format or self.export_format, content_of(self._storage))

    def load(self, path: str | Path, mode: str = "replace", *, strict: bool = True) -> None:
        """Import a file that `export` or skrl wrote: npz, pt or csv.

        Args:
            mode: 'replace' what is kept, cursor and fill level included where the capacities are the same; or 'append'
                the file's steps, oldest first.
            strict: whether a file with further fields is refused; else they are left out.

        Raises:
            RingError: the file is missing, damaged, or of other fields; the memory stays as it was.
        """
        if mode not in ("replace", "append"):
            raise RingError(f"mode is {shown(mode, 40)}; use 'replace' or 'append'.")
        source = Path(path)
        content = files.read(source, self._storage.fields, self.num_envs)
        steps = files.fitting(content, self._storage.fields, self.num_envs, str(source), strict)
        if mode == "append":
            self._storage.put(steps)
            return
        self._replace(steps, content)

    def _replace(self, steps: Arrays, content: Content) -> None:
        about, count = content.description, len(next(iter(steps.values())))
        goes_on = about is not None and about.capacity == self.capacity
        storage = self._storage.emptied(about.total - count if about is not None and goes_on else 0)
        storage.put(steps)
        self._storage, self._base = storage, None

    @classmethod
    def from_file(cls, path: str | Path, **options: Any) -> Self:
        """Return a memory as a file describes it, with what it holds.

        Args:
            path: written by `export`, or an npz or pt file of skrl's.
            options: `name`, `export`, `export_format`, `export_directory`.

        Raises:
            RingError: the file is missing or damaged, or says nothing of its fields.
        """
        source = Path(path)
        content = files.read(source, None, 1)
        about = content.description or files.guessed(content, source)
        ring = cls(about.capacity, about.num_envs, fields=_declaration(about.fields), **options)
        ring._replace(files.fitting(content, about.fields, about.num_envs, str(source)), content)
        return ring

    def save_to(self, directory: Path) -> None:
        """Write this memory into a directory of a snapshot, made if it is not there.

        Only the steps added since the last `save_to` or `load_from` are written; older ones are hard links into the
        directory of that time, wherever it has been renamed to. If it is gone, everything is written. Each directory is
        whole by itself and may be deleted at any time. Files and directory are synced to the disk.

        Raises:
            OSError: nothing can be written there.
        """
        self._base = segments.save(self._storage, Path(directory), self._base)

    def load_from(self, directory: Path) -> None:
        """Take over what `save_to` wrote into a directory; the memory stays as it was if that fails.

        Raises:
            RingError: there is no memory there, a damaged one, or one of other capacity, environments or fields.
        """
        self._storage, self._base = segments.load(self._storage, Path(directory))

    def state_dict(self) -> dict[str, Any]:
        """Return everything that is kept, as copies: plain values and arrays."""
        content = content_of(self._storage)
        arrays = {name: array.copy() for name, array in content.arrays.items()}
        return {"about": to_json(description_of(self._storage)), "arrays": arrays}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned; the memory stays as it was if that fails.

        Raises:
            RingError: it is not a memory's state, or one of other fields.
        """
        source = "the state"
        if not isinstance(state, Mapping) or state.keys() != {"about", "arrays"}:
            raise RingError(f"{shown(state, 60)} is no state of a memory; pass what state_dict() returned.")
        content = checked(dict(state["arrays"]), from_json(state["about"], source), source)
        self._replace(files.fitting(content, self._storage.fields, self.num_envs, source), content)

    def _chosen(self, names: Sequence[str], first: int, last: int) -> Arrays:
        self._known(names)
        steps = self._storage.steps(first, last)
        return {name: steps[name] for name in names}

    def _known(self, names: Sequence[str] | None) -> None:
        unknown = [name for name in names or () if name not in self._storage.fields]
        if unknown:
            raise RingError(f"there is no field {listed(unknown)}; this memory holds {listed(self._storage.fields)}.")


def _declaration(fields: Fields) -> dict[str, Any]:
    return {name: (field.shape, field.dtype) for name, field in fields.items()}


def _count(what: str, given: Any) -> int:
    try:
        count = operator.index(given)
    except TypeError:
        count = 0
    if count < 1 or isinstance(given, bool):
        raise RingError(f"{what} is {shown(given, 40)}; it is a whole number from 1 on.")
    return count
