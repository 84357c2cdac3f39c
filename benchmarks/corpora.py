"""The real mail that benchmarks read; it lies beside the project and is never copied into it."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

HOME = Path(os.environ.get("DESK_CORPORA", Path(__file__).resolve().parents[2] / "shared" / "corpora"))


class Absent(Exception):
    """The corpus is not on this machine; the message says where it was looked for."""


def unpack(name: str, into: Path) -> Path:
    """Unpack one archive into a folder and return the folder.

    Raises:
        Absent: there is no such archive.
    """
    archive = HOME / f"{name}.tar.xz"
    if not archive.exists():
        raise Absent(f"no corpus at {archive} (DESK_CORPORA names another folder)")
    with tarfile.open(archive) as tar:
        tar.extractall(into, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return into
