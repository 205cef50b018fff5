"""`import sweep` costs next to nothing: it loads none of the libraries that its parts need later."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import sweep

HEAVY = {"numpy", "mpi4py", "torch", "tensorflow", "matplotlib", "pandas", "yaml", "psutil", "cloudpickle", "tqdm"}


def loaded_by(code: str) -> set[str]:
    before, after = "import sys; before = set(sys.modules)", "import json; new = sorted(set(sys.modules) - before)"
    program = "\n".join([before, code, after, "print(json.dumps(new))"])
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    return set(json.loads(out.splitlines()[-1]))


def top(modules: set[str]) -> set[str]:
    return {name.split(".")[0] for name in modules}


def test_importing_the_package_loads_nothing_heavy_and_one_file_of_its_own() -> None:
    loaded = loaded_by("import sweep")
    assert not top(loaded) & HEAVY
    assert {name for name in loaded if name.startswith("sweep")} == {"sweep"}


def test_a_grid_needs_no_numpy_and_no_mpi() -> None:
    loaded = top(loaded_by("from sweep import ExperimentGrid; len(ExperimentGrid('g').add('lr', [1, 2]).variants())"))
    assert not loaded & {"numpy", "mpi4py", "torch", "matplotlib", "cloudpickle"}


def test_d24_a_logger_of_one_process_needs_no_mpi_and_no_learning_library() -> None:
    code = "import tempfile; from sweep import EpochLogger; EpochLogger(tempfile.mkdtemp()).dump_tabular()"
    assert not top(loaded_by(code)) & {"mpi4py", "torch", "tensorflow", "matplotlib"}


def test_every_public_name_can_be_had_and_is_listed() -> None:
    loaded = loaded_by(
        "import sweep; [getattr(sweep, name) for name in sweep.__all__]; assert set(sweep.__all__) <= set(dir(sweep))"
    )
    assert "mpi4py" not in top(loaded)


def test_type_checkers_see_every_public_name_where_it_is() -> None:
    tree = ast.parse(Path(sweep.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        alias.asname: node.module for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert seen == sweep._HOMES
