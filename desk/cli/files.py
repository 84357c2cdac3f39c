"""`desk save`: bytes from outside go into files, never onto the terminal."""

from __future__ import annotations

from pathlib import Path

import click

from desk.cli.command import ID, Desk, command
from desk.cli.failures import Failure
from desk.cli.thread import size
from desk.saving import safe_name


@command("save")
@click.argument("message", type=ID)
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("."),
    help="The folder; made if missing. Default: here.",
)
@click.option("--raw", is_flag=True, help="The message itself, byte for byte as it came or went, as an .eml file.")
async def save(desk: Desk, message: int, folder: Path, raw: bool) -> None:
    """Write a message's attachments, or its raw bytes, to files.

    MESSAGE is a message's number as `desk show` prints it. No file is overwritten.
    """
    found = await desk.client.message(message)
    if raw:
        contents = [(f"message-{message}.eml", await desk.client.raw(message))]
    else:
        contents = [(safe_name(file.name), await desk.client.blob(file.sha256)) for file in found.attachments]
    if not contents:
        raise Failure(f"message {message} has no attachments", code="no-attachments", hint="--raw saves the message.")
    written = [(write_new(folder, name, data), len(data)) for name, data in contents]

    def text() -> None:
        for path, length in written:
            desk.out.line(f"{path}  {size(length)}")

    desk.show([{"path": str(path), "size": length} for path, length in written], text)


def write_new(folder: Path, name: str, data: bytes) -> Path:
    """Write a file that did not exist, numbering its name if it must. Raises Failure if it cannot be written."""
    stem, suffix = Path(name).stem, Path(name).suffix
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(10_000):
            path = folder / (f"{stem}-{number}{suffix}" if number else name)
            try:
                with path.open("xb") as file:
                    file.write(data)
            except FileExistsError:
                continue
            return path
    except OSError as error:
        raise Failure(f"{folder / name} cannot be written: {error.strerror}", code="cannot-write") from error
    raise Failure(f"{folder / name} exists ten thousand times", code="cannot-write")
