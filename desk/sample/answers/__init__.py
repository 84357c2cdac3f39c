"""The sample shop's canned answers: the files beside this one, and the form that some attach."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from desk.answers.model import AnswerFile
from desk.sample.files import pdf

FORM = "returns/return-form.pdf"


def read_answers() -> list[AnswerFile]:
    """The answers, and what they attach."""
    answers = [AnswerFile(path=path, data=file.read_bytes()) for path, file in _markdown(files(__name__))]
    return [*answers, AnswerFile(path=FORM, data=pdf("return-form.pdf"))]


def read_macros() -> str:
    """The macros, as tables of `desk.toml`."""
    return (files("desk.sample") / "macros.toml").read_text("utf-8")


def _markdown(folder: Traversable, above: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _markdown(entry, f"{above}{entry.name}/")
        elif entry.name.endswith(".md"):
            yield f"{above}{entry.name}", entry
