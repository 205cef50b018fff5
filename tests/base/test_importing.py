"""Names of functions that people type."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sweep.base.errors import UsageError
from sweep.base.importing import import_object


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working directory; what is imported in it is forgotten."""
    known = set(sys.modules)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield tmp_path
    for name in set(sys.modules) - known:
        del sys.modules[name]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_module_in_the_working_directory_is_found(folder: Path) -> None:
    write(folder / "mine_a.py", "class A:\n    def f(): return 1\n")
    assert import_object("mine_a:A.f")() == 1
    assert import_object("os.path:join")("a", "b") == "a/b"


def test_a_script_is_found_from_the_working_directory_and_beside_the_file_that_names_it(folder: Path) -> None:
    write(folder / "sub" / "mine_b.py", "import mine_neighbour\ndef f(): return mine_neighbour.x\n")
    write(folder / "sub" / "mine_neighbour.py", "x = 2\n")
    assert import_object("sub/mine_b.py:f")() == 2
    assert import_object("mine_b.py:f", beside=folder / "sub")() == 2


def test_a_script_wins_over_a_module_of_its_name_in_the_working_directory(folder: Path) -> None:
    write(folder / "mine_c.py", "x = 'wrong'\n")
    write(folder / "sub" / "mine_c.py", "x = 'right'\n")
    assert import_object("sub/mine_c.py:x") == "right"


def test_a_script_called_like_a_module_that_is_loaded_is_refused(folder: Path) -> None:
    write(folder / "json.py", "x = 1\n")
    with pytest.raises(UsageError, match=r"another module called 'json' is loaded.*rename"):
        import_object("json.py:x")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "does not name a function"),
        ("train", "does not name a function"),
        (":train", "does not name a function"),
        ("mod:", "does not name a function"),
        ("no_such_module_here:f", "cannot be imported: ModuleNotFoundError.*looked for"),
        ("..relative:f", "cannot be imported"),
        ("a\x00b:f", "cannot be imported"),
        ("math:sqt", "has no 'sqt'.*Did you mean 'sqrt'"),
        ("math:pi.nothing", "has no 'nothing'"),
        ("missing.py:f", "is not a file"),
        ("broken.py:f", "cannot be imported: SyntaxError"),
        ("raises.py:f", "cannot be imported: RuntimeError: two lines"),
        ("exits.py:f", "cannot be imported: SystemExit"),
    ],
)
def test_a_name_that_leads_nowhere_is_one_line(folder: Path, path: str, words: str) -> None:
    write(folder / "broken.py", "def f(:\n")
    write(folder / "raises.py", "raise RuntimeError('two\\nlines')\n")
    write(folder / "exits.py", "import sys; sys.exit(2)\n")
    with pytest.raises(UsageError, match=words) as caught:
        import_object(path)
    assert "\n" not in str(caught.value)
