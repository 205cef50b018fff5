"""Where a report goes: a file, and with it the script that several share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sweep.base.errors import UsageError
from sweep.base.files import write_text
from sweep.base.text import shown
from sweep.results.report.content import Report
from sweep.results.report.page import page
from sweep.results.run import Run

_ENDINGS = (".html", ".htm")


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        path: the page; `size` is its bytes.
        shared: the script beside it; None if it is in the page.
    """

    path: Path
    size: int
    shared: Path | None


def write_report(report: Report, path: Path, is_shared: bool = False) -> Written:
    """Write a report as a page.

    Args:
        is_shared: write plotly's script beside it once, for all reports there, instead of into it.

    Raises:
        UsageError: it is no page's name, it would be in a run's directory, it cannot be written, or plotly is missing.
    """
    check_place(path, report.runs)
    text, version = _plotly()
    beside = path.with_name(f"plotly-{version}.min.js") if is_shared else None
    content = page(report, text, beside.name if beside else "")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if beside and not _is_there(beside, text):
            write_text(beside, text, durable=False)
        write_text(path, content, durable=False)
    except OSError as error:
        raise UsageError(f"the report cannot be written to {shown(str(path))}: {error.strerror or error}.") from None
    return Written(path, len(content.encode()), beside)


def check_place(path: Path, runs: Sequence[Run]) -> None:
    """Make sure that a report may be written to a path.

    Raises:
        UsageError: it may not; a run's directory is never written to.
    """
    if path.suffix.lower() not in _ENDINGS:
        raise UsageError(f"{shown(str(path))} is no page's name; it ends in {' or '.join(_ENDINGS)}.")
    real = path.parent.resolve()
    inside = {run.path.resolve() for run in runs} & {real, *real.parents}
    if inside:
        raise UsageError(f"{shown(str(path))} would be in a run's directory, which is only read; name another with -o.")


def _is_there(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, ValueError):
        return False


def _plotly() -> tuple[str, str]:
    try:
        from plotly.offline import get_plotlyjs, get_plotlyjs_version
    except ImportError:
        raise UsageError("a report needs plotly: pip install 'sweep[report]'.") from None
    return get_plotlyjs(), get_plotlyjs_version()
