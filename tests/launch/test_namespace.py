"""The command lines of a PID namespace, and what is said where there is none."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from sweep.launch.namespace import Namespace, find_namespace, namespace_argv, outer_pid, try_command

OUTSIDE = 'trap "" HUP INT TERM USR1; exec "$@"'
INSIDE = """\
most=$(cat /proc/sys/kernel/pid_max) || exit
echo "$((most / 8 + $0 % (most / 4 * 3)))" >/proc/sys/kernel/ns_last_pid || exit
exec 0>&2 2>/dev/null
(exec "$@" 2>&0 0</dev/null)
exit $?
"""
KINDS = ["--pid", "--fork", "--mount-proc", "--kill-child=SIGKILL", "--propagation", "slave", "--"]


def test_root_needs_no_user_namespace() -> None:
    assert namespace_argv(1234, as_root=True) == [
        *("/bin/sh", "-c", OUTSIDE, "sh", "unshare", *KINDS),
        *("/bin/sh", "-c", INSIDE, "1234"),
    ]


def test_others_need_one_whose_rights_the_command_does_not_get() -> None:
    assert namespace_argv(1234, as_root=False) == [
        *("/bin/sh", "-c", OUTSIDE, "sh", "unshare", "--user", "--map-current-user", "--keep-caps", *KINDS),
        *("/bin/sh", "-c", INSIDE, "1234", "setpriv", "--ambient-caps=-all", "--inh-caps=-all", "--"),
    ]


def test_where_none_is_wanted_nothing_is_tried() -> None:
    def probe(argv: Sequence[str]) -> str:
        raise AssertionError(argv)

    assert find_namespace(False, probe) == Namespace((), "")


def test_what_was_tried_with_a_harmless_command_is_what_is_used() -> None:
    tried: list[Sequence[str]] = []

    def probe(argv: Sequence[str]) -> str:
        tried.append(argv)
        return ""

    found = find_namespace(True, probe)
    assert tried == [[*found.words, "true"]]
    assert found == Namespace(tuple(namespace_argv(int(_drawn(found)), os.geteuid() == 0)), "")


def _drawn(found: Namespace) -> str:
    return found.words[found.words.index(INSIDE) + 1]


def test_every_launch_draws_its_process_numbers_anew() -> None:
    assert len({_drawn(find_namespace(True, lambda argv: "")) for _ in range(20)}) > 15


def test_where_there_is_none_the_reason_is_given() -> None:
    found = find_namespace(True, lambda argv: "unshare: unshare failed: Operation not permitted")
    assert found == Namespace((), "no PID namespace: unshare: unshare failed: Operation not permitted")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["true"], ""),
        (["sh", "-c", "echo one >&2; echo two >&2; exit 3"], "two"),
        (["sh", "-c", "exit 3"], "sh ended with exit code 3"),
        (["/no/such"], "/no/such cannot be run: [Errno 2] No such file or directory: '/no/such'"),
    ],
)
def test_a_command_that_is_tried_tells_why_it_did_not_work(words: list[str], why: str) -> None:
    assert try_command(words) == why


def test_in_the_namespace_of_the_driver_the_number_outside_is_one_s_own() -> None:
    assert outer_pid(os.open("/proc", os.O_RDONLY)) == os.getpid()
