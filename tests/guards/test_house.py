"""The house: who may import whom, read from the sources; no cycles; nothing that runs what it reads."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "sweep"
FILES = sorted(PACKAGE.rglob("*.py"))

# A wing may import itself and these. `cli` and the two files at the top are the door, which nobody imports.
MAY_IMPORT = {
    "base": set(),
    "grid": {"base"},
    "rundir": {"base", "grid"},
    "runtime": {"base", "rundir"},
    "launch": {"base", "grid", "rundir"},
    "results": {"base", "rundir"},
    "front": {"base", "grid", "rundir", "launch"},
    "cli": {"base", "grid", "rundir", "launch", "runtime", "results", "front", "top"},
    "top": {"base", "grid", "rundir", "launch", "runtime", "results", "front", "cli"},
}
# The one way from the front into what runs inside a user's process: a run in the calling process.
INLINE = {"front/inline.py": "sweep.runtime.process.child"}
FOREIGN_TO = {
    "launch": {"mpi4py", "torch", "tensorflow"},
    "front": {"mpi4py", "torch", "tensorflow"},
    "grid": {"time", "datetime", "subprocess", "socket", "numpy", "psutil"},
}
YAML_HOME = "grid/spec"
UNPICKLING_HOME = {"rundir/payload.py", "runtime/snapshots/pickles.py", "runtime/policy/pickled.py"}
DISK_HOME = {"grid/yaml_file.py"}
LONGEST_FILE = 300


def name_of(file: Path) -> str:
    return str(file.relative_to(PACKAGE))


def wing_of(module: str) -> str:
    """Return the wing of ``sweep.wing.module``; ``sweep`` itself is the top."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and (PACKAGE / parts[1]).is_dir() else "top"


def module_of(file: Path) -> str:
    parts = list(file.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def imports_of(file: Path) -> Iterator[str]:
    """Yield every module that a file imports, wherever in it; ``from a.b import c`` is ``a.b.c`` if c is a module."""
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                deeper = ROOT / (node.module.replace(".", "/") + f"/{alias.name}.py")
                yield f"{node.module}.{alias.name}" if deeper.exists() else node.module


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_wing_imports_only_what_the_table_allows(file: Path) -> None:
    here = wing_of(module_of(file))
    inside = {
        wing_of(name)
        for name in imports_of(file)
        if name.split(".")[0] == "sweep" and name != INLINE.get(name_of(file))
    }
    assert inside <= MAY_IMPORT[here] | {here}
    outside = {name.split(".")[0] for name in imports_of(file)}
    assert not outside & FOREIGN_TO.get(here, set())


def test_every_folder_has_its_row_in_the_table() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert folders <= set(MAY_IMPORT)


def test_no_import_goes_in_a_circle() -> None:
    graph = {module_of(file): {name for name in imports_of(file) if name.startswith("sweep.")} for file in FILES}
    done: set[str] = set()

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join([*path, module])
        if module not in done:
            for other in sorted(graph.get(module, ())):
                visit(other, (*path, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_only_the_spec_reads_yaml_and_only_one_file_of_the_grid_meets_the_disk() -> None:
    for file in FILES:
        if "yaml" in imports_of(file):
            assert name_of(file).startswith(YAML_HOME)
        if wing_of(module_of(file)) == "grid" and name_of(file) not in DISK_HOME:
            calls = [node for node in ast.walk(tree_of(file)) if isinstance(node, ast.Call)]
            names = {getattr(node.func, "attr", getattr(node.func, "id", "")) for node in calls}
            assert not names & {"open", "read_text", "write_text", "mkdir"}, name_of(file)


def test_only_the_payload_is_ever_unpickled_and_nothing_is_evaluated() -> None:
    for file in FILES:
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called not in {"eval", "exec", "yaml.load", "yaml.unsafe_load", "__import__"}, name_of(file)
                if called in {
                    "pickle.load",
                    "pickle.loads",
                    "cloudpickle.load",
                    "cloudpickle.loads",
                    "joblib.load",
                    "_Unpickler",
                }:
                    assert name_of(file) in UNPICKLING_HOME, name_of(file)


def test_no_bare_except_and_no_print_outside_door_and_front() -> None:
    for file in FILES:
        for node in ast.walk(tree_of(file)):
            assert not (isinstance(node, ast.ExceptHandler) and node.type is None), name_of(file)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
                assert wing_of(module_of(file)) in {"cli", "front"}, name_of(file)


def test_files_and_functions_stay_short() -> None:
    lengths = []
    for file in FILES:
        assert len(file.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE, name_of(file)
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.FunctionDef):
                lengths.append(body_length(node))
                assert lengths[-1] <= 40, f"{name_of(file)}:{node.name}"
    assert statistics.median(lengths) < 8


def body_length(node: ast.FunctionDef) -> int:
    """Return the lines of a function without its docstring."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_every_public_function_and_class_has_a_docstring() -> None:
    for file in FILES:
        tree = tree_of(file)
        assert ast.get_docstring(tree) or not tree.body, name_of(file)
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
                short = isinstance(node, ast.FunctionDef) and body_length(node) <= 4
                assert ast.get_docstring(node) or short, f"{name_of(file)}:{node.name}"
