"""A small policy-gradient learner in numpy: REINFORCE with reward-to-go and Adam, its gradient averaged over MPI ranks.

It is an example, not a library: about a hundred lines that learn CartPole in a few seconds, go on where they were
stopped, and leave a policy that `sweep test_policy` plays.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import gymnasium
import numpy as np

from sweep import EpochLogger, Factory, current_run, mpi_avg, num_procs, proc_id

try:  # here, so that it is imported once for all runs
    import tensorboard.summary  # noqa: F401

    OUTPUTS = ["tensorboard"]
except ImportError:
    OUTPUTS = []

Array = np.ndarray[Any, np.dtype[np.float64]]


class Policy:
    """A softmax policy over discrete actions: a multilayer perceptron with tanh units."""

    def __init__(self, sizes: Sequence[int], rng: np.random.Generator) -> None:
        shapes = list(pairwise(sizes))
        self.weights = [rng.normal(0.0, 1.0 / np.sqrt(rows), (rows, columns)) for rows, columns in shapes]
        self.biases = [np.zeros(columns) for _, columns in shapes]
        self.weights[-1] *= 0.01  # begin with all actions about equally likely

    def parameters(self) -> list[Array]:
        return [*self.weights, *self.biases]

    def layers(self, observations: Array) -> list[Array]:
        """Return the activations of every layer; the last one holds the actions' logits."""
        activations = [observations]
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            inner = activations[-1] @ weight + bias
            activations.append(inner if number == len(self.weights) - 1 else np.tanh(inner))
        return activations

    def probabilities(self, logits: Array) -> Array:
        odds = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=-1, keepdims=True))

    def act(self, observation: Array, deterministic: bool = False) -> int:
        """Return the likeliest action for one observation, or one by chance."""
        chances = self.probabilities(self.layers(observation)[-1])
        return int(chances.argmax() if deterministic else np.random.choice(len(chances), p=chances))

    def gradient(self, observations: Array, actions: Array, advantages: Array) -> list[Array]:
        """Return the gradient of mean(log pi(action) * advantage), shaped like `parameters`."""
        activations = self.layers(observations)
        chosen = np.eye(activations[-1].shape[1])[actions]
        delta = (chosen - self.probabilities(activations[-1])) * advantages[:, None] / len(actions)
        weights, biases = [], []
        for number in reversed(range(len(self.weights))):
            weights.append(activations[number].T @ delta)
            biases.append(delta.sum(axis=0))
            delta = (delta @ self.weights[number].T) * (1.0 - activations[number] ** 2)
        return [*weights[::-1], *biases[::-1]]


class Adam:
    """Kingma and Ba's optimiser (2015), climbing."""

    def __init__(self, parameters: list[Array], lr: float) -> None:
        self.parameters, self.lr, self.step = parameters, lr, 0
        self.mean = [np.zeros_like(one) for one in parameters]
        self.square = [np.zeros_like(one) for one in parameters]

    def climb(self, gradients: list[Array]) -> None:
        self.step += 1
        for one, gradient, mean, square in zip(self.parameters, gradients, self.mean, self.square, strict=True):
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient**2 - square)
            one += self.lr * (mean / (1 - 0.9**self.step)) / (np.sqrt(square / (1 - 0.999**self.step)) + 1e-8)


def episode(env: Any, policy: Policy, rng: np.random.Generator) -> tuple[list[Array], list[int], list[float]]:
    """Play one episode and return its observations, actions and rewards."""
    observations, actions, rewards = [], [], []
    observation, _ = env.reset(seed=int(rng.integers(2**31)))
    over = False
    while not over:
        chances = policy.probabilities(policy.layers(observation)[-1])
        action = int(rng.random() > chances[0])
        observations.append(observation)
        observation, reward, terminated, truncated, _ = env.step(action)
        actions.append(action)
        rewards.append(float(reward))
        over = terminated or truncated
    return observations, actions, rewards


def rewards_to_go(rewards: list[float], gamma: float) -> list[float]:
    total, sums = 0.0, []
    for reward in reversed(rewards):
        total = reward + gamma * total
        sums.append(total)
    return sums[::-1]


def train(
    env_name: str = "CartPole-v1",
    hidden_sizes: Sequence[int] = (32,),
    lr: float = 1e-2,
    gamma: float = 0.99,
    steps_per_epoch: int = 2000,
    epochs: int = 50,
    seed: int = 0,
    logger_kwargs: dict[str, Any] | None = None,
) -> None:
    """Train a policy; every rank plays its share of the steps of an epoch."""
    run = current_run()
    logger = EpochLogger(**(logger_kwargs or {}), outputs=OUTPUTS)
    logger.save_config(locals())
    rng = np.random.default_rng(seed + 10_000 * proc_id())
    env: Any = gymnasium.make(env_name)
    sizes = [env.observation_space.shape[0], *hidden_sizes, env.action_space.n]
    policy = Policy(sizes, np.random.default_rng(seed))  # the same on every rank
    optimiser = Adam(policy.parameters(), lr)
    run.state(policy=policy, optimiser=optimiser, rng=rng, env=Factory(gymnasium.make, {"id": env_name}))
    run.snapshots("gap", gap=10)
    for epoch in run.epochs(epochs):
        seen: list[Array] = []
        done: list[int] = []
        returns: list[float] = []
        while len(done) < steps_per_epoch // num_procs():
            observations, actions, rewards = episode(env, policy, rng)
            logger.store(EpRet=sum(rewards), EpLen=len(rewards))
            seen += observations
            done += actions
            returns += rewards_to_go(rewards, gamma)
        advantages = (np.array(returns) - np.mean(returns)) / (np.std(returns) + 1e-8)
        gradient = policy.gradient(np.array(seen), np.array(done), advantages)
        optimiser.climb([mpi_avg(one) for one in gradient])
        logger.log_tabular("Epoch", epoch)
        logger.log_tabular("EpRet", with_min_and_max=True)
        logger.log_tabular("EpLen", average_only=True)
        logger.log_tabular("TotalEnvInteracts", (epoch + 1) * steps_per_epoch)
        logger.dump_tabular()
