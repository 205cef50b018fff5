"""How a sweep stands: counts, failures with cause and log, runs that are stalled or dead, and how long it may take."""
