"""The plan made: one stream over the variants, one reading of the data directory, memory for neither.

What is there under the name that a variant has now is looked at first. Only if runs are left that no name explains (a
grid that grew and so changed its names, a launch on another date) are variants looked up by identity, which costs a
hash of each configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sweep.front.extending import identity_of
from sweep.front.plan import Plan
from sweep.front.verdict import Call, Look, Verdict
from sweep.grid.identity import describe
from sweep.rundir.find import Listing, by_identity, read_listing
from sweep.rundir.naming import Place
from sweep.rundir.variant_file import VariantRecord

# Not judged yet: no run lies where the variant's name leads.
_OPEN = 255


def make_plan(
    calls: Iterable[Call],
    place: Place,
    retry_failed: bool = False,
    fresh: bool = False,
    total: int | None = None,
) -> Plan:
    """Look at the data directory, and count what is to be done with each call.

    Args:
        calls: of all variants; is gone through twice at most.
        total: the number of calls, if it is known: then nothing has to be gone through where nothing is there.

    Raises:
        LaunchError: no directory can have a run's name, or the file system has no locks.
    """
    plan = Plan(place, retry_failed, fresh)
    listing = read_listing(place.data_dir)
    if not listing.names and total is not None:
        plan.take_new(total)
        return plan
    _Counting(calls, plan, listing).run()
    return plan


class _Counting:
    def __init__(self, calls: Iterable[Call], plan: Plan, listing: Listing) -> None:
        self._calls, self._plan, self._listing = calls, plan, listing
        self._look = Look(plan.place, fresh=plan.fresh)
        self._unexplained = set(listing.names)
        self._thunks = set[str]()
        self._all_free = not listing.files
        self._uncounted = frozenset[str]()

    def run(self) -> None:
        """Judge what names explain, then the rest."""
        verdicts = bytearray(self._by_name())
        known = by_identity(self._listing, self._unexplained, self._may_be_ours, self._identities)
        if self._all_free and not known:
            verdicts = self._all_new(verdicts)
        else:
            self._look = replace(self._look, elsewhere=known)
            self._plan.elsewhere = dict(self._the_rest(verdicts))
        self._plan.verdicts = verdicts

    def _by_name(self) -> Iterator[int]:
        """Yield each variant's verdict where its own run lies under its name, else that it is open."""
        place, names = self._plan.place, self._listing.names
        last = None
        for call in self._calls:
            if call.thunk is not last:
                last, self._uncounted = call.thunk, call.uncounted
                self._thunks.add(_bare_name(last))
            relative = place.relative(call.name, call.seed)
            yield self._named(call, relative) if relative in names else _OPEN

    def _named(self, call: Call, relative: str) -> int:
        found = self._look.named(call)
        if found is None:
            self._all_free = False
            return _OPEN
        self._unexplained.discard(relative)
        return self._plan.take(found)

    def _may_be_ours(self, record: VariantRecord) -> bool:
        """Say whether a run may belong to a function of this grid, whose module may have been renamed."""
        return record.thunk.rpartition(":")[2] in self._thunks

    def _identities(self, record: VariantRecord) -> set[str]:
        """Return the identities that a run may be looked for by: its own, and that by what counts in this launch."""
        return {record.identity, identity_of(record, self._uncounted)}

    def _all_new(self, verdicts: bytearray) -> bytearray:
        """Count what is open as new, without another look at any variant."""
        new = self._plan.take_new(verdicts.count(_OPEN))
        return verdicts.replace(bytes([_OPEN]), bytes([new]))

    def _the_rest(self, verdicts: bytearray) -> Iterator[tuple[str, str]]:
        """Judge the open variants, and yield identity and path of those to be started that lie elsewhere."""
        plan, known = self._plan, self._look.elsewhere
        for number, call in enumerate(self._calls):
            if verdicts[number] != _OPEN:
                continue
            there = known.get(call.identity) if known else None
            if there is None and not self._listing.has(plan.place.relative(call.name, call.seed)):
                verdicts[number] = plan.take_new(1)  # without a look at a disk that has been read
                continue
            planned = self._look.at(call)
            verdicts[number] = plan.take(planned)
            if there is not None and planned.verdict is not Verdict.DONE:
                yield call.identity, there


def _bare_name(thunk: object) -> str:
    """Return a thunk's name as the end of a record's `thunk`."""
    return describe(thunk).rpartition(":")[2]
