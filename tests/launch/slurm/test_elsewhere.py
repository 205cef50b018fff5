"""Submissions that cannot be asked about from here."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.launch.slurm.elsewhere import of_another_cluster, out_of_sight
from sweep.launch.slurm.talk.fake import FakeSlurm
from sweep.rundir.paths import RunDir
from sweep.rundir.submission import Submission

TICKET = "0123456789ab"


@pytest.mark.parametrize(
    ("there", "here", "why"),
    [
        ("", "xyz", ""),
        ("abc", "abc", ""),
        ("abc", "xyz", "it is with the cluster 'abc', and this is 'xyz'; ask there"),
        ("abc", "", "it is with the cluster 'abc', and what this one is called Slurm does not say; ask there"),
        ("a\nb", "xyz", "it is with the cluster 'a\\nb', and this is 'xyz'; ask there"),
    ],
)
def test_a_job_is_with_the_cluster_that_its_record_names(there: str, here: str, why: str) -> None:
    assert of_another_cluster(Submission(TICKET, 0, 1.0, cluster=there), here) == why


def test_slurm_is_asked_only_where_a_record_names_a_cluster(tmp_path: Path) -> None:
    fake, run = FakeSlurm(), RunDir(tmp_path)
    assert out_of_sight([(run, Submission(TICKET, 0, 1.0))], fake.slurm()) == {}
    assert not fake.calls
    assert list(out_of_sight([(run, Submission(TICKET, 0, 1.0, cluster="abc"))], fake.slurm())) == [run]
