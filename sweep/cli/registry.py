"""All commands, group by group, in the order of the overview."""

from __future__ import annotations

from collections.abc import Mapping

from sweep.cli import directories, editors, launching
from sweep.cli.command import Command

_GROUPS = (
    launching,
    directories,
    editors,
)
COMMANDS: Mapping[str, Command] = {command.name: command for group in _GROUPS for command in group.COMMANDS}
