"""What a launch comes from: written once, found from each of its runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.base.files import write_json
from sweep.rundir.origin import attempts_of, newest_attempt, read_origin, write_origin
from sweep.rundir.paths import RunDir


def test_an_origin_is_written_once_and_is_for_its_owner(tmp_path: Path) -> None:
    file = write_origin(tmp_path, {"command": ["a"], "git": {"diff": "\udcff"}})
    written = file.stat().st_mtime_ns
    assert write_origin(tmp_path, {"git": {"diff": "\udcff"}, "command": ["a"]}) == file
    assert (file.stat().st_mtime_ns, file.stat().st_mode & 0o777) == (written, 0o600)
    assert write_origin(tmp_path, {"command": ["b"]}) != file


def test_a_run_finds_what_its_newest_attempt_comes_from(tmp_path: Path) -> None:
    run = RunDir(tmp_path / "x/x_s0")
    run.own.mkdir(parents=True)
    names = [write_origin(tmp_path, {"number": number}).name for number in range(2)]
    write_json(run.provenance, {"attempts": [{"program": {"origin": name}} for name in names]})
    assert read_origin(run) == {"number": 1}
    assert newest_attempt(run) == {"program": {"origin": names[1]}}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"attempts": 3}', '{"attempts": [3]}'])
def test_a_damaged_record_is_none(tmp_path: Path, content: str) -> None:
    run = RunDir(tmp_path)
    run.own.mkdir()
    run.provenance.write_text(content)
    assert (attempts_of(run.provenance), read_origin(run)) == ([], None)


@pytest.mark.parametrize("name", ["gone.json", "../../secret.json", 3, None])
def test_an_origin_that_is_not_there_is_none(tmp_path: Path, name: object) -> None:
    run = RunDir(tmp_path / "x")
    run.own.mkdir(parents=True)
    write_json(tmp_path / "secret.json", {"is": "none"})
    write_json(run.provenance, {"attempts": [{"program": {"origin": name}}]})
    assert read_origin(run) is None
