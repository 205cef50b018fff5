"""What a host must have before runs go there, and the lines of shell that look for it. Pure, but for the mark."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sweep.base.text import printable
from sweep.rundir.status import Kind

# What sweep is imported from, here and on every host.
_ROOT = Path(__file__).parents[3]
# What a host lacks, and what then helps.
MARK, PYTHON, SWEEP, IMPORT = "mark", "python", "sweep", "import: "
_SHARED = "name a data_dir on a file system that all hosts share"
_SAME = "the Python, sweep and what they need are at the same paths on all hosts"

# A shell is on every host, whatever else is not. It knows nothing of our environment, and needs none.
_SCRIPT = r"""
ticket=$1
say() { printf '{"errand": "%s", "begun": ""%s}\n' "$ticket" "$1"; }
lacks() { say ", \"kind\": \"KIND\", \"text\": \"$1\""; exit 0; }
say
[ -e "$2" ] || lacks mark
[ -x "$3" ] || lacks python
[ -e "$4/sweep/__init__.py" ] || lacks sweep
exec "$3" -P -c "$5" "$ticket" "$4"
""".replace("KIND", Kind.LOST)
_CODE = f"""
import sys
sys.path.append(sys.argv[2])
try:
    import sweep.launch.engines.errand_main
except Exception as error:
    import json
    text = "{IMPORT}" + type(error).__name__ + ": " + str(error)
    print(json.dumps({{"errand": sys.argv[1], "kind": "{Kind.LOST}", "text": text}}))
"""


def question(ticket: str, mark: Path, python: Path) -> list[str]:
    """Return the command that finds out on a host whether it is fit for runs; it tells as workers do.

    Args:
        mark: what must be seen there.
        python: the interpreter of the ranks.
    """
    return ["/bin/sh", "-c", _SCRIPT, "sh", ticket, str(mark), str(python), str(_ROOT), _CODE]


def unfit_for(told: str, home: Path, python: Path) -> str:
    """Return what is said of a host that lacks something, behind its name.

    Args:
        told: its answer.
        home: the data directory.
    """
    words = {
        MARK: f"does not see {home.absolute()}",
        PYTHON: f"does not have {python}",
        SWEEP: f"does not have {_ROOT / 'sweep'}",
    }
    if told.startswith(IMPORT):
        return printable(f"does not import sweep ({told.removeprefix(IMPORT)})")
    return printable(words.get(told, f"does not start {python} ({told})"))


def refusal(unfit: Mapping[str, str], silent: Mapping[str, str]) -> str:
    """Return why nothing can be launched where no host is left: one line."""
    if not unfit:
        words = "; ".join(f"{name}: {why or 'it cannot start anything'}" for name, why in list(silent.items())[:3])
        return f"no host answers ({words}); see to it that `ssh {next(iter(silent))} true` works without a question."
    reasons = [f"{_together(names)} {_many(text, len(names))}" for text, names in _by_text(unfit)]
    reasons += [f"{name} does not answer" + (f" ({why})" if why else "") for name, why in list(silent.items())[:3]]
    return f"{'; '.join(reasons)}; {advice(next(iter(unfit.values())))}."


def advice(text: str) -> str:
    """Return what helps where a host is unfit for a reason."""
    return _SHARED if text.startswith("does not see ") else _SAME


def _by_text(unfit: Mapping[str, str]) -> Iterator[tuple[str, list[str]]]:
    for text in dict.fromkeys(unfit.values()):
        yield text, [name for name, why in unfit.items() if why == text]


def _together(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _many(text: str, count: int) -> str:
    return text if count == 1 else "do not" + text.removeprefix("does not")


@contextmanager
def fresh_mark(home: Path) -> Iterator[Path]:
    """Give something new to be seen in the data directory, or above it where that is not there yet; it is taken away.

    Where nothing can be written it is the folder itself: what is wrong with that, others say.
    """
    places = (home / ".sweep", home, *home.absolute().parents)
    folder = next(filter(_is_there, places), home).absolute()
    mark = folder / f".seen-{secrets.token_hex(8)}"
    try:
        mark.touch(exist_ok=False)
    except OSError:
        yield folder
        return
    try:
        yield mark
    finally:
        with suppress(OSError):  # somebody else has tidied up
            mark.unlink()


def _is_there(folder: Path) -> bool:
    try:
        return folder.is_dir()
    except OSError:  # it is not for us
        return False
