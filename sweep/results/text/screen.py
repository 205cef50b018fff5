"""How a page comes to a stream: with colours in a terminal if `rich` is there, else as plain text."""

from __future__ import annotations

import importlib.util
import shutil
from typing import IO, Any

from sweep.results.text.page import Page, plain_lines


def text_of(page: Page, stream: IO[Any]) -> str:
    """Return a page as text for a stream; every line ends."""
    if not is_terminal(stream):
        return _text(page)
    if not has_rich():
        return _text(page, shutil.get_terminal_size().columns)
    from sweep.results.text.rich_page import rich_text

    return rich_text(page, stream)


def is_terminal(stream: IO[Any]) -> bool:
    """Say whether a person looks at a stream; one that is closed or has no such notion is none."""
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):
        return False


def has_rich() -> bool:
    """Say whether `rich` is installed."""
    return importlib.util.find_spec("rich") is not None


def _text(page: Page, width: int | None = None) -> str:
    return "".join(f"{one}\n" for one in plain_lines(page, width))
