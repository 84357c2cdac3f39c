"""The text a command is given: by an option, from a file, from standard input or out of the editor."""

from __future__ import annotations

import sys
from typing import IO, Any

import click

from desk.cli.asking import interruptible
from desk.cli.failures import Failure


def body_options(function: Any) -> Any:
    """--body, --file, or standard input, or the editor."""
    for option in (
        click.option("--file", type=click.File("r", encoding="utf-8"), help="Read the text from a file (- for stdin)."),
        click.option("--body", metavar="TEXT", help="The text. Without it: --file, else stdin, else $EDITOR."),
    ):
        function = option(function)
    return function


def read_body(body: str | None, file: IO[str] | None) -> str:
    """The text from the option, the file, standard input or the editor. Never empty."""
    if body is not None and file is not None:
        raise click.UsageError("--body and --file exclude each other")
    if body is None:
        if file is not None:
            body = file.read()
        elif sys.stdin.isatty():
            with interruptible():
                body = click.edit("", extension=".txt", require_save=False) or ""
        else:
            body = sys.stdin.read()
    if not body.strip():
        raise Failure("the text is empty; nothing was written", code="empty")
    return body.rstrip("\n")
