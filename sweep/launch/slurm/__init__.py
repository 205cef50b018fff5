"""Runs on a cluster that Slurm divides: submitted, and left alone."""
