"""The documents: every command, flag, setting and public name is explained, every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sweep
from sweep.base.settings import names
from sweep.cli.commands import ALL
from sweep.cli.launch_flags import own_flags
from sweep.grid.spec.keys import DOCUMENT

ROOT = Path(__file__).parents[2]
GUIDE = sorted((ROOT / "docs").glob("*.md"))
DOCUMENTS = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")] + GUIDE


def everything() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in DOCUMENTS)


def guide() -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in GUIDE)


@pytest.mark.parametrize("command", ALL)
def test_every_command_is_in_the_guide_and_has_help(command: str) -> None:
    assert f"sweep {command}" in guide()
    assert ALL[command].text


@pytest.mark.parametrize("flag", sorted(own_flags() - {"help", "h"}))
def test_every_flag_is_in_the_guide(flag: str) -> None:
    assert f"--{flag}" in guide() or f"--{flag.replace('_', '-')}" in guide()


@pytest.mark.parametrize("name", names())
def test_every_setting_is_in_the_guide(name: str) -> None:
    assert name in guide()


@pytest.mark.parametrize("name", sweep.__all__)
def test_every_public_name_is_in_the_guide(name: str) -> None:
    assert name in guide()


@pytest.mark.parametrize("key", DOCUMENT)
def test_every_key_of_a_yaml_grid_is_in_the_guide(key: str) -> None:
    assert re.search(rf"\b{key}\b:?", guide())


def test_links_between_the_documents_lead_somewhere() -> None:
    for file in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", file.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (file.parent / target).exists(), f"{file.name}: {target}"


def test_the_change_log_knows_the_version() -> None:
    assert f"## [{sweep.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 130


def test_every_file_and_folder_of_the_page_for_those_who_change_it_is_there() -> None:
    text = (ROOT / "docs/inside.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b[\w/]+\.py\b|\b(?:[a-z]+/)+(?=[\s`,|])", text))
    assert len(named) > 40
    files = {str(path.relative_to(ROOT / "sweep")) for path in (ROOT / "sweep").rglob("*")}
    for name in named:
        assert any(f"/{file}".endswith("/" + name.rstrip("/")) for file in files) or name == "snapshots/", name
