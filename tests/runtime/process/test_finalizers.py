"""Finalizers that modules leave behind: which of them a forked process does at its end."""

from __future__ import annotations

import subprocess
import sys
import textwrap

PROGRAM = """
    import weakref
    from sweep.runtime.process.finalizers import removes_at_exit, spare_the_needless

    class Thing: pass

    def made_in(module):
        def tell(): print("finalized by", module)
        tell.__module__ = module
        return tell

    things = [Thing() for _ in range(3)]
    for thing, module in zip(things, ["library", "library", "writer"]):
        weakref.finalize(thing, made_in(module))
    {then}
    spare_the_needless(["library"])
"""


def said(then: str) -> list[str]:
    program = textwrap.dedent(PROGRAM).format(then=then)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )


def test_a_finalizer_that_only_takes_back_is_left_out_at_the_end_and_all_others_run() -> None:
    assert said("pass")[:-1] == ["finalized by writer"]


def test_such_a_finalizer_runs_when_its_object_goes() -> None:
    assert said("spare_the_needless(['library']); del thing; things.pop(0)")[:-1] == [
        "finalized by library",
        "finalized by writer",
    ]


def test_a_temporary_directory_is_seen() -> None:
    assert said(
        "print(removes_at_exit()); import tempfile; d = tempfile.TemporaryDirectory(); print(removes_at_exit())"
    )[:2] == ["False", "True"]
