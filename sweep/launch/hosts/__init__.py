"""Runs on several machines that ssh reaches, with the data directory as the place where all meet."""
