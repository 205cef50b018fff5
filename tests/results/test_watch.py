"""One look at a sweep after the other."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from sweep.base.errors import UsageError
from sweep.results.run import Run
from sweep.results.score import UnknownMetric
from sweep.results.table_file import Table, read_table
from sweep.results.text.glyphs import ASCII, UNICODE
from sweep.results.text.page import plain_lines
from sweep.results.text.table import TextTable
from sweep.results.watch.cache import Remembered
from sweep.results.watch.curve import mean_curve
from sweep.results.watch.live import Showing, watch_as_json, watch_live, watch_plainly
from sweep.results.watch.look import Watcher
from sweep.results.watch.view import lines_around, watch_page

from .conftest import DataDir, curve

FAR = "another-host"


def shown(data_dir: DataDir, room: int | None = None, width: int | None = None) -> list[str]:
    look = Watcher().look(data_dir.find(), room=room)
    return list(plain_lines(watch_page(look, "data", UNICODE, "a hint"), width))


def test_there_is_a_row_for_each_setting_and_a_character_for_each_seed(sweep_dir: DataDir) -> None:
    text = shown(sweep_dir)
    assert text[0] == "data: 12 runs of 4 settings"
    assert text[1] == " ■ 10 done   ✗ 1 failed   · 1 pending"
    assert text[3].split() == ["act", "lr", "seeds", "n", "AverageEpRet", "±", "course", "left"]
    assert [line.split()[:4] for line in text[4:8]] == [
        ["relu", "0.01", "■■■", "3"],
        ["relu", "0.1", "■✗■", "2"],
        ["tanh", "0.01", "■■·", "2"],
        ["tanh", "0.1", "■■■", "3"],
    ]
    assert text[-2:] == ["failed: ppo_lr0-1_relu s10: rank 0: ValueError: no", "a hint"]


def test_a_running_run_is_filled_and_counts_as_far_as_it_is(data_dir: DataDir) -> None:
    data_dir.run(seed=0, rows=curve(*range(20)), epochs=20)
    data_dir.run(seed=1, rows=curve(*range(10)), epochs=20, state="running", host=FAR)
    [row] = Watcher("AverageEpRet", "last").look(data_dir.find()).rows
    assert row.seeds == ((0, "done", None), (1, "running", 0.5))
    assert row.scores == (19, 9)
    assert row.left_s is not None
    assert "■▄" in shown(data_dir)[-3]


def test_rows_without_room_are_counted_and_those_that_go_on_stay(data_dir: DataDir) -> None:
    for number in range(10):
        state = {3: "running", 7: "failed", 8: "pending"}.get(number, "done")
        data_dir.run(f"a{number}", rows=curve(1, 2), state=state, host=FAR, lr=number)
    look = Watcher().look(data_dir.find(), room=3)
    assert [row.params["lr"] for row in look.rows] == [3, 7, 8]
    assert look.more == 7
    text = shown(data_dir, room=3)
    assert " ... 7 more settings" in text
    assert len(text) == 3 + lines_around(look, "a hint")


@pytest.mark.parametrize("width", [80, 60, 40])
def test_a_page_fits_a_narrow_terminal_and_keeps_what_matters(sweep_dir: DataDir, width: int) -> None:
    look = Watcher().look(sweep_dir.find())
    [table] = [block for block in watch_page(look, "data", ASCII) if isinstance(block, TextTable)]
    lines = list(plain_lines([table], width))
    assert max(map(len, lines)) <= width
    assert any("#x#" in line for line in lines)
    assert all("seeds" in line for line in lines[:1])


def test_settings_stand_by_name_where_parameters_do_not_tell_them_apart(data_dir: DataDir) -> None:
    data_dir.run("one", thunk="a:f")
    data_dir.run("two", thunk="a:g")
    assert [line.split()[0] for line in shown(data_dir)[3:6]] == ["setting", "one", "two"]


def test_many_seeds_are_counted(data_dir: DataDir) -> None:
    for seed in range(41):
        data_dir.run(seed=seed, state="failed" if seed == 3 else "done")
    assert any("■40 ✗1" in line for line in shown(data_dir))


def test_without_any_row_there_is_no_score(data_dir: DataDir) -> None:
    data_dir.run(state="running", host=FAR)
    look = Watcher().look(data_dir.find())
    assert (look.score, look.metric, look.rows[0].scores) == (None, "", ())
    assert "score" in shown(data_dir)[3]


def test_a_metric_that_nobody_has_lists_those_there_are(sweep_dir: DataDir) -> None:
    with pytest.raises(UnknownMetric, match="AverageEpRet"):
        Watcher("AverageReturn").look(sweep_dir.find())
    with pytest.raises(UsageError, match="last10%"):
        Watcher(how="mean")


def test_a_name_with_escapes_is_inert(data_dir: DataDir) -> None:
    data_dir.run("a", rows=curve(1, 2), opt="\x1b[2J\u2028x")
    data_dir.run("b", rows=curve(1, 2), opt="plain")
    assert all(line.isprintable() for line in shown(data_dir))


def test_a_table_is_read_again_only_when_it_has_changed(data_dir: DataDir) -> None:
    made = data_dir.run(rows=curve(1, 2))
    [run] = data_dir.find()
    reads: list[Run] = []

    def read(one: Run) -> Table:
        reads.append(one)
        return read_table(one)

    remembered = Remembered(read)
    assert remembered(run) is remembered(run)
    with made.progress.open("a") as file:
        file.write("2\t3\t3000\n")
    assert list(remembered(run).columns["AverageEpRet"]) == [1, 2, 3]
    made.progress.unlink()
    assert remembered(run).columns == {}
    assert len(reads) == 3


def test_a_curve_is_the_mean_over_seeds_in_equal_parts() -> None:
    long = Table({"x": np.arange(8.0), "y": np.arange(8.0)})
    short = Table({"x": np.arange(4.0), "y": np.arange(4.0) + 10})
    assert mean_curve([long], "y", "x", 4) == [0.5, 2.5, 4.5, 6.5]
    assert mean_curve([long, short], "y", "x", 4) == [5.5, 7.5, 4.5, 6.5]
    assert mean_curve([long], "y", "x", 100) == list(range(8))
    assert mean_curve([Table({"y": np.array([1.0])})], "y", "", 4) == [1]
    assert mean_curve([Table({"y": np.array([np.nan, np.inf])})], "y", "", 4) == []
    assert mean_curve([], "y", "x", 4) == mean_curve([long], "z", "x", 4) == []


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def showing(data_dir: DataDir, stream: io.StringIO, find: Callable[[], Sequence[Run]] | None = None) -> Showing:
    return Showing(find or data_dir.find, Watcher(), "data", stream, 0.001)


def test_watching_goes_on_until_nothing_does_and_returns_how_it_stands(data_dir: DataDir) -> None:
    made = data_dir.run(state="running", host=FAR)
    looks = 0

    def find() -> Sequence[Run]:
        nonlocal looks
        looks += 1
        if looks == 3:
            made.status.write_text('{"state": "done"}')
        return data_dir.find()

    stream = io.StringIO()
    assert watch_as_json(showing(data_dir, stream, find)) == 0
    told = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [one["running"] for one in told] == [1, 1, 0]
    assert told[-1]["rows"][0]["seeds"] == [{"seed": 0, "state": "done", "fraction": None}]


def test_without_a_terminal_a_page_is_printed_for_each_look(sweep_dir: DataDir) -> None:
    stream = io.StringIO()
    assert watch_plainly(showing(sweep_dir, stream)) == 1
    assert "data: 12 runs of 4 settings" in stream.getvalue()


def test_a_look_is_never_more_than_a_fifth_of_the_time(data_dir: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    data_dir.run(state="running", host=FAR)
    clock = iter(range(0, 100, 3))
    monkeypatch.setattr("sweep.results.watch.live.time.process_time", lambda: float(next(clock)))
    pauses: list[float] = []
    looks = showing(data_dir, io.StringIO()).looks(lambda: None, pauses.append)
    next(looks)
    next(looks)
    assert pauses == [15]


def test_the_live_view_leaves_the_last_look_behind(sweep_dir: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    assert watch_live(showing(sweep_dir, stream)) == 1
    before, left, behind = stream.getvalue().partition("\x1b[?1049l")
    assert left
    assert "Ctrl-C leaves" in before
    assert "Ctrl-C leaves" not in behind
    assert "12 runs of 4 settings" in behind


def test_ctrl_c_leaves_with_the_state_of_the_last_look(data_dir: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("rich")
    monkeypatch.setenv("TERM", "xterm-256color")
    data_dir.run(state="running", host=FAR)
    looks = iter([data_dir.find()])

    def find() -> Sequence[Run]:
        try:
            return next(looks)
        except StopIteration:
            raise KeyboardInterrupt from None

    for watch in (watch_live, watch_plainly, watch_as_json):
        looks = iter([data_dir.find()])
        assert watch(showing(data_dir, Terminal(), find)) == 75


def test_no_rich_is_needed_for_what_is_printed(sweep_dir: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)
    stream = Terminal()
    assert watch_plainly(showing(sweep_dir, stream)) == 1
    assert "\x1b" not in stream.getvalue()
