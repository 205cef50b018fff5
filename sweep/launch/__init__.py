"""Starting runs: jobs, command lines, processes, progress. Never imports MPI, and nothing of the user's."""
