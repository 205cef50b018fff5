"""What is said of hosts that are not fit for runs, and the mark that they must see."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.launch.hosts.fitness import fresh_mark, refusal, unfit_for

BLIND = "does not see /d"
SHARED = "name a data_dir on a file system that all hosts share."


@pytest.mark.parametrize(
    ("unfit", "silent", "told"),
    [
        ({"h1": BLIND}, {}, f"h1 does not see /d; {SHARED}"),
        ({"h1": BLIND, "h2": BLIND}, {}, f"h1 and h2 do not see /d; {SHARED}"),
        ({"h1": BLIND}, {"h2": "no route"}, f"h1 does not see /d; h2 does not answer (no route); {SHARED}"),
        ({"h1": BLIND}, {"h2": ""}, f"h1 does not see /d; h2 does not answer; {SHARED}"),
        (
            {"h1": "does not have /p", "h2": BLIND, "h3": BLIND},
            {},
            "h1 does not have /p; h2 and h3 do not see /d; the Python, sweep and what they need are at the same paths "
            "on all hosts.",
        ),
        ({}, {"h1": ""}, "no host answers (h1: it cannot start anything); see to it that `ssh h1 true` works"),
    ],
)
def test_why_no_host_is_left_is_said_in_one_line(unfit: dict[str, str], silent: dict[str, str], told: str) -> None:
    found = refusal(unfit, silent)
    assert found.startswith(told) and "\n" not in found


def test_what_a_host_lacks_never_steers_a_terminal() -> None:
    assert unfit_for("mark", Path("/a\n\x1b[1m"), Path("/p")) == r"does not see /a\n\x1b[1m"


def test_the_mark_is_in_the_data_directory_and_taken_away(tmp_path: Path) -> None:
    with fresh_mark(tmp_path) as mark:
        assert mark.is_file() and mark.parent == tmp_path
    (tmp_path / ".sweep").mkdir()
    with pytest.raises(KeyboardInterrupt), fresh_mark(tmp_path) as mark:
        assert mark.is_file() and mark.parent == tmp_path / ".sweep"
        raise KeyboardInterrupt
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")] == [".sweep"]


def test_above_a_data_directory_that_is_not_there_yet_the_mark_is_in_what_is(tmp_path: Path) -> None:
    with fresh_mark(tmp_path / "a" / "b") as mark:
        assert mark.is_file() and mark.parent == tmp_path
    assert not list(tmp_path.iterdir())


def test_where_nothing_can_be_written_the_folder_itself_is_looked_for() -> None:
    with fresh_mark(Path("/proc/a")) as mark:
        assert mark == Path("/proc")
