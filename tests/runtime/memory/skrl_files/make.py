"""How the files beside this one were made, with skrl 2.1.1 and torch 2.13.0: ``python make.py``.

Six steps of two environments; `partial.npz` was saved after four of them. Nothing here is run by a test.
"""

import tempfile
from pathlib import Path

import torch
from skrl.memories.torch import RandomMemory

HERE = Path(__file__).parent


def main() -> None:
    for suffix in ("pt", "npz", "csv"):
        save(suffix, 6, f"filled.{suffix}")
    save("npz", 4, "partial.npz")


def save(suffix: str, steps: int, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        memory = RandomMemory(memory_size=6, num_envs=2, export_format=suffix, export_directory=folder)
        memory.create_tensor("observations", size=3, dtype=torch.float32)
        memory.create_tensor("actions", size=1, dtype=torch.int64)
        memory.create_tensor("rewards", size=1, dtype=torch.float32)
        memory.create_tensor("terminated", size=1, dtype=torch.bool)
        for t in range(steps):
            memory.add_samples(
                observations=torch.tensor([[t + e / 10 + i / 100 for i in range(3)] for e in range(2)]),
                actions=torch.tensor([[10 * t + e] for e in range(2)]),
                rewards=torch.tensor([[t / 3 + e] for e in range(2)]),
                terminated=torch.tensor([[(t + e) % 3 == 0] for e in range(2)]),
            )
        memory.save(format=suffix)
        (file,) = Path(folder, "memories").iterdir()
        (HERE / name).write_bytes(file.read_bytes())


if __name__ == "__main__":
    main()
