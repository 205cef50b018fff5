"""What can be wrong with weights that leave or come."""

from __future__ import annotations

from sweep.base.errors import SweepError


class WeightsError(SweepError):
    """What was to be exported is no weights, or a file's weights and those they were to go into do not fit."""
