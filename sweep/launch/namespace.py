"""A PID namespace for a launch: when its supervisor ends, however it ends, the kernel ends all that is below it.

Between driver and supervisor are then `unshare`, of util-linux, and a shell, which is the first process inside: when
that ends, so does everything inside, and it ends with either of the two others. Users other than root need a user
namespace around it, which some systems do not allow.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass

# What stays outside ends with what is inside, and before that only by SIGKILL, as the supervisor does.
_OUTSIDE = 'trap "" HUP INT TERM USR1; exec "$@"'
# Process numbers begin somewhere in the middle, as $0 says. MPI libraries name their shared memory, which is not kept
# apart, by the numbers of their processes; if those of every namespace began at 2, two launches would meet there.
# The first process is not the supervisor itself, as `unshare` cannot tell of every end by a signal. What a shell has to
# say of such an end it keeps to itself; descriptors above 2 are not for it, as they may be the supervisor's.
_INSIDE = """\
most=$(cat /proc/sys/kernel/pid_max) || exit
echo "$((most / 8 + $0 % (most / 4 * 3)))" >/proc/sys/kernel/ns_last_pid || exit
exec 0>&2 2>/dev/null
(exec "$@" 2>&0 0</dev/null)
exit $?
"""
_DRAWN_BELOW = 2**31
_PROBE_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Namespace:
    """What was found out about a PID namespace.

    Attributes:
        words: stand before the command that becomes its first process; none without one.
        note: why there is none though one was wanted, for the records of runs.
    """

    words: tuple[str, ...] = ()
    note: str = ""


def namespace_argv(drawn: int, as_root: bool) -> list[str]:
    """Return the words before a command that run it in a PID namespace, which ends with it.

    The exit code is that of the command, for a signal 128 and its number.

    Args:
        drawn: a random number, which decides where the numbers of its processes begin.
        as_root: without a user namespace, which only takes something from root.
    """
    user = [] if as_root else ["--user", "--map-current-user", "--keep-caps"]
    # What these allow is needed by the script alone; a program of the user's must not have it.
    drop = [] if as_root else ["setpriv", "--ambient-caps=-all", "--inh-caps=-all", "--"]
    own = ["--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL", "--propagation", "slave"]
    inside = ["/bin/sh", "-c", _INSIDE, str(drawn), *drop]
    return ["/bin/sh", "-c", _OUTSIDE, "sh", "unshare", *user, *own, "--", *inside]


def find_namespace(wanted: bool, probe: Callable[[Sequence[str]], str] | None = None) -> Namespace:
    """Return how a PID namespace is to be had here, if one is wanted.

    Args:
        probe: tries a command; returns why it did not work, '' if it did.
    """
    if not wanted:
        return Namespace()
    words = namespace_argv(secrets.randbelow(_DRAWN_BELOW), as_root=os.geteuid() == 0)
    why = (probe or try_command)([*words, "true"])
    return Namespace(note=f"no PID namespace: {why}") if why else Namespace(tuple(words))


def try_command(argv: Sequence[str]) -> str:
    """Run a command; return the last line that it complains with, '' if it succeeds."""
    try:
        answer = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PROBE_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{argv[0]} cannot be run: {error}"
    if answer.returncode == 0:
        return ""
    lines = answer.stderr.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"{argv[0]} ended with exit code {answer.returncode}"


def outer_pid(proc: int) -> int:
    """Return this process's number as those see it who have opened ``/proc`` as descriptor `proc`, which is closed."""
    try:
        return int(os.readlink("self", dir_fd=proc))
    finally:
        os.close(proc)
