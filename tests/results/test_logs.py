"""What runs have printed."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from sweep.base.errors import UsageError
from sweep.base.files import write_json
from sweep.results.logs.follow import Follower, follow
from sweep.results.logs.tail import last_lines, lines_of_rank, one_of
from sweep.results.run import Run
from sweep.rundir.paths import RunDir

from .conftest import DataDir


def run_of(data_dir: DataDir) -> tuple[RunDir, Run]:
    made = data_dir.run()
    return made, data_dir.find()[0]


def ring(made: RunDir, number: int) -> RunDir:
    return RunDir(made.output_ring.with_name(f"{made.output_ring.name}.{number}"))


def test_the_last_lines_are_printed_and_empty_ones_do_not_count(data_dir: DataDir) -> None:
    made, run = run_of(data_dir)
    made.output.write_text("one\n\ntwo\n   \nthree\nand a piece")
    assert last_lines(run, 2) == ["three", "and a piece"]
    assert last_lines(run, 100) == ["one", "two", "three", "and a piece"]
    assert last_lines(run, 0) == []


def test_a_run_that_has_printed_nothing_has_no_lines(data_dir: DataDir) -> None:
    made, run = run_of(data_dir)
    assert last_lines(run, 5) == []
    os.mkfifo(made.output)
    assert last_lines(run, 5) == []


def test_of_a_line_that_was_written_over_the_last_text_counts(data_dir: DataDir) -> None:
    made, run = run_of(data_dir)
    made.output.write_text(" 0%|  |\r50%|# |\r100%|##|\r\nnext\r\n")
    assert last_lines(run, 5) == ["100%|##|", "next"]


def test_nothing_in_a_log_steers_a_terminal(data_dir: DataDir) -> None:
    made, run = run_of(data_dir)
    made.output.write_bytes(b"\x1b[2J\xff\xe2\x80\xa8\x07 title\n")
    [line] = last_lines(run, 5)
    assert line.isprintable()
    assert line.startswith("\\x1b[2J")


def test_only_the_end_of_a_long_log_is_read(data_dir: DataDir) -> None:
    made, run = run_of(data_dir)
    made.output.write_text("".join(f"{number:09}\n" for number in range(100_000)))
    assert last_lines(run, 3) == ["000099997", "000099998", "000099999"]


def test_the_end_that_is_still_apart_follows_the_log(data_dir: DataDir) -> None:
    made, run = run_of(data_dir)
    made.output.write_text("first\n")
    ring(made, 1).path.write_text("older\n")
    ring(made, 2).path.write_text("newer\n")
    assert last_lines(run, 5) == ["first", "older", "newer"]


def test_a_rank_is_asked_by_what_it_left(data_dir: DataDir) -> None:
    made, run = run_of(data_dir)
    write_json(
        made.failure(1), {"rank": 1, "error": "ValueError: no", "traceback": "Traceback\n  here\nValueError: no\n"}
    )
    assert lines_of_rank(run, 1) == ["Traceback", "  here", "ValueError: no"]
    with pytest.raises(UsageError, match=r"rank 0 of .* there is one of rank 1\. What all ranks print is in"):
        lines_of_rank(run, 0)


def test_several_runs_are_named_instead_of_printed(data_dir: DataDir) -> None:
    for seed in range(6):
        data_dir.run(seed=seed)
    with pytest.raises(UsageError, match=r"'data' is 6 runs; name one: .*ppo_s0.* and 2 more"):
        one_of(data_dir.find(), "data")


def test_what_is_new_is_told_in_whole_lines(data_dir: DataDir) -> None:
    made, run = run_of(data_dir)
    made.output.write_text("old\n")
    follower = Follower(run)
    with made.output.open("a") as file:
        print("new", end="", file=file, flush=True)
        assert list(follower.new_lines()) == []
        print("er\nmore", end="", file=file, flush=True)
        assert list(follower.new_lines()) == ["newer"]
    assert list(follower.new_lines(is_over=True)) == ["more"]


def test_files_that_take_turns_are_followed_and_told_once(data_dir: DataDir) -> None:
    made, run = run_of(data_dir)
    older, newer = ring(made, 1).path, ring(made, 2).path
    made.output.write_text("first\n")
    follower = Follower(run)
    newer.write_text("a\n")
    assert list(follower.new_lines()) == ["a"]
    newer.replace(older)
    newer.write_text("b\n")
    assert list(follower.new_lines()) == ["b"]
    made.output.write_text("first\na\nb\n")
    older.unlink()
    newer.unlink()
    assert list(follower.new_lines()) == []
    with made.output.open("a") as file:
        file.write("c\n")
    assert list(follower.new_lines()) == ["c"]


def test_following_ends_with_the_run_and_misses_nothing(data_dir: DataDir) -> None:
    made, run = run_of(data_dir)
    made.output.write_text("")
    answers = iter([True, True, False])
    pauses: list[float] = []

    def is_going_on() -> bool:
        with made.output.open("a") as file:
            file.write(f"{len(pauses)}\n")
        return next(answers)

    told: Iterator[str] = follow(Follower(run), is_going_on, pauses.append)
    assert list(told) == ["0", "1", "2"]
    assert len(pauses) == 2
