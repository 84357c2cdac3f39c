"""What is offered while somebody writes, and what keys mean then: people in the lines above, answers and reps below."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from desk.answers.model import AnswerHit
from screens.composing import canned
from screens.composing.fields import PEOPLE, Field
from screens.composing.offers import Accounts, Asked, Files, Finder, Mentions, Offer, OfferList, People, Search
from screens.composing.people import address, is_address

if TYPE_CHECKING:
    from screens.composer import Composer

HANDLED = frozenset({"enter", "tab", "up", "down", "escape"})


class InFields:
    """Completes the lines above the text."""

    def __init__(self, composer: Composer, offers: OfferList, start: Callable[[Coroutine[Any, Any, None]], object]):
        self._composer = composer
        self._offers = offers
        self.accounts = Accounts(composer.desk)
        people, files = People(composer.desk), Files()
        self._finders: dict[str, Finder] = dict.fromkeys(PEOPLE, people)
        self._finders |= {"file": files, "from": self.accounts}
        self._field: Field | None = None
        self._chosen = False
        """Whether the rep went through the offers."""
        self._last: Asked | None = None
        self._search: Search[Offer] = Search(self._find, self._show, start)

    async def _find(self, asked: Asked) -> Sequence[Offer]:
        field = self._field
        finder = self._finders.get(field.field) if field is not None else None
        return () if finder is None else await finder.find(asked)

    def _show(self, asked: Asked, offers: Sequence[Offer]) -> None:
        if self._asked(self._field) == asked:
            self._offers.show(offers)

    def _asked(self, field: Field | None) -> Asked | None:
        finder = self._finders.get(field.field) if field is not None else None
        if field is None or finder is None or not field.entry.has_focus:
            return None
        return finder.asked(field.text[: field.entry.cursor_position])

    def look(self, field: Field | None) -> None:
        """Something was typed there."""
        asked = self._asked(field)
        if (field, asked) != (self._field, self._last):
            self._chosen = False
        if field is not self._field:
            self._search.ask(None)
        self._field, self._last = field, asked
        if asked is None:
            self._offers.hide()
        self._search.ask(asked)

    def close(self) -> None:
        self._field = None
        self._search.ask(None)
        self._offers.hide()

    async def key(self, field: Field, key: str) -> bool:
        """A key that is no text, in a field; True if there is nothing more to it."""
        if key not in HANDLED and key != "backspace":
            return False
        if key == "backspace":
            return field.field == "file" and not field.text and self._composer.remove_file()
        if self._field is not field or self._asked(field) is not None:
            self.look(field)
            await self._search.settle()
        open = self._offers.open
        if key in ("up", "down"):
            return self._step(1 if key == "down" else -1) if open else self._composer.move(1 if key == "down" else -1)
        if key == "escape":
            self.close()
            return open
        taken = open and self._take(field, more=key == "enter")
        if key == "tab":
            self.close()
            return False
        return taken or await self._composer.entered(field)

    def _step(self, by: int) -> bool:
        self._chosen = True
        self._offers.step(by)
        return True

    def _take(self, field: Field, *, more: bool) -> bool:
        """Put the chosen offer in the place of what was typed; False if that stands for itself."""
        offer, asked = self._offers.current, self._asked(field)
        if offer is None or asked is None:
            return False
        if field.field in PEOPLE and not self._chosen and is_address(address(asked.text).email):
            self.close()
            return False
        if field.field == "file" and not self._chosen:
            self.close()
            return False
        entry = field.entry
        end = ", " if field.field in PEOPLE and more else ""
        rest = entry.value[entry.cursor_position :]
        entry.value = entry.value[: asked.start] + offer.text + end + rest
        entry.cursor_position = len(entry.value) - len(rest)
        self._chosen = False
        self.close()
        if field.field == "file" and offer.text.endswith("/"):
            self.look(field)
        return True


class InText:
    """Offers answers after `::` and reps after `@`, in the text."""

    def __init__(self, composer: Composer, offers: OfferList, start: Callable[[Coroutine[Any, Any, None]], object]):
        self._composer = composer
        self._offers = offers
        self._mentions = Mentions(composer.desk)
        self._answers: Search[AnswerHit] = Search(self._find, self._show, start)
        self._reps: Search[Offer] = Search(self._mentions.find, self._show_reps, start)
        self._left: tuple[int, int] | None = None
        """Where offers were turned down: there they stay away."""
        self._typed = False

    # --- what is asked for --------------------------------------------------------------------------------

    def edited(self) -> None:
        """The text has just changed."""
        self._typed = True
        self.look()

    def look(self) -> None:
        """Offer what fits the text before the cursor."""
        answers, reps = self._asked()
        if answers is None:
            self._composer.canned.hide()
            self._composer.miss("")
        if reps is None and self._composer.editor.has_focus:
            self._offers.hide()
        self._answers.ask(answers)
        self._reps.ask(reps)

    def moved(self) -> None:
        """The cursor went elsewhere."""
        if self._composer.canned.open or self._offers.open:
            self.look()

    def _asked(self) -> tuple[Asked | None, Asked | None]:
        editor = self._composer.editor
        row, column = editor.cursor_location
        if not self._typed or not editor.selection.is_empty:
            return None, None
        before = editor.document.get_line(row)[:column]
        found = self._mentions.asked(before) if self._composer.is_note else canned.asked(before)
        if found is None or self._left == (row, found.start):
            return None, None
        self._left = None
        return (None, found) if self._composer.is_note else (found, None)

    async def _find(self, asked: Asked) -> Sequence[AnswerHit]:
        return await self._composer.canned.find(asked.text, self._composer.filled_for())

    def _show(self, asked: Asked, hits: Sequence[AnswerHit]) -> None:
        if self._asked()[0] == asked:
            self._composer.canned.show(hits)
            self._composer.miss("" if hits else canned.missing(asked.text))

    def _show_reps(self, asked: Asked, offers: Sequence[Offer]) -> None:
        if self._asked()[1] == asked:
            self._offers.show(offers)

    # --- keys ---------------------------------------------------------------------------------------------

    async def key(self, key: str) -> bool:
        """A key that is no text, in the text; True if there is nothing more to it."""
        if key not in HANDLED:
            return False
        answers, reps = self._asked()
        if answers is None and reps is None:
            return key == "tab" and self._composer.editor.next_gap()
        self.look()
        await (self._answers if answers is not None else self._reps).settle()
        if answers is not None and self._composer.canned.open:
            return await self._key_in_answers(key, answers)
        if reps is not None and self._offers.open:
            return self._key_in_reps(key, reps)
        return False

    async def _key_in_answers(self, key: str, asked: Asked) -> bool:
        popup = self._composer.canned
        if key in ("up", "down"):
            popup.step(1 if key == "down" else -1)
        elif key == "escape":
            self._turn_down(asked)
        elif popup.chosen is not None:
            await self._insert(popup.chosen, asked)
        return True

    def _key_in_reps(self, key: str, asked: Asked) -> bool:
        if key in ("up", "down"):
            self._offers.step(1 if key == "down" else -1)
        elif key == "escape":
            self._turn_down(asked)
        elif (offer := self._offers.current) is not None:
            self._replace(asked, offer.text)
        return True

    def _turn_down(self, asked: Asked) -> None:
        self._left = (self._composer.editor.cursor_location[0], asked.start)
        self.close()

    def close(self) -> None:
        """Nothing is looked for any more."""
        self._answers.ask(None)
        self._reps.ask(None)
        self._composer.canned.hide()
        self._composer.miss("")
        self._offers.hide()

    async def _insert(self, hit: AnswerHit, asked: Asked) -> None:
        popup = self._composer.canned
        self.close()
        filled = await popup.filled(hit, self._composer.filled_for())
        self._replace(asked, filled.body.strip("\n"))
        self._composer.took(filled)

    def _replace(self, asked: Asked, text: str) -> None:
        editor = self._composer.editor
        row, column = editor.cursor_location
        result = editor.replace(text, (row, asked.start), (row, column))
        editor.move_cursor(result.end_location)
        self.close()
