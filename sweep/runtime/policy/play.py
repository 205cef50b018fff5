"""Episodes of a policy in an environment, of old gym and of gymnasium alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweep.base.errors import SweepError
from sweep.base.text import paint
from sweep.runtime.moments import moments_of
from sweep.runtime.outputs.console import say
from sweep.runtime.outputs.table import Table
from sweep.runtime.policy.acting import Act
from sweep.runtime.policy.environment import REMEDY, has_display, with_window
from sweep.runtime.policy.errors import PolicyError


@dataclass(frozen=True)
class Played:
    """What came of some episodes: the sum of rewards and the number of steps of each."""

    returns: tuple[float, ...]
    lengths: tuple[int, ...]

    def row(self) -> dict[str, float]:
        """Return mean, spread and range of the returns, and the mean length, under Spinning Up's names."""
        found = moments_of(np.array(self.returns))
        row = {"AverageEpRet": found.mean, "StdEpRet": found.std, "MaxEpRet": found.high, "MinEpRet": found.low}
        return {**row, "EpLen": moments_of(np.array(self.lengths, dtype=float)).mean}


def run_policy(
    env: Any, get_action: Act, max_ep_len: int | None = None, num_episodes: int = 100, render: bool = True
) -> Played:
    """Play a policy and print each episode, then a table of their returns and lengths; nothing is written to disk.

    Args:
        env: of gymnasium, or of gym before it.
        get_action: returns an action for an observation.
        max_ep_len: steps after which an episode is cut off; None or 0 for no limit.
        num_episodes: how many.
        render: show a window, where there is a display.

    Raises:
        PolicyError: there is no environment, or it or the policy failed.
    """
    played = played_episodes(env, get_action, max_ep_len, num_episodes, render, say)
    if played.returns:
        say(Table().text(played.row()).rstrip("\n"))
    return played


def played_episodes(
    env: Any,
    get_action: Act,
    max_ep_len: int | None,
    num_episodes: int,
    render: bool,
    tell: Callable[[str], object],
) -> Played:
    """Play as `run_policy` does, with each line given to `tell`.

    Raises:
        PolicyError: see there.
    """
    if env is None:
        raise PolicyError(f"there is no environment to play in. {REMEDY}")
    stage = _Stage.of(env, render, tell)
    returns, lengths = [], []
    for number in range(num_episodes):
        rewards = list(_guarded(stage.episode(get_action, max_ep_len or math.inf)))
        returns.append(float(sum(rewards)))
        lengths.append(len(rewards))
        tell(f"Episode {number} \t EpRet {returns[-1]:.3f} \t EpLen {lengths[-1]}")
    if stage.env is not env:
        stage.env.close()
    return Played(tuple(returns), tuple(lengths))


def _guarded(rewards: Iterator[float]) -> Iterator[float]:
    """Pass on rewards; what an environment or a policy raises becomes one line."""
    try:
        yield from rewards
    except SweepError:
        raise
    except Exception as error:
        raise PolicyError(f"playing failed: {type(error).__name__}: {error}") from error


@dataclass(frozen=True)
class _Stage:
    """An environment, and whether each step has to be drawn by a call."""

    env: Any
    draws: bool

    @classmethod
    def of(cls, env: Any, render: bool, tell: Callable[[str], object]) -> _Stage:
        """Return the stage, with a window if that is wanted and can be."""
        if not render:
            return cls(env, draws=False)
        if not has_display():
            tell("no window: there is no display")
            return cls(env, draws=False)
        try:
            shown = with_window(env)
        except PolicyError as error:
            tell(paint(f"no window: {error}", "yellow"))
            return cls(env, draws=False)
        return cls(shown, draws=not hasattr(shown, "render_mode"))

    def episode(self, get_action: Act, limit: float) -> Iterator[float]:
        """Yield the reward of each step until the episode is over, or cut off."""
        observation, over, steps = _begun(self.env), False, 0
        while not over and steps < limit:
            if self.draws:
                self.env.render()
            observation, reward, over = _stepped(self.env, get_action(observation))
            steps += 1
            yield float(reward)


def _begun(env: Any) -> Any:
    """Return the first observation: `reset` returns it alone, or since gym 0.26 with a dict."""
    answer = env.reset()
    return answer[0] if isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], dict) else answer


def _stepped(env: Any, action: Any) -> tuple[Any, Any, bool]:
    """Return observation, reward and whether the episode is over, from four values or (since gym 0.26) five."""
    observation, reward, *over, _ = env.step(action)
    return observation, reward, any(over)
