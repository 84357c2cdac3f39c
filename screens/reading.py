"""What a reader does beyond reading: search, folds, why a message is here, saving attachments."""

from __future__ import annotations

from pathlib import Path

from screens.hits import PAGE, Hits
from screens.reader import ReaderScreen
from screens.render import one_line, shorten
from screens.times import full_stamp
from screens.transcript import why_lines
from screens.widgets.lines import BLANK, Line


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

    def do_next_message(self, count: int | None = None) -> None:
        transcript = self._inbox.conversation.transcript
        transcript.select(transcript.selected + (count or 1))

    def do_previous_message(self, count: int | None = None) -> None:
        transcript = self._inbox.conversation.transcript
        transcript.select(transcript.selected - (count or 1))

    async def do_why(self) -> None:
        from screens.sheet import Sheet

        message = self._inbox.target_message()
        if message is None:
            return
        entries = await self._desk.client.provenance(message.id)

        def lines(width: int) -> list[Line]:
            shown = why_lines(message, width)
            for entry in entries:
                shown.append(BLANK)
                came = f" {entry.outcome} {full_stamp(entry.at)}"
                shown.append(Line(((came, "strong"), (f"  {shorten(entry.account, 24)}", "dim"))))
                shown.append(Line(((f" {shorten(entry.external_id, width - 2)}", "dim"),)))
                if entry.reason:
                    shown.append(Line(((f" {shorten(entry.reason, width - 2)}", "text"),)))
            return shown

        self._inbox.app.push_screen(Sheet(self._desk, "Why is this message here?", lines))

    async def do_save_attachment(self) -> None:
        message = self._inbox.target_message()
        if message is None or not message.attachments:
            return
        files = message.attachments
        number = 1
        if len(files) > 1:
            listed = "  ".join(f"{n} {one_line(file.name)[:24]}" for n, file in enumerate(files, 1))

            def judge(text: str) -> tuple[str, bool]:
                return listed, text.strip().isdigit() and 1 <= int(text) <= len(files)

            answer = await self._inbox.ask("which attachment", "", judge)
            if answer is None:
                return
            number = int(answer)
        await self._save(files[number - 1].sha256, safe_name(files[number - 1].name))

    async def _save(self, sha256: str, name: str) -> None:
        answer = await self._inbox.ask("save as", str(Path.home() / name), _judge_target)
        if answer is None:
            return
        path = Path(answer.strip()).expanduser()
        data = await self._desk.client.blob(sha256)
        try:
            with path.open("xb") as file:
                file.write(data)
        except OSError as error:
            self._desk.say(f"{path} was not written: {error.strerror or error}", "bad")
        else:
            self._desk.say(f"saved as {path}", "good")


def safe_name(name: str) -> str:
    """An attachment's name that is only a name: no folder, no leading dot, nothing a shell or terminal obeys."""
    kept = "".join(char if char.isalnum() or char in " ._-()+" else "_" for char in one_line(name))
    return kept.lstrip(". ").strip()[:120] or "attachment"


def _judge_target(text: str) -> tuple[str, bool]:
    path = Path(text.strip()).expanduser()
    if path.exists():
        return "exists already; it is never overwritten", False
    return ("", True) if path.parent.is_dir() else (f"no folder {path.parent}", False)
