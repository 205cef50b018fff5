"""The flags that say how a run is scored, for every command that ranks."""

from __future__ import annotations

import argparse


def add_score(parser: argparse.ArgumentParser) -> None:
    """Add the paths, and the flags of a score."""
    parser.add_argument("paths", metavar="PATH", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("-y", "--value", metavar="Y", default="", help="the metric that counts")
    parser.add_argument("-x", "--xaxis", metavar="X", default="", help="the metric that says how far a run is")
    parser.add_argument("--how", metavar="WHAT", default="last10%", help="what of it (default last10%%)")
    parser.add_argument("--min", action="store_true", help="lower is better")
    parser.add_argument("--which", choices=("done", "all"), default="done", help="runs that are done (default), or all")
