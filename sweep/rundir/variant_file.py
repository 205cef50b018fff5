"""`.sweep/variant.json`: which configuration a directory belongs to, exactly, and how it came to be.

Beside what identity is made from it holds what a relaunch needs: where the function's module lies, the bytes of arrays
(of which the exact form has a digest alone), and in plain words what cannot be made again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sweep.base.canonical import canonical
from sweep.base.exact import inexact, kept_data
from sweep.base.files import read_json, write_json
from sweep.base.form_text import apart, form_text
from sweep.rundir.paths import RunDir

_FORMAT = 1
# The form of what is not there; no value has it.
ABSENT: Mapping[str, Any] = {"$absent": True}


@dataclass(frozen=True)
class Parent:
    """The snapshot that a fork began from.

    Attributes:
        path: the directory of the run that it belongs to, when it was forked.
        identity: of that run.
        step: of the snapshot.
        changed: colon keys that have another value than there: [there, here] in the exact form.
        items: of the snapshot, to which the fork is limited; () for all.
    """

    path: str
    identity: str
    step: int
    changed: Mapping[str, Any] = field(default_factory=dict)
    items: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """What it adds to the identity of a fork."""
        return f"{self.identity}@{self.step}" + (f":{','.join(sorted(self.items))}" if self.items else "")


@dataclass(frozen=True)
class Story:
    """What is known of a run beyond what it is.

    Attributes:
        runtime_only, extendable: colon keys that do not count in its identity.
        history: what was changed when it was started again: {"attempt", "time", "changed": {key: [before, after]}},
            oldest first.
        parent: of a fork.
        home: the folder that the function's module is found from.
    """

    runtime_only: tuple[str, ...] = ()
    extendable: tuple[str, ...] = ()
    history: tuple[Mapping[str, Any], ...] = ()
    parent: Parent | None = None
    home: str = ""

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> Story:
        """Return the story that a record tells; one without is an empty one.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: it is none.
        """
        known = {one.name: data[one.name] for one in fields(cls) if data.get(one.name)}
        for name in ("runtime_only", "extendable", "history"):
            known[name] = tuple(known.get(name, ()))
        if "parent" in known:
            known["parent"] = Parent(**{**known["parent"], "items": tuple(known["parent"]["items"])})
        for entry in known["history"]:
            _ = (float(entry["time"]), dict(entry["changed"]))
        return cls(**known)


@dataclass(frozen=True)
class VariantRecord:
    """What the file says.

    Attributes:
        identity: of the variant (see `sweep.grid.identity`).
        exp_name: the run's name.
        thunk: ``module:qualified.name`` of the function.
        config: the exact, tagged configuration.
        code: a digest of the function's code when the run was last started, '' if it is not known.
        data: bytes that the configuration has only digests of (see `sweep.base.exact`).
    """

    identity: str
    exp_name: str
    thunk: str
    config: Mapping[str, Any]
    code: str = ""
    story: Story = Story()
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def uncounted(self) -> frozenset[str]:
        """The colon keys that do not count in the identity."""
        return frozenset({*self.story.runtime_only, *self.story.extendable})

    @property
    def origin(self) -> str:
        return "" if self.story.parent is None else self.story.parent.origin


def write_variant(
    run: RunDir,
    identity: str,
    exp_name: str,
    thunk: str,
    config: Mapping[str, Any],
    code: str = "",
    story: Story = Story(),
) -> None:
    """Write the record; `config` is the nested configuration as Python values."""
    exact, data = canonical(dict(config)), kept_data(config)
    form = {
        "format": _FORMAT,
        "identity": identity,
        "exp_name": exp_name,
        "thunk": thunk,
        "config": exact,
        "code": code,
        "data": data,
        "cannot_be_made_again": list(_unmakable(thunk, exact, data)),
        **asdict(story),
    }
    write_json(run.variant, form)


def _unmakable(thunk: str, config: Mapping[str, Any], data: Mapping[str, str]) -> Iterator[str]:
    """Yield in plain words why a run cannot be relaunched from its record alone; nothing where it can."""
    if ":" not in thunk or "<" in thunk or "(" in thunk:
        yield f"the function: no name leads to {thunk}"
    yield from (f"{key!r}: {why}" for key, why in inexact(config, data))


def read_variant(run: RunDir) -> VariantRecord | None:
    """Return the record, or None where a directory has none that can be read."""
    try:
        data = read_json(run.variant)
    except OSError:  # a path that cannot be, or that we may not read
        return None
    return as_variant(data)


def as_variant(data: Any) -> VariantRecord | None:
    """Return the record that JSON says; None if it is none."""
    try:
        identity, name, thunk = (data[key] + "" for key in ("identity", "exp_name", "thunk"))  # texts, all three
        config, kept = dict(data["config"]), dict(data.get("data", {}))
        return VariantRecord(identity, name, thunk, config, str(data.get("code", "")), Story.of_json(data), kept)
    except (AttributeError, TypeError, KeyError, ValueError):
        return None


@dataclass(frozen=True)
class Difference:
    """One key in which two configurations differ.

    Attributes:
        key: with colons.
        there, here: the two values, in the exact form; ABSENT where there is none.
    """

    key: str
    there: Any
    here: Any

    def texts(self) -> tuple[str, str, str]:
        """Return the key and both values, as people read them; where these read the same, what differs in them."""
        there, here = ("missing" if form == ABSENT else form_text(form) for form in (self.there, self.here))
        return (self.key, *(apart(self.there, self.here) if there == here else (there, here)))

    def __str__(self) -> str:
        key, there, here = self.texts()
        return f"{key!r}: {there} there, {here} here"


def differences(there: Mapping[str, Any], here: Mapping[str, Any], prefix: str = "") -> list[Difference]:
    """Return in what two tagged configurations differ, by colon keys."""
    found: list[Difference] = []
    for key in dict.fromkeys([*there, *here]):
        old, new = there.get(key, ABSENT), here.get(key, ABSENT)
        if _is_nested(old) and _is_nested(new):
            found += differences(old, new, f"{prefix}{key}:")
        elif not _same(old, new):
            found.append(Difference(prefix + key, old, new))
    return found


def _is_nested(form: Any) -> bool:
    return isinstance(form, Mapping) and not any(key.startswith("$") for key in form)


def _same(one: Any, other: Any) -> bool:
    """Say whether two forms are the same, types and all: 1, 1.0 and True are equal to Python, even inside a list."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return bool(one == other)
