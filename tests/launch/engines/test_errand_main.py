"""The entry of a worker: what it says where it cannot begin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sweep.launch.engines.errand import Errand
from sweep.launch.engines.errand_file import heard, write_errand
from sweep.launch.engines.errand_main import main
from sweep.rundir.status import Kind


def test_a_worker_that_does_not_see_the_errand_says_what_is_missing(capsys: Any) -> None:
    assert main(["", "/nowhere/x_s0/.sweep/errand.json", "t"]) == 0
    found = heard(capsys.readouterr().out.encode(), "t")
    assert found is not None and found["kind"] == Kind.LOST
    assert "does not see /nowhere/x_s0; data_dir must be in a file system that all hosts share" in found["text"]


def test_a_worker_that_comes_late_leaves_the_errand_to_the_next_one(capsys: Any, errand: Callable[..., Errand]) -> None:
    file = write_errand(errand(ticket="new"))
    main(["", str(file), "old"])
    found = heard(capsys.readouterr().out.encode(), "old")
    assert found is not None and (found["kind"], found["text"]) == (Kind.LOST, "it was started again meanwhile")
    assert file.exists()
