"""The supervisor: one process per launch that owns every process of its runs, and ends them when the driver dies."""
