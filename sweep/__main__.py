"""``python -m sweep``: the same as the command ``sweep``."""

import sys

from sweep.cli import main

sys.exit(main())
