"""How ranks that go over several nodes are started: `srun`, with the way to start MPI that the library understands.

With a wrong one every rank is a world of its own. Slurm says which it knows; each rank checks the size of its world.
"""

from __future__ import annotations

from collections.abc import Sequence

from sweep.base.errors import LaunchError
from sweep.base.text import plural

# By the family of the MPI library, best first; names that begin so will do (pmix_v4).
_SPOKEN = {"mpich": ("pmi2", "pmix"), "intel": ("pmi2", "pmix"), "openmpi": ("pmix",), "unknown": ("pmix", "pmi2")}


def srun_flags(family: str, known: Sequence[str], own: Sequence[str], nodes: int, threads: int) -> tuple[str, ...]:
    """Return the flags of `srun` for a run over several nodes.

    Args:
        family: of the MPI library, as its launcher tells.
        known: what ``srun --mpi=list`` names.
        own: the user's, which come last and so win.
        threads: of each rank, which Slurm does not hand on from the job to `srun` by itself.

    Raises:
        LaunchError: library and Slurm have no common way, and the user names none.
    """
    named = any(flag == "--mpi" or flag.startswith("--mpi=") for flag in own)
    way = () if named else (f"--mpi={_way(family, known, nodes)}",)
    return (*way, f"--nodes={nodes}", f"--cpus-per-task={threads}", "--kill-on-bad-exit=1", *own)


def _way(family: str, known: Sequence[str], nodes: int) -> str:
    spoken = _SPOKEN.get(family, _SPOKEN["unknown"])
    found = next((name for prefix in spoken for name in known if name.startswith(prefix)), None)
    if found is None:
        raise LaunchError(
            f"a run goes over {plural(nodes, 'node')}, and srun knows {', '.join(known) or 'nothing'} to start MPI, "
            f"where the library ({family}) needs {' or '.join(spoken)}; name one with "
            "slurm={'srun_flags': ['--mpi=...']}, or use nodes=1."
        )
    return found
