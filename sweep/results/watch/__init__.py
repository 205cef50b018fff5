"""A sweep while it goes on: a row for each setting, a character for each seed."""
