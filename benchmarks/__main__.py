"""`make bench`: every figure the project claims, measured on this machine, with how it was measured.

`python -m benchmarks NAME…` runs only the named ones.
"""

from __future__ import annotations

import importlib
import os
import platform
import sqlite3
import sys
import time

SUITES = (
    "store",
    "finding",
    "parsing",
    "imports",
    "terminal",
    "living",
    "threads",
    "delivery",
    "answers",
    "articles",
    "chat",
    "flood",
    "live",
    "watching",
    "pulling",
    "widget",
)


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        print(f"no benchmark called {', '.join(unknown)}; there are: {', '.join(SUITES)}", file=sys.stderr)
        return 2
    print(
        f"{platform.python_implementation()} {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
    )
    for name in names or SUITES:
        module = importlib.import_module(f"benchmarks.{name}")
        print(f"\n== {name}: {(module.__doc__ or '').strip().splitlines()[0]}", flush=True)
        started = time.perf_counter()
        for figure, value in module.run():
            print(f"{figure:<72} {value}", flush=True)
        print(f"({time.perf_counter() - started:.0f} s)", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
