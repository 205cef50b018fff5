"""Talking to Slurm through its own programs: what they are asked, what they say, and what that means."""
