"""The entry of a supervisor, whose first argument is its descriptor; started by the driver and by nobody else."""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from sweep.launch.namespace import outer_pid
from sweep.launch.supervisor.processes import adopt_orphans
from sweep.launch.supervisor.supervisor import Supervisor
from sweep.launch.supervisor.wire import Config, Wire


def main(argv: list[str]) -> None:
    """Serve one driver."""
    adopt_orphans()
    driver = Wire(socket.socket(fileno=int(argv[1])))
    message, given = driver.receive()
    if message is None:
        return
    config = replace(Config.of(message), pid=outer_pid(given[0]) if given else 0)
    room = Path(tempfile.mkdtemp(prefix=f"sweep-{config.token}-"))
    supervisor = Supervisor(driver, config, room, _child_ended())
    try:
        supervisor.serve()
    finally:
        supervisor.close()


def _child_ended() -> int:
    """Return a descriptor that can be read whenever a child has ended."""
    reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    # Only the driver decides, and its end is ours. Handled, not ignored: what is ignored stays so in what we start.
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, lambda number, frame: None)
    return reader


if __name__ == "__main__":
    main(sys.argv)
