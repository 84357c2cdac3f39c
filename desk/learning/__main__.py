"""`python -m desk.learning LESSON MODEL`: learns what a lesson holds, and leaves a model. Files are MessagePack.

Exit code 3: scikit-learn is not installed.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec

from desk.learning.model import Lesson, encode

WITHOUT_LIBRARY = 3


def main(arguments: list[str]) -> int:
    """Learn; returns the exit code."""
    lesson, target = map(Path, arguments)
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # one core is enough, and mail needs the others
        os.environ.setdefault(variable, "1")
    os.nice(10)
    try:
        from desk.learning.training import learn
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error}\n")
        return WITHOUT_LIBRARY
    model = learn(msgspec.msgpack.decode(lesson.read_bytes(), type=Lesson))
    partial = target.with_suffix(".partial")
    partial.write_bytes(encode(model))
    partial.chmod(0o600)
    partial.replace(target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
