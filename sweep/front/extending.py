"""Parameters that may change for a run that there is: declared by the user, judged by the record of the run.

A done run whose extendable parameters are given other values is to go on from its newest snapshot, and one that has no
snapshot says so. What a change is has this one owner; a difference in any other key makes another run.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sweep.base.canonical import canonical
from sweep.base.errors import UsageError, did_you_mean, listed
from sweep.base.form_text import apart
from sweep.base.text import shown
from sweep.grid.definition import Definition
from sweep.grid.identity import recorded_identity
from sweep.grid.nesting import SEPARATOR
from sweep.grid.parameter import SEED
from sweep.rundir.paths import RunDir
from sweep.rundir.snapshot_files import damage, read_manifest, snapshots_in
from sweep.rundir.variant_file import Difference, Story, VariantRecord, differences


def extendable_keys(given: Any) -> tuple[str, ...]:
    """Return the keys that may change, as they are given: a text with commas, or a list of texts.

    Raises:
        UsageError: neither, or the seed.
    """
    keys = given.split(",") if isinstance(given, str) else given
    if not isinstance(keys, (list, tuple, set, frozenset)) or not all(isinstance(key, str) for key in keys):
        raise UsageError(f"extendable is {shown(given)}; it is a list of parameters, for example ['epochs'].")
    found = tuple(dict.fromkeys(key.strip() for key in keys if key.strip()))
    if SEED in found:
        raise UsageError("the seed cannot be extendable: a run with another seed is another run.")
    return found


def check_extendable(keys: Iterable[str], definition: Definition) -> None:
    """Refuse what cannot be extendable in a grid.

    Raises:
        UsageError: a key that the grid does not have, or one with several values, of which each would be the same run.
    """
    known = definition.all_keys()
    for key in keys:
        if key not in known:
            raise UsageError(
                f"extendable: the grid has no parameter {key!r}; it has {listed(known)}.{did_you_mean(key, known)}"
            )
    for one in definition.parameters():
        if one.key in keys and len(one.values) != 1:
            raise UsageError(
                f"{one.key!r} is extendable, so it does not count in the identity: it must have one value, not "
                f"{len(one.values)}."
            )


def is_same_run(record: VariantRecord, identity: str, uncounted: Iterable[str]) -> bool:
    """Say whether a recorded run is that of an identity, even if other keys did not count when it was recorded."""
    return record.identity == identity or identity_of(record, uncounted) == identity


def identity_of(record: VariantRecord, uncounted: Iterable[str]) -> str:
    """Return the identity of a recorded run, if exactly these keys do not count."""
    if set(uncounted) == record.uncounted:
        return record.identity
    return recorded_identity(record.thunk.rpartition(":")[2], record.config, uncounted, record.origin)


def changes_of(record: VariantRecord, config: Mapping[str, Any], extendable: Iterable[str]) -> tuple[Difference, ...]:
    """Return which extendable parameters have other values than recorded."""
    keys = tuple(extendable)
    if not keys:
        return ()
    found = differences(record.config, canonical(dict(config)))
    return tuple(one for one in found if any(_is_within(one.key, key) for key in keys))


def _is_within(key: str, outer: str) -> bool:
    return key == outer or key.startswith(outer + SEPARATOR) or outer.startswith(key + SEPARATOR)


def can_go_on(run: RunDir, thoroughly: bool) -> bool:
    """Say whether a run has a snapshot that it can go on from.

    Args:
        thoroughly: read every byte of it; else its manifest alone.
    """
    for folder in reversed(snapshots_in(run.snapshots).values()):
        manifest = read_manifest(folder)
        if manifest is not None and manifest.complete and not (thoroughly and damage(folder)):
            return True
    return False


def is_passed(run: RunDir, changes: Iterable[Difference]) -> bool:
    """Say whether a done run has more than is wanted of it now: all that has changed is that its total is a lower one.

    What its total was, its newest snapshot says.
    """
    manifests = (read_manifest(folder) for folder in reversed(snapshots_in(run.snapshots).values()))
    total = next((one.total for one in manifests if one is not None), 0)
    return total > 0 and all(
        type(one.there) is int and type(one.here) is int and one.here < one.there == total for one in changes
    )


def texts(one: Difference) -> tuple[str, str, str]:
    """Return the key and both values of a difference; where these read the same, what is different in them."""
    key, there, here = one.texts()
    return (key, *(apart(one.there, one.here) if there == here else (there, here)))


def told(changes: Iterable[Difference]) -> str:
    """Return changes as people read them: ``epochs 10 -> 20``."""
    return ", ".join(f"{key} {there} -> {here}" for key, there, here in map(texts, changes))


def continued(story: Story, before: VariantRecord | None, changes: Iterable[Difference], attempt: int) -> Story:
    """Return the story of a run that is started (again), with what was in its record before.

    Args:
        story: as it is now, without a history.
        changes: of extendable parameters, since the record was written.
        attempt: that begins.
    """
    if before is None:
        return story
    changed = {one.key: [one.there, one.here] for one in changes}
    entry = [{"attempt": attempt, "time": time.time(), "changed": changed}] if changed else []
    return replace(story, history=(*before.story.history, *entry), parent=story.parent or before.story.parent)
