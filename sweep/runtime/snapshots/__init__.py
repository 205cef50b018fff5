"""Snapshots: how the live objects of a run are written, so that a kill at any instant costs none, and put back."""
