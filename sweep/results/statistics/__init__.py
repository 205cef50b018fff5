"""Statistics of scores and curves over seeds: functions of numpy arrays, which know nothing of runs.

A score that is not there is left out by the caller, who says how many were; what is not finite raises a ValueError.
The replication unit is the seed: an array of scores has one number for each, never one for each episode.
Nothing depends on any other setting than those that a function is given, and what is drawn at random is drawn from a
generator of its own with a seed of its own, so hiding a setting changes no number of another.
"""
