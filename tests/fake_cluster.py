"""A cluster that only pretends, in the place of Slurm's programs wherever a launch would call them."""

from __future__ import annotations

import pytest

from sweep.launch.slurm.talk.fake import FakeSlurm


def fake_cluster(monkeypatch: pytest.MonkeyPatch) -> FakeSlurm:
    """Have plans and submissions meet a new fake of Slurm, and return it."""
    fake = FakeSlurm()
    for place in ("sweep.front.verdict.Slurm", "sweep.front.sites.on_slurm.Slurm"):
        monkeypatch.setattr(place, fake.slurm)
    return fake
