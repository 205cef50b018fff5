"""A grid as a YAML document, read and written without loss. Pure: text in, text out; `yaml_file` knows the disk.

    text --compose--> Node tree (with lines) --reader--> Grid --writer--> plain data --emit--> text

`keys` owns the words of the format, `scalars` what plain text means, `values` the tagged values. Every mistake is one
`SpecError` with its line.
"""

from sweep.grid.spec.arguments import parse_alternatives, parse_value
from sweep.grid.spec.reader import GridFile, read_grid
from sweep.grid.spec.writer import grid_text

__all__ = ["GridFile", "grid_text", "parse_alternatives", "parse_value", "read_grid"]
