"""A thunk whose module imports torch at its top, as training scripts do."""

from __future__ import annotations

import torch


def empty(i: int = 0) -> None:
    torch.zeros(1)
