"""A module with a temporary folder that lives as long as the process."""

import tempfile
from pathlib import Path

FOLDER = tempfile.TemporaryDirectory()


def train() -> None:
    (Path(FOLDER.name) / "note").write_text("here")
    print("folder", FOLDER.name)
