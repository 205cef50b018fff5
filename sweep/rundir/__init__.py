"""A run is a directory: every path in it, every format, every state and legal move."""
