"""Policies of finished runs, found again and played."""
