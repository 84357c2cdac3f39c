"""`desk macro`: lists, previews and runs the macros of `desk.toml`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from desk.answers.model import MacroPreview, MacroResult
from desk.cli.command import ID, Desk, command
from desk.cli.deeds import follow
from desk.cli.failures import Failure
from desk.cli.output import Column, Styled


@command("macro")
@click.argument("name", required=False)
@click.argument("ids", nargs=-1, type=ID)
@click.option("--view", help="Instead of IDS: all of a view …")
@click.option("--query", "-q", default="", help="… that match a query.")
@click.option("--preview", is_flag=True, help="Only say what it would do.")
async def macro(
    desk: Desk, name: str | None, ids: tuple[int, ...], view: str | None, query: str, preview: bool
) -> None:
    """List, preview and run macros.

    With IDS or a view, one is run on these conversations. Each conversation gets all of it or nothing. Exit code 1 if
    it was refused for one; the others are done.
    """
    if name is None:
        await _list(desk)
        return
    if bool(ids) == bool(view):
        raise click.UsageError("say on which conversations: desk macro NAME ID…, or --view and perhaps --query")
    if view:
        await _on_all(desk, name, view, query, preview=preview)
        return
    foreseen = await desk.client.preview_macro(name, list(ids))
    if preview:
        desk.show(foreseen, lambda: _preview(desk, foreseen))
        return
    seen = {each.conversation_id: each.seen_message_id for each in foreseen if each.seen_message_id}
    done = await desk.client.run_macro(name, list(ids), seen)
    desk.show(done, lambda: _results(desk, done))
    if refused := [each for each in done if each.problem]:
        raise Failure(f"{name} was refused for {len(refused)} of {len(done)}", code="refused")


async def _on_all(desk: Desk, name: str, view: str, query: str, *, preview: bool) -> None:
    plan = await desk.client.plan_macro(name, view=view, q=query)

    def text() -> None:
        _preview(desk, plan.previews)
        if more := plan.total - len(plan.previews):
            desk.out.line(f"and the same to {more:,} more")

    if preview:
        desk.show(plan, text)
    else:
        job = await desk.client.bulk(macro=name, view=view, q=query, seen_message_id=plan.seen_message_id)
        await follow(desk, job)


async def _list(desk: Desk) -> None:
    known = await desk.client.macros()
    columns = (Column("macro"), Column("does", flexible=True), Column("steps", flexible=True))
    rows = [(each.name, each.help, Styled(" · ".join(each.steps), "dim")) for each in known]
    desk.show(known, lambda: desk.out.table(columns, rows))


def _preview(desk: Desk, foreseen: Sequence[MacroPreview]) -> None:
    for each in foreseen:
        desk.out.line(
            Styled(f"#{each.conversation_id} ", "bold"), each.subject, Styled(f"  {each.customer_name}", "dim")
        )
        for step in each.steps:
            gaps = f"nothing fills {', '.join(gap.name for gap in step.gaps)}" if step.gaps else ""
            desk.out.line(f"  {step.effect}  ", Styled(step.problem or gaps, "red"))
            for line in step.body.split("\n") if step.body else ():
                desk.out.line(Styled(f"  | {line}", "dim"))


def _results(desk: Desk, done: Sequence[MacroResult]) -> None:
    for each in done:
        if each.problem is None:
            desk.out.line(f"#{each.conversation_id} ", Styled("done", "green"))
        else:
            desk.out.line(f"#{each.conversation_id} ", Styled("refused", "red"), f": {each.problem.message}")
