"""The names under which a tracking service knows this run, kept in the run directory."""

from __future__ import annotations

from collections.abc import Callable

from sweep.base.files import read_json, write_json
from sweep.rundir.paths import RunDir


def run_id(run: RunDir, service: str, goes_on: bool, make: Callable[[], str]) -> str:
    """Return a run's id at a service: the last one if the run goes on, else a new one.

    Args:
        run: the ids are in `.sweep/run_ids.json`, the last of each service last.
        service: one word.
        make: is called for a new id.
    """
    file = run.own / "run_ids.json"
    there = read_json(file)
    ids = {name: list(of) for name, of in there.items() if isinstance(of, list)} if isinstance(there, dict) else {}
    earlier = [one for one in ids.get(service, []) if isinstance(one, str)]
    if goes_on and earlier:
        return earlier[-1]
    new = make()
    run.own.mkdir(exist_ok=True)
    write_json(file, {**ids, service: [*earlier, new]})
    return new
