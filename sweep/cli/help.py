"""The overview of the commands, and help that belongs to no single one."""

from __future__ import annotations

from collections.abc import Iterable

from sweep.cli.command import Command

_OVERVIEW = """\
sweep: describe a grid, read the plan, run every variant as an isolated
process over MPI.

  sweep run my_module:train --lr 1e-3 3e-4 --seed 0 10 20
  sweep run grid.yaml              the same from a file
  sweep print grid.yaml            the report and the plan; starts nothing
  sweep help run                   more about a command, with examples

Commands:
{commands}
Exit codes: 0 all done, 1 some run failed, 2 misuse, conflict, or held by
another owner, 75 stopped (run the same again to go on), 128+n stopped at once
by a second signal n.
"""

TOPICS = {
    "yaml": """\
A YAML grid (`sweep schema` prints its JSON Schema):

  name: ppo
  thunk: my_module:train              # a module beside this file, or installed
  grid:                               # the first key varies slowest
    lr: [1e-3, 3e-4]                  # a list: several values
    epochs: 10                        # anything else: one value
    ac_kwargs:hidden_sizes[hid]: [[32], [64, 64]]
    seed: {range: [0, 3]}
  zip:                                # keys that move together
    - {model: [small, large], batch_size: [64, 16]}
  when:                               # a sub-grid under a condition
    - {if: {model: large}, grid: {dropout: [0.0, 0.1]}}
  derive: {steps: epochs * 4000}
  exclude: [lr > 5e-4 and batch_size < 32]
  run: {num_cpu: 2, data_dir: data}
""",
}


def overview(commands: Iterable[Command]) -> str:
    """Return what `sweep --help` prints."""
    lines = "".join(f"  {command.name:<14}{command.summary}\n" for command in commands)
    return _OVERVIEW.format(commands=lines)
