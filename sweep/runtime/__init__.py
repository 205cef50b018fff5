"""What runs inside the user's process: the child's entry, the logger and its outputs, MPI helpers."""
