"""Memories: rings of steps, and the files that they are exported to and imported from."""
