"""The command line of an interpreter that runs a module of ours and imports nothing from the working directory."""

from __future__ import annotations

from pathlib import Path

# sweep is looked for where this one is, and after everything else.
_ROOT = str(Path(__file__).parents[3])


def python_argv(python: str, module: str, *words: str) -> list[str]:
    """Return the command that calls ``main(sys.argv)`` of a module; the words begin at ``argv[1]``.

    With ``python -m`` the working directory would come first in the import path, and a user's `json.py` into a process
    of ours.
    """
    code = f"import sys; sys.path.append({_ROOT!r}); from {module} import main; sys.exit(main(sys.argv))"
    return [python, "-P", "-c", code, *words]
