"""What all screens share: inks, keys, the status line, and work in the background whose errors are told."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Coroutine, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from rich.style import Style
from textual import events
from textual.screen import Screen

from desk.client import ClientError, Refused, Unreachable
from desk.keymap import Action, Context, pressed
from screens.desk import Desk
from screens.feed import Dirty
from screens.widgets.bars import KeyLine, StatusLine, TopBar
from screens.widgets.ink import INKS, Inks

if TYPE_CHECKING:
    from screens.prompt import Judge

Result = TypeVar("Result")

TAKES_THE_KEYS = frozenset(
    {
        "reply",
        "note",
        "undo-send",
        "assign",
        "snooze",
        "tag",
        "priority",
        "search",
        "import",
        "attach",
        "recipients",
        "save-attachment",
    }
)
"""Actions after which people type: what they type before it is there must not be taken for commands."""


class DeskScreen(Screen[Result], inherit_bindings=False):
    """A screen of Desk. An action `some-name` of the keymap is carried out by its method `do_some_name`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"ink--{name}" for name in INKS}
    AUTO_FOCUS = ""
    BLANK = True
    default_context: Context = "list"

    def __init__(self, desk: Desk, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.desk = desk
        self._inks: Inks | None = None
        self._held: list[events.Key] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._alone: dict[str, asyncio.Task[None]] = {}

    # --- inks ---------------------------------------------------------------------------------------------

    def inks(self) -> Inks:
        """The colours of this screen's text."""
        if self._inks is None:
            self._inks = Inks(self._ink)
        return self._inks

    def _ink(self, name: str) -> Style:
        return self.get_component_rich_style(name)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._inks = None

    # --- keys ---------------------------------------------------------------------------------------------

    @property
    def context(self) -> Context:
        """Where the keys go: the context of the focused widget, or else of one around it."""
        for node in self._focus_path():
            context = getattr(node, "context", None)
            if isinstance(context, str):
                return context  # type: ignore[return-value]
        return self.default_context

    def _focus_path(self) -> Iterator[object]:
        """The focused widget and what it lies in, without the screen itself."""
        node: Any = self.focused
        while node is not None and node is not self:
            yield node
            node = node.parent

    def can(self, action: str) -> bool:
        """Whether an action would do something now. Screens refine it."""
        if action == "undo-send":
            return self.desk.takeable() is not None
        return True

    def helpers(self) -> Sequence[object]:
        """Objects that carry out actions for this screen."""
        return ()

    def word(self, action: Action) -> str:
        """What the footer calls an action now."""
        return action.label

    def on_key(self, event: events.Key) -> None:
        if self._held is not None:
            event.stop()
            event.prevent_default()
            self._held.append(event)
            return
        action = self.desk.keymap.find(self.context, pressed(event.key, event.character))
        if action is not None:
            event.stop()
            event.prevent_default()
            self.perform(action)

    def perform(self, action: str) -> None:
        """Carry out an action of the keymap, here or in the app."""
        if any(act(action) for node in self._focus_path() if (act := getattr(node, "act", None))):
            return
        name = "do_" + action.replace("-", "_")
        method = next((m for place in (self, *self.helpers(), self.app) if (m := getattr(place, name, None))), None)
        if method is None or not self.can(action):
            return
        result = method()
        if inspect.iscoroutine(result):
            if action in TAKES_THE_KEYS:
                self.hold_keys()
                result = self._then_release(result)
            self.start(result)
        self.update_bars()

    # --- asking -------------------------------------------------------------------------------------------

    async def ask(
        self, title: str, value: str = "", judge: Judge | None = None, *, placeholder: str = ""
    ) -> str | None:
        """One question at the bottom of the screen; None if it was not answered."""
        from screens.prompt import Prompt, anything

        prompts = self.query(Prompt)
        if prompts:
            prompt = prompts.first()
        else:
            prompt = Prompt(self.inks)
            await self.mount(prompt, before="#status")
        return await prompt.ask(title, value, judge or anything, placeholder=placeholder, asked=self.release_keys)

    def hold_keys(self) -> None:
        """Keys pressed from now on wait for what is being opened: nobody's typing becomes commands."""
        if self._held is None:
            self._held = []

    def release_keys(self, *, drop: bool = False) -> None:
        """What was opened is there: it gets the keys that waited, or nobody does."""
        held, self._held = self._held, None
        if held and not drop and self.focused is not None:
            for key in held:
                self.focused.post_message(events.Key(key.key, key.character))

    # --- work ---------------------------------------------------------------------------------------------

    def start(self, work: Coroutine[Any, Any, None], *, group: str = "", alone: bool = False) -> None:
        """Run in the background; with `alone`, what the group was doing is given up. Errors are told."""
        if alone and (before := self._alone.pop(group, None)) is not None:
            before.cancel()
        task = asyncio.create_task(self._told(work))
        self._tasks.add(task)
        if alone:
            self._alone[group] = task

        def ended(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            work.close()

        task.add_done_callback(ended)

    def on_unmount(self) -> None:
        for task in list(self._tasks):
            task.cancel()

    async def _told(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Refused as error:
            self.desk.say(error.problem.message, "bad")
        except Unreachable:
            self.desk.say("the server did not answer; nothing was changed", "bad")
        except ClientError as error:
            self.desk.say(str(error), "bad")
        except Exception as fault:
            self.desk.fault(fault)

    async def _then_release(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self.release_keys(drop=True)

    async def absorb(self, dirty: Dirty) -> None:
        """Something changed on the server. Called at most ten times a second."""

    # --- bars ---------------------------------------------------------------------------------------------

    def update_bars(self) -> None:
        """Say again what the bars say, where it changed."""
        for kind in (TopBar, StatusLine, KeyLine):
            for bar in self.query(kind):
                bar.update()

    def key_line(self) -> KeyLine:
        return KeyLine(self.desk, self.inks, lambda: self.context, self.can, self.word)

    def on_descendant_focus(self) -> None:
        self.call_later(self.update_bars)

    def do_back(self) -> None:
        if not self.desk.hush():
            self.dismiss()
