"""In what two runs, settings or sweeps differ: parameters, code and machine, scores."""
