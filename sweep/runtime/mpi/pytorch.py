"""Data-parallel training with PyTorch over MPI: the same parameters everywhere, gradients averaged.

Spinning Up's three functions, for tensors on any device and of any floating type. All do nothing in a world of one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

import numpy as np

from sweep.base.errors import MpiError
from sweep.runtime.mpi.flat import add_up, from_root
from sweep.runtime.mpi.helpers import num_procs

# Not made anew at each call: to touch fresh memory for the first time takes as long as to send it.
_BUFFERS: Final[WeakKeyDictionary[Any, dict[Any, Any]]] = WeakKeyDictionary()


def setup_pytorch_for_mpi() -> None:
    """Share torch's threads among the ranks, so that they do not slow each other down; at least one each.

    Where OMP_NUM_THREADS is set, as in every run of a sweep, that is the number of threads of a rank already.
    """
    if num_procs() == 1 or "OMP_NUM_THREADS" in os.environ:
        return
    import torch

    torch.set_num_threads(max(torch.get_num_threads() // num_procs(), 1))


def sync_params(module: Any, root: int = 0) -> None:
    """Give a module on every rank the parameters and buffers of rank `root`, in one broadcast.

    Raises:
        MpiError: the module has other parameters on another rank.
    """
    if num_procs() == 1:
        return
    import torch

    tensors = [*module.parameters(), *module.buffers()]
    found = from_root([_bits(tensor) for tensor in tensors], root)
    with torch.no_grad():
        for tensor, bits in zip(tensors, found, strict=True):
            if tensor.numel():  # a view of nothing has no type to take
                tensor.copy_(torch.from_numpy(bits).view(tensor.dtype).reshape(tensor.shape))


def _bits(tensor: Any) -> Any:
    """Return a tensor of any type as bytes; the shape stays to be compared."""
    import torch

    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().reshape(*tensor.shape, tensor.element_size())


def mpi_avg_grads(module: Any) -> None:
    """Replace the gradients of a module's parameters by their means over all ranks, in one all-reduce.

    A parameter without a gradient on some ranks counts as 0 there, and has one everywhere afterwards; one without a
    gradient on all stays without. Half precision is summed in float32. Parameters in float64 take an all-reduce of
    their own beside others in float32.

    All ranks must call it, with the same module.

    Raises:
        MpiError: a gradient is sparse.
    """
    if num_procs() == 1:
        return
    import torch

    trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
    wide = (torch.float64, torch.complex128)
    with torch.no_grad():
        for carrier in (torch.float32, torch.float64):
            group = [parameter for parameter in trained if (parameter.dtype in wide) == (carrier in wide)]
            if group:
                _average_group(module, group, carrier)


def _average_group(module: Any, group: Sequence[Any], carrier: Any) -> None:
    """Average the gradients of parameters that travel in one type; behind them goes which of them there are."""
    there = [float(parameter.grad is not None) for parameter in group]
    parts = [*map(_flat_gradient, group)]
    sizes = [part.numel() for part in parts]
    buffer = _buffer(module, carrier, sum(sizes) + len(group))
    values, marks = buffer.split([sum(sizes), len(group)])
    _gather(parts, values)
    marks.numpy()[:] = there
    ranks = add_up(buffer.numpy())
    for parameter, piece, found in zip(group, values.split(sizes), marks.tolist(), strict=True):
        if found:
            _put_gradient(parameter, piece, ranks)


def _buffer(module: Any, carrier: Any, length: int) -> Any:
    """Return the memory in which a module's gradients travel, kept for as long as the module lives."""
    import torch

    own = _BUFFERS.setdefault(module, {})
    if carrier not in own or own[carrier].numel() != length:
        own[carrier] = torch.empty(length, dtype=carrier)
    return own[carrier]


def _flat_gradient(parameter: Any) -> Any:
    import torch

    gradient = parameter.grad
    if gradient is None:
        gradient = torch.zeros_like(parameter)
    if gradient.is_sparse:
        raise MpiError("a gradient is sparse, and cannot be averaged: use Embedding(..., sparse=False).")
    return (torch.view_as_real(gradient) if gradient.is_complex() else gradient).reshape(-1)


def _gather(parts: list[Any], values: Any) -> None:
    """Copy flat tensors of any devices into one on the CPU: from one other device in one piece."""
    import torch

    devices = {part.device for part in parts}
    if devices == {values.device}:
        torch.cat(parts, out=values)
    elif len(devices) == 1:
        values.copy_(torch.cat(parts))
    else:
        torch.cat([part.cpu() for part in parts], out=values)


def _put_gradient(parameter: Any, total: Any, ranks: int) -> None:
    import torch

    if parameter.grad is None:
        parameter.grad = torch.empty_like(parameter)
    gradient = torch.view_as_real(parameter.grad) if parameter.is_complex() else parameter.grad
    if gradient.device.type == "cpu" and gradient.dtype != torch.bfloat16:  # which numpy does not have
        np.divide(total.numpy().reshape(gradient.shape), ranks, out=gradient.numpy(), casting="same_kind")
    else:
        gradient.copy_(total.view(gradient.shape) / ranks)
