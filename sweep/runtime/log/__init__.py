"""The logger: what is stored, how it becomes rows, and the way of a row to the outputs."""
