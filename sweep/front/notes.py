"""What a report says about a launch beside its grid and its plan, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sweep.base.text import paint, plural
from sweep.front.calls import named_part
from sweep.front.sites.base import UNCOUNTED, Site
from sweep.front.thunks import Thunks
from sweep.front.verdict import DEFAULT_SEED
from sweep.grid.advice import advice
from sweep.grid.definition import Definition
from sweep.grid.parameter import SEED
from sweep.rundir.find import read_listing
from sweep.rundir.naming import Place


def room_note(ranks: list[int], site: Site) -> str:
    """Return how many ranks a run has, and how many runs go at once, and where.

    Args:
        ranks: the numbers of ranks that runs have, smallest first.

    Raises:
        LaunchError: a run needs more than there is.
    """
    *first, last = map(str, ranks)
    shown = f"{', '.join(first)} or {last} ranks" if first else plural(ranks[0], "rank")
    most = "up to " if first or site.note else ""
    if site.at_once >= UNCOUNTED:
        return f"{shown} a run, as many runs at once as there is room for{site.note}"
    return f"{shown} a run, {most}{plural(site.at_once, 'run')} at once{site.note}"


def existing_note(definition: Definition, place: Place, runs: int, places: range | None = None) -> str:
    """Count by name what is there, where no thunk is known whose identity could be looked up.

    Args:
        runs: the number of variants.
        places: of the variants that it is about; None for all.
    """
    listing = read_listing(place.data_dir)
    named = named_part(definition, places) if listing.names else iter(())
    there = sum(place.relative(name, variant.get(SEED, DEFAULT_SEED)) in listing.names for name, variant in named)
    return f"in {place.data_dir}: {there} of these directories exist, {runs - there} are new"


def remarks(definition: Definition, thunks: Thunks | None, thunk: Any) -> Iterator[str]:
    """Yield what a careful colleague would remark.

    Args:
        thunk: as it was given; the key of a parameter is none that a function could miss.
    """
    taken = thunks.signature() if thunks else None
    for remark in advice(definition, taken, thunk if isinstance(thunk, str) else None):
        yield paint(f"warning: {remark}", "yellow")
