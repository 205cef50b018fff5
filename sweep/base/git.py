"""What git knows of a folder: asked with a time limit, and never a reason for anything to fail."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Nothing that a repository configures is run, and no lock of its index is taken.
_GIT = ("git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false")
_PLAIN = ("--no-ext-diff", "--no-textconv", "--no-color")
_CHUNK = 2**16
_LONGEST_LIST = 64 * 2**20  # bytes of names
# What a pattern of a .gitignore does not take as it is, and what stands for it.
_SPECIAL, _ESCAPED = re.compile(r"([][*?\\ ])"), r"\\\1"


@dataclass(frozen=True)
class Checkout:
    """The state of a working copy.

    Attributes:
        root: its top folder.
        commit: the full hash; empty before the first commit.
        diff: what is not committed of the tracked files, as `git apply` takes it; empty where it is too long.
        diff_bytes: how long the whole diff is; None if git did not finish in time.
        tracked: the files that git tracks, relative to `root`.
        untracked: files that are neither tracked nor ignored, relative to `root`.
    """

    root: Path
    commit: str
    diff: str
    diff_bytes: int | None
    tracked: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()

    @property
    def dirty(self) -> bool:
        """Whether anything is not committed, or is not known to be."""
        return self.diff_bytes != 0 or bool(self.untracked)


def checkout_of(
    folder: Path, diff_limit: int = 2**20, limit_s: float = 5, ignored: Sequence[Path] = ()
) -> Checkout | None:
    """Return what git says of the working copy that a folder is in; None if it is in none, or git does not answer.

    Args:
        diff_limit: the longest diff that is kept, in bytes; a longer one is left out as a whole.
        limit_s: the longest wait for all answers together, in seconds.
        ignored: folders whose untracked files do not count, and are not looked through.
    """
    asked = _Questions(time.monotonic() + limit_s)
    root = asked.line(folder, "rev-parse", "--show-toplevel")
    if not root:
        return None
    top = Path(root)
    commit = asked.line(top, "rev-parse", "--verify", "--quiet", "HEAD")
    diff, length = asked.ask(top, diff_limit, "diff", "--binary", *_PLAIN, "HEAD") if commit else (b"", 0)
    return Checkout(
        top,
        commit,
        diff.decode(errors="surrogateescape"),
        length,
        asked.names(top, "--cached"),
        asked.names(top, "--others", "--exclude-standard", *_patterns(top, ignored)),
    )


def _patterns(root: Path, folders: Sequence[Path]) -> list[str]:
    """Return the words that leave out folders below a root, as patterns of a .gitignore."""
    inside = [path.relative_to(root) for folder in folders if (path := folder.resolve()).is_relative_to(root)]
    return [f"--exclude=/{_SPECIAL.sub(_ESCAPED, str(path))}/" for path in inside if path.parts]


@dataclass(frozen=True)
class _Questions:
    """Questions to git that must all be answered by one moment, of the monotonic clock."""

    deadline: float

    def line(self, folder: Path, *words: str) -> str:
        return os.fsdecode(self.ask(folder, _CHUNK, *words)[0].rstrip(b"\n"))

    def names(self, root: Path, *which: str) -> tuple[str, ...]:
        out, _ = self.ask(root, _LONGEST_LIST, "ls-files", "-z", *which)
        return tuple(sorted({os.fsdecode(name) for name in out.split(b"\0") if name}))

    def ask(self, folder: Path, most: int, *words: str) -> tuple[bytes, int | None]:
        """Return an answer and its length; an empty one if it is longer than `most`, and no length without one."""
        try:
            process = subprocess.Popen(
                [*_GIT, *words],
                cwd=folder,
                env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            return b"", None
        out, length = self._read(process, most)
        return (out, length) if process.returncode == 0 else (b"", None)

    def _read(self, process: subprocess.Popen[bytes], most: int) -> tuple[bytes, int]:
        """Read what a process says to its end, which comes in time; what is too long is only counted."""
        assert process.stdout is not None
        parts: list[bytes] = []
        length = 0
        guard = threading.Timer(max(0.0, self.deadline - time.monotonic()), process.kill)
        guard.start()
        try:
            with process:
                while part := process.stdout.read(_CHUNK):
                    length += len(part)
                    parts.append(part)
                    if length > most:
                        parts.clear()
        finally:
            guard.cancel()
        return b"".join(parts), length
