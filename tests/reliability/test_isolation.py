"""What a run does to its process never reaches the next one, and what it leaves to the end of its process is done."""

from __future__ import annotations

import gc
import gzip
import importlib.util
import json
import os
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import isolation_computes
import isolation_makes_a_folder
import isolation_makes_generators
import isolation_thunks
import pytest
from deaths_bench import Bench, Seen
from isolation_aspects import ASPECTS, draw, draw_all, draw_seeded, draw_with_torch, pollute, pollute_and_report, report
from isolation_thunks import LINES, ByName

STARTS = ("fork", "spawn")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """How a run finds its process that is alone in a fresh interpreter."""
    home = tmp_path_factory.mktemp("fresh")
    with Bench(home, start="spawn") as bench:
        return _reported(bench)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A bench whose runs are all forked from one process."""
    with Bench(tmp_path_factory.mktemp("shared"), start="fork") as bench:
        # Its processes are started here, and so belong to no single test.
        assert bench.run(pollute, aspects=[]).start == "fork"
        yield bench


@pytest.fixture(params=STARTS)
def bench(request: pytest.FixtureRequest, home: Path) -> Iterator[Bench]:
    with Bench(home, start=request.param) as bench:
        assert bench.run(pollute, aspects=[]).start == request.param
        yield bench


def _done(seen: Seen) -> Seen:
    assert (seen.state, seen.left_behind) == ("done", ()), seen
    return seen


def _reported(bench: Bench) -> dict[str, Any]:
    file = bench.home / "report"
    _done(bench.run(report, file=str(file)))
    told: dict[str, Any] = json.loads(file.read_text())
    return told


@pytest.mark.parametrize("aspect", ASPECTS)
def test_the_next_forked_run_finds_it_as_in_a_fresh_interpreter(
    shared: Bench, fresh: dict[str, Any], aspect: str
) -> None:
    _done(shared.run(pollute, aspects=[aspect]))
    assert _reported(shared)[aspect] == fresh[aspect]


def test_the_next_spawned_run_finds_everything_as_in_a_fresh_interpreter(home: Path) -> None:
    with Bench(home, start="spawn") as bench:
        before = _reported(bench)
        _done(bench.run(pollute, aspects=list(ASPECTS)))
        assert _reported(bench) == before


def test_a_run_that_changes_something_sees_it_changed(home: Path, fresh: dict[str, Any]) -> None:
    with Bench(home, start="fork") as bench:
        seen = {aspect: _polluted(bench, aspect)[aspect] for aspect in ("umask", "signals", "environ", "descriptors")}
        assert all(told != fresh[aspect] for aspect, told in seen.items())


def _polluted(bench: Bench, aspect: str) -> dict[str, Any]:
    file = bench.home / "polluted"
    _done(bench.run(pollute_and_report, aspect=aspect, file=str(file)))
    told: dict[str, Any] = json.loads(file.read_text())
    return told


# -- random numbers


def _drawn(bench: Bench, **kwargs: Any) -> list[float]:
    file = bench.home / "drawn"
    _done(bench.run(draw, file=str(file), **kwargs))
    numbers: list[float] = json.loads(file.read_text())
    return numbers


def test_runs_draw_different_numbers_unless_they_seed(bench: Bench) -> None:
    several = [_drawn(bench), _drawn(bench, seed=1), _drawn(bench), _drawn(bench)]
    for numbers in zip(*several, strict=True):
        assert len(set(numbers)) == len(several)
    assert _drawn(bench, seed=1)[:2] == several[1][:2]


def test_torch_draws_different_numbers_too(bench: Bench) -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    files = [bench.home / "one", bench.home / "two"]
    for file in files:
        _done(bench.run(draw_with_torch, file=str(file)))
    assert files[0].read_text() != files[1].read_text()


@pytest.mark.parametrize(("start", "ranks"), [("fork", 1), ("spawn", 1), ("fork", 2), ("spawn", 2)])
def test_no_two_processes_ever_draw_the_same_without_a_seed(
    home: Path, start: str, ranks: int, need: Callable[[str, bool, str], None]
) -> None:
    drawn = _all_drawn(home, start, ranks, need, draw_all, [{}] * 3)
    assert len(drawn) == 3 * ranks
    _check_all_differ(drawn)


def test_forks_of_a_process_that_has_imported_torch_draw_different_numbers(
    home: Path, need: Callable[[str, bool, str], None]
) -> None:
    need("torch", importlib.util.find_spec("torch") is not None, "torch is not installed")
    drawn = _all_drawn(home, "fork", 2, need, ByName("isolation_imports_torch"), [{}] * 2)
    assert len(drawn) == 4
    _check_all_differ(drawn)


def _check_all_differ(drawn: list[dict[str, Any]]) -> None:
    for source in drawn[0]:
        assert len({one[source] for one in drawn}) == len(drawn), source


@pytest.mark.parametrize(("start", "ranks"), [("fork", 2), ("spawn", 1)])
def test_set_seed_gives_every_process_the_same_numbers_and_another_seed_gives_others(
    home: Path, start: str, ranks: int, need: Callable[[str, bool, str], None]
) -> None:
    drawn = _all_drawn(home, start, ranks, need, draw_seeded, [{"seed": 1}, {"seed": 1}, {"seed": 2}])
    of_each = Counter(map(str, drawn))
    assert sorted(of_each.values()) == [ranks, 2 * ranks]


def _all_drawn(
    home: Path, start: str, ranks: int, need: Callable[[str, bool, str], None], thunk: Any, given: list[dict[str, Any]]
) -> list[Any]:
    if ranks > 1:
        need("mpi", importlib.util.find_spec("mpi4py") is not None, "there is no mpi4py")
    with Bench(home, ranks, start) as bench:
        for kwargs in given:
            _done(bench.run(thunk, timeout_s=60, folder=str(home), **kwargs))
    return [json.loads(file.read_text()) for file in home.glob("drawn-*")]


def test_generators_that_a_module_makes_without_a_seed_differ_between_runs(home: Path) -> None:
    with Bench(home) as bench:
        file, drawn = home / "drawn", []
        for _ in range(2):
            _done(bench.run(isolation_makes_generators.train, file=str(file)))
            drawn.append(json.loads(file.read_text()))
    assert not set(drawn[0]) & set(drawn[1])


# -- when it is not safe to fork


@pytest.mark.parametrize(
    ("module", "note"),
    [
        ("isolation_seeds", "not forked: the import seeds numpy.random, or draws from it"),
        ("isolation_starts_a_thread", "not forked: 1 other thread alive after the import"),
        ("isolation_starts_mpi", "not forked: "),
    ],
)
def test_an_import_that_makes_forking_unsafe_is_told_and_the_runs_are_spawned(
    home: Path, module: str, note: str
) -> None:
    with Bench(home) as bench:
        for _ in range(2):
            seen = _done(bench.run(ByName(module)))
            assert seen.start == "spawn"
            assert seen.note.startswith(note)


def test_mpi_that_an_import_has_started_is_named(home: Path) -> None:
    with Bench(home) as bench:
        assert "MPI" in bench.run(ByName("isolation_starts_mpi")).note


def test_a_seeded_module_draws_the_same_numbers_in_every_run(home: Path) -> None:
    with Bench(home) as bench:
        first, second = (bench.run(ByName("isolation_seeds")).output for _ in range(2))
    assert first == second != ""


def test_a_fork_that_is_insisted_on_is_done_and_told(home: Path) -> None:
    with Bench(home, start="fork") as bench:
        seen = _done(bench.run(ByName("isolation_seeds")))
    assert (seen.start, seen.note[:15]) == ("fork", "forked as asked")


def test_threads_of_openblas_do_not_stop_a_fork_and_keep_to_what_the_run_was_given(home: Path) -> None:
    with Bench(home) as bench:
        file = home / "threads"
        for _ in range(2):
            seen = _done(bench.run(isolation_computes.train, file=str(file)))
            assert (seen.start, seen.note) == ("fork", "")
            assert file.read_text() == "1"


def test_a_folder_that_a_module_makes_for_its_process_is_there_in_every_run(home: Path) -> None:
    with Bench(home) as bench:
        for _ in range(2):
            seen = bench.run(isolation_makes_a_folder.train)
            assert seen.state == "done", seen.output


# -- what is left to the end of the process


def test_files_that_were_left_open_are_complete(bench: Bench) -> None:
    _done(bench.run(isolation_thunks.leave_files_open, folder=str(bench.home)))
    assert (bench.home / "text").read_text() == "line\n" * LINES
    assert (bench.home / "binary").read_bytes() == b"line\n" * LINES


def test_archives_that_were_left_open_are_complete(bench: Bench) -> None:
    _done(bench.run(isolation_thunks.leave_archives_open, folder=str(bench.home)))
    with gzip.open(bench.home / "packed.gz") as file:
        assert file.read() == b"line\n" * LINES
    with zipfile.ZipFile(bench.home / "archive.zip") as archive:
        assert archive.read("lines") == b"line\n" * LINES


def test_what_was_printed_without_an_end_of_line_and_in_c_is_in_the_log(bench: Bench) -> None:
    output = _done(bench.run(isolation_thunks.print_in_c)).output
    assert "printed in C\n" in output
    assert "printed in Python, no end of line" in output


def test_a_thread_that_still_works_is_waited_for(bench: Bench) -> None:
    file = bench.home / "finished"
    _done(bench.run(isolation_thunks.leave_a_thread, file=str(file)))
    assert file.read_text() == "finished"


def test_exit_handlers_are_called_once_and_the_last_one_first(bench: Bench) -> None:
    _done(bench.run(isolation_thunks.register_handlers, folder=str(bench.home)))
    _done(bench.run(report, file=str(bench.home / "report")))
    assert (bench.home / "first").read_text() == "called"
    assert (bench.home / "order").read_text() == "registered last\nregistered first\n"


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_pool_of_processes_works(bench: Bench, method: str) -> None:
    file = bench.home / "sum"
    _done(bench.run(isolation_thunks.compute_in_a_pool, method=method, file=str(file)))
    assert file.read_text() == "100"


def test_a_program_works_and_finds_its_input_at_the_end(bench: Bench) -> None:
    file = bench.home / "said"
    _done(bench.run(isolation_thunks.use_a_program, file=str(file)))
    assert file.read_text() == "0\n"


def test_input_is_at_its_end(bench: Bench) -> None:
    file = bench.home / "read"
    _done(bench.run(isolation_thunks.read_input, file=str(file)))
    assert file.read_text() == repr("")


@pytest.mark.parametrize("start", STARTS)
def test_the_driver_itself_is_not_changed_by_its_runs(home: Path, start: str) -> None:
    before = _driver()
    with Bench(home, start=start) as bench:
        for _ in range(3):
            _done(bench.run(pollute, aspects=list(ASPECTS)))
    del bench
    assert _driver() == before


def _driver() -> Any:
    gc.collect()  # descriptors of earlier tests
    return Path.cwd(), dict(os.environ), len(os.listdir("/proc/self/fd")), threading.active_count()  # noqa: PTH208
