"""Functions that the grid files in this folder name."""


def ppo(**kwargs):
    """Take whatever a grid gives."""


def sac(**kwargs):
    """Another algorithm."""


class Tanh:
    """An activation."""


class ReLU:
    """Another one."""
