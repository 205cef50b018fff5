"""A first sweep: 2 learning rates x 2 network shapes x 3 seeds on CartPole, two MPI ranks a run.

    python examples/cartpole.py
    sweep test_policy --itr 20 data/cartpole_lr0-01_hid64-64/cartpole_lr0-01_hid64-64_s0
    tensorboard --logdir data

Stop it at will: the same command goes on where it was.
"""

import sys

from policy_gradient import train

from sweep import ExperimentGrid

if __name__ == "__main__":
    grid = ExperimentGrid(name="cartpole")
    grid.add("env_name", "CartPole-v1")
    grid.add("lr", [1e-2, 3e-2])
    grid.add("hidden_sizes", [(32,), (64, 64)], shorthand="hid")
    grid.add("epochs", int(sys.argv[1]) if len(sys.argv) > 1 else 50)
    grid.add("seed", [0, 10, 20])
    sys.exit(grid.run(train, num_cpu=2).exit_code)
