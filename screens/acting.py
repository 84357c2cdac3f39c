"""The one way in which a deed reaches conversations, one or many; and the way back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from desk.model import BulkJob, Conversation, Undone
from desk.steps import Step, render
from screens.targets import Targets
from screens.widgets.bars import key_glyph

if TYPE_CHECKING:
    from screens.inbox import InboxScreen
    from screens.reader import One

LOOK_FOR = 200
"""Rows among which one that stays is looked for."""
WAIT_SECONDS = 0.4
"""How often a long act on many tells how far it is."""


class Acting:
    """Carries out deeds for the inbox, and takes them back."""

    def __init__(self, inbox: InboxScreen) -> None:
        self._inbox = inbox
        self._desk = inbox.desk
        self._job: int | None = None
        """The act on many that runs."""

    async def carry_out(
        self, targets: Targets, step: Step, one: One, told: str, told_of_many: str = "", *, leaves: bool = False
    ) -> None:
        """See `screens.reader.ReaderScreen`."""
        row = targets.one
        if row is None:
            if targets:
                bulk, chosen = self._desk.client.bulk, targets.named()
                await self.on_many(targets, lambda: bulk([render(step)], **chosen), told_of_many or told, leaves=leaves)
            return
        here = self._inbox.rows.current
        at = self._inbox.rows.cursor if here is not None and here.id == row.id else None
        changed = await one(row)
        if changed is None:
            return
        self._desk.did()
        self._desk.say(told, "good")
        if targets.selected:
            self._inbox.selection.clear()
        self._inbox.applied(changed)
        if leaves:
            self.went(changed, at)

    # --- where to afterwards ------------------------------------------------------------------------------

    def went(self, row: Conversation, at: int | None = None) -> None:
        """A conversation was dealt with: on to the next one, as the rep likes it.

        `at`: where it stood under the cursor. The feed may have been faster than the answer, and taken it out there.
        """
        inbox, advance = self._inbox, self._desk.advance
        rows, pages, here, read = inbox.rows, inbox.pages, inbox.rows.current, inbox.conversation.conversation
        reading = inbox.context not in ("list", "search")
        stands = here is not None and here.id == row.id
        gone = inbox.hits is None and rows.cursor == at and pages.index_of(row.id) is None
        if advance == "stay" or not (stands or (gone and not (reading and read is not None and read.id != row.id))):
            return
        back = advance == "previous"
        if stands and inbox.hits is None and pages.left_by(row, self._desk.me):
            pages.remove(row.id)
            gone = True
        if gone:
            rows.settle(max(rows.cursor - back, 0))
        else:
            rows.move_to(rows.cursor + (-1 if back else 1))
        rows.refresh_changed()
        following = rows.current
        if not reading:
            return
        if advance == "list" or following is None or following.id == row.id:
            inbox.turn_to("list")
        else:
            inbox.show_conversation(following)

    def _step_aside(self, targets: Targets) -> None:
        """What the cursor is on goes away with others: it goes to the next one that stays, if one is near."""
        inbox = self._inbox
        source, at = inbox.rows.source, inbox.rows.cursor
        going = inbox.selection.holds if targets.selected else {row.id for row in targets.rows}.__contains__
        after = range(at, min(at + LOOK_FOR, source.total))
        for index in (*after, *range(at - 1, max(at - LOOK_FOR, -1), -1)):
            row = source.row(index)
            if row is not None and not going(row.id):
                inbox.rows.move_to(index)
                return

    # --- many ---------------------------------------------------------------------------------------------

    async def on_many(
        self, targets: Targets, begin: Callable[[], Awaitable[BulkJob]], told: str, *, leaves: bool = False
    ) -> None:
        """Begin an act on many and tell how far it is until it ends. What it left as it was stays selected."""
        client, inbox = self._desk.client, self._inbox
        if self._job is not None:
            self._desk.say(f"another act on many is still running; {self._stop_key()} stops it", "bad")
            return
        if leaves:
            self._step_aside(targets)
        before = self._desk.news
        job = await begin()
        self._job = job.id
        self._desk.did()
        try:
            while job.state == "running":
                news = self._desk.news
                warned = news is not None and news.tone == "bad" and news is not before
                if job.done and not warned:
                    self._desk.say(f"{job.done:,} of {job.total:,}: {told} … {self._stop_key()} stops it")
                job = await client.bulk_job(job.id, wait=WAIT_SECONDS)
        finally:
            self._job = None
        if targets.selected:
            inbox.selection.keep([failure.conversation_id for failure in job.failures])
        inbox.rows.refresh_changed()
        self._desk.say(outcome(job, told), "bad" if job.failed or job.error else "good")
        inbox.update_bars()

    def _stop_key(self) -> str:
        key = self._desk.keymap.key("stop", "list")
        return key_glyph(key) if key else ":stop"

    @property
    def busy(self) -> bool:
        """Whether an act on many is running."""
        return self._job is not None

    async def do_stop(self) -> None:
        """End the act on many that runs; what is done stays, and can be undone."""
        if self._job is not None:
            await self._desk.client.cancel_bulk(self._job)

    # --- the way back -------------------------------------------------------------------------------------

    async def do_undo(self) -> None:
        """Take back what the rep did last."""
        if await self._inbox.writing.bring_back():
            return
        await self._tell("undone", await self._desk.client.undo())
        self._inbox.release_keys()

    async def do_redo(self) -> None:
        """Do again what was taken back last."""
        await self._tell("done again", await self._desk.client.redo())

    async def _tell(self, what: str, undone: Undone) -> None:
        for going in [each for each in self._desk.going if each.conversation_id in undone.conversations]:
            self._desk.taken_back(going.outbox_id)
        if undone.draft is not None:
            await self._inbox.writing.take_up(undone.draft)
        elif len(undone.conversations) == 1:
            await self._to(undone.conversations[0])
        else:
            await self._inbox.trail.parted(undone.conversations)
        self._desk.say(told(what, undone), "bad" if undone.left else "good")
        self._desk.feed.everything()

    async def _to(self, conversation_id: int) -> None:
        """To a conversation that changed under the rep's hand; whoever is reading reads that one."""
        inbox = self._inbox
        await inbox.viewing.find(conversation_id)
        shown, row = inbox.conversation.conversation, inbox.rows.current
        elsewhere = inbox.page_name != "list" and (shown is None or shown.id != conversation_id)
        if elsewhere and row is not None and row.id == conversation_id:
            inbox.show_conversation(row)


def told(what: str, undone: Undone) -> str:
    """What became of an undo or a redo, in words."""
    said = f"not {what}: {undone.label}" if undone.nothing else f"{what}: {undone.label}"
    if undone.left:
        said += f"; {undone.left[0].said}" if undone.nothing else f"; but {undone.left[0].said}"
    if len(undone.left) > 1:
        said += f" ({len(undone.left) - 1:,} more of that kind)"
    return said


def outcome(job: BulkJob, told: str) -> str:
    """How an act on many went, in words."""
    done = job.done - job.failed
    said = f"{done:,} conversation{'' if done == 1 else 's'}: {told}"
    if job.failed:
        why, often = Counter(failure.message for failure in job.failures).most_common(1)[0]
        more = "" if often == job.failed else " (and others)"
        said += f"; {job.failed:,} failed: {why}{more}"
    if job.state == "cancelled":
        said += f"; stopped, {job.total - job.done:,} left as they were"
    return f"{said}; {job.error}" if job.error else said
