"""The real mail these tests read, unpacked once a session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.corpora import Absent, unpack

Corpus = Callable[[str], list[Path]]
MAIL = (
    "mail-ham",
    "mail-spam",
    "mail-fixtures-sisimai",
    "mail-fixtures-flufl.bounce",
    "mail-fixtures-mime4j",
    "mail-fixtures-rubymail",
    "mail-fixtures-nodemailer",
    "replies-talon",
)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """All files of the corpus of that name, sorted; skips where it is not on this machine."""
    unpacked: dict[str, Path] = {}

    def files(name: str) -> list[Path]:
        if name not in unpacked:
            try:
                unpacked[name] = unpack(name, tmp_path_factory.mktemp("corpus"))
            except Absent as absent:
                pytest.skip(str(absent))
        return sorted(path for path in unpacked[name].rglob("*") if path.is_file())

    return files
