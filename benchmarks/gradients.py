"""`mpi_avg_grads` on two ranks, over a single Allreduce of the same bytes.

    python benchmarks/gradients.py [--rounds 15]

A model of 100 tensors, in three sizes. Contenders alternate within a round; a ratio is taken within a round, and the
figure is the median over the rounds. Times are wall time of rank 0, as waiting counts, with a barrier before each call.
The last contender is what Spinning Up does: an all-reduce for each tensor.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from sweep.base.mpi_command import find_launcher, mpi_argv, mpi_environment

LAYERS, WIDTHS = 50, (16, 128, 512)
Contender = Callable[[], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--ranks-only", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    try:
        import torch  # noqa: F401
    except ImportError as error:
        print(f"!! NOT MEASURED: {error}")
        return
    if arguments.ranks_only:
        two_ranks(arguments.rounds)
        return
    launcher = find_launcher(None, os.environ)
    command = [sys.executable, "-m", "mpi4py", __file__, "--ranks-only", "--rounds", str(arguments.rounds)]
    argv = mpi_argv(launcher, 2, command, as_root=os.geteuid() == 0)
    subprocess.run(argv, env=mpi_environment(os.environ, launcher.family), check=True)


def two_ranks(rounds: int) -> None:
    import torch
    from mpi4py import MPI

    from sweep.runtime.mpi.pytorch import mpi_avg_grads

    torch.set_num_threads(1)
    world = MPI.COMM_WORLD
    for width in WIDTHS:
        module = model(width)
        count = sum(parameter.numel() for parameter in module.parameters())
        out, into = np.ones(count, np.float32), np.empty(count, np.float32)

        def floor(out: Any = out, into: Any = into) -> None:
            world.Allreduce(out, into)

        def one_by_one(module: Any = module) -> None:
            for parameter in module.parameters():
                mean = np.empty_like(parameter.grad.numpy())
                world.Allreduce(parameter.grad.numpy(), mean)
                parameter.grad.numpy()[:] = mean / 2

        contenders = {
            "one Allreduce (floor)": floor,
            "mpi_avg_grads": lambda module=module: mpi_avg_grads(module),
            "an Allreduce for each tensor": one_by_one,
        }
        measure(f"100 tensors, {count * 4 / 1e6:.2f} MB of float32", contenders, rounds, world)


def model(width: int) -> Any:
    import torch

    layers = torch.nn.ModuleList([torch.nn.Linear(width, width) for _ in range(LAYERS)])
    for parameter in layers.parameters():
        parameter.grad = torch.ones_like(parameter)
    return layers


def measure(title: str, contenders: dict[str, Contender], rounds: int, world: Any) -> None:
    """Time contenders in alternating rounds, and let rank 0 print their ratios to the first."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds + 2):
        for name, contender in contenders.items():
            world.Barrier()
            start = time.perf_counter()
            contender()
            times[name].append(time.perf_counter() - start)
    if world.Get_rank():
        return
    floor, *_ = (own[2:] for own in times.values())  # the first rounds touch memory for the first time
    print(f"\n{title}\n  {'':30} {'x floor':>8} {'(min..max)':>16} {'us':>10}")
    for name, own in times.items():
        ratios = [mine / base for mine, base in zip(own[2:], floor, strict=True)]
        spread = f"({min(ratios):.2f}..{max(ratios):.2f})"
        print(f"  {name:30} {statistics.median(ratios):8.2f} {spread:>16} {statistics.median(own[2:]) * 1e6:10.0f}")


if __name__ == "__main__":
    main()
