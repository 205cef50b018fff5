"""Where rows of metrics go: each output has one file here and knows nothing of the others."""
