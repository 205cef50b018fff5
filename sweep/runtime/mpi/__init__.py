"""Ranks together: the helpers of Spinning Up, and gradients and parameters of PyTorch and Keras."""
