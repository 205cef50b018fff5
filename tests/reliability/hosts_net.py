"""Two hosts on one machine: network and UTS namespaces with an sshd each, joined by a bridge; the disk is shared."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

_SSHD = "/usr/sbin/sshd"
_PATIENCE_S = 10.0
_LAST = 254  # of a network's addresses: the driver's
_CLIENT = """\
IdentityFile {keys}/key
IdentitiesOnly yes
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
GlobalKnownHostsFile /dev/null
LogLevel ERROR
"""


def missing() -> str:
    """Return what keeps this machine from having hosts inside it, '' if nothing does."""
    if os.geteuid() != 0:
        return "only root makes network namespaces"
    for program in ("ip", "ssh", "ssh-keygen", "unshare", _SSHD):
        if shutil.which(program) is None:
            return f"there is no {program} (packages iproute2, openssh-client, openssh-server, util-linux)"
    name = f"sw{secrets.token_hex(3)}"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if tried.returncode:
        return f"no network namespace can be made: {tried.stderr.strip()}"
    _call("ip", "netns", "del", name)
    return ""


class Network:
    """Hosts with names; each has a namespace, an address and an sshd.

    Args:
        folder: for keys, configurations and logs; its path is short and plain.

    Attributes:
        ssh: a program that is called as ssh is, and knows the hosts.
        address: of the driver's machine, as the hosts see it.
    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._folder, self.names = folder, tuple(names)
        self._id = secrets.token_hex(3)
        self._net = f"10.{200 + secrets.randbelow(50)}.{secrets.randbelow(250)}"
        self.bridge, self.address = f"sw{self._id}", f"{self._net}.{_LAST}"
        self.ssh = folder / "ssh"
        self._servers: list[subprocess.Popen[bytes]] = []

    def up(self) -> None:
        """Make everything, and wait until every host answers."""
        self._write()
        _call("ip", "link", "add", self.bridge, "type", "bridge")
        _call("ip", "addr", "add", f"{self.address}/24", "dev", self.bridge)
        _call("ip", "link", "set", self.bridge, "up")
        for name in self.names:
            self._wire(name)
            self.serve(name)
        for name in self.names:
            self._wait_for(name)

    def _write(self) -> None:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        _call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self._folder / "key"))
        (self._folder / "authorized").write_bytes((self._folder / "key.pub").read_bytes())
        hosts = (f"Host {name}\n  HostName {self._address_of(name)}\n" for name in self.names)
        (self._folder / "client").write_text("".join(hosts) + "Host *\n" + _CLIENT.format(keys=self._folder))
        self.ssh.write_text(f'#!/bin/sh\nexec ssh -F {self._folder}/client "$@"\n')
        self.ssh.chmod(0o755)

    def _address_of(self, name: str) -> str:
        return f"{self._net}.{self.names.index(name) + 1}"

    def space(self, name: str) -> str:
        """Return the name of a host's network namespace."""
        return f"sw{self._id}-{name}"

    def link(self, name: str) -> str:
        """Return this machine's end of the cable to a host."""
        return f"sw{self._id}v{self.names.index(name)}"

    def _wire(self, name: str) -> None:
        space, link = self.space(name), self.link(name)
        _call("ip", "netns", "add", space)
        _call("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", space)
        _call("ip", "link", "set", link, "master", self.bridge, "up")
        _call("ip", "-n", space, "addr", "add", f"{self._address_of(name)}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            _call("ip", "-n", space, "link", "set", device, "up")

    def serve(self, name: str, unseen: Path | None = None) -> None:
        """Start a host's sshd; the host does not see what is in a folder of the shared disk."""
        sshd = (
            f"exec {_SSHD} -D -e -f /dev/null -h {self._folder}/key -o ListenAddress={self._address_of(name)} "
            f"-o AuthorizedKeysFile={self._folder}/authorized -o StrictModes=no -o UsePAM=no -o PidFile=none"
        )
        hides = "" if unseen is None else 'mount -t tmpfs none "$1"; '
        script = [*("sh", "-c", f"{hides}hostname {name}; {sshd}", "sh"), str(unseen)]
        words = ["ip", "netns", "exec", self.space(name), "unshare", "--uts", "--mount", *script]
        with (self._folder / f"sshd-{name}").open("ab") as log:
            nothing, plain = subprocess.DEVNULL, {"PATH": os.environ["PATH"]}  # it outlives the test that restarts it
            server = subprocess.Popen(words, env=plain, stdin=nothing, stdout=log, stderr=log, start_new_session=True)
        self._servers.append(server)

    def _wait_for(self, name: str) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while subprocess.run(
            [self.ssh, "-o", "ConnectTimeout=1", name, "true"], capture_output=True, check=False
        ).returncode:
            assert time.monotonic() < deadline, f"{name} does not answer"
            time.sleep(0.05)

    def pids(self, name: str) -> list[int]:
        """Return all processes of a host."""
        return [int(pid) for pid in _call("ip", "netns", "pids", self.space(name)).split()]

    def kill(self, name: str) -> None:
        """End a host as a power cut does: every process at once."""
        deadline = time.monotonic() + _PATIENCE_S
        while (left := [pid for pid in self.pids(name) if _lives(pid)]) and time.monotonic() < deadline:
            for pid in left:
                _kill(pid)
        for one in self._servers:
            one.poll()

    def silence(self, name: str, silent: bool = True) -> None:
        """Pull a host's cable, or put it in again; what runs there goes on."""
        _call("ip", "link", "set", self.link(name), "down" if silent else "up")

    def mend(self, name: str) -> None:
        """Put a host into order again: with its cable, and with an sshd and nothing else."""
        self.silence(name, silent=False)
        self.kill(name)
        self.serve(name)
        self._wait_for(name)

    def blind(self, name: str, folder: Path) -> None:
        """Start a host again, which does not see what is in a folder."""
        self.kill(name)
        self.serve(name, folder)
        self._wait_for(name)

    def down(self) -> None:
        """Remove everything."""
        for name in self.names:
            if self.space(name) in _call("ip", "netns", "list"):
                self.kill(name)
                _call("ip", "netns", "del", self.space(name))
        for one in self._servers:
            one.wait(_PATIENCE_S)
        subprocess.run(["ip", "link", "del", self.bridge], capture_output=True, check=False)


@contextmanager
def network(*names: str) -> Iterator[Network]:
    """Give a network of hosts, and take it away."""
    folder = Path(tempfile.mkdtemp(prefix="sw-"))
    made = Network(folder, names)
    try:
        made.up()
        yield made
    finally:
        made.down()
        shutil.rmtree(folder)


def _call(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=_PATIENCE_S).stdout


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
