"""A run's policy and environment, wherever they are: in snapshots, or in what Spinning Up's savers leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sweep.base.errors import SweepError
from sweep.base.importing import import_object
from sweep.base.text import paint
from sweep.rundir.saved_files import tf_saves, torch_saves
from sweep.runtime.outputs.console import say
from sweep.runtime.policy.acting import Act, action_function
from sweep.runtime.policy.environment import REMEDY, find_env, named_env
from sweep.runtime.policy.errors import PolicyError
from sweep.runtime.policy.found import Found
from sweep.runtime.policy.from_savers import policy_from_savers
from sweep.runtime.policy.from_snapshots import has_snapshots, offers_policy, policy_from_snapshot
from sweep.runtime.policy.place import Place, place_of

Maker = Callable[[Mapping[str, Any]], Any]


def load_policy_and_env(
    run: str | Path,
    itr: str | int = "last",
    deterministic: bool = False,
    *,
    trust: bool = False,
    policy: str | Maker | None = None,
    env: str | None = None,
) -> tuple[Any, Act]:
    """Return the environment of a run (None if it has none, which is told) and a function from observation to action.

    Args:
        run: the directory of a run of sweep, or of Spinning Up.
        itr: 'last', 'first', 'best' (of snapshots with a metric), a step, or a number that a model was saved with.
        deterministic: let the policy act without chance, if it can.
        trust: load the pickles of a directory that is no run of this user's own. They are programs.
        policy: a function, or ``module:function``, that makes the policy from the dict of states of the snapshot.
        env: the environment's name, or ``module:function``; the run's own by default.

    Raises:
        PolicyError: there is no policy, or it may not or cannot be loaded; says what to do.
        SnapshotError: there is no such snapshot; lists those there are.
    """
    place = place_of(run, trust)
    found = found_policy(place, itr, policy)
    made, why = (named_env(env), "") if env else find_env(place, found)
    if why:
        say(paint(f"{why}. {REMEDY}", "yellow"))
    return made, action_function(found.policy, deterministic)


def found_policy(place: Place, itr: str | int, policy: str | Maker | None) -> Found:
    """Return the policy of a place, see `load_policy_and_env`.

    Raises:
        PolicyError, SnapshotError: see there.
    """
    make = None if policy is None else _maker(policy)
    saved = torch_saves(place.path) or tf_saves(place.path) or any(place.path.glob("vars*.pkl"))
    in_snapshots = has_snapshots(place) if make is not None else offers_policy(place)
    if in_snapshots or not saved:
        return policy_from_snapshot(place, itr, make)
    return policy_from_savers(place, itr, make)


def _maker(policy: str | Maker) -> Maker:
    """Return a function whose failure is one line."""
    make: Maker = import_object(policy) if isinstance(policy, str) else policy

    def made(states: Mapping[str, Any]) -> Any:
        try:
            return make(states)
        except SweepError:
            raise
        except Exception as error:  # whatever a user's function raises
            name = getattr(make, "__qualname__", repr(make))
            raise PolicyError(f"{name}(states) made no policy: {type(error).__name__}: {error}") from error

    return made
