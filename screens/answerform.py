"""Writing a canned answer: its lines, its text, and what its placeholders are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from textual.widget import Widget

from desk.answers.model import Answer, NewAnswer
from desk.answers.template import placeholders
from screens.desk import Desk
from screens.documentform import DocumentForm
from screens.render import shorten
from screens.widgets.ink import Inks
from screens.widgets.lines import Bar, Line


class Names(Bar):
    """The placeholders that the text holds, or an example of one."""

    def __init__(self, form: AnswerForm, inks: Callable[[], Inks]) -> None:
        super().__init__(inks, id="answer-names")
        self._form = form

    def bar_lines(self, width: int) -> Sequence[Line]:
        names = list(dict.fromkeys(each.name for each in placeholders(self._form.editor.text)))
        told = ", ".join(names) if names else "{customer.first_name|there}, {agent.name}, {date}"
        told = f"placeholders: {told}"
        return [Line(((" ", "text"), (shorten(told, width - 2), "accent" if names else "dim")))]


class AnswerForm(DocumentForm[Answer]):
    """Ends with the answer as it was kept, or None."""

    lines = (
        ("title", "Title", ""),
        ("shortcut", "::", "one word; made from the title if empty"),
        ("language", "Language", "such as de or pt-BR; empty: for everybody"),
        ("folder", "Folder", "such as shipping; @ before it: only mine"),
    )

    def __init__(self, desk: Desk, answer: Answer | None, folder: str = "") -> None:
        super().__init__(desk, answer)
        self._folder = folder
        self.names = Names(self, self.inks)

    def heading(self) -> str:
        return "New answer" if self.document is None else f"Answer {self.document.key}"

    def values(self) -> Mapping[str, str]:
        answer = self.document
        if answer is None:
            return {"folder": self._folder}
        return {
            "title": answer.title,
            "shortcut": answer.shortcut,
            "language": answer.language,
            "folder": ("@" if answer.owner else "") + answer.folder,
            "body": answer.body,
        }

    def below(self) -> Sequence[Widget]:
        return (self.names,)

    def on_text_area_changed(self) -> None:
        self.names.update()

    async def keep(self, texts: Mapping[str, str], body: str) -> Answer:
        old, client = self.document, self.desk.client
        new = NewAnswer(
            title=texts["title"],
            body=body,
            shortcut=texts["shortcut"],
            language=texts["language"],
            tags=old.tags if old is not None else (),
            attachments=old.attachments if old is not None else (),
        )
        if old is not None:
            return await client.save_answer(new, key=old.key, rev=old.rev)
        mine = texts["folder"].startswith("@")
        return await client.save_answer(new, folder=texts["folder"].lstrip("@/ "), personal=mine)

    async def again(self, document: Answer) -> Answer:
        return await self.desk.client.answer(document.key)
