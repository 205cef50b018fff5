"""Episodes: of gym before and after 0.26, with and without a window."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sweep.runtime.policy import environment, play
from sweep.runtime.policy.acting import action_function
from sweep.runtime.policy.errors import PolicyError
from sweep.runtime.policy.play import run_policy


@pytest.fixture(params=["gymnasium", "gym"])
def env(request: pytest.FixtureRequest, line: Any, old_line: Any) -> Any:
    return line() if request.param == "gymnasium" else old_line()


def test_both_signatures_of_step_and_reset_are_played(env: Any, capsys: pytest.CaptureFixture[str]) -> None:
    played = run_policy(env, lambda observation: observation[0], num_episodes=2, render=False)
    assert played.returns == (0.0 + 1.0 + 2.0,) * 2
    assert played.lengths == (3, 3)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Episode 0 \t EpRet 3.000 \t EpLen 3"
    assert [line.split("|")[1].strip() for line in lines if "|" in line] == [
        "AverageEpRet", "StdEpRet", "MaxEpRet", "MinEpRet", "EpLen",
    ]  # fmt: skip


def test_an_episode_is_cut_off_after_so_many_steps_and_0_is_no_limit(env: Any) -> None:
    assert run_policy(env, lambda seen: 1, max_ep_len=2, num_episodes=1, render=False).lengths == (2,)
    assert run_policy(env, lambda seen: 1, max_ep_len=0, num_episodes=1, render=False).lengths == (3,)


def test_truncation_ends_an_episode_as_well(line: Any) -> None:
    class Cut(line):  # type: ignore[misc]
        def step(self, action: float) -> Any:
            observation, reward, over, _, info = super().step(action)
            return observation, reward, over, self.at == 2, info

    assert run_policy(Cut(), lambda seen: 1, num_episodes=1, render=False).lengths == (2,)


def test_no_environment_is_explained_with_the_factory() -> None:
    with pytest.raises(PolicyError, match=r"there is no environment to play in. .*sweep.Factory"):
        run_policy(None, lambda seen: 0)


def test_what_an_environment_raises_is_one_line(line: Any) -> None:
    class Broken(line):  # type: ignore[misc]
        def step(self, action: float) -> Any:
            raise ValueError("the action is no number")

    with pytest.raises(PolicyError, match="playing failed: ValueError: the action is no number"):
        run_policy(Broken(), lambda seen: 0, render=False)


# Windows


class Drawn:
    """Counts how often it was drawn."""

    def __init__(self) -> None:
        self.drawn = 0

    def render(self) -> None:
        self.drawn += 1


@pytest.mark.parametrize(("display", "drawn"), [(":0", 3), ("", 0)])
def test_old_gym_is_drawn_at_each_step_where_there_is_a_display(
    old_line: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], display: str, drawn: int
) -> None:
    class Seen(Drawn, old_line):  # type: ignore[misc]
        def __init__(self) -> None:
            Drawn.__init__(self)
            old_line.__init__(self)

    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(play, "has_display", lambda: environment.has_display(platform="linux"))
    env = Seen()
    run_policy(env, lambda seen: 0, num_episodes=1)
    assert env.drawn == drawn
    assert ("no window: there is no display" in capsys.readouterr().out) is not bool(drawn)


def test_gymnasium_is_made_again_for_a_window(line: Any) -> None:
    class Spec:
        def make(self, render_mode: str) -> Any:
            shown = line()
            shown.render_mode = render_mode
            return shown

    env = line()
    env.render_mode, env.spec = None, Spec()
    shown = environment.with_window(env)
    assert shown.render_mode == "human"
    assert environment.with_window(shown) is shown


def test_the_window_is_closed_at_the_end_and_the_given_environment_is_not(
    line: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []

    class Closing(line):  # type: ignore[misc]
        def close(self) -> None:
            closed.append(self.render_mode)

    class Spec:
        def make(self, render_mode: str) -> Any:
            shown = Closing()
            shown.render_mode = render_mode
            return shown

    monkeypatch.setattr(play, "has_display", lambda: True)
    env = Closing()
    env.render_mode, env.spec = None, Spec()
    assert run_policy(env, lambda seen: 0, num_episodes=1).lengths == (3,)
    assert closed == ["human"]


def test_where_no_window_can_be_made_it_is_told_and_played_without(
    line: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Spec:
        def make(self, render_mode: str) -> Any:
            raise ImportError("no pygame")

    monkeypatch.setattr(play, "has_display", lambda: True)
    env = line()
    env.render_mode, env.spec = None, Spec()
    assert run_policy(env, lambda seen: 0, num_episodes=1).lengths == (3,)
    assert "no window: the environment cannot be shown: ImportError: no pygame" in capsys.readouterr().out


# Asking for an action


def test_a_policy_without_the_choice_is_told_once_and_acts_as_always(capsys: pytest.CaptureFixture[str]) -> None:
    act = action_function(lambda observation: 4, deterministic=True)
    assert "the policy knows no deterministic=True" in capsys.readouterr().out
    assert act(np.zeros(1)) == 4


def test_what_cannot_be_asked_is_named() -> None:
    with pytest.raises(PolicyError, match=r"the policy \(dict\) has no method act"):
        action_function({"w": 1})
