"""The logger: rows of metrics, the configuration and the saved state of one run."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sweep.base.errors import LoggerError, did_you_mean, listed
from sweep.base.files import write_text
from sweep.base.jsonable import config_text
from sweep.base.text import COLOURS, paint, shown
from sweep.rundir.paths import RunDir
from sweep.runtime import savers
from sweep.runtime.config import over_existing, recorded
from sweep.runtime.mpi import proc_id
from sweep.runtime.outputs.cells import AS_THEY_ARE, frozen
from sweep.runtime.outputs.console import say
from sweep.runtime.outputs.output import Output
from sweep.runtime.outputs.table import TableOutput
from sweep.runtime.outputs.tsv import TsvOutput

_DEFAULT_PARENT = Path("/tmp/experiments")


class Logger:
    """Writes rows of metrics to the console and to a tab-separated file, and saves configuration and state.

    Every rank makes one and calls it alike; rank 0 alone touches the disk and the console. Making one and
    writing rows never communicates.

    Attributes:
        output_dir: where files go, as text; None on the other ranks if it was left to rank 0.
        exp_name: the experiment's name; None if it was not given.
    """

    def __init__(
        self, output_dir: str | None = None, output_fname: str = "progress.txt", exp_name: str | None = None
    ) -> None:
        """Make the directory and the metrics file; one that holds rows is set aside, never overwritten.

        Args:
            output_dir: made if it is not there; by default `/tmp/experiments/<unix seconds>`, a new one each time.
            output_fname: the name of the metrics file.
            exp_name: runs that differ in their seed only share it, and plots group by it.
        """
        self.exp_name = exp_name
        self.output_dir = None if output_dir is None else str(output_dir)
        self._row: dict[str, Any] = {}
        self._torch_saver: tuple[Any] | None = None
        self._is_first = proc_id() == 0
        self._outputs: Sequence[Output] = ()
        if self._is_first:
            self._open(output_fname)
        # At garbage collection or at exit, whichever comes first.
        weakref.finalize(self, _close, self._outputs)

    def _open(self, output_fname: str) -> None:
        folder = _new_folder(_DEFAULT_PARENT) if self.output_dir is None else Path(self.output_dir)
        folder.mkdir(parents=True, exist_ok=True)
        self.output_dir = str(folder)
        path = folder / output_fname
        # The file first: a console that is gone must not cost the row.
        self._outputs = (TsvOutput(path, warn=lambda text: self.log(text, "yellow")), TableOutput())
        self.log(f"Metrics of this run go to {path}")

    def log(self, msg: object, color: str = "green") -> None:
        """Print a message, in bold colour where the output is a terminal and NO_COLOR is not set.

        Args:
            msg: anything with a text.
            color: gray, red, green, yellow, blue, magenta, cyan, white or crimson.

        Raises:
            LoggerError: the colour is not one of these.
        """
        if color not in COLOURS:
            raise LoggerError(f"color={color!r} is not one of {listed(COLOURS)}.{did_you_mean(str(color), COLOURS)}")
        if self._is_first:
            say(paint(str(msg), color))

    def log_tabular(self, key: str, val: Any) -> None:
        """Put a value into the current row.

        Args:
            key: the column; it need not have been in the first row.
            val: usually a number or a short text; an array becomes one cell.

        Raises:
            LoggerError: the row has this column already, or the key is no text.
        """
        if not isinstance(key, str):
            raise no_text(key)
        if key in self._row:
            raise LoggerError(
                f"log_tabular({key!r}) was called twice for one row; call dump_tabular() after each row, or use "
                "another name."
            )
        self._row[key] = val if type(val) in AS_THEY_ARE else frozen(val)

    def dump_tabular(self) -> None:
        """Write the current row to the console and the file, and start the next; an empty row writes nothing."""
        row, self._row = self._row, {}
        if row:
            for output in self._outputs:
                output.write(row)

    def save_config(self, config: Mapping[str, Any]) -> None:
        """Write a configuration to `config.json` and the console; the usual call passes `locals()`.

        Loggers and their classes, modules, open files and names that begin with two underscores are left out,
        `exp_name` is added if there is none, and what cannot be JSON becomes text. Keys that a `config.json` of the
        directory has already stay, unless they are here too.

        Args:
            config: any mapping; it is not changed.
        """
        if not self._is_first:
            return
        path = RunDir(self._folder()).config
        text = config_text(over_existing(path, recorded(config, self.exp_name, unwanted=(Logger,))))
        say(paint("Saving config:\n", "cyan"))
        say(text)
        write_text(path, text)

    def save_state(self, state_dict: Any, itr: int | None = None) -> None:
        """Save a state to `vars.pkl`, and the model given to `setup_pytorch_saver`, if any, to `pyt_save/model.pt`.

        Both are written atomically. What fails is told in red and leaves the file before it; training goes on.

        Args:
            state_dict: what describes the state of training, usually a dict.
            itr: a number that goes into the file names (`vars{itr}.pkl`), to keep every state; None keeps the last.
        """
        if not self._is_first:
            return
        self._attempt(savers.save_state, savers.state_path(self._folder(), itr), state_dict)
        if self._torch_saver is not None:
            self._attempt(savers.save_torch, savers.torch_path(self._folder(), itr), *self._torch_saver)

    def setup_pytorch_saver(self, what_to_save: Any) -> None:
        """Name the torch module (or anything `torch.save` takes) that each `save_state` saves as well."""
        self._torch_saver = (what_to_save,)

    def _attempt(self, save: Callable[[Path, Any], None], path: Path, what: Any) -> None:
        try:
            save(path, what)
        except Exception as error:  # whatever a user's object raises while it is pickled; hours of training stay
            culprits = [] if isinstance(error, OSError) else savers.unpicklable(what)
            where = f" (in {listed(culprits)})" if culprits else ""
            self.log(f"{path.name} was not saved: {type(error).__name__}: {error}{where}", "red")

    def _folder(self) -> Path:
        return Path(self.output_dir or ".")


def no_text(key: object) -> LoggerError:
    """Return the error of a key that cannot be a column's name."""
    return LoggerError(
        f"log_tabular({shown(key, 60)}, ...): the key must be a text, the name of a column; then the value."
    )


def _new_folder(parent: Path) -> Path:
    """Make and return `parent/<unix seconds>`, or the next free second if another run of this one has it."""
    parent.mkdir(parents=True, exist_ok=True)
    second = int(time.time())
    while True:
        try:
            (folder := parent / str(second)).mkdir()
        except FileExistsError:
            second += 1
        else:
            return folder


def _close(outputs: Sequence[Output]) -> None:
    for output in outputs:
        output.close()
