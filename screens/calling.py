"""Calling back: a key dials, a key says what became of it; callbacks noted, moved and called off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.client import Refused
from desk.clock import MINUTE, Millis
from desk.model import Callback, Conversation
from desk.model.dialing import Call
from desk.times import EXAMPLES, parse_when, understood
from screens.callbar import OUTCOMES, Told, follows, offered
from screens.times import full_stamp, stamp

if TYPE_CHECKING:
    from screens.inbox import InboxScreen

EARLY: Millis = 30 * MINUTE
"""So much before it is due, a call is asked about."""
DIGITS_AT_LEAST = 5
SOON = ("", "now", "asap", "soon")
"""As soon as possible."""


class Calling:
    """One method an action on callbacks and calls."""

    def __init__(self, inbox: InboxScreen) -> None:
        self._inbox = inbox
        self._desk = inbox.desk

    @property
    def _callback(self) -> Callback | None:
        """Who waits for a call in the conversation that is meant."""
        row = self._inbox.target()
        return self._desk.callbacks.get(row.id) if row is not None else None

    async def _meant(self) -> Callback | None:
        """The same, asked for if the server has not said yet who waits. Raises ClientError."""
        if not self._desk.heard_calls:
            await self._desk.hear_calls()
        callback = self._callback
        if callback is None:
            self._desk.say("nobody waits for a call here; :callback notes that somebody does")
        return callback

    def can(self, action: str) -> bool:
        """Whether an action on calls would do something now."""
        call, callback = self._desk.call, self._callback
        match action:
            case "hang-up":
                return call is not None and call.tells and not call.over
            case "outcome" if self._desk.heard_calls:
                return call is not None or callback is not None
            case "callback":
                return True
            case _ if not self._desk.heard_calls:
                return self._inbox.target() is not None
            case "call":
                return callback is not None and callback.state == "waiting" and call is None
            case _:
                return callback is not None and callback.state in ("waiting", "unclear")

    # --- the call -----------------------------------------------------------------------------------------

    async def do_call(self) -> None:
        """Dial for the callback of this conversation; what was pressed meanwhile counts once the call is there."""
        row, callback = self._inbox.target(), await self._meant()
        if row is None or callback is None:
            return
        call = await self._begin(callback)
        if call is None:
            return
        self._desk.take_call(call)
        if call.at_the_rep:
            await self._desk.client.dial_here(call)
        self._desk.did()
        if self._inbox.context in ("list", "search"):
            self._inbox.show_conversation(row)
        self._inbox.update_bars()
        self._inbox.release_keys()

    async def _begin(self, callback: Callback) -> Call | None:
        """The call, won and begun; asked about first where they wait for it at a later time. Raises ClientError."""
        client, now = self._desk.client, self._desk.clock.now()
        if callback.state == "waiting" and callback.due_at - now > EARLY:
            return await client.call(callback.id, early=True) if await self._all_the_same(callback) else None
        try:
            return await client.call(callback.id)
        except Refused as error:
            if error.problem.code != "too-early":
                raise
        return await client.call(callback.id, early=True) if await self._all_the_same(callback) else None

    async def _all_the_same(self, callback: Callback) -> bool | None:
        from screens.confirm import Confirm
        from screens.picker import result_of
        from screens.render import wrap
        from screens.widgets.lines import BLANK, Line

        when = stamp(callback.due_at, self._desk.clock.now())
        told = f"They are to be called at {when}. Call {callback.shown} now all the same?"

        def lines(width: int) -> list[Line]:
            return [BLANK, *(Line(((f"  {part}", "text"),)) for part in wrap(told, max(width - 4, 20))), BLANK]

        return await result_of(self._inbox.app, Confirm(self._desk, "Call before the time?", lines))

    async def do_hang_up(self) -> None:
        """Ask for the end of the call; how it ended is shown then."""
        call = self._desk.call
        if call is not None:
            self._desk.take_call(await self._desk.client.hang_up(call.reference))

    async def do_outcome(self, argument: str | None = None) -> None:
        """Say what became of the rep's call; without one, of a callback whose last call is unclear, or was made by
        other means. What is chosen counts for that call, whatever has begun since."""
        if not self._desk.heard_calls:
            await self._desk.hear_calls()
        call, callback = self._desk.call, self._callback
        if call is not None:
            id, reference, number, suggested = call.callback_id, call.reference, call.shown, call.suggested
            if suggested is None and call.answered_at is not None:
                suggested = "reached"
        elif callback is not None:
            last = callback.attempts[-1].reference if callback.attempts and callback.state != "waiting" else ""
            id, reference, number, suggested = callback.id, last, callback.shown, None
        else:
            return
        if argument is None:
            from screens.outcomes import pick_outcome

            told = await pick_outcome(self._inbox.app, self._desk, number, offered(suggested))
        else:
            told = next((each for each in OUTCOMES if each.name == argument), None)
        if told is not None:
            await self._say(told, id, reference)

    async def _say(self, told: Told, callback_id: int, reference: str) -> None:
        desk, client = self._desk, self._desk.client
        said = await client.say_outcome(callback_id, told.outcome, reference=reference)
        desk.did()
        words = f"{told.outcome.replace('-', ' ')}: {follows(said, desk.clock.now())}"
        if told.resolves:
            await client.set_state(said.conversation_id, "resolved")
            words = "reached, and resolved"
        await desk.hear_calls()
        self._inbox.applied(await client.conversation(said.conversation_id))
        desk.say(words, "good")

    # --- callbacks ----------------------------------------------------------------------------------------

    async def do_callback(self, argument: str | None = None) -> None:
        """Note that somebody is to be called: in the conversation that is read, or in one of its own."""
        row = self._inbox.target() if self._inbox.context in ("conversation", "customer") else None
        if argument is None:
            known = await self._number_of(row)
            hint = "+49 30 123456 tomorrow 14:00"
            argument = await self._inbox.ask("call back", known and f"{known} ", self._judge, placeholder=hint)
        number, when = split(argument or "")
        if not number:
            return
        now, desk = self._desk.clock.now(), self._desk
        at = None if when in SOON else parse_when(when, now)
        if at is None and when not in SOON:
            desk.say(f"{when} is no time to come; write {EXAMPLES}", "bad")
            return
        made = await desk.client.ask_callback(number, at=at, conversation_id=row.id if row is not None else 0)
        desk.did()
        await desk.hear_calls()
        self._inbox.applied(await desk.client.conversation(made.conversation_id))
        desk.say(f"{made.shown} is promised a call at {stamp(made.due_at, now)}", "good")

    def _judge(self, text: str) -> tuple[str, bool]:
        """What is meant by a number and a time after it."""
        number, when = split(text)
        if sum(each.isdecimal() for each in number) < DIGITS_AT_LEAST:
            return "a number with its country, and when: +49 30 123456 tomorrow 14:00", False
        told, good = self._judge_time(when)
        return f"{number} {told}", good

    async def _number_of(self, row: Conversation | None) -> str:
        """The telephone number of the customer of a conversation, if one is known."""
        if row is None:
            return ""
        customer = await self._desk.client.customer(row.customer_id)
        return next((each.value for each in customer.identities if each.kind == "phone"), "")

    def _judge_time(self, text: str) -> tuple[str, bool]:
        if text.strip() in SOON:
            return "as soon as possible", True
        at = parse_when(text, self._desk.clock.now())
        return (f"→ {full_stamp(at)}", True) if at is not None else (EXAMPLES, False)

    async def do_move_callback(self, argument: str | None = None) -> None:
        """Promise another time."""
        callback = await self._meant()
        if callback is None:
            return
        if argument is None:
            argument = await self._inbox.ask(f"call {callback.shown}", "", self._judge_moved, placeholder="tomorrow")
        at = parse_when(argument, self._desk.clock.now()) if argument else None
        if at is None:
            if argument:
                self._desk.say(f"{argument} is no time to come; write {EXAMPLES}", "bad")
            return
        await self._changed(await self._desk.client.move_callback(callback.id, at, rev=callback.rev))

    def _judge_moved(self, text: str) -> tuple[str, bool]:
        return self._judge_time(text) if text.strip() else (EXAMPLES, False)

    async def do_cancel_callback(self) -> None:
        """Nobody is to call any more; undo brings it back."""
        callback = await self._meant()
        if callback is not None:
            await self._changed(await self._desk.client.cancel_callback(callback.id))

    async def _changed(self, callback: Callback) -> None:
        desk = self._desk
        desk.did()
        await desk.hear_calls()
        self._inbox.applied(await desk.client.conversation(callback.conversation_id))
        cancelled = callback.state == "cancelled"
        when = stamp(callback.due_at, desk.clock.now())
        desk.say("nobody calls any more" if cancelled else f"the call is promised for {when} now", "good")


def split(text: str) -> tuple[str, str]:
    """A number and the time after it, as `+49 30 123456 tomorrow 14:00`; a time has a letter or a colon in it."""
    words = text.split()
    for count in range(1, len(words)):
        when = " ".join(words[count:])
        if when in SOON or (any(each.isalpha() or each == ":" for each in when) and understood(when)):
            return " ".join(words[:count]), when
    return text.strip(), ""
