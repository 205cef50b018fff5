"""All commands, group by group, in the order of the overview."""

from __future__ import annotations

from collections.abc import Mapping

from sweep.cli import (
    checking,
    directories,
    editors,
    exporting,
    launching,
    pictures,
    policy,
    relaunching,
    reporting,
    tables,
    watching,
)
from sweep.cli.command import Command

_GROUPS = (
    launching,
    relaunching,
    directories,
    watching,
    tables,
    pictures,
    reporting,
    exporting,
    checking,
    editors,
    policy,
)
COMMANDS: Mapping[str, Command] = {command.name: command for group in _GROUPS for command in group.COMMANDS}
