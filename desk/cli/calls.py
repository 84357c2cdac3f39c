"""`desk call`, `desk hang-up`: calling, on the command line."""

from __future__ import annotations

import asyncio

import click

from desk.cli.command import Desk, command
from desk.cli.failures import Exit, Failure
from desk.model import Callback
from desk.model.dialing import Call

_LOOK_SECONDS = 0.2


@command("call")
@click.argument("whom", metavar="NUMBER|CONVERSATION")
@click.option("--dialer", default="", metavar="NAME", help="By which of [dialers]; without: by yours.")
@click.option("--country", default="", metavar="CC", help="Of a number that does not begin with +, such as DE.")
@click.option("--reason", default="", help="What it is about, if it has to be noted.")
@click.option("--early", is_flag=True, help="Even if they chose a later time.")
@click.option("--even-if-unclear", is_flag=True, help="Even if the last attempt may have rung.")
@click.option("--wait", is_flag=True, help="Follow the call to its end, or until nothing is heard of it.")
async def call(
    desk: Desk, whom: str, dialer: str, country: str, reason: str, early: bool, even_if_unclear: bool, wait: bool
) -> None:
    """Call who waits for a call, or a number.

    A number alone (26) is a conversation; one that begins with +, 0 or has a space, a telephone number: who waits for a
    call there is called, else it is noted who is. Say then what became of it: `desk callbacks outcome`. Exit code 5 if
    somebody else calls, or they chose a later time; 1 if it certainly was not dialled.
    """
    callback = await _meant(desk, whom, country, reason)
    made = await desk.client.call(callback.id, early=early, even_if_unclear=even_if_unclear, dialer=dialer)
    if made.at_the_rep:
        await desk.client.dial_here(made)
    if wait:
        made = await _followed(desk, made)
    desk.said(made, f"callback {callback.id}: {_words(made)}")


@command("hang-up")
async def hang_up(desk: Desk) -> None:
    """End my call; what became of it is said then.

    That is what `desk callbacks outcome` is for."""
    mine = await desk.client.my_call()
    if mine is None:
        raise Failure("you are on no call", code="no-call", exit=Exit.LOST)
    made = await desk.client.hang_up(mine.reference)
    desk.said(made, f"callback {made.callback_id}: {_words(made)}")


async def _meant(desk: Desk, whom: str, country: str, reason: str) -> Callback:
    if not (whom.isascii() and whom.isdecimal()) or whom.startswith("0"):
        return await desk.client.callback_to_call(whom, country=country, reason=reason)
    found = [each for each in await desk.client.callbacks_of(int(whom)) if each.open]
    if not found:
        said = f"nobody waits for a call in #{whom}"
        raise Failure(
            said, code="no-callback", exit=Exit.NOT_FOUND, hint=f"desk callbacks ask NUMBER --conversation {whom}"
        )
    return min(found, key=lambda each: each.due_at)


async def _followed(desk: Desk, made: Call) -> Call:
    """The call once it is over, or nothing more is heard of it. Raises Failure if it was certainly not dialled."""
    told = ""
    while True:
        now = await desk.client.my_call()
        if now is None or now.reference != made.reference:
            return made  # its outcome was said elsewhere
        made = now
        if made.outcome == "failed":
            raise Failure(f"{made.shown} was not called: {made.words or 'it was not put through'}", code="not-called")
        if made.over or not made.tells:
            return made
        if not desk.as_json and made.stage != told:
            told = made.stage
            desk.errors.line(_words(made))
        await asyncio.sleep(_LOOK_SECONDS)


def _words(call: Call) -> str:
    seems = f", {call.suggested.replace('-', ' ')} it seems" if call.suggested else ""
    stage = "nobody knows whether it rang" if call.stage == "lost" else call.stage
    return f"{call.shown} {stage}{seems}{f' ({call.words})' if call.words else ''}"
