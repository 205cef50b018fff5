"""The policy in what `save_state` leaves, ours and Spinning Up's: a torch model, a TensorFlow graph, or a state."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sweep.base.errors import listed
from sweep.rundir.saved_files import state_path, tf_saves, torch_saves
from sweep.runtime.log.tf_saver import restore_tf_graph, tensorflow
from sweep.runtime.policy.errors import PolicyError
from sweep.runtime.policy.found import Found
from sweep.runtime.policy.from_snapshots import HOW
from sweep.runtime.policy.moulds import ENV, POLICY
from sweep.runtime.policy.pickled import load_torch
from sweep.runtime.policy.place import Place, read_state

_Saves = dict[int | None, Path]


def policy_from_savers(place: Place, which: str | int, make: Callable[[Mapping[str, Any]], Any] | None) -> Found:
    """Return the policy that was saved with a logger.

    Args:
        which: 'last', the newest; 'first'; or the number that it was saved with.
        make: builds it from the state in `vars.pkl`; else it is the model, or the state's `policy`.

    Raises:
        PolicyError: there is none.
    """
    graphs, models = tf_saves(place.path), torch_saves(place.path)
    saves = _states(place) if make is not None else graphs or models or _states(place)
    number = _chosen(place, saves, which)
    if make is not None:
        policy = make(read_state(place, number))
    elif graphs:
        policy = _graph_policy(place, graphs[number])
    elif models:
        policy = place.loaded(models[number], load_torch)
    else:
        policy = _entry(read_state(place, number), POLICY)
    if policy is None:
        raise PolicyError(f"{saves[number]} has no entry {POLICY!r}. {HOW}")
    return Found(policy, saves[number], (lambda: env_of_state(place, number),))


def env_of_state(place: Place, itr: int | None) -> Any:
    """Return the environment in `vars.pkl`; None if there is no such file or nothing in it.

    Raises:
        PolicyError: it cannot be loaded.
    """
    return _entry(read_state(place, itr), ENV) if state_path(place.path, itr).is_file() else None


def env_of_any_state(place: Place) -> Any:
    """Return the environment in the newest `vars.pkl`; None if there is none."""
    saves = _states(place)
    return env_of_state(place, _newest(saves)) if saves else None


def _entry(state: Any, name: str) -> Any:
    return state.get(name) if isinstance(state, Mapping) else None


def _states(place: Place) -> _Saves:
    named = [(re.fullmatch(r"vars(\d*)\.pkl", path.name), path) for path in sorted(place.path.glob("vars*.pkl"))]
    return {int(match[1]) if match[1] else None: path for match, path in named if match is not None}


def _newest(saves: _Saves) -> int | None:
    """Return what was written last; of those written at once, as copies may be, the one with the highest number."""
    return max(saves, key=lambda number: (saves[number].stat().st_mtime_ns, -1 if number is None else number))


def _chosen(place: Place, saves: _Saves, which: str | int) -> int | None:
    numbers = sorted(number for number in saves if number is not None)
    if which == "last" and saves:
        return _newest(saves)
    if which == "first" and numbers:
        return numbers[0]
    if isinstance(which, int) and which in saves:
        return which
    there = [*(["the last"] if None in saves else []), *numbers]
    best = " Only snapshots know their metric: run.snapshots(keep_best=1, metric=...)." if which == "best" else ""
    raise PolicyError(f"{place.path} has no saved model {which!r}; it has {listed(there) or 'none'}.{best}")


def _graph_policy(place: Place, folder: Path) -> Callable[..., Any]:
    """Return a function that runs a graph on one observation: its output `pi`, or `mu`, which knows no chance."""
    place.vouched(folder)
    tf = tensorflow()
    session = tf.Session(graph=tf.Graph())
    tensors = place.loaded(folder, lambda path: restore_tf_graph(session, path))
    if "x" not in tensors or "pi" not in tensors:
        raise PolicyError(f"{folder} has the tensors {listed(tensors)}; a policy has an input 'x' and an output 'pi'.")

    def act(observation: Any, output: str = "pi") -> Any:
        return session.run(tensors[output], {tensors["x"]: [observation]})[0]

    def act_or_mean(observation: Any, deterministic: bool = False) -> Any:
        return act(observation, "mu" if deterministic else "pi")

    return act_or_mean if "mu" in tensors else act
