"""`python -m desk.server`: what `desk.launch` starts in the background."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from desk.server.run import serve


def main() -> int:
    """Parse the command line and serve until told to stop; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m desk.server", description="Run Desk's server in the foreground.")
    parser.add_argument("--workspace", metavar="DIR", type=Path, help="the workspace's folder")
    parser.add_argument("--background", action="store_true", help="nobody is watching: log to files only")
    given = parser.parse_args()
    return serve(given.workspace, background=given.background)


if __name__ == "__main__":
    sys.exit(main())
