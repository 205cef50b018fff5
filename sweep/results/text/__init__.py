"""Tables and lines for people: in a terminal through `rich` if it is there, plain text everywhere else."""
