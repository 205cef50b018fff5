"""Weights alone, in formats that hold no code, for use elsewhere."""
