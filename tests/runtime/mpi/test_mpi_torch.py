"""PyTorch over MPI: one process, and two real ranks with real tensors."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from sweep.runtime.mpi.pytorch import mpi_avg_grads, setup_pytorch_for_mpi, sync_params

Outcome = subprocess.CompletedProcess[str]
BOTH = "import os, torch; from sweep import *; from torch import nn; rank = proc_id()\n"
BOTH += "say = lambda *words: (os.write(1, (' '.join(map(str, words)) + chr(10)).encode()), None)[1]\n"  # in one piece


@pytest.fixture(autouse=True)
def torch(need: Callable[[str, bool, str], None]) -> Any:
    try:
        import torch
    except ImportError as error:
        need("torch", False, str(error))
    return torch


def good(outcome: Outcome, said: str) -> None:
    """Both ranks have come to their ends and said the same."""
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.split("\n").count(said) == 2, outcome.stdout


# Alone


def test_alone_nothing_changes_and_no_mpi_is_loaded(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mpi4py.MPI", raising=False)
    module = torch.nn.Linear(2, 1)
    module(torch.ones(1, 2)).sum().backward()
    before, threads = [tensor.clone() for tensor in (module.weight, module.weight.grad)], torch.get_num_threads()
    setup_pytorch_for_mpi()
    sync_params(module)
    mpi_avg_grads(module)
    assert torch.equal(module.weight, before[0])
    assert torch.equal(module.weight.grad, before[1])
    assert (torch.get_num_threads(), "mpi4py.MPI" in sys.modules) == (threads, False)


def pretend_ranks(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.delitem(sys.modules, "mpi4py.MPI", raising=False)
    monkeypatch.setenv("PMI_RANK", "0")
    monkeypatch.setenv("PMI_SIZE", str(count))


@pytest.mark.parametrize(("threads", "ranks", "each"), [(8, 2, 4), (8, 3, 2), (2, 4, 1), (1, 2, 1)])
def test_ranks_share_the_threads(
    torch: Any, monkeypatch: pytest.MonkeyPatch, threads: int, ranks: int, each: int
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    pretend_ranks(monkeypatch, ranks)
    told: list[int] = []
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    monkeypatch.setattr(torch, "set_num_threads", told.append)
    setup_pytorch_for_mpi()
    assert told == [each]


def test_threads_that_were_set_for_each_rank_stay(torch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    pretend_ranks(monkeypatch, 2)
    monkeypatch.setattr(torch, "set_num_threads", lambda count: pytest.fail(f"changed to {count}"))
    setup_pytorch_for_mpi()
    assert os.environ["OMP_NUM_THREADS"] == "4"


# Two ranks


@pytest.mark.mpi
def test_parameters_and_buffers_of_every_type_become_those_of_rank_0(run_ranks: Callable[..., Outcome]) -> None:
    outcome = run_ranks(
        BOTH
        + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
        for name in ("float16", "bfloat16", "float64", "complex64"):
            self.register_parameter("x_" + name, nn.Parameter(torch.randn(2, 3).to(getattr(torch, name))))
        self.register_buffer("flags", torch.rand(5) < 0.5)
        self.register_buffer("counts", torch.randint(0, 99, (2, 0, 3)))
        self.strided = nn.Parameter(torch.randn(4, 3).t())

torch.manual_seed(rank)
net = Net()
net.layers(torch.randn(8, 3))
torch.manual_seed(0)
want = Net()
want.layers(torch.randn(8, 3))
ids = [id(tensor) for tensor in net.state_dict(keep_vars=True).values()]
sync_params(net)
pairs = zip(net.state_dict().values(), want.state_dict().values())
same = all(torch.equal(a, b) and a.dtype == b.dtype for a, b in pairs)
say(same, ids == [id(tensor) for tensor in net.state_dict(keep_vars=True).values()])
"""
    )
    good(outcome, "True True")


@pytest.mark.mpi
def test_another_rank_can_be_the_root(run_ranks: Callable[..., Outcome]) -> None:
    outcome = run_ranks(
        BOTH
        + """
net = nn.Linear(1, 1)
nn.init.constant_(net.weight, rank + 5)
sync_params(net, root=1)
say(net.weight.item())
"""
    )
    good(outcome, "6.0")


@pytest.mark.mpi
def test_modules_that_differ_are_an_error_on_both_ranks_and_no_hang(run_ranks: Callable[..., Outcome]) -> None:
    outcome = run_ranks(
        BOTH
        + """
try:
    sync_params(nn.Linear(2, 1 + rank))
except SweepError as error:
    say(error)
"""
    )
    good(
        outcome,
        "rank 1 has parameters of other shapes or dtypes than rank 0; build the same model on every rank before it is "
        "synced.",
    )


@pytest.mark.mpi
def test_gradients_of_every_type_become_their_means_and_keep_their_types(run_ranks: Callable[..., Outcome]) -> None:
    outcome = run_ranks(
        BOTH
        + """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        for name in ("float16", "bfloat16", "float32", "float64", "complex64", "complex128"):
            self.register_parameter("x_" + name, nn.Parameter(torch.zeros(2, 3).to(getattr(torch, name))))
        self.strided = nn.Parameter(torch.zeros(4, 3).t())

net = Net()
for parameter in net.parameters():
    parameter.grad = torch.full_like(parameter, 1 + 2 * rank)
net.x_float64.grad[:] = 1 + (1 - rank) * 2**-51
net.x_complex64.grad[:] = 1j * rank
net.strided.grad = torch.arange(12.0).reshape(4, 3).t() * rank
ids = [id(parameter.grad) for parameter in net.parameters()]
mpi_avg_grads(net)
right = [
    net.x_float16.grad.eq(2).all(), net.x_bfloat16.grad.eq(2).all(), net.x_float32.grad.eq(2).all(),
    net.x_float64.grad.eq(1 + 2**-52).all(), net.x_complex64.grad.eq(0.5j).all(), net.x_complex128.grad.eq(2).all(),
    torch.equal(net.strided.grad, torch.arange(12.0).reshape(4, 3).t() / 2),
]
types = all(parameter.grad.dtype == parameter.dtype for parameter in net.parameters())
say(all(map(bool, right)), types, ids == [id(parameter.grad) for parameter in net.parameters()])
"""
    )
    good(outcome, "True True True")


@pytest.mark.mpi
def test_a_parameter_without_a_gradient_on_one_rank_counts_as_0_and_on_both_stays_without(
    run_ranks: Callable[..., Outcome],
) -> None:
    outcome = run_ranks(
        BOTH
        + """
net = nn.ParameterList([nn.Parameter(torch.zeros(2)) for _ in range(3)])
net.append(nn.Parameter(torch.zeros(2), requires_grad=False))
net[0].grad = torch.ones(2)
if rank == 1:
    net[1].grad = torch.ones(2)
mpi_avg_grads(net)
say([None if parameter.grad is None else parameter.grad.tolist() for parameter in net])
"""
    )
    good(outcome, "[[1.0, 1.0], [0.5, 0.5], None, None]")


@pytest.mark.mpi
def test_many_tensors_take_one_collective(run_ranks: Callable[..., Outcome]) -> None:
    outcome = run_ranks(
        BOTH
        + """
from unittest import mock
from sweep.runtime.mpi import flat
net = nn.ModuleList([nn.Linear(3, 3) for _ in range(50)])
sum(layer(torch.ones(3)).sum() for layer in net).backward()
with mock.patch.object(flat, "_parts", wraps=flat._parts) as parts:
    mpi_avg_grads(net)
say(parts.call_count, {parameter.grad.mean().item() for parameter in net.parameters()})
"""
    )
    good(outcome, "1 {1.0}")


@pytest.mark.mpi
def test_a_long_array_is_sent_in_parts(run_ranks: Callable[..., Outcome]) -> None:
    outcome = run_ranks(
        BOTH
        + """
from sweep.runtime.mpi import flat
flat._MOST = 7
net = nn.Linear(5, 5)
nn.init.constant_(net.weight, rank)
sync_params(net)
net.weight.grad, net.bias.grad = torch.arange(25.0).reshape(5, 5) * rank, torch.ones(5)
mpi_avg_grads(net)
say(torch.equal(net.weight.grad, torch.arange(25.0).reshape(5, 5) / 2), net.weight.sum().item())
"""
    )
    good(outcome, "True 0.0")


@pytest.mark.mpi
def test_a_sparse_gradient_is_named(run_ranks: Callable[..., Outcome]) -> None:
    outcome = run_ranks(
        BOTH
        + """
net = nn.Embedding(3, 2, sparse=True)
net(torch.tensor([1])).sum().backward()
try:
    mpi_avg_grads(net)
except SweepError as error:
    say(error)
"""
    )
    good(outcome, "a gradient is sparse, and cannot be averaged: use Embedding(..., sparse=False).")


@pytest.mark.mpi
def test_two_ranks_with_half_the_batch_each_train_as_one_with_all_of_it(run_ranks: Callable[..., Outcome]) -> None:
    outcome = run_ranks(
        BOTH
        + """
torch.manual_seed(7)
x, y = torch.randn(32, 3, dtype=torch.float64), torch.randn(32, 1, dtype=torch.float64)

def trained(x, y, together):
    torch.manual_seed(0 if not together else rank)
    net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1)).double()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    if together:
        setup_pytorch_for_mpi()
        sync_params(net)
    for _ in range(20):
        optimizer.zero_grad()
        ((net(x) - y) ** 2).mean().backward()
        if together:
            mpi_avg_grads(net)
        optimizer.step()
    return torch.cat([parameter.detach().reshape(-1) for parameter in net.parameters()])

half = slice(16 * rank, 16 * rank + 16)
alone, both = trained(x, y, False), trained(x[half], y[half], True)
say(torch.allclose(alone, both, rtol=1e-9, atol=1e-12))
"""
    )
    good(outcome, "True")


@pytest.mark.mpi
def test_gradients_on_a_gpu_come_back_to_it(run_ranks: Callable[..., Outcome], need: Any, torch: Any) -> None:
    need("cuda", torch.cuda.is_available(), "no GPU that torch can use")
    outcome = run_ranks(
        BOTH
        + """
net = nn.Sequential(nn.Linear(3, 2).cuda(), nn.Linear(2, 2))
nn.init.constant_(net[0].weight, rank)
sync_params(net)
for parameter in net.parameters():
    parameter.grad = torch.full_like(parameter, 1 + 2 * rank)
mpi_avg_grads(net)
found = [(parameter.grad.device.type, parameter.grad.unique().tolist()) for parameter in net.parameters()]
say(found[::2], net[0].weight.sum().item())
"""
    )
    good(outcome, "[('cuda', [2.0]), ('cpu', [2.0])] 0.0")
