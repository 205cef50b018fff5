"""How a program is started again as a rank: every way that Python can be started."""

from __future__ import annotations

import pytest

from sweep.base.errors import MpiError
from sweep.runtime.mpi.command_line import rank_command

HOOK = ["-m", "mpi4py"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["x.py"], [*HOOK, "x.py"]),
        (["x.py", "-m", "--lr", "1"], [*HOOK, "x.py", "-m", "--lr", "1"]),
        (["-u", "-O", "x.py"], ["-u", "-O", *HOOK, "x.py"]),
        (["-X", "dev", "-W", "error", "x.py"], ["-X", "dev", "-W", "error", *HOOK, "x.py"]),
        (["-Xdev", "-uWerror", "x.py"], ["-Xdev", "-uWerror", *HOOK, "x.py"]),
        (["-uW", "error", "x.py"], ["-uW", "error", *HOOK, "x.py"]),
        (["--check-hash-based-pycs", "always", "x.py"], ["--check-hash-based-pycs", "always", *HOOK, "x.py"]),
        (["-m", "package.module", "-v"], [*HOOK, "-m", "package.module", "-v"]),
        (["-um", "package.module"], ["-u", *HOOK, "-m", "package.module"]),
        (["-mpackage.module"], [*HOOK, "-m", "package.module"]),
        (["-c", "import x", "1"], [*HOOK, "-c", "import x", "1"]),
        (["-Bcimport x"], ["-B", *HOOK, "-c", "import x"]),
        (["--", "-odd.py"], [*HOOK, "-odd.py"]),
        (["-m", "mpi4py", "x.py"], [*HOOK, "x.py"]),
        (["-u", "-m", "mpi4py.run", "x.py"], ["-u", "-m", "mpi4py.run", "x.py"]),
    ],
)
def test_the_abort_hook_goes_between_the_interpreters_options_and_the_program(
    words: list[str], expected: list[str]
) -> None:
    assert rank_command("/bin/python", words) == ["/bin/python", *expected]


@pytest.mark.parametrize("words", [[], ["-i"], ["-"], ["-u", "-", "1"], ["-X", "dev"]])
def test_a_program_that_was_typed_or_piped_in_cannot_be_started_again(words: list[str]) -> None:
    with pytest.raises(MpiError, match="save it as a file"):
        rank_command("/bin/python", words)
