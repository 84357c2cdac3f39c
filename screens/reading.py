"""What a reader does beyond reading: search, folds, what is new, why a message is here."""

from __future__ import annotations

from screens.hits import PAGE, Hits
from screens.reader import ReaderScreen
from screens.render import one_line


class Reading:
    """One method an action of the groups `Read` and `Find`."""

    def __init__(self, inbox: ReaderScreen) -> None:
        self._inbox = inbox
        self._desk = inbox.desk
        self._query = ""

    async def do_search(self, argument: str | None = None) -> None:
        inbox = self._inbox
        query = argument
        if query is None:
            query = await inbox.ask("/", self._query, placeholder='words  "a phrase"  begin*  -without')
        if query is None or not query.strip():
            return
        self._query = query.strip()
        await inbox.in_one_paint(self._find())

    async def _find(self) -> None:
        page = await self._desk.client.search(self._query, limit=PAGE)
        hits = Hits(self._query, page, lambda: self._desk.client, self._inbox.start, self._inbox.arrived)
        self._inbox.show_hits(hits)

    def do_fold(self) -> None:
        self._inbox.conversation.transcript.toggle_fold()

    def do_fold_all(self) -> None:
        self._inbox.conversation.transcript.toggle_all_folds()

    def do_next_message(self, count: int | None = None) -> None:
        self._inbox.conversation.transcript.step(count or 1)

    def do_previous_message(self, count: int | None = None) -> None:
        self._inbox.conversation.transcript.step(-(count or 1))

    async def do_next_unread(self) -> None:
        if not await self._inbox.conversation.to_new():
            self._desk.say("nothing is new here")

    async def do_mark_unread(self, count: int | None = None) -> None:
        rows = list(self._inbox.targets(count))
        for row in rows:
            self._inbox.conversation.attendance.keep_unread(row.id)
            self._inbox.applied(await self._desk.client.mark_unread(row.id))
        if rows:
            self._desk.say("unread again" if len(rows) == 1 else f"{len(rows)} conversations: unread again", "good")

    async def do_promises(self) -> None:
        """All that was ever promised in the conversation at hand, and what became of it."""
        from screens.pager import Pager
        from screens.picker import result_of
        from screens.promised import history

        desk, row = self._desk, self._inbox.conversation.conversation
        if row is None:
            return
        promises = await desk.client.promises_of(row.id)
        names = {each.agent.id: each.agent.name for each in await desk.client.reps()}
        title = f"What was promised: {one_line(row.subject) or 'no subject'}"
        pager = Pager(desk, title, lambda width: history(promises, names, desk.clock.now(), width), whole=False)
        await result_of(self._inbox.app, pager)

    async def do_decisions(self) -> None:
        """What rules, automations and what was learned did here in the last days, and why; one of it is taken back."""
        from screens.decided import decisions
        from screens.picker import result_of

        row = self._inbox.conversation.conversation
        if row is None:
            return
        made = await self._desk.client.decisions(row.id)
        if not made:
            self._desk.say("Desk did nothing here by itself in the last seven days")
            return
        chosen = await result_of(self._inbox.app, decisions(self._desk, made))
        if chosen is not None and not chosen.undone_at:
            undone = await self._desk.client.undo_decision(row.id, chosen.name)
            self._inbox.applied(await self._desk.client.conversation(row.id))
            self._desk.say(f"taken back: {undone.label}", "good")

    async def do_why(self) -> None:
        from screens.pager import Pager
        from screens.picker import result_of
        from screens.why import why_lines

        message = self._inbox.target_message()
        if message is None:
            return
        entries = await self._desk.client.provenance(message.id)
        keymap = self._desk.keymap
        pager = Pager(
            self._desk,
            "Why is this message here?",
            lambda width: why_lines(message, entries, keymap, width),
            whole=False,
            leads_to=("split", "move") if message.direction == "in" else (),
        )
        action = await result_of(self._inbox.app, pager)
        if action is not None:
            self._inbox.perform(action)
