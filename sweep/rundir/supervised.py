"""What a rank's process and its supervisor have agreed on. They never import one another."""

from __future__ import annotations

# Set in the environment of every process of a launch: which launch it belongs to (see `sweep.launch.leftovers`).
TOKEN_VARIABLE = "SWEEP_TOKEN"
# Set in every process of a run: its directory.
RUN_VARIABLE = "SWEEP_RUN_DIR"
# Its value in the warm process. A forked rank writes its own over it, in place, so that all may read in /proc to which
# run it and its descendants belong; so this is as long as a path can be.
NO_RUN = "." * 4096
# Set in a fresh interpreter that a supervisor has started as a rank; it is taken out before the thunk is called.
SUPERVISED_VARIABLE = "SWEEP_RUN_SUPERVISED"
# Set in the supervisor: the file that says what the launch comes from (see `sweep.rundir.origin`). A warm process and a
# fresh interpreter take it out before the thunk is called.
ORIGIN_VARIABLE = "SWEEP_RUN_ORIGIN"

# How a supervised rank leaves after its last word; any other code is that of a process which left in the middle.
GOODBYE_EXIT = 66
# How it leaves after it has written why it failed.
FAILED_EXIT = 65
# How it leaves after it was asked to stop, and has saved what it goes on from; `status.json` says `interrupted`.
INTERRUPTED_EXIT = 75

WARM_MODULE = "sweep.runtime.process.warm"
CHILD_MODULE = "sweep.runtime.process.child"
