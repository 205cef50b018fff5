"""A log with a limit: the beginning and the end are kept, and nothing is lost with its writer."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.launch.supervisor.capped_log import CappedLog


def new_log(folder: Path, limit: int) -> CappedLog:
    return CappedLog(folder / "output.log", folder / "ring", limit)


def written(folder: Path) -> str:
    return (folder / "output.log").read_text()


def test_what_is_below_the_limit_is_kept_as_it_is_and_is_there_at_once(tmp_path: Path) -> None:
    log = new_log(tmp_path, 100)
    log.write(b"one\n")
    assert written(tmp_path) == "one\n"
    log.write(b"two\n")
    log.close()
    assert written(tmp_path) == "one\ntwo\n"
    assert [file.name for file in tmp_path.iterdir()] == ["output.log"]


def test_a_second_writer_goes_on_behind_the_first(tmp_path: Path) -> None:
    for text in (b"one\n", b"two\n"):
        log = new_log(tmp_path, 100)
        log.write(text)
        log.close()
    assert written(tmp_path) == "one\ntwo\n"


@pytest.mark.parametrize("size", [1, 3, 7, 50, 400])
def test_of_a_flood_beginning_and_end_are_kept_whatever_the_pieces(tmp_path: Path, size: int) -> None:
    log = new_log(tmp_path, 100)
    flood = "".join(f"{number:03d}\n" for number in range(400)).encode()
    for start in range(0, len(flood), size):
        log.write(flood[start : start + size])
    log.close()
    text = written(tmp_path)
    assert text.startswith(flood[:50].decode())
    assert text.endswith(flood[-25:].decode())
    head, note, tail = text.partition("\n[... ")
    left_out = int(tail.split()[0].replace(",", ""))
    kept = len(head) + len(tail.partition("...]\n")[2])
    assert kept + left_out == len(flood)
    assert note
    assert [file.name for file in tmp_path.iterdir()] == ["output.log"]


def test_the_end_that_a_killed_writer_left_is_put_in_place_by_the_next(tmp_path: Path) -> None:
    killed = new_log(tmp_path, 100)
    killed.write(b"a" * 50 + b"the end\n")
    assert "the end" not in written(tmp_path)
    new_log(tmp_path, 100).close()
    assert written(tmp_path) == "a" * 50 + "the end\n"
    killed.close()


def test_a_full_disk_costs_what_does_not_fit_and_nothing_else() -> None:
    log = CappedLog(Path("/dev/full"), Path("/tmp/never-made"), 100)
    log.write(b"lost")
    log.close()
