"""The command lines that start something on other hosts through a launcher's own ssh, and what it has to say. Pure.

What was found out about MPICH's launcher, Hydra: what it starts is killed on the host as soon as the launcher is
killed; it waits for ever when the ssh below it gives up on a silent host; it takes no IPv6 address as a host.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from sweep.base.errors import LaunchError
from sweep.base.mpi_command import MARK, THREAD_VARIABLES, Launcher, mpi_argv
from sweep.launch.engines.errand_main import LAUNCHER_PREFIXES
from sweep.launch.slots import Part
from sweep.rundir.supervised import RUN_VARIABLE

HYDRA, OPENMPI = ("mpich", "intel"), "openmpi"
# ssh notices within 15 s that a host is silent, and asks nobody for a password. Of options that come twice it takes the
# first, so that a user's own, which stand before these, win.
SSH_OPTIONS = ("BatchMode=yes", "ConnectTimeout=10", "ServerAliveInterval=5", "ServerAliveCountMax=3")
_EXTRA = "HYDRA_LAUNCHER_EXTRA_ARGS"

# Of the user's flags for mpiexec, those that are about reaching hosts; each has one word behind it.
_REACHING = ("-launcher", "-launcher-exec", "-iface", "-localhost", "-bootstrap", "-bootstrap-exec")
# Open MPI's flags of that kind: one of the first, a name that begins so, and its value.
_MCA, _MCA_NAMES = ("-mca", "-prtemca"), ("plm", "oob", "prte")
# What is this machine's or this login's own: not sent to another one.
_OWN_PREFIXES = (*LAUNCHER_PREFIXES, "SLURM_", "SSH_", "XDG_", "DBUS_")
_OWN = frozenset({
    "HOSTNAME", "HOST", "DISPLAY", "TMPDIR", "TMP", "TEMP", "PWD", "OLDPWD", "SHLVL", "_", "CUDA_VISIBLE_DEVICES",
    "SWEEP_TOKEN",
})  # fmt: skip

# A line of Hydra's own: who says it, in which function and file, and what.
_HYDRA_LINE = re.compile(r"\[(?:mpiexec|proxy)[^\]]*\] (?:\w+ \(.*?:\d+\): )?(.*)")
_TELLING = ("unable to", "execvp error", "could not", "no such")


def check_family(launcher: Launcher) -> None:
    """Refuse a launcher of which is not known how it reaches hosts.

    Raises:
        LaunchError
    """
    if launcher.family not in (*HYDRA, OPENMPI):
        raise LaunchError(
            f"hosts: how {launcher.path} reaches other hosts is not known; name the mpiexec of MPICH, Intel MPI or "
            "Open MPI in the setting MPIEXEC."
        )


def split_flags(flags: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the user's flags for reaching hosts, and those for the ranks of a run."""
    reaching: list[str] = []
    others: list[str] = []
    words = iter(flags)
    for word in words:
        plain = word.replace("--", "-", 1)
        if plain in _REACHING:
            reaching += [word, next(words, "")]
        elif plain in _MCA:
            name = next(words, "")
            (reaching if name.startswith(_MCA_NAMES) else others).extend([word, name, next(words, "")])
        else:
            others.append(word)
    return tuple(reaching), tuple(others)


def reaching_flags(family: str, flags: Sequence[str], address: str) -> tuple[str, ...]:
    """Return the flags by which a launcher reaches hosts and they find back to it.

    Args:
        flags: the user's, see `split_flags`.
        address: of this machine as the hosts see it; '' if that is not known.
    """
    given = {word.replace("--", "-", 1) for word in flags}
    if family == OPENMPI:
        options = " ".join(_options())
        return ("--prtemca", "plm", "ssh", "--prtemca", "plm_ssh_args", options, *flags)
    own = [] if given & {"-launcher", "-bootstrap"} else ["-launcher", "ssh"]
    if address and family == "mpich" and not given & {"-iface", "-localhost"}:
        own += ["-localhost", address]
    return (*own, *flags)


def places_flags(family: str, parts: Sequence[Part], threads: int = 1) -> tuple[str, ...]:
    """Return the flags that say on which hosts how many ranks are."""
    places = ",".join(f"{part.host}:{len(part.numbers) // threads}" for part in parts)
    return ("--host", places) if family == OPENMPI else ("-hosts", places)


def handed_on(family: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the flags by which ranks on other hosts get an environment; MPICH's launcher hands on all of its own."""
    if family != OPENMPI:
        return ()
    names = sorted({*sent_environment(environ), *THREAD_VARIABLES, MARK, RUN_VARIABLE})
    return tuple(word for name in names if name.isidentifier() for word in ("-x", name))


def worker_argv(
    launcher: Launcher, part: Part, flags: Sequence[str], address: str, command: Sequence[str], as_root: bool
) -> list[str]:
    """Return the command that starts a worker on one host, with nothing of our environment."""
    bare = () if launcher.family == OPENMPI else ("-genvnone",)
    one = Part(part.host, (0,), 1)
    words = (*reaching_flags(launcher.family, flags, address), *bare, *places_flags(launcher.family, [one]))
    return mpi_argv(launcher, 1, command, words, as_root=as_root)


def launcher_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a launcher: nothing of one that we may be below, and patience for ssh."""
    own = {name: word for name, word in environ.items() if not name.startswith(LAUNCHER_PREFIXES)}
    return {**own, _EXTRA: " ".join([*environ.get(_EXTRA, "").split(), *_options()])}


def _options() -> Iterator[str]:
    for option in SSH_OPTIONS:
        yield from ("-o", option)


def sent_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what a run on another host is given of an environment: all but what is this machine's own."""
    return {name: word for name, word in environ.items() if name not in _OWN and not name.startswith(_OWN_PREFIXES)}


def reason(said: str) -> str:
    """Return the line of a launcher's standard error that tells most, '' if none does."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    plain = [line for line in lines if not line.startswith("[") and any(map(str.isalnum, line))]
    own = [found[1] for line in lines if (found := _HYDRA_LINE.match(line))]
    telling = [line for line in own if line.lower().startswith(_TELLING)]
    return next(iter([*plain, *telling]), "")[:300]
