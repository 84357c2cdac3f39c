"""Keeping what the list shows as a view with a name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from desk.model import ViewInfo
from screens.viewing import by_name

if TYPE_CHECKING:
    from screens.inbox import InboxScreen

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


class Saving:
    """One method an action on saved views."""

    def __init__(self, inbox: InboxScreen) -> None:
        self._inbox = inbox
        self._desk = inbox.desk

    async def do_save_view(self, argument: str | None = None) -> None:
        """Keep what the list shows under a name: `NAME`, or `NAME QUERY` to say what it is to hold."""
        if argument is None:
            argument = await self._inbox.ask("save this view as", "", _judge_name, placeholder="a name")
        if not argument or not argument.strip():
            return
        name, _, query = argument.strip().partition(" ")
        query = query.strip() or self.shown_query()
        if not query:
            self._desk.say(f"a filter or a search can be saved, or write save-view {name} QUERY", "bad")
            return
        await self._save(name, query)

    async def _save(self, name: str, query: str) -> None:
        await self._desk.client.set_setting(_path(name), query)
        await self._inbox.viewing.count()
        self._desk.say(f"saved as view {name}: {query}", "good")

    async def do_edit_view(self, argument: str) -> None:
        """Change what a saved view holds."""
        if not self._desk.views:
            await self._inbox.viewing.count()
        view = self._saved(argument)
        if view is None:
            return
        query = await self._inbox.ask(view.title, view.query, _judge_query)
        if query is None or not query.strip() or query.strip() == view.query:
            return
        await self._save(view.title, query.strip())
        if self._inbox.pages.view == view.name:
            self._inbox.viewing.show(view.name)

    async def do_delete_view(self, argument: str) -> None:
        """Forget a saved view."""
        if not self._desk.views:
            await self._inbox.viewing.count()
        view = self._saved(argument)
        if view is None:
            return
        await self._desk.client.unset_setting(_path(view.title))
        self._desk.say(f"view {view.title} is deleted; it held {view.query}", "good")
        if self._inbox.pages.view == view.name:
            self._inbox.viewing.show("open")
        await self._inbox.viewing.count()

    def _saved(self, text: str) -> ViewInfo | None:
        saved = [view for view in self._desk.views if view.kind == "saved"]
        view = by_name(saved, text)
        if view is None:
            names = ", ".join(each.title for each in saved)
            self._desk.say(f"there is no saved view {text}; {f'there is {names}' if names else 'none is saved'}", "bad")
        return view

    def shown_query(self) -> str:
        """What the list shows, in the search language."""
        inbox = self._inbox
        if inbox.hits is not None:
            return "" if inbox.hits.given else inbox.hits.query
        view = next((view for view in self._desk.views if view.name == inbox.pages.view), None)
        own = view.query if view is not None else ""
        parts = [part for part in (own, inbox.pages.q) if part]
        return " ".join(f"({part})" if " or " in part.casefold() and len(parts) > 1 else part for part in parts)


def _judge_name(text: str) -> tuple[str, bool]:
    name = text.strip().partition(" ")[0]
    good = bool(_NAME.fullmatch(name))
    return ("" if good or not name else "letters, digits, '.', '-' and '_'"), good


def _judge_query(text: str) -> tuple[str, bool]:
    from desk.query import QueryError, parse

    try:
        parse(text, now=0)
    except QueryError as error:
        return error.message, False
    return "", bool(text.strip())


def _path(name: str) -> str:
    """Where `desk.toml` keeps the view."""
    return f'views."{name}"'
