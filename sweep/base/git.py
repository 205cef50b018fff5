"""What git knows of a folder: asked with a time limit, and never a reason for anything to fail."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Nothing that a repository configures is run, and no lock of its index is taken.
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
_PLAIN = ("--no-ext-diff", "--no-textconv", "--no-color")


@dataclass(frozen=True)
class Checkout:
    """The state of a working copy.

    Attributes:
        root: its top folder.
        commit: the full hash; empty before the first commit.
        diff: what is not committed of the tracked files, as `git apply` takes it; empty where it is too long.
        diff_bytes: how long the whole diff is; None if git did not finish in time.
        untracked: files that are neither tracked nor ignored, relative to `root`.
    """

    root: Path
    commit: str
    diff: str
    diff_bytes: int | None
    untracked: tuple[str, ...]

    @property
    def dirty(self) -> bool:
        """Whether anything is not committed, or is not known to be."""
        return self.diff_bytes != 0 or bool(self.untracked)


def checkout_of(folder: Path, diff_limit: int = 2**20, limit_s: float = 10) -> Checkout | None:
    """Return what git says of the working copy that a folder is in; None if it is in none, or git does not answer.

    Args:
        diff_limit: the longest diff that is kept, in bytes; a longer one is left out as a whole.
        limit_s: the longest wait for each of four questions, in seconds.
    """
    root = _line(folder, limit_s, "rev-parse", "--show-toplevel")
    if not root:
        return None
    top = Path(root)
    commit = _line(top, limit_s, "rev-parse", "--verify", "--quiet", "HEAD")
    diff = _ask(top, limit_s, "diff", "--binary", *_PLAIN, "HEAD") if commit else b""
    whole = diff is not None and len(diff) <= diff_limit
    kept = diff.decode(errors="surrogateescape") if diff is not None and whole else ""
    untracked = _names(top, limit_s, "--others") or ()
    return Checkout(top, commit, kept, None if diff is None else len(diff), tuple(untracked))


def files_of(root: Path, limit_s: float = 10) -> list[str] | None:
    """Return the files that are tracked, or neither tracked nor ignored; None if git does not answer."""
    return _names(root, limit_s, "--cached", "--others")


def _names(root: Path, limit_s: float, *which: str) -> list[str] | None:
    out = _ask(root, limit_s, "ls-files", "-z", "--exclude-standard", *which)
    return None if out is None else sorted({os.fsdecode(name) for name in out.split(b"\0") if name})


def _line(folder: Path, limit_s: float, *words: str) -> str:
    return os.fsdecode((_ask(folder, limit_s, *words) or b"").rstrip(b"\n"))


def _ask(folder: Path, limit_s: float, *words: str) -> bytes | None:
    environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    command: Sequence[str] = [*_GIT, *words]
    try:
        done = subprocess.run(
            command, cwd=folder, env=environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit_s
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
