"""Help that teaches by example: one text a command."""

from __future__ import annotations

OVERVIEW = """\
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

SUMMARIES = {
    "run": "run every variant of a grid",
    "print": "show a grid's report and plan; start nothing",
    "stop": "stop what is going on under a directory",
    "retry": "try the failed runs under a directory again",
    "wait": "wait for what is going on under a directory",
    "schema": "print the JSON Schema of YAML grids, for editors",
    "completion": "print the code that completes sweep's commands in a shell",
    "help": "explain a command",
}

_TARGET = """\
The target is a YAML grid or a function. Modules are looked for in the working
directory first.

  grid.yaml                  `sweep help yaml` shows one
  my_module:train            a function of keyword arguments
  path/to/train.py:train
"""

_DIRECTORY = """\
The directory is that of a run, a data directory, or any one above runs.
"""

TEXTS = {
    "run": f"""\
Run every variant of a grid, each as a process of its own.

  sweep run my_module:train --lr 1e-3 3e-4 --seed 0 10 20
  sweep run my_module:train --opt:lr[lr] 1e-3 3e-4 --num_cpu 2 --exp_name ppo
  sweep run --dry-run grid.yaml
  sweep run grid.yaml lr=1e-2 'seed=[0,1]'

{_TARGET}
After a function stand its arguments:

  --lr 1e-3 3e-4       several values: one variant each; no value is True
  --lr=1e-3            one value, which may begin with a dash
  --opt:lr 1e-3        a key of the dict argument opt
  --lr[rate] 1e-3      `rate` stands for lr in names
  --act py:torch:tanh  an imported object
  --kw:order 3         an argument whose name is also one of sweep's flags

Values are read as Python literals, anything else is text. --num_cpu,
--data_dir, --datestamp and --exp_name belong to sweep and may stand after the
function too; sweep's other flags stand before it.

After a YAML file stand changes to it, key=value, with YAML values.

Running the same again skips what is done, goes on with what was cut off, and
lists what failed. --retries is about failures within this launch, and
--retry-failed about those of earlier ones.
""",
    "print": f"""\
Show a grid's report and plan. Starts nothing and writes nothing.

  sweep print grid.yaml
  sweep print my_module:train --lr 1e-3 3e-4 --seed 0 1 2

{_TARGET}""",
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
    "stop": f"""\
Stop every launch that has runs under a directory, as Ctrl-C does: nothing more
is started, what runs may save what it has and is ended. The command that
started it goes on later. Waits until all has ended.

  sweep stop data
  sweep stop --now data/ppo_lr0-001

{_DIRECTORY}
Exit codes: 0 nothing is going on any more, 2 something still is: on another
host, another user's, or not ended in time.
""",
    "retry": f"""\
Try the failed runs under a directory again, each with what it was called with.

  sweep retry data
  sweep retry --retries 2 --timeout 4h data/ppo_lr0-001/ppo_lr0-001_s0

{_DIRECTORY}
A run that somebody else has is skipped. Exit codes: 0 all done, 1 some failed
again, 2 some were skipped, 75 stopped.
""",
    "wait": f"""\
Wait until nothing is going on under a directory, then count its runs by state.

  sweep wait data && sweep wait --timeout 8h other
  sweep wait --json data

{_DIRECTORY}
Exit codes: 0 all done, 1 some failed, 75 some are interrupted or pending, 2
the time was over or there are no runs.
""",
    "schema": """\
Print the JSON Schema of YAML grids. Editors that know it complete keys and
mark mistakes:

  sweep schema > grid.schema.json
  # and at the top of a grid:  # yaml-language-server: $schema=grid.schema.json
""",
    "completion": """\
Print the code that makes a shell complete sweep's commands and flags (needs:
pip install 'sweep[completion]').

  eval "$(sweep completion bash)"      in ~/.bashrc; zsh, fish and tcsh alike
""",
    "help": "Explain a command: sweep help run. Also: sweep help yaml.\n",
}


def overview() -> str:
    """Return what `sweep --help` prints."""
    lines = "".join(f"  {name:<12}{summary}\n" for name, summary in SUMMARIES.items())
    return OVERVIEW.format(commands=lines)
