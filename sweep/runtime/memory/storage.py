"""Where the steps of a memory lie: step number t in slot t modulo the capacity."""

from __future__ import annotations

import numpy as np

from sweep.runtime.memory.fields import Arrays, Fields


class Storage:
    """Arrays of shape (capacity, num_envs, *shape), and the count of all steps that were ever put into them.

    The count says everything else: the next slot is `total` modulo the capacity, and what is kept are the last
    `capacity` steps. Memory of slots that were never used is not touched.
    """

    def __init__(self, capacity: int, num_envs: int, fields: Fields) -> None:
        self.capacity, self.num_envs, self.fields = capacity, num_envs, fields
        self.arrays: Arrays = {
            name: np.zeros((capacity, num_envs, *field.shape), field.dtype) for name, field in fields.items()
        }
        self.total = 0

    @property
    def first(self) -> int:
        """The number of the oldest step that is kept."""
        return max(0, self.total - self.capacity)

    @property
    def rows(self) -> int:
        """How many steps are kept."""
        return min(self.total, self.capacity)

    def room(self) -> int:
        """Return how many steps fit until the last slot is written."""
        return self.capacity - self.total % self.capacity

    def put(self, steps: Arrays) -> None:
        """Append steps, of shape (steps, num_envs, *shape); the oldest are overwritten."""
        count = len(next(iter(steps.values())))
        done = max(0, count - self.capacity)  # would be overwritten at once
        self.total += done
        while done < count:
            part = min(count - done, self.room())
            slot = self.total % self.capacity
            for name, array in self.arrays.items():
                array[slot : slot + part] = steps[name][done : done + part]
            self.total += part
            done += part

    def steps(self, first: int, last: int) -> Arrays:
        """Return the steps from number `first` to before `last`, all of them kept, in order of time.

        Views where they lie in one piece, else copies.
        """
        begin, count = first % self.capacity, last - first
        if begin + count <= self.capacity:
            return {name: array[begin : begin + count] for name, array in self.arrays.items()}
        rest = begin + count - self.capacity
        return {name: np.concatenate([array[begin:], array[:rest]]) for name, array in self.arrays.items()}

    def emptied(self, total: int = 0) -> Storage:
        """Return an empty storage like this one, whose next step has the number `total`."""
        like = Storage(self.capacity, self.num_envs, self.fields)
        like.total = total
        return like
