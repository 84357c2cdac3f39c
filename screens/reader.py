"""What those who carry out deeds of reading and writing need of the main screen, which is made of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from textual.app import App

from desk.model import Conversation, Message
from screens.conversation import ConversationPane
from screens.desk import Desk
from screens.hits import Hits
from screens.targets import Targets
from screens.widgets.ink import Inks

if TYPE_CHECKING:
    from desk.steps import Step
    from screens.customers.trail import Trail
    from screens.prompt import Complete, Judge

Answer = TypeVar("Answer")
PageName = Literal["list", "conversation", "customer"]
One = Callable[[Conversation], Awaitable[Conversation | None]]
"""A deed on one conversation; None if it came to nothing, and that was told."""


class ReaderScreen(Protocol):
    """A screen with a list, a conversation and a customer."""

    desk: Desk
    conversation: ConversationPane
    trail: Trail

    @property
    def app(self) -> App[Any]: ...

    def inks(self) -> Inks: ...

    def target(self) -> Conversation | None:
        """The conversation that is meant."""
        ...

    def targets(self, count: int | None = None) -> Targets:
        """The conversations that are meant: those selected, or else the target, or so many from it on."""
        ...

    async def carry_out(
        self, targets: Targets, step: Step, one: One, told: str, told_of_many: str = "", *, leaves: bool = False
    ) -> None:
        """Do it to one conversation by `one`, to several by the step, as one deed to undo; tell how it went."""
        ...

    def applied(self, conversation: Conversation) -> None:
        """A conversation changed by the rep's own hand: show it at once."""
        ...

    def perform(self, action: str, argument: str | None = None, count: int | None = None) -> None:
        """Carry out an action of the keymap."""
        ...

    def show_conversation(self, row: Conversation) -> None:
        """Read a conversation."""
        ...

    def target_message(self) -> Message | None:
        """The message that is meant."""
        ...

    def turn_to(self, page: PageName) -> None:
        """Bring one of the three to the front, and the keys to it."""
        ...

    def show_hits(self, hits: Hits) -> None:
        """The list shows what a search found."""
        ...

    @property
    def arrived(self) -> Callable[[], None]:
        """To be called when rows came that were missing."""
        ...

    async def ask(
        self,
        title: str,
        value: str = "",
        judge: Judge | None = None,
        *,
        placeholder: str = "",
        complete: Complete | None = None,
    ) -> str | None: ...

    def start(self, work: Coroutine[Any, Any, None]) -> object: ...

    async def in_one_paint(self, work: Coroutine[Any, Any, Answer]) -> Answer: ...

    def release_keys(self, *, drop: bool = False) -> None: ...

    def unread(self) -> AbstractContextManager[None]: ...

    def update_bars(self) -> None: ...
