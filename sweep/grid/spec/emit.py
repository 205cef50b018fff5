"""From plain data to YAML text that people read: sections and long values in block style, short values on one line."""

from __future__ import annotations

from typing import Any

import yaml
from yaml.emitter import ScalarAnalysis

from sweep.grid.spec.scalars import means_text, scalar_text

_LINE = 90  # characters of a value that stands on one line
_SHORT = ("sample", "order")  # sections that are one value
_STRING = "tag:yaml.org,2002:str"
_PLAIN = "tag:yaml.org,2002:plain"  # of everything that is read back as it is written without quotes


class _Emitter(yaml.SafeDumper):
    """PyYAML's serializer with the scalars of YAML 1.2, and lists indented under their key."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        """Return the tag that a scalar without quotes is read with; other kinds never show theirs."""
        if kind is not yaml.ScalarNode or not implicit[0]:
            return _STRING if kind is yaml.ScalarNode else _PLAIN
        return _STRING if means_text(value) and value != "<<" else _PLAIN

    def analyze_scalar(self, scalar: str) -> ScalarAnalysis:
        """Allow a colon inside a word between braces too (``{py: math:sqrt}``), where PyYAML would quote."""
        analysis = super().analyze_scalar(scalar)
        if analysis.allow_block_plain and not scalar.startswith(":") and not set(scalar) & set(",?[]{}"):
            analysis.allow_flow_plain = True
        return analysis

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def emit(document: dict[str, Any]) -> str:
    """Return the text of a grid file; what `compose` reads from it is equal."""
    return yaml.serialize(_document(document), Dumper=_Emitter, allow_unicode=True, width=float("inf"))


def _document(document: dict[str, Any]) -> yaml.Node:
    return _mapping({key: _section(key, value) for key, value in document.items()}, flow=False)


def _section(key: str, value: Any) -> yaml.Node:
    if key == "union":
        return _list([_document(part) for part in value], flow=False)
    if key in _SHORT:
        return _value(value)
    if isinstance(value, dict):
        return _mapping({name: _value(item) for name, item in value.items()}, flow=False)
    return _list(list(map(_value, value)), flow=False) if isinstance(value, list) else _value(value)


def _value(value: Any) -> yaml.Node:
    flow = _width(value) <= _LINE
    if isinstance(value, dict):
        return _mapping({key: _value(item) for key, item in value.items()}, flow)
    if isinstance(value, list):
        return _list(list(map(_value, value)), flow)
    return _scalar(value)


def _width(value: Any) -> int:
    """Return about how many characters a value takes on one line."""
    if isinstance(value, dict):
        return sum(len(key) + _width(item) + 4 for key, item in value.items())
    if isinstance(value, list):
        return sum(_width(item) + 2 for item in value)
    return len(value if isinstance(value, str) else scalar_text(value))


def _mapping(children: dict[str, yaml.Node], flow: bool) -> yaml.Node:
    return yaml.MappingNode(_PLAIN, [(_scalar(key), child) for key, child in children.items()], flow_style=flow)


def _list(items: list[yaml.Node], flow: bool) -> yaml.Node:
    return yaml.SequenceNode(_PLAIN, items, flow_style=flow)


def _scalar(value: Any) -> yaml.Node:
    if not isinstance(value, str):
        return yaml.ScalarNode(_PLAIN, scalar_text(value))
    # Only double quotes keep every character: the other styles fold line breaks.
    return yaml.ScalarNode(_STRING, value, style=None if value.isprintable() else '"')
