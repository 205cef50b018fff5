"""What a cluster has, as `sinfo`, `scontrol` and `srun` tell it."""

from __future__ import annotations

from sweep.launch.slurm.talk.cluster import PartitionInfo, read_most_in_array, read_mpi_types, read_partitions

MARK = "<7f3a>"


def said(*lines: str) -> str:
    return "".join(line.replace("~", MARK) + MARK + "\n" for line in lines)


def test_the_partitions_of_a_real_cluster() -> None:
    found = read_partitions(said("main*~1-00:00:00~4~4000~(null)~2", "urgent~1-00:00:00~4~4000~(null)~2"), MARK)
    assert found == {
        "main": PartitionInfo("main", True, 86400.0, 2, 4, 4000),
        "urgent": PartitionInfo("urgent", False, 86400.0, 2, 4, 4000),
    }


def test_nodes_that_differ_are_one_partition_by_the_largest() -> None:
    lines = said("gpu~30:00~16~64000~gpu:a100:4(S:0-1),tmp:1~3", "gpu~30:00~64+~32000+~gpu:v100:2~5")
    found = read_partitions(lines, MARK)
    assert found == {
        "gpu": PartitionInfo("gpu", False, 1800.0, 8, 64, 64000, ("gpu:a100:4(S:0-1)", "tmp:1", "gpu:v100:2"))
    }


def test_a_partition_without_a_limit_has_none() -> None:
    assert read_partitions(said("long~infinite~1~1~(null)~1"), MARK)["long"].max_time_s is None


def test_a_comma_within_brackets_parts_nothing() -> None:
    assert read_partitions(said("g~1:00:00~1~1~gpu:4(S:0,2)~1"), MARK)["g"].gres == ("gpu:4(S:0,2)",)


def test_ways_to_start_mpi_in_the_two_forms_that_there_have_been() -> None:
    new = "MPI plugin types are...\n\tpmix\n\tnone\n\tpmi2\nspecific pmix plugin versions available: pmix_v4,pmix_v3\n"
    old = "srun: MPI types are...\nsrun: none\nsrun: openmpi\nsrun: pmi2\n"
    assert read_mpi_types(new) == ("pmix", "none", "pmi2", "pmix_v4", "pmix_v3")
    assert read_mpi_types(old) == ("none", "openmpi", "pmi2")


def test_the_size_of_an_array_is_read_or_unknown() -> None:
    assert read_most_in_array("MailProg = /bin/true\nMaxArraySize            = 1001\nMaxJobCount = 5\n") == 1001
    assert read_most_in_array("") is None
