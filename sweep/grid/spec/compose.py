"""From YAML text to nodes, with PyYAML's scanner, parser and composer; its constructor of objects never runs.

Stricter than YAML where a slip would be silent: a key given twice, a key without a value, a tag, a second document.
Aliases and merge keys (``<<``) are copied out; how much they may copy is bounded, since nine aliases of nine aliases
nine levels deep ("billion laughs") are gigabytes.
"""

from __future__ import annotations

from typing import Any

import yaml
from yaml.error import MarkedYAMLError
from yaml.reader import ReaderError

from sweep.base.errors import SpecError
from sweep.base.text import shorten
from sweep.grid.spec.scalars import scalar
from sweep.grid.spec.tree import Node, Source

_DEPTH_LIMIT = 100  # levels of nesting
_COPY_LIMIT = 100_000  # values that aliases and merges may copy
_MERGE = "<<"


class _Refused(MarkedYAMLError):
    """YAML, but not for a grid file."""


class _Composer(yaml.SafeLoader):
    """PyYAML's composer, without tags and without end."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise _Refused(None, None, f"the tag {tag!r} is not allowed; {_IN_PLACE_OF_TAGS}", event.start_mark)
        if self._depth >= _DEPTH_LIMIT:
            raise _Refused(None, None, f"it nests deeper than {_DEPTH_LIMIT} levels", event.start_mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


_BRACKETS = " Quote a key that has brackets, inside braces: {'lr[l]': 1}."
_IN_PLACE_OF_TAGS = "write {py: 'module:name'} for an imported object, {tuple: [...]} for a tuple, quotes for text"


def compose(text: str, source: Source, what: str = "the file") -> Node:
    """Return the root of the only document in a text.

    Args:
        what: how a message calls the text.

    Raises:
        SpecError: it is not YAML, is empty, holds several documents, or is refused (see the module's text).
    """
    root = _root(text, source, what)
    return _Copier(source).node(root, _line(root), 0)


def _root(text: str, source: Source, what: str) -> yaml.Node:
    composer: _Composer | None = None
    try:
        composer = _Composer(text)
        root = composer.get_node() if composer.check_node() else None
        if root is None or _is_blank(root):
            raise SpecError(f"{what} is empty.", source.name, 1)
        if composer.check_node():
            line = _line(composer.peek_event())  # type: ignore[no-untyped-call]
            raise SpecError(f"{what} holds a second YAML document; write one grid a file.", source.name, line)
    except ReaderError as error:
        line = 1 + text.count("\n", 0, error.position)
        raise SpecError(
            f"{what} holds the character {error.character!r}, which YAML refuses.", source.name, line
        ) from error
    except MarkedYAMLError as error:
        raise _not_yaml(error, source, what) from error
    except (ValueError, OverflowError) as error:  # an escape such as "\UFFFFFFFF", which PyYAML does not check
        line = 1 + (composer.line if composer else 0)
        raise SpecError(f"{what} is not YAML: {error}.", source.name, line) from error
    return root


def _not_yaml(error: MarkedYAMLError, source: Source, what: str) -> SpecError:
    mark = error.problem_mark or error.context_mark
    said = " ".join(part for part in (error.context, error.problem) if part)
    prefix = "" if isinstance(error, _Refused) else f"{what} is not YAML: "
    hint = _BRACKETS if said.endswith("but got '['") else ""
    return SpecError(f"{prefix}{said}.{hint}", source.name, mark.line + 1 if mark else 1)


def _is_plain(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.style is None


def _is_blank(node: yaml.Node) -> bool:
    return _is_plain(node) and node.value == ""


def _line(node: Any) -> int:
    """Return the line of a node or an event, from 1."""
    return int(node.start_mark.line) + 1


_Pairs = dict[str, tuple[int, yaml.Node]]


class _Copier:
    """Copies PyYAML's graph, in which an alias is the same node again, into a tree."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._seen: set[int] = set()
        self._copies = 0

    def node(self, node: yaml.Node, line: int, depth: int) -> Node:
        self._visit(node, line, depth)
        if isinstance(node, yaml.SequenceNode):
            return self._made([self.node(item, _line(item), depth + 1) for item in node.value], line)
        if isinstance(node, yaml.MappingNode):
            pairs = self._pairs(node, depth)
            return self._made({key: self.node(value, at, depth + 1) for key, (at, value) in pairs.items()}, line)
        if _is_blank(node):
            raise self._error("nothing stands here; write null if None is meant.", line)
        return self._made(self._scalar(node, line), line)

    def _visit(self, node: yaml.Node, line: int, depth: int) -> None:
        if depth > _DEPTH_LIMIT:
            raise self._error(f"it nests deeper than {_DEPTH_LIMIT} levels, or holds itself.", line)
        self._copies += id(node) in self._seen
        self._seen.add(id(node))
        if self._copies > _COPY_LIMIT:
            raise self._error(f"aliases copy more than {_COPY_LIMIT:,} values; write a smaller file.", line)

    def _scalar(self, node: yaml.Node, line: int) -> object:
        try:
            return scalar(node.value) if _is_plain(node) else node.value
        except ValueError as error:
            raise self._error(f"{error}.", line) from error

    def _pairs(self, node: yaml.MappingNode, depth: int) -> _Pairs:
        """Return key to (line, value): merged keys first, as PyYAML orders them, unless the mapping has its own."""
        own: _Pairs = {}
        for key, value in node.value:
            name, line = self._key(key), _line(key)
            if name in own:
                raise self._error(f"the key {name!r} is given twice, first in line {own[name][0]}; keep one.", line)
            if _is_blank(value):
                raise self._error(f"{name!r} has no value; write null if None is meant.", line)
            own[name] = (line, value)
        if not any(_is_plain(key) and key.value == _MERGE for key, _ in node.value):
            return own
        line, value = own.pop(_MERGE)
        return {**self._merged(value, line, depth), **own}

    def _merged(self, value: yaml.Node, line: int, depth: int) -> _Pairs:
        merged: _Pairs = {}
        for mapping in value.value if isinstance(value, yaml.SequenceNode) else [value]:
            if not isinstance(mapping, yaml.MappingNode):
                raise self._error(f"{_MERGE!r} merges mappings (an alias, or a list of them) only.", line)
            self._visit(mapping, line, depth + 1)
            for name, pair in self._pairs(mapping, depth + 1).items():
                self._visit(pair[1], line, depth + 1)
                merged.setdefault(name, pair)
        return merged

    def _key(self, key: yaml.Node) -> str:
        name = self._scalar(key, _line(key)) if isinstance(key, yaml.ScalarNode) else None
        if not isinstance(name, str):
            shown = shorten(str(key.value), 40) if isinstance(key, yaml.ScalarNode) else "[...] or {...}"
            raise self._error(f"the key {shown} is not text; keys are text: quote it.", _line(key))
        return name

    def _made(self, value: object, line: int) -> Node:
        return Node(value, self._source, line)

    def _error(self, message: str, line: int) -> SpecError:
        return SpecError(message, self._source.name, line)
