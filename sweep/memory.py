"""Memories for off-policy learning: `Ring`, exported and imported as npz, pt and csv."""

from __future__ import annotations

from sweep.base.errors import RingError as RingError
from sweep.runtime.memory.ring import Ring as Ring
