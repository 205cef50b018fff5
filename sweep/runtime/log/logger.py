"""The logger: rows of metrics, the configuration and the saved state of one run."""

from __future__ import annotations

import contextlib
import time
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sweep.base.errors import LoggerError, did_you_mean, listed
from sweep.base.files import write_text
from sweep.base.jsonable import config_text
from sweep.base.settings import load_settings
from sweep.base.text import COLOURS
from sweep.rundir.paths import RunDir
from sweep.rundir.saved_files import state_path, tf_path, torch_path
from sweep.runtime.context.located import LocatedRun
from sweep.runtime.context.logged import run_at
from sweep.runtime.log import savers
from sweep.runtime.log.config import over_existing, recorded
from sweep.runtime.log.intervals import AUTO
from sweep.runtime.log.journal import Journal, no_text
from sweep.runtime.log.tf_saver import TfModel, save_tf
from sweep.runtime.log.writer import Writer
from sweep.runtime.mpi.helpers import proc_id
from sweep.runtime.outputs.cells import AS_THEY_ARE, frozen
from sweep.runtime.outputs.choice import chosen, items
from sweep.runtime.outputs.output import Home, Output

_DEFAULT_PARENT = Path("/tmp/experiments")


class Logger:
    """Writes rows of metrics to its outputs, and saves configuration and state.

    Every rank makes one and calls it alike; rank 0 alone touches the disk and the console. Making one and
    writing rows never communicates.

    Attributes:
        output_dir: where files go, as text; None on the other ranks if it was left to rank 0.
        exp_name: the experiment's name; None if it was not given.
        stem: the name of the metrics file without its ending; a logger with another one has other files.
        writer: for direct writes: `writer.add_scalar(tag, value, step)` and the like.
    """

    _journal: Journal
    _finalizer: weakref.finalize[..., Logger]

    def __init__(
        self,
        output_dir: str | None = None,
        output_fname: str = "progress.txt",
        exp_name: str | None = None,
        *,
        outputs: Iterable[str | Output] = (),
        write_interval: int | str = AUTO,
    ) -> None:
        """Make the directory and the files in it; what holds rows is set aside, never overwritten.

        In the directory of a run that goes on from a snapshot the rows stay until `roll_back`. On files that another
        logger of the run has opened it is that one under a second name: they share the row in the making, what is
        stored and tracked, and the outputs, to which it may add some.

        Args:
            output_dir: made if it is not there; by default `/tmp/experiments/<unix seconds>`, a new one each time.
            output_fname: the name of the metrics file.
            exp_name: runs that differ in their seed only share it, and plots group by it.
            outputs: names or objects, besides the usual ones and the setting OUTPUTS: 'tensorboard', 'wandb', 'mlflow',
                or an `Output`. A name with a minus in front takes one away: '-console'.
            write_interval: steps between two writes of what is tracked; 'auto' for a hundred in the whole run, 0 for
                never. A step is a row, unless `end_step` is called.

        Raises:
            LoggerError: there is no such output, its package is not installed, or the interval is none.
        """
        self.exp_name = exp_name
        self.output_dir = None if output_dir is None else str(output_dir)
        self.stem = Home(Path(), output_fname).stem
        self._torch_saver: tuple[Any] | None = None
        self._tf_saver: TfModel | None = None
        self._is_first = proc_id() == 0
        run = run_at(self.output_dir)
        self._owner: Logger = (None if run is None else run.logger_of(self.stem)) or self
        self._journal = Journal(write_interval) if self._owner is self else self._owner._journal
        self._row = self._journal.pending
        self.writer = Writer(self._journal)
        self._begin(items(outputs), output_fname)
        if run is not None and self._owner is self:
            run.attach(self)

    def _begin(self, outputs: list[str | Output], output_fname: str) -> None:
        """Open the outputs, or have those of the run's logger on the same files, which stay as they are."""
        journal, is_new = self._journal, self._owner is self
        wanted = chosen(outputs, load_settings().outputs) if self._is_first else []
        if not is_new and not journal.is_closed:
            journal.add([one for one in wanted if one.name in outputs], [one for one in wanted if one in outputs])
            return
        if self._is_first:
            self._open(wanted, output_fname)
        if not is_new:
            journal.open_again()
        # At garbage collection or at exit, whichever comes first.
        self._owner._finalizer = weakref.finalize(self._owner, journal.close, "")

    def _open(self, outputs: Sequence[Output], output_fname: str) -> None:
        folder = _new_folder(_DEFAULT_PARENT) if self.output_dir is None else Path(self.output_dir)
        folder.mkdir(parents=True, exist_ok=True)
        self.output_dir = str(folder)
        journal, run = self._journal, run_at(self.output_dir)
        home = Home(folder, output_fname, self.exp_name, lambda text: journal.message(text, "yellow"))
        journal.open(outputs, home, waits=journal.left is not None or (run is not None and run.resumes))
        self.log(f"Metrics of this run go to {folder / output_fname}")

    @property
    def is_closed(self) -> bool:
        """Whether what is logged goes nowhere any more."""
        return self._journal.is_closed

    def log(self, msg: object, color: str = "green") -> None:
        """Print a message, in bold colour where the output is a terminal and NO_COLOR is not set; keep it in `log.txt`.

        Args:
            msg: anything with a text.
            color: gray, red, green, yellow, blue, magenta, cyan, white or crimson.

        Raises:
            LoggerError: the colour is not one of these.
        """
        if color not in COLOURS:
            raise LoggerError(f"color={color!r} is not one of {listed(COLOURS)}.{did_you_mean(str(color), COLOURS)}")
        self._journal.message(str(msg), color)

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

    def dump_tabular(self, step: int | None = None) -> None:
        """Write the current row to every output, and start the next; an empty row writes nothing.

        Args:
            step: the row's place on the axis of steps of TensorBoard and the like; by default how many rows there were
                before it.
        """
        if self._row:
            row = dict(self._row)
            self._row.clear()  # and not a new one: every logger of the run on the same files holds it
            self._journal.row(row, step)

    def track(self, tag: str, value: Any) -> None:
        """Track a value; every `write_interval` steps the mean of each tag is written, and a new one begins.

        Of a tag that ends in ``(min)`` or ``(max)`` it is the smallest or the largest. The values go to
        `tracked.jsonl` and to every output that takes scalars; those of rank 0 count.

        Args:
            tag: a name, such as `Reward / Total reward (mean)`.
            value: a number, an array or a tensor (by element).

        Raises:
            LoggerError: the tag is no text, or the value is not numeric.
        """
        self._journal.track(tag, value)

    def end_step(self, step: int, total: int | None = None) -> None:
        """Say that a step is over; from here on `write_interval` counts these steps, and rows no more.

        Args:
            step: how many steps are over, counted from 1.
            total: how many there will be, None if it is not known.
        """
        self._journal.end_step(step, total)

    def marks(self) -> dict[str, Any]:
        """Return where this logger and all its outputs are, as JSON holds it; every output is on the disk then.

        Each rank has marks of its own; those of rank 0 have the outputs in them.
        """
        return self._journal.marks()

    def roll_back(self, marks: Mapping[str, Any]) -> None:
        """Go back to marks, also those of an earlier process: every output has exactly the rows that it had then.

        What came after them is set aside under `.sweep/orphans/`.

        Args:
            marks: what `marks` has returned on this rank.

        Raises:
            LoggerError: the marks are damaged.
        """
        self._journal.roll_back(marks)

    def close(self, state: str = "done") -> None:
        """Write what is held back and let go of every output; what is logged after it goes nowhere.

        A logger that is not closed is closed at the end of the program. Those that share files are closed together;
        one that is made later in the run goes on with them.

        Args:
            state: how the run ended, for outputs that tell: done, failed or interrupted.
        """
        self._owner._finalizer.detach()
        if run_at(self.output_dir) is not None:
            with contextlib.suppress(OSError):  # a full disk: what comes later begins anew
                self._journal.leave()
        self._journal.close(state)

    def save_config(self, config: Mapping[str, Any]) -> None:
        """Write a configuration to `config.json` and the console; the usual call passes `locals()`.

        Loggers and their classes, the run, modules, open files and names that begin with two underscores are left out,
        `exp_name` is added if there is none, and what cannot be JSON becomes text. Keys that a `config.json` of the
        directory has already stay, unless they are here too.

        Args:
            config: any mapping; it is not changed.
        """
        if not self._is_first:
            return
        path = RunDir(self._folder()).config
        text = config_text(over_existing(path, recorded(config, self.exp_name, unwanted=(Logger, LocatedRun))))
        self._journal.message("Saving config:\n", "cyan")
        self._journal.message(text, "")
        write_text(path, text)

    def save_state(self, state_dict: Any, itr: int | None = None) -> None:
        """Save a state to `vars.pkl`, and the models that were set up to `pyt_save/model.pt` and `tf1_save/`.

        Each is written atomically. What fails is told in red and leaves what was there before; training goes on.

        Args:
            state_dict: what describes the state of training, usually a dict, with the environment as 'env'.
            itr: a number that goes into the names (`vars{itr}.pkl`), to keep every state; None keeps the last.
        """
        if not self._is_first:
            return
        folder = self._folder()
        savers.remember_modules(folder)
        self._attempt(savers.save_state, state_path(folder, itr), state_dict)
        if self._torch_saver is not None:
            self._attempt(savers.save_torch, torch_path(folder, itr), *self._torch_saver)
        if self._tf_saver is not None:
            self._attempt(save_tf, tf_path(folder, itr), self._tf_saver)

    def setup_pytorch_saver(self, what_to_save: Any) -> None:
        """Name the torch module (or anything `torch.save` takes) that each `save_state` saves as well."""
        self._torch_saver = (what_to_save,)

    def setup_tf_saver(self, sess: Any, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> None:
        """Name the TensorFlow session whose graph and variables each `save_state` saves as well, as a SavedModel.

        Args:
            sess: a session of TensorFlow 1, or `tf.compat.v1.Session`.
            inputs: every placeholder that the outputs need, under keys of your own.
            outputs: tensors; `restore_tf_graph` returns both under these keys.
        """
        self._tf_saver = TfModel(sess, dict(inputs), dict(outputs))

    def _attempt(self, save: Callable[[Path, Any], None], path: Path, what: Any) -> None:
        try:
            save(path, what)
        except Exception as error:  # whatever a user's object raises while it is pickled; hours of training stay
            culprits = [] if isinstance(error, OSError) else savers.unpicklable(what)
            where = f" (in {listed(culprits)})" if culprits else ""
            self.log(f"{path.name} was not saved: {type(error).__name__}: {error}{where}", "red")

    def _folder(self) -> Path:
        return Path(self.output_dir or ".")


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
