"""HTML that is built from elements, so that no text from a file can ever be one."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass

from sweep.results.text.cell import inert

_WITHOUT_END = frozenset({"meta", "input", "br", "hr"})


@dataclass(frozen=True)
class Html:
    """Text that is HTML already; only `element`, `together` and what is ours make it."""

    text: str


Part = Html | str | int | float | None


def element(name: str, /, *parts: Part | Iterable[Part], **attributes: object) -> Html:
    """Return an element; texts in it and in its attributes are shown as they are, whatever they contain.

    Args:
        name: of the element.
        parts: its content; texts are made inert (see `inert`), None is left out.
        attributes: ``class_`` is class, ``data_key`` is data-key; True is one without a value, None and False is none;
            what is `Html` already is taken as it is.
    """
    opened = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    return Html(opened if name in _WITHOUT_END else f"{opened}{together(*parts).text}</{name}>")


def together(*parts: Part | Iterable[Part]) -> Html:
    """Return parts one after the other."""
    return Html("".join(_text(one) for part in parts for one in _flat(part)))


def lines(texts: Iterable[str]) -> Html:
    """Return texts as lines of their own, for ``pre``."""
    return Html("\n".join(_text(text) for text in texts))


def _flat(part: Part | Iterable[Part]) -> Iterable[Part]:
    return [part] if part is None or isinstance(part, Html | str | int | float) else part


def _text(part: Part) -> str:
    if isinstance(part, Html):
        return part.text
    return "" if part is None else html.escape(inert(str(part)))


def _attribute(key: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{_value(value)}"'


def _value(value: object) -> str:
    return value.text if isinstance(value, Html) else html.escape(inert(str(value)))
