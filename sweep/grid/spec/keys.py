"""The words of a grid file: every key that a mapping of it may have. `grid.schema.json` repeats them for editors."""

from __future__ import annotations

VERSION = 1

# What one grid says; a part of a `union` is a document of these alone. Written in this order.
GRID = (
    "name", "default_shorthand", "grid", "zip", "when", "cases", "derive", "exclude", "ablate", "sample", "order",
    "union",
)  # fmt: skip
DOCUMENT = ("sweep", "name", "default_shorthand", "thunk", *GRID[2:], "run")

BLOCK = ("grid", "zip", "when")
WHEN = ("if", *BLOCK)
ZIP = ("vals", "in_name", "before")
DERIVE = ("rule", "shorthand", "in_name")
ABLATE = ("vals", "base")
SAMPLE = ("n", "seed")
ORDER = ("order", "seed")

DISTRIBUTIONS = ("uniform", "loguniform", "choice")
GENERATORS = ("range", "linspace", "logspace", "geomspace", *DISTRIBUTIONS)
DRAWS = ("n", "seed")
OPTIONS = ("shorthand", "in_name", "labels", "runtime_only")
ENTRY = ("vals", *GENERATORS, *DRAWS, *OPTIONS)
COLUMN = (*GENERATORS, *DRAWS)

# Values that YAML has no form for, as a mapping of one key.
TAGS = ("py", "tuple", "dict")

# Names of a launch's arguments that a `run` block may use too.
RUN_ALIASES = {"ranks": "num_cpu"}
