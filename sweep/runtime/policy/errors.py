"""What can be wrong with playing a policy."""

from __future__ import annotations

from sweep.base.errors import SweepError


class PolicyError(SweepError):
    """A run offers no policy or no environment, or what it has cannot be loaded or played."""
