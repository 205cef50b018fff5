"""A YAML document as nodes that know their line, and the questions a reader asks of one."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sweep.base.errors import SpecError, SweepError, did_you_mean, listed
from sweep.base.text import shown

_SHOWN = 40  # characters of a wrong value in a message
_LISTED = 24  # allowed keys in a message


@dataclass(frozen=True)
class Source:
    """Where a document is from.

    Attributes:
        name: as the user gave it, for messages.
        folder: where modules beside the file are looked for.
    """

    name: str = ""
    folder: Path | None = None


@dataclass(frozen=True)
class Node:
    """One value of a document.

    Attributes:
        value: a scalar, a list of nodes, or a dict of text to nodes.
        line: where it begins, counted from 1; for the value of a key, the key's line.
    """

    value: Any
    source: Source
    line: int

    def error(self, message: str) -> SpecError:
        return SpecError(message, self.source.name, self.line)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        return isinstance(self.value, list)

    @property
    def shown(self) -> str:
        """The value as a message names it."""
        if self.is_mapping:
            return f"a mapping of {listed(self.value, 4) or 'nothing'}"
        if self.is_list:
            return f"a list of {len(self.value)}"
        return "null" if self.value is None else shown(self.value, _SHOWN)

    def data(self) -> Any:
        """Return the value as plain dicts, lists and scalars."""
        if self.is_mapping:
            return {key: child.data() for key, child in self.value.items()}
        return [child.data() for child in self.value] if self.is_list else self.value

    def mapping(self, what: str) -> dict[str, Node]:
        """Return the children of a mapping.

        Raises:
            SpecError: it is no mapping. So for the methods below.
        """
        if not isinstance(self.value, dict):
            raise self.error(f"{what} must be a mapping (key: value), not {self.shown}.")
        return self.value

    def closed(self, what: str, allowed: Collection[str], hint: str = "") -> dict[str, Node]:
        """Return the children of a mapping that has no other keys than the allowed ones."""
        children = self.mapping(what)
        for key, child in children.items():
            if key not in allowed:
                guess = did_you_mean(key, allowed) or hint
                raise child.error(f"{what} has no key {key!r}; it may have {listed(allowed, _LISTED)}.{guess}")
        return children

    def items(self, what: str) -> list[Node]:
        if not isinstance(self.value, list):
            raise self.error(f"{what} must be a list, not {self.shown}.")
        return self.value

    def text(self, what: str) -> str:
        if not isinstance(self.value, str):
            raise self.error(f"{what} must be text, not {self.shown}; quote what should be text.")
        return self.value

    def whole(self, what: str) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            raise self.error(f"{what} must be a whole number, not {self.shown}.")
        return self.value

    def flag(self, what: str) -> bool:
        if not isinstance(self.value, bool):
            raise self.error(f"{what} must be true or false, not {self.shown}.")
        return self.value

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Turn what a grid's method, or an import, says inside the block into an error of this line."""
        try:
            yield
        except SpecError:
            raise
        except SweepError as error:
            raise self.error(str(error)) from error
