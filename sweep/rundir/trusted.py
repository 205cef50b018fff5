"""Who could have written a file of a run. A pickle is a program: it is loaded only if nobody else could."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path


def foreign(file: Path, root: Path) -> str:
    """Say what lets somebody else write a file, or another one in its place; '' if nobody but this user and root can.

    Looked at are the file (of a folder all that is in it) and the folders between it and `root`, that one included.

    Args:
        root: the run directory that the file is in.
    """
    try:
        return next(filter(None, (_fault(path) for path in _looked_at(file, root))), "")
    except (OSError, ValueError) as error:  # it is not there, or no name for a file
        return f"{file} cannot be looked at: {getattr(error, 'strerror', None) or error}"


def _looked_at(file: Path, root: Path) -> Iterator[Path]:
    yield root
    yield from (folder for folder in file.parents if root in folder.parents)
    yield file.resolve().parent  # where a link leads
    yield file
    yield from file.rglob("*") if file.is_dir() else ()


def _fault(path: Path) -> str:
    about = path.stat()
    if about.st_uid not in (os.geteuid(), 0):
        return f"{path} belongs to {_name_of(about.st_uid)}"
    if about.st_mode & stat.S_IWOTH:
        return f"everybody may write {path}"
    if about.st_mode & stat.S_IWGRP and not _is_private(about.st_gid):
        return f"a group may write {path}"
    return ""


def _is_private(group: int) -> bool:
    """Say whether a group is this user's alone: it has their name and no other member, as most systems make one."""
    try:
        found, user = grp.getgrgid(group), pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return found.gr_gid == user.pw_gid and found.gr_name == user.pw_name and set(found.gr_mem) <= {user.pw_name}


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
