"""The front: what a user calls. Expands, plans, confirms, launches, sums up."""
