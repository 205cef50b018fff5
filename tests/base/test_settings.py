"""The user's settings: found, read as literals, overruled in a fixed order."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.base.errors import SettingsError
from sweep.base.settings import Settings, find_file, load_settings, names

ROOT = Path(__file__).parents[2]


def config(folder: Path, text: str) -> Path:
    file = folder / "user_config.py"
    file.write_text(text)
    return file


def test_without_a_file_the_defaults_are_in_force(tmp_path: Path) -> None:
    assert load_settings({}, tmp_path) == Settings()


def test_the_repository_s_own_file_states_exactly_the_defaults() -> None:
    found = load_settings({"SWEEP_USER_CONFIG": str(ROOT / "user_config.py")}, ROOT)
    assert found == Settings(source=ROOT / "user_config.py")


def test_every_setting_stands_in_the_repository_s_own_file_with_a_reason_above_it() -> None:
    lines = (ROOT / "user_config.py").read_text().splitlines()
    for name in names():
        place = next(number for number, line in enumerate(lines) if line.startswith(f"{name} = "))
        assert lines[place - 1].startswith("# ")


def test_the_nearest_file_upwards_is_found(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    file = config(tmp_path, "DEFAULT_DATA_DIR = 'results'\n")
    assert find_file({}, deep) == file
    nearer = config(tmp_path / "a", "")
    assert find_file({}, deep) == nearer


def test_the_variable_names_the_file_wherever_one_works(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.py"
    file.write_text("WAIT_BEFORE_LAUNCH = 2.5\n")
    assert load_settings({"SWEEP_USER_CONFIG": str(file)}, tmp_path).wait_before_launch == 2.5


def test_a_variable_that_names_no_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"SWEEP_USER_CONFIG='/nowhere.py' is not a file"):
        load_settings({"SWEEP_USER_CONFIG": "/nowhere.py"}, tmp_path)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    config(tmp_path, "DEFAULT_DATA_DIR = 'file'\nFORCE_DATESTAMP = True\n")
    found = load_settings({"SWEEP_DEFAULT_DATA_DIR": "environment"}, tmp_path)
    assert (found.default_data_dir, found.force_datestamp) == ("environment", True)


def test_environment_values_are_literals_where_they_can_be(tmp_path: Path) -> None:
    environ = {"SWEEP_WAIT_BEFORE_LAUNCH": "0", "SWEEP_MPIEXEC_FLAGS": "['--map-by', 'core']"}
    found = load_settings(environ, tmp_path)
    assert (found.wait_before_launch, found.mpiexec_flags) == (0, ("--map-by", "core"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("DEFAULT_DATADIR = 'x'", r"user_config.py:1: 'DEFAULT_DATADIR' is no setting.*mean 'DEFAULT_DATA_DIR'"),
        ("DEFAULT_BACKEND = {}", r"'DEFAULT_BACKEND' is no setting; there are DEFAULT_DATA_DIR"),
        ("\nFORCE_DATESTAMP = 1", r":2: FORCE_DATESTAMP is 1; it must be True or False"),
        ("WAIT_BEFORE_LAUNCH = -1", r"must be a finite number from 0"),
        ("WAIT_BEFORE_LAUNCH = 1e999", r"WAIT_BEFORE_LAUNCH is inf; it must be a finite number from 0"),
        ("WAIT_BEFORE_LAUNCH = True", r"must be a finite number from 0"),
        ("FAILURE_LINES = 2.5", r"FAILURE_LINES is 2.5; it must be a whole number from 0"),
        ("FAILURE_LINES = 5.0", r"must be a whole number from 0"),
        ("DEFAULT_DATA_DIR = ''", r"DEFAULT_DATA_DIR is ''; it must be text that is not empty"),
        ("MPIEXEC = 'a'\n\nMPIEXEC = 'a'", r"user_config.py:3: MPIEXEC is set twice, first in line 1; keep one"),
        ("MPIEXEC_FLAGS = {[]}", r"is not a literal"),
        ("MPIEXEC_FLAGS = 'x'", r"must be a list of texts"),
        ("DEFAULT_DATA_DIR = None", r"DEFAULT_DATA_DIR is None; it must be text"),
        ("import os", r"'import os' is not a setting; write NAME = literal"),
        ("DEFAULT_DATA_DIR = __import__('os').getcwd()", r"is not a literal; settings are read, never executed"),
        ("DEFAULT_DATA_DIR = (", r"cannot be read as settings"),
        ("print('hello')", r"is not a setting"),
        ("A = B = 1", r"is not a setting"),
    ],
)
def test_a_wrong_file_is_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    config(tmp_path, text)
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings({}, tmp_path)
    assert "\n" not in str(caught.value)


def test_the_file_is_never_executed(tmp_path: Path) -> None:
    config(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    with pytest.raises(SettingsError):
        load_settings({}, tmp_path)
    assert not (tmp_path / "ran").exists()


def test_a_wrong_variable_names_itself(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"the environment: SWEEP_FORCE_DATESTAMP is 'yes'"):
        load_settings({"SWEEP_FORCE_DATESTAMP": "yes"}, tmp_path)


def test_the_launcher_may_be_empty_text(tmp_path: Path) -> None:
    config(tmp_path, "MPIEXEC = ''\n")
    assert load_settings({}, tmp_path).mpiexec == ""


def test_seconds_may_be_fractions(tmp_path: Path) -> None:
    config(tmp_path, "WAIT_BEFORE_LAUNCH = 0.5\nGOODBYE_TIMEOUT = 1.5\n")
    found = load_settings({}, tmp_path)
    assert (found.wait_before_launch, found.goodbye_timeout) == (0.5, 1.5)


def test_a_directory_of_the_file_s_name_is_passed_over_unless_it_is_asked_for(tmp_path: Path) -> None:
    file = config(tmp_path, "")
    folder = tmp_path / "below" / "user_config.py"
    folder.mkdir(parents=True)
    assert find_file({}, folder.parent) == file
    with pytest.raises(SettingsError, match="is a directory, not a file; correct the path"):
        load_settings({"SWEEP_USER_CONFIG": str(folder)}, tmp_path)


@pytest.mark.parametrize(
    ("variable", "meant"),
    [("SWEEP_WAIT_BEFORE_LAUNH", "SWEEP_WAIT_BEFORE_LAUNCH"), ("SWEEP_USER_CONFG", "SWEEP_USER_CONFIG")],
)
def test_a_misspelt_variable_is_an_error(tmp_path: Path, variable: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=f"the environment: {variable} is no setting; there are SWEEP_") as caught:
        load_settings({variable: "1"}, tmp_path)
    assert str(caught.value).endswith(f"Did you mean {meant!r}?")


def test_variables_of_the_runner_and_of_tests_are_no_settings(tmp_path: Path) -> None:
    environ = {"SWEEP_TEST_REQUIRE": "x", "SWEEP_TOKEN": "x", "SWEEP_RUN": "x", "SWEEP_RUN_ID": "x", "SWEEPER": "x"}
    assert load_settings(environ, tmp_path) == Settings()
