import pytest

from sweep.base.errors import LaunchError
from sweep.launch.slurm.srun import srun_flags

OWN = ("--nodes=2", "--cpus-per-task=3", "--kill-on-bad-exit=1")


@pytest.mark.parametrize(
    ("family", "known", "way"),
    [
        ("mpich", ("none", "pmi2"), "pmi2"),
        ("mpich", ("none", "pmix", "pmi2"), "pmi2"),
        ("mpich", ("none", "pmix_v4"), "pmix_v4"),
        ("intel", ("pmi2",), "pmi2"),
        ("openmpi", ("none", "pmi2", "pmix_v4", "pmix"), "pmix_v4"),
        ("a new one", ("pmi2",), "pmi2"),
    ],
)
def test_the_way_is_one_that_slurm_and_the_library_both_know(family, known, way):
    assert srun_flags(family, known, (), 2, 3) == (f"--mpi={way}", *OWN)


@pytest.mark.parametrize("own", [("--mpi=cray_shasta",), ("--mpi", "x")])
def test_a_way_that_the_user_names_is_taken(own):
    assert srun_flags("openmpi", (), own, 2, 3) == (*OWN, *own)


def test_without_a_common_way_nothing_is_started_as_worlds_of_one():
    with pytest.raises(
        LaunchError, match=r"srun knows none, pmi2 to start MPI, where the library \(openmpi\) needs pmix"
    ):
        srun_flags("openmpi", ("none", "pmi2"), (), 2, 1)
