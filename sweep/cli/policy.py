"""The command on a policy that a run has left: test_policy."""

from __future__ import annotations

import argparse
import json
from contextlib import nullcontext, redirect_stdout
from io import StringIO
from typing import Any

from sweep.base.errors import UsageError
from sweep.cli.command import Command

_TEST = """\
Play the policy that a run has left in the environment that it was trained in.

  sweep test_policy data/ppo_lr0-001/ppo_lr0-001_s0
  sweep test_policy -n 10 -l 1000 -nr RUN      10 episodes, no window
  sweep test_policy --which best RUN           the best snapshot, not the last
  sweep test_policy --itr 40 -d RUN            step 40, without chance
  sweep test_policy --policy my_module:make --env CartPole-v1 RUN

A run offers its policy with run.state(policy=policy, env=Factory(make_env));
the policy has act(observation). Or with the logger: setup_pytorch_saver(model)
or setup_tf_saver(...), and save_state({'env': env}). Or with --policy, a
function that makes one from the dict of states that a snapshot holds.

Directories that Spinning Up made can be played too. What they hold are
programs; --trust says that you trust who made them.
"""


def command_test_policy(parsed: Any) -> int:
    """Play a policy, and print how it did."""
    from sweep.runtime.policy.environment import REMEDY, find_env, named_env
    from sweep.runtime.policy.errors import PolicyError
    from sweep.runtime.policy.load import found_policy
    from sweep.runtime.policy.place import place_of

    which = _which(parsed)
    place = place_of(parsed.run_directory, parsed.trust)
    found = found_policy(place, which, parsed.policy)
    env, why = (named_env(parsed.env), "") if parsed.env else find_env(place, found)
    if why:
        raise PolicyError(f"{why}. {REMEDY}")
    try:
        return _play(parsed, env, found)
    finally:
        if callable(close := getattr(env, "close", None)):
            close()


def _play(parsed: Any, env: Any, found: Any) -> int:
    from sweep.runtime.policy.acting import action_function
    from sweep.runtime.policy.play import run_policy

    with redirect_stdout(StringIO()) if parsed.json else nullcontext():
        print(f"policy: {found.path}")
        act = action_function(found.policy, parsed.deterministic)
        played = run_policy(env, act, parsed.len, parsed.episodes, not parsed.norender and not parsed.json)
    if parsed.json:
        print(json.dumps({"policy": str(found.path), "returns": played.returns, "lengths": played.lengths}))
    return 0


def _which(parsed: Any) -> str | int:
    """Return which of the saves is asked for.

    Raises:
        UsageError: the flags contradict one another, or ask for no episodes.
    """
    if parsed.episodes < 1:
        raise UsageError(f"--episodes {parsed.episodes}: play at least one.")
    if parsed.itr >= 0 and parsed.which is not None:
        raise UsageError(f"--itr {parsed.itr} and --which {parsed.which} say the same thing twice; use one of them.")
    if parsed.itr >= 0:
        return int(parsed.itr)
    which = parsed.which or "last"
    return int(which) if which.isdecimal() else str(which)


def _add_flags(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_directory", metavar="RUN", help=argparse.SUPPRESS)
    parser.add_argument("--len", "-l", metavar="N", type=int, default=0, help="steps of an episode at most (0: any)")
    parser.add_argument("--episodes", "-n", metavar="N", type=int, default=100, help="how many (default 100)")
    parser.add_argument("--norender", "-nr", action="store_true", help="no window; never one without a display")
    parser.add_argument("--itr", "-i", metavar="N", type=int, default=-1, help="the step, or the number of the save")
    parser.add_argument("--which", metavar="WHICH", help="last (default), best, first or a step")
    parser.add_argument("--deterministic", "-d", action="store_true", help="let the policy act without chance")
    parser.add_argument("--policy", metavar="MODULE:FUNCTION", help="makes the policy from the states of a snapshot")
    parser.add_argument("--env", metavar="NAME", help="CartPole-v1, or module:function; else the run's own")
    parser.add_argument("--trust", action="store_true", help="load the pickles of a directory that is not yours")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


COMMANDS = (
    Command(
        "test_policy",
        "play the policy that a run has left",
        _TEST,
        command_test_policy,
        _add_flags,
        "no run: name its directory, for example data/NAME/NAME_s0",
    ),
)
