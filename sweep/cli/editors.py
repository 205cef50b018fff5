"""The commands for shells and editors: schema and completion."""

from __future__ import annotations

import argparse
from importlib import resources
from typing import Any

from sweep.base.errors import UsageError
from sweep.cli.command import Command

_SCHEMA = """\
Print the JSON Schema of YAML grids. Editors that know it complete keys and
mark mistakes:

  sweep schema > grid.schema.json
  # and at the top of a grid:  # yaml-language-server: $schema=grid.schema.json
"""

_COMPLETION = """\
Print the code that makes a shell complete sweep's commands and flags (needs:
pip install 'sweep[completion]').

  eval "$(sweep completion bash)"      in ~/.bashrc; zsh, fish and tcsh alike
"""


def command_schema(parsed: Any) -> int:
    """Print the JSON Schema of YAML grids."""
    print(resources.files("sweep.grid").joinpath("grid.schema.json").read_text(encoding="utf-8"), end="")
    return 0


def command_completion(parsed: Any) -> int:
    """Print the shell code that completes our commands."""
    try:
        from argcomplete.shell_integration import shellcode
    except ImportError:
        raise UsageError("completion needs argcomplete: pip install 'sweep[completion]'.") from None
    print(shellcode(["sweep"], shell=parsed.shell))
    return 0


def _add_shell(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", nargs="?", default="bash", choices=["bash", "zsh", "fish", "tcsh"])


COMMANDS = (
    Command("schema", "print the JSON Schema of YAML grids, for editors", _SCHEMA, command_schema),
    Command(
        "completion",
        "print the code that completes sweep's commands in a shell",
        _COMPLETION,
        command_completion,
        _add_shell,
    ),
)
