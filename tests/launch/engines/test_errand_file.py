"""Errands as files, and the lines that workers tell."""

from __future__ import annotations

import stat
from collections.abc import Callable

import pytest

from sweep.launch.engines.errand import Errand
from sweep.launch.engines.errand_file import errand_file, heard, read_errand, told, write_errand
from sweep.rundir.paths import RunDir


def test_an_errand_comes_back_from_its_file_which_only_its_owner_can_read(
    run: RunDir, errand: Callable[..., Errand]
) -> None:
    file = write_errand(errand())
    assert file == errand_file(run)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_errand(file) == errand()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"run": 1}', "7", "\x00"])
def test_what_is_no_errand_is_read_as_none(run: RunDir, text: str) -> None:
    errand_file(run).write_text(text)
    assert read_errand(errand_file(run)) is None


def test_only_lines_with_the_ticket_are_heard() -> None:
    assert heard(told("t", begun="h1").encode(), "t") == {"errand": "t", "begun": "h1"}
    for line in (told("u", kind="x", text="").encode(), b"hello", b"7", b'{"errand": 1}', b"\xff", b"[" * 9999):
        assert heard(line, "t") is None
