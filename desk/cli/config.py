"""`desk config …`: everything in desk.toml, shown and changed on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from desk.cli.asking import interruptible
from desk.cli.command import Desk, command
from desk.cli.failures import Exit, Failure
from desk.cli.output import Column, Styled
from desk.settings import SettingsError, parse, split_path
from desk.settings.field import Field
from desk.settings.fields import KIND_OF, field_at
from desk.settings.judging import as_toml, typed, written
from desk.settings.shown import SettingValue


@click.group("config")
def config() -> None:
    """Settings: list, get, set, unset, check, edit.

    Your comments in desk.toml are kept. PATH is a name such as desk.undo_seconds, accounts.help.signature or
    keys.reply; docs/configuration.md has them all.
    """


@command("list")
@click.argument("words", nargs=-1)
@click.option("--set", "only_set", is_flag=True, help="Only what desk.toml says, no defaults.")
async def list_(desk: Desk, words: tuple[str, ...], only_set: bool) -> None:
    """All settings, or those with these words in their name or help. Keys are listed if you ask for keys."""
    values = [each for each in await desk.client.settings() if _meant(each, words)]
    values = [each for each in values if each.source != "default" or not only_set]
    desk.show(values, lambda: _table(desk, values))


@command("get")
@click.argument("path")
async def get(desk: Desk, path: str) -> None:
    """One setting's value; of a table, everything in it."""
    values = [each for each in await desk.client.settings() if each.path == path or each.path.startswith(path + ".")]
    if not values:
        raise _unknown(path)
    if len(values) == 1 and values[0].path == path:
        desk.show(values[0], lambda: desk.out.text(written(values[0].value)))
    else:
        desk.show(values, lambda: _table(desk, values))


@command("set")
@click.argument("path")
@click.argument("value")
async def set_(desk: Desk, path: str, value: str) -> None:
    """Change one setting. A text needs no quotes of TOML; lists and tables are written as in TOML."""
    changed = await desk.client.set_setting(path, _value(await _field(desk, path), path, value))
    one = next((each for each in changed if each.path == path), None)
    line = f"  (desk.toml:{one.line})" if one is not None and one.line else ""
    desk.said(changed, Styled("✓ ", "green"), f"{path} = {as_toml(one.value if one else value)}", Styled(line, "dim"))


@command("unset")
@click.argument("path")
async def unset(desk: Desk, path: str) -> None:
    """Take a setting, or a whole table such as macros.late, out of desk.toml: its default counts."""
    left = await desk.client.unset_setting(path)
    told = f"{path} is unset" + (f"; it is {as_toml(left[0].value)} by default" if left and left[0].value else "")
    desk.said(left, Styled("✓ ", "green"), told)


@command("check", start=False)
@click.argument("file", required=False, type=click.Path(path_type=Path))
def check(desk: Desk, file: Path | None) -> None:
    """Only say what is wrong with desk.toml, or with another file. Exit code 1 if anything is."""
    path = (file or desk.workspace / "desk.toml").expanduser()
    if file is not None and not path.is_file():
        raise Failure(f"there is no file {path}", code="not-found", exit=Exit.NOT_FOUND)
    text = path.read_text("utf-8", "replace") if path.is_file() else ""
    findings = faults(text, path)
    if findings:
        raise Failure("\n".join(findings), code="bad-settings", detail={"findings": str(len(findings))})
    desk.said({"file": str(path), "findings": []}, Styled("✓ ", "green"), f"{path}: nothing is wrong")


@command("edit", start=False)
def edit(desk: Desk) -> None:
    """Open desk.toml in $EDITOR; what is wrong when you save is told, and you may go on or leave it as it was."""
    from desk.settings.writing import replace
    from desk.workspace import Workspace

    path = Workspace(desk.workspace).prepare().settings
    before = text = path.read_text("utf-8") if path.exists() else ""
    while True:
        with interruptible():
            edited = click.edit(text, extension=".toml", require_save=False)
        if edited is None or edited == before:
            desk.said({"file": str(path), "changed": False}, "nothing was changed")
            return
        findings = faults(edited, path)
        if not findings:
            replace(path, edited)
            desk.said({"file": str(path), "changed": True}, Styled("✓ ", "green"), f"{path} is written")
            return
        for finding in findings:
            desk.errors.line(Styled(finding, "red"))
        if not click.confirm("edit it again? otherwise it stays as it was", default=True, err=True):
            raise Failure("desk.toml stays as it was", code="bad-settings")
        text = edited


for each in (list_, get, set_, unset, check, edit):
    config.add_command(each)


def faults(text: str, path: Path) -> list[str]:
    """All that is wrong with a desk.toml, as `file:line: what`; its keys too."""
    from desk.keymap import KeymapError, parse_keymap

    try:
        parse(text, path)
        parse_keymap(text, path)
    except SettingsError as error:
        return list(error.findings)
    except KeymapError as error:
        return [str(finding) for finding in error.findings]
    return []


def _meant(value: SettingValue, words: tuple[str, ...]) -> bool:
    if not words:
        return value.group != "keys" or value.source != "default"
    return all(word.lower() in f"{value.path} {value.help}".lower() for word in words)


async def _field(desk: Desk, path: str) -> Field | None:
    """What a setting may be; None if only the server can tell. Raises Failure for what is no name."""
    try:
        parts = split_path(path)
    except ValueError as error:
        raise Failure(str(error), code="bad-request") from error
    kind = ""
    if parts[0] in KIND_OF and len(parts) > 2:
        values = await desk.client.settings()
        key, usual = KIND_OF[parts[0]]
        kind = next((str(v.value) for v in values if v.path == path.rpartition(parts[2])[0] + key), usual)
    return field_at(parts, kind)


def _value(field: Field | None, path: str, text: str) -> Any:
    try:
        return typed(field, text)
    except ValueError as error:
        raise Failure(f"{path}: {error}", code="bad-settings") from error


def _table(desk: Desk, values: list[SettingValue]) -> None:
    columns = (Column("setting"), Column("value", flexible=True), Column("from"), Column("what it is", flexible=True))
    rows = [
        (
            each.path,
            Styled(written(each.value) or each.shown or "–", "bold" if each.source != "default" else "dim"),
            Styled(f"desk.toml:{each.line}" if each.line else each.source, "dim"),
            Styled(each.help, "dim"),
        )
        for each in values
    ]
    desk.out.table(columns, rows)


def _unknown(path: str) -> Failure:
    return Failure(
        f"there is no setting {path}", code="not-found", exit=Exit.NOT_FOUND, hint="`desk config list` shows them all."
    )
