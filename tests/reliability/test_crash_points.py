"""Processes killed, and calls failing, at chosen system calls: what was promised holds at each of them."""

from __future__ import annotations

import errno
import os
import random
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from loops_drivers import Bench, Driver, gone_within
from loops_ledger import Watch, lines
from loops_strace import Point, injected_below, listing, points, sample

RUNS = 2
LENGTH_S = 0.05
Need = Callable[[str, bool, str], None]

pytestmark = pytest.mark.limit(1500)


@pytest.fixture
def strace(need: Need, home: Path) -> None:
    """Skip where strace is missing, or may not trace."""
    need("strace", shutil.which("strace") is not None, "it is not installed")
    tried = subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True, check=False)
    need("strace", tried.returncode == 0, f"it may not trace: {tried.stderr.decode()[:100]}")


def driver_under_strace(bench: Bench, flags: list[str], thunk: str, **options: object) -> Driver:
    log = [] if "-o" in flags else ["-y", "-o", str(bench.home / "log")]
    words = ["strace", "-qq", *log, *flags, *bench.words(thunk, **options)]
    return Driver(words, bench.home, bench.variables())


def points_of_a_driver(home: Path) -> list[Point]:
    """Return every call by which a driver changes its data directory, in a sweep that nothing happens to."""
    bench, log = Bench(home / "reference"), home / "log"
    driver = driver_under_strace(bench, listing(log), "short", runs=RUNS, length=LENGTH_S)
    assert driver.wait() == 0, driver.text
    found = points(log, bench.data)
    assert len(found) > 20, "a driver writes more than that"
    return found


def points_of_a_run(home: Path) -> list[Point]:
    bench, log = Bench(home / "reference"), home / "log"
    bench.environ = {"SWEEP_TEST_STRACE": " ".join(listing(log))}
    driver = bench.start("traced", runs=1)
    assert driver.wait() == 0, driver.text
    found = points(log, bench.data)
    assert any("status.json" in point.what for point in found), "a run says that it is done"
    return found


def check_end(bench: Bench, watch: Watch, thunk: str, where: str, **options: object) -> None:
    """Launch once more, undisturbed: everything is done, and once."""
    last = bench.start(thunk, retry_failed=True, **options)
    assert last.wait() == 0, f"{where}\n{last.text}"
    assert watch.faults(int(str(options["runs"]))) == {}, where


def ended(bench: Bench) -> set[str]:
    """Return the runs whose thunk has come to its end."""
    return {file.name for file in bench.ledger.iterdir() if any(line.word == "end" for line in lines(file))}


@pytest.mark.usefixtures("strace")
def test_a_driver_killed_at_any_call_loses_nothing(home: Path, long: bool, dice: random.Random) -> None:
    found = points_of_a_driver(home)
    chosen = found if long else sample(found, 6, dice)
    options = {"runs": RUNS, "length": LENGTH_S}
    killed = 0
    for number, point in enumerate(chosen):
        bench = Bench(home / str(number))
        watch = Watch(bench)
        driver = driver_under_strace(bench, point.inject("signal=KILL"), "short", **options)
        killed += driver.wait() != 0
        assert gone_within(1.0) == [], point
        watch.look()
        check_end(bench, watch, "short", str(point), **options)
        shutil.rmtree(bench.home)
    print(f"killed at {killed} of {len(chosen)} calls; there are {len(found)}")
    assert killed > len(chosen) / 2


@pytest.mark.usefixtures("strace")
def test_a_run_killed_at_any_call_loses_no_row_and_is_never_done_by_mistake(
    home: Path, long: bool, dice: random.Random
) -> None:
    found = points_of_a_run(home)
    chosen = found if long else sample(found, 6, dice)
    for number, point in enumerate(chosen):
        bench = Bench(home / str(number))
        watch = Watch(bench)
        bench.environ = {"SWEEP_TEST_STRACE": " ".join(["-o", os.devnull, *point.inject("signal=KILL")])}
        driver = bench.start("traced", runs=1)
        assert driver.wait() in (0, 1), f"{point}\n{driver.text}"
        assert bench.done() <= ended(bench), point
        assert driver.wait() == 1 or len(bench.done()) == 1, point
        assert driver.wait() == 0 or "SIGKILL" in driver.text, f"{point}\n{driver.text}"
        watch.look()
        bench.environ = {}
        check_end(bench, watch, "traced", str(point), runs=1)
    print(f"killed at {len(chosen)} calls of {len(found)}")


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("fault", ["ENOSPC", "EIO"])
def test_a_call_of_a_driver_that_fails_is_told_in_a_line_and_makes_nothing_done(
    home: Path, long: bool, dice: random.Random, fault: str
) -> None:
    found = points_of_a_driver(home)
    chosen = found if long else sample(found, 3, dice)
    options, judged = {"runs": RUNS, "length": LENGTH_S}, 0
    for number, point in enumerate(chosen):
        bench = Bench(home / str(number))
        watch = Watch(bench)
        driver = driver_under_strace(bench, point.inject(f"error={fault}"), "short", **options)
        driver.wait()
        if injected_below(bench.home / "log", bench.data):  # else it was another call: their number varies a little
            judged += 1
            check_told(driver, fault, point, bench)
        watch.look()
        check_end(bench, watch, "short", str(point), **options)
    print(f"{judged} of {len(chosen)} faults were where they should be")
    assert judged > len(chosen) / 3


def check_told(driver: Driver, fault: str, point: Point, bench: Bench) -> None:
    """A launch that something failed in says what, in words, and claims nothing that is not so."""
    code = driver.wait()
    assert code in (0, 1, 2), f"{point}: {code}\n{driver.text}"
    assert "Traceback" not in driver.text, f"{point}\n{driver.text}"
    assert bench.done() <= ended(bench), point
    assert code != 0 or len(bench.done()) == RUNS, f"{point}\n{driver.text}"
    reason = os.strerror(getattr(errno, fault))
    assert code == 0 or reason in driver.text, f"{point}\n{driver.text}"
    assert gone_within(1.0) == [], point


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("fault", ["ENOSPC", "EIO"])
def test_a_call_of_a_run_that_fails_makes_it_fail_and_never_done_by_mistake(
    home: Path, long: bool, dice: random.Random, fault: str
) -> None:
    found = points_of_a_run(home)
    chosen = found if long else sample(found, 3, dice)
    for number, point in enumerate(chosen):
        bench = Bench(home / str(number))
        watch = Watch(bench)
        bench.environ = {"SWEEP_TEST_STRACE": " ".join(["-o", os.devnull, *point.inject(f"error={fault}")])}
        driver = bench.start("traced", runs=1)
        assert driver.wait() in (0, 1), f"{point}\n{driver.text}"
        assert driver.wait() == 1 or len(bench.done()) == 1, point
        assert driver.wait() == 0 or os.strerror(getattr(errno, fault)) in driver.text, f"{point}\n{driver.text}"
        watch.look()
        bench.environ = {}
        check_end(bench, watch, "traced", str(point), runs=1)


@pytest.mark.usefixtures("strace")
def test_a_file_system_without_locks_is_refused_in_a_line(home: Path) -> None:
    bench = Bench(home)
    lock = home / "data/.sweep/loop.lock"
    flags = ["-P", str(lock), "-e", "trace=fcntl", "-e", "inject=fcntl:error=ENOLCK:when=1+"]
    driver = driver_under_strace(bench, flags, "short", runs=RUNS, length=LENGTH_S)
    assert driver.wait() == 2, driver.text
    assert "has no locks" in driver.text
    assert "Traceback" not in driver.text
    assert list(bench.ledger.iterdir()) == []


def test_a_disk_that_is_full_is_told_and_costs_nothing_that_was_done(home: Path, need: Need) -> None:
    room = home / "disk"
    room.mkdir()
    inside = [
        "unshare",
        "-Urm",
        "sh",
        "-c",
        'mount -t tmpfs -o size=1m none "$0" && shift && exec "$@"',
        str(room),
        "-",
    ]
    tried = subprocess.run([*inside, "true"], capture_output=True, text=True, check=False)
    need("unshare", tried.returncode == 0, f"no file system of its own can be had: {tried.stderr[:100]}")
    bench = Bench(home)
    bench.data = room / "data"
    words = bench.words("filling", runs=6, parallel=1)
    look = [sys.executable, "-c", f"import shutil; shutil.copytree({str(bench.data)!r}, {str(home / 'copy')!r})"]
    both = ["sh", "-c", f"{shlex.join(words)}; echo $? > code; {shlex.join(look)}"]
    driver = Driver([*inside, *both], home, bench.variables())
    driver.wait()
    assert (home / "code").read_text() == "1\n", driver.text
    assert "No space left on device" in driver.text
    bench.data = home / "copy"
    assert bench.done()
    assert bench.done() <= ended(bench)
    watch = Watch(bench)
    watch.look()
    check_end(bench, watch, "filling", "where there is room", runs=6)
