"""The user's settings: where they are found, and who wins. The file is read as literals, never executed."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from sweep.base.errors import SettingsError, did_you_mean, listed

FILE_NAME = "user_config.py"
FILE_VARIABLE = "SWEEP_USER_CONFIG"
VARIABLE_PREFIX = "SWEEP_"
# Variables that begin with one of these are no settings: the runner gives them to runs, or tests to themselves.
RESERVED_PREFIXES = ("SWEEP_TEST_", "SWEEP_TOKEN", "SWEEP_RUN")


@dataclass(frozen=True)
class Settings:
    """Every setting with its default; `user_config.py` at the top of the repository gives the reasons.

    The field `mpiexec` is `MPIEXEC` in the file and `SWEEP_MPIEXEC` in the environment.
    """

    default_data_dir: str = field(default="data", metadata={"filled": True})
    force_datestamp: bool = False
    default_shorthand: bool = True
    wait_before_launch: float = 5.0
    mpiexec: str = ""
    mpiexec_flags: tuple[str, ...] = ()
    failure_lines: int = 5
    goodbye_timeout: float = 600.0
    grace: float = 10.0
    output_limit_mb: int = 64
    pid_namespace: bool = False
    outputs: tuple[str, ...] = ()
    slurm_partition: str = ""
    slurm_account: str = ""
    slurm_time: str = ""
    slurm_nodes: int = 1
    slurm_lead: float = 60.0
    slurm_directives: tuple[str, ...] = ()
    slurm_srun_flags: tuple[str, ...] = ()
    slurm_setup: tuple[str, ...] = ()
    source: Path | None = field(default=None, metadata={"internal": True})


def names() -> list[str]:
    """Return the settings' names as the file spells them."""
    return [one.name.upper() for one in fields(Settings) if not one.metadata.get("internal")]


def load_settings(environ: Mapping[str, str] = os.environ, start: Path | None = None) -> Settings:
    """Return the settings in force: environment over file over defaults.

    Args:
        environ: the environment variables.
        start: the folder to look upwards from; the working directory by default.

    Raises:
        SettingsError: a name is unknown or comes twice, a value has the wrong type, or more than literals stands there.
    """
    file = find_file(environ, start or Path.cwd())
    values: dict[str, Any] = dict(_from_file(file)) if file else {}
    values.update(_from_environment(environ))
    return Settings(**values, source=file)


def find_file(environ: Mapping[str, str], start: Path) -> Path | None:
    """Return the settings file in force, or None.

    Raises:
        SettingsError: SWEEP_USER_CONFIG names a file that is not there.
    """
    named = environ.get(FILE_VARIABLE)
    if named:
        if not Path(named).is_file():
            what = "a directory, not a file" if Path(named).is_dir() else "not a file"
            raise SettingsError(f"{FILE_VARIABLE}={named!r} is {what}; correct the path, or unset the variable.")
        return Path(named)
    folders = (start, *start.parents)
    return next((folder / FILE_NAME for folder in folders if (folder / FILE_NAME).is_file()), None)


def _from_file(file: Path) -> Iterator[tuple[str, Any]]:
    lines: dict[str, int] = {}
    for line, name, node in _assignments(file):
        where = f"{file}:{line}"
        if name in lines:
            raise SettingsError(f"{where}: {name} is set twice, first in line {lines[name]}; keep one.")
        lines[name] = line
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError):  # TypeError: a dict or a set of what cannot be hashed
            raise SettingsError(
                f"{where}: {name} = {ast.unparse(node)} is not a literal; settings are read, never executed."
            ) from None
        yield _checked(where, name, value)


def _assignments(file: Path) -> Iterator[tuple[int, str, ast.expr]]:
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError) as error:
        raise SettingsError(f"{file} cannot be read as settings: {error}.") from None
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name):
                yield statement.lineno, target.id, statement.value
                continue
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            raise SettingsError(
                f"{file}:{statement.lineno}: {ast.unparse(statement)!r} is not a setting; write NAME = literal."
            )


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    _check_variables(environ)
    for name in names():
        text = environ.get(VARIABLE_PREFIX + name)
        if text is not None:
            yield _checked("the environment", name, _literal(text), VARIABLE_PREFIX)


def _check_variables(environ: Mapping[str, str]) -> None:
    """Refuse a variable that looks like a setting and is none: a misspelt one would be ignored in silence."""
    known = [FILE_VARIABLE, *(VARIABLE_PREFIX + name for name in names())]
    for variable in sorted(environ):
        ours = variable.startswith(VARIABLE_PREFIX) and not variable.startswith(RESERVED_PREFIXES)
        if ours and variable not in known:
            raise SettingsError(
                f"the environment: {variable} is no setting; there are {listed(known)}. Unset it, or correct its "
                f"name.{did_you_mean(variable, known)}"
            )


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError):
        return text


def _checked(where: str, name: str, value: Any, prefix: str = "") -> tuple[str, Any]:
    if name not in names():
        raise SettingsError(
            f"{where}: {name!r} is no setting; there are {listed(names())}.{did_you_mean(name, names())}"
        )
    default = getattr(Settings(), name.lower())
    fits, wanted = _fits(value, default)
    if fits and value == "" and _filled(name):
        fits, wanted = False, "text that is not empty"
    if not fits:
        raise SettingsError(f"{where}: {prefix}{name} is {value!r}; it must be {wanted}.")
    return name.lower(), tuple(value) if isinstance(default, tuple) else value


def _filled(name: str) -> bool:
    return any(one.name.upper() == name and one.metadata.get("filled") for one in fields(Settings))


def _fits(value: Any, default: Any) -> tuple[bool, str]:
    if isinstance(default, bool):
        return isinstance(value, bool), "True or False"
    if isinstance(default, int):
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0, "a whole number from 0"
    if isinstance(default, float):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return number and 0 <= value <= sys.float_info.max, "a finite number from 0"
    if isinstance(default, tuple):
        return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value), "a list of texts"
    return isinstance(value, str), "text"
