"""Looking again and again: in place on a terminal through `rich`, else one page after the other."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any

from sweep.results.run import Run
from sweep.results.text.glyphs import glyphs_for
from sweep.results.text.screen import text_of
from sweep.results.watch.look import Look, Watcher
from sweep.results.watch.view import lines_around, watch_page

# A look may cost this share of one core at most: what it looks at has better use for it.
_SHARE = 0.2
LIVE_S, PRINTED_S = 0.5, 10.0
_HINT = "Ctrl-C leaves; the runs go on"


@dataclass(frozen=True)
class Showing:
    """What is watched, and how it is shown.

    Attributes:
        find: returns the runs, anew for each look.
        title: where they are.
        stream: where it is shown.
        interval_s: between two looks; longer where a look takes long.
        once: whether one look is enough.
    """

    find: Callable[[], Sequence[Run]]
    watcher: Watcher
    title: str
    stream: IO[str]
    interval_s: float
    once: bool = False

    def looks(self, room: Callable[[], int | None], sleep: Callable[[float], None] = time.sleep) -> Iterator[Look]:
        """Yield a look now and again until nothing is going on any more.

        Args:
            room: returns for how many settings there is room.
        """
        while True:
            begun = time.process_time()
            look = self.watcher.look(self.find(), room=room())
            spent_s = time.process_time() - begun
            yield look
            if self.once or look.survey.is_over:
                return
            sleep(max(self.interval_s, spent_s / _SHARE))


def watch_as_json(showing: Showing) -> int:
    """Write one JSON object a look, a line each, and return the exit code of the last one."""
    return _written(showing, lambda look: json.dumps(look.as_json()) + "\n")


def watch_plainly(showing: Showing) -> int:
    """Write a page a look, one below the other, and return the exit code of the last one."""
    glyphs = glyphs_for(showing.stream)

    def page(look: Look) -> str:
        at = time.strftime("%H:%M:%S", time.localtime(look.survey.now))
        return text_of(watch_page(look, f"{at} {showing.title}", glyphs), showing.stream) + "\n"

    return _written(showing, page)


def _written(showing: Showing, text: Callable[[Look], str]) -> int:
    code = 0
    with suppress(KeyboardInterrupt):  # the usual way to leave
        for look in showing.looks(lambda: None):
            code = look.survey.exit_code
            showing.stream.write(text(look))
            showing.stream.flush()
    return code


def watch_live(showing: Showing) -> int:
    """Show it in place until nothing is going on any more; then, or on Ctrl-C, leave the last look below.

    Returns:
        the exit code of the last look.
    """
    last = _shown_live(showing)
    if last is None:
        return 0
    showing.stream.write(text_of(watch_page(last, showing.title, glyphs_for(showing.stream)), showing.stream))
    return last.survey.exit_code


def _shown_live(showing: Showing) -> Look | None:
    from rich.live import Live

    from sweep.results.text.rich_page import console_for, renderable

    console, glyphs = console_for(showing.stream), glyphs_for(showing.stream)
    last: Look | None = None

    def room() -> int | None:
        around = 8 if last is None else lines_around(last, _HINT)
        return max(1, console.height - around)

    with suppress(KeyboardInterrupt), Live(console=console, screen=True, auto_refresh=False) as live:
        for last in showing.looks(room):
            page: Any = watch_page(last, showing.title, glyphs, _HINT)
            live.update(renderable(page, console.width), refresh=True)
    return last
