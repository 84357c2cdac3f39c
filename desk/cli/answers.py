"""`desk answers …`: canned answers on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO

import click

from desk.answers.model import Answer, AnswerHit, FilledAnswer, NewAnswer
from desk.cli.asking import interruptible
from desk.cli.body import body_options, read_body
from desk.cli.command import ID, Desk, command
from desk.cli.failures import Exit, Failure
from desk.cli.output import Column, Styled
from desk.documents.finding import Finding
from desk.workspace import Workspace

_FOR = click.option("--for", "conversation", type=ID, metavar="ID", help="Filled for this conversation.")


@click.group("answers")
def answers() -> None:
    """Canned answers: find, write, bring in and out.

    They are Markdown files in the workspace's folder `answers`. KEY is a file's path there without .md, or ::SHORTCUT.
    """


@command("list")
@click.option("--folder", help="Only those in this folder.")
async def list_(desk: Desk, folder: str | None) -> None:
    """All answers, by folder and title."""
    found = await desk.client.all_answers()
    _table(desk, [each for each in found if folder is None or each.folder == folder.strip("/")])


@command("search")
@click.argument("words", nargs=-1)
@_FOR
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
async def search(desk: Desk, words: tuple[str, ...], conversation: int | None, limit: int) -> None:
    """Find answers by shortcut, title and text, the best first; without words those that are used most."""
    hits = await desk.client.answers(" ".join(words), conversation, limit=limit)
    desk.show(hits, lambda: _hits(desk, hits))


@command("show")
@click.argument("key")
@_FOR
async def show(desk: Desk, key: str, conversation: int | None) -> None:
    """One answer; with --for as it would be sent."""
    if conversation is None:
        answer = await find(desk, key)
        desk.show(answer, lambda: _show(desk, answer))
        return
    filled = await fill(desk, key, conversation)
    desk.show(filled, lambda: desk.out.text(filled.body))
    if filled.gaps:
        desk.errors.line("nothing fills ", Styled(", ".join(gap.name for gap in filled.gaps), "yellow"))


@command("new")
@click.argument("title")
@body_options
@click.option("--shortcut", default="", help="What is typed after ::, one word; default: made of the title.")
@click.option("--folder", default="", help="Where it belongs, such as shipping.")
@click.option("--language", default="", help="For customers who write it, such as de.")
@click.option("--tag", "tags", multiple=True, metavar="TAG")
@click.option("--personal", is_flag=True, help="For nobody but me.")
@click.option("--attach", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE")
async def new(
    desk: Desk,
    title: str,
    body: str | None,
    file: IO[str] | None,
    shortcut: str,
    folder: str,
    language: str,
    tags: tuple[str, ...],
    personal: bool,
    attach: tuple[Path, ...],
) -> None:
    """Write an answer."""
    text = read_body(body, file)
    attachments = [f"{await desk.client.upload(path.read_bytes())}:{path.name}" for path in attach]
    answer = NewAnswer(
        title=title, body=text, shortcut=shortcut, language=language, tags=tags, attachments=tuple(attachments)
    )
    saved = await desk.client.save_answer(answer, folder=folder, personal=personal)
    desk.said(saved, f"{saved.key} is there: type ::{saved.shortcut}")


@command("edit")
@click.argument("key")
async def edit(desk: Desk, key: str) -> None:
    """Open an answer's file in $EDITOR."""
    path = Workspace(desk.workspace).answers / f"{key.removesuffix('.md')}.md"
    if not path.is_file():
        path = Workspace(desk.workspace).answers / f"{(await find(desk, key)).key}.md"
    with interruptible():
        click.edit(filename=str(path))
    name = path.relative_to(Workspace(desk.workspace).answers).as_posix()
    if wrong := [each for each in await desk.client.answer_findings() if each.file == name]:
        raise _faulty(wrong)
    saved = await desk.client.answer(name.removesuffix(".md"))
    desk.said(saved, f"{saved.key}: {saved.title}")


@command("rm")
@click.argument("key")
async def rm(desk: Desk, key: str) -> None:
    """Remove an answer."""
    answer = await find(desk, key)
    await desk.client.delete_answer(answer.key, answer.rev)
    desk.said(answer, f"{answer.key} is gone")


@command("mv")
@click.argument("key")
@click.argument("to")
async def mv(desk: Desk, key: str, to: str) -> None:
    """Give an answer another key; what it attaches stays attached."""
    answer = await find(desk, key)
    moved = await desk.client.move_answer(answer.key, to.removesuffix(".md"), answer.rev)
    desk.said(moved, f"{answer.key} is {moved.key} now")


@command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--replace", is_flag=True, help="What is there and different gives way.")
@click.option("--personal", is_flag=True, help="For nobody but me.")
async def import_(desk: Desk, path: Path, replace: bool, personal: bool) -> None:
    """Take answers in: a folder, a .zip, a .json (ours, or a list of another desk's), or one .md file.

    Safe to repeat. Exit code 1 if some could not be read; the others are in.
    """
    from desk.answers import packing
    from desk.answers.errors import AnswerError

    try:
        files = packing.read(path)
    except (AnswerError, OSError) as error:
        raise Failure(str(error), code=getattr(error, "code", "unreadable")) from error
    done = await desk.client.import_answers(files, replace=replace, personal=personal)
    counts = ((len(done.new), "new"), (len(done.replaced), "replaced"), (len(done.same), "there already"))
    told = [f"{count} {what}" for count, what in counts if count or what == "new"]
    kept = [f"{len(done.kept)} different ones kept (--replace takes the new)"] if done.kept else []
    desk.said(done, ", ".join([*told, *kept]))
    if done.findings:
        raise _faulty(done.findings)


@command("export")
@click.argument("path", type=click.Path(path_type=Path))
async def export(desk: Desk, path: Path) -> None:
    """Write all answers to PATH: a .zip, a .json, or else a folder. Nothing is overwritten."""
    from desk.answers import packing

    files = await desk.client.export_answers()
    try:
        packing.write(path, files)
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror or error}", code="unwritable") from error
    desk.said({"path": str(path), "files": len(files)}, f"{len(files)} files in {path}")


@command("check")
async def check(desk: Desk) -> None:
    """Say what is wrong with the files, by file and line. Exit code 1 if anything is."""
    findings = await desk.client.answer_findings()
    desk.show(findings, lambda: desk.out.line("nothing is wrong") if not findings else None)
    if findings:
        raise _faulty(findings)


async def fill(desk: Desk, name: str, conversation: int) -> FilledAnswer:
    """The answer of that key, or what `::shortcut` means to the customer, filled. Raises Failure."""
    key = name if name.startswith("::") else (await find(desk, name)).key
    return await desk.client.fill_answer(key, conversation)


async def find(desk: Desk, name: str) -> Answer:
    """The answer of that key or `::shortcut`. Raises Failure."""
    known = await desk.client.all_answers()
    wanted = name.removesuffix(".md")
    if exact := next((each for each in known if each.key == wanted), None):
        return exact
    shortcut = wanted.removeprefix("::").casefold()
    meant = [each for each in known if each.shortcut.casefold() == shortcut]
    meant = [each for each in meant if not each.language] or meant
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise Failure(f"::{shortcut} is more than one: {', '.join(each.key for each in meant)}", code="ambiguous")
    hint = "`desk answers list` tells which there are, `desk answers check` which cannot be read."
    raise Failure(f"there is no answer {name}", code="not-found", exit=Exit.NOT_FOUND, hint=hint)


def _faulty(findings: Sequence[Finding]) -> Failure:
    return Failure("\n".join(map(str, findings)), code="faulty-answers")


def _table(desk: Desk, found: Sequence[Answer]) -> None:
    columns = (Column("shortcut"), Column("title", flexible=True), Column("language"), Column("key", flexible=True))
    rows = [(f"::{each.shortcut}", each.title, each.language, Styled(each.key, "dim")) for each in found]
    desk.show(found, lambda: desk.out.table(columns, rows))


def _hits(desk: Desk, hits: Sequence[AnswerHit]) -> None:
    columns = (Column("shortcut"), Column("title"), Column("text", flexible=True), Column("uses", right=True))
    desk.out.table(
        columns,
        [(f"::{hit.answer.shortcut}", hit.answer.title, Styled(hit.body[:200], "dim"), str(hit.uses)) for hit in hits],
    )


def _show(desk: Desk, answer: Answer) -> None:
    desk.out.line(Styled(answer.title, "bold"), f"  ::{answer.shortcut}", Styled(f"  {answer.key}", "dim"))
    for what, value in (("language", answer.language), ("tags", ", ".join(answer.tags))):
        if value:
            desk.out.line(Styled(f"{what}  ", "dim"), value)
    for name in answer.attachments:
        desk.out.line(Styled("attached  ", "dim"), name)
    desk.out.text("")
    desk.out.text(answer.body)


for each in (list_, search, show, new, edit, rm, mv, import_, export, check):
    answers.add_command(each)
