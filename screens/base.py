"""What all screens share: inks, keys, the status line, and work in the background whose errors are told."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from rich.style import Style
from textual import events
from textual.await_complete import AwaitComplete
from textual.reactive import Reactive
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from desk.client import ClientError, Refused, Unreachable
from desk.keymap import Action, Context, Pending, lacking, pressed
from screens.desk import Desk
from screens.feed import Dirty
from screens.widgets.bars import KeyLine, StatusLine, TopBar, key_glyph
from screens.widgets.compositor import LinesCompositor
from screens.widgets.ink import INKS, Inks
from screens.widgets.lines import Bar

if TYPE_CHECKING:
    from screens.prompt import Complete, Judge, Prompt

Result = TypeVar("Result")
Answer = TypeVar("Answer")

PATIENCE_SECONDS = 0.1
"""How long people take something for done at once."""


class DeskScreen(Screen[Result], inherit_bindings=False):
    """A screen of Desk. An action `some-name` of the keymap is carried out by its method `do_some_name`."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"ink--{name}" for name in INKS}
    AUTO_FOCUS = ""
    BLANK = True
    default_context: Context = "list"
    focused = Reactive(None, repaint=False)
    """The widget with the focus. Those it comes and goes from paint themselves; Textual would paint everything."""

    def __init__(self, desk: Desk, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._compositor = LinesCompositor()
        self.desk = desk
        self._inks: Inks | None = None
        self.pending = Pending(desk.keymap)
        self._held: list[events.Key] | None = None
        self._opening: Coroutine[Any, Any, None] | None = None
        """The work that keys wait for; what it calls may put its own in this place."""
        self._frame: Sequence[Bar] = ()
        self._behind: DeskScreen[Any] | None = None
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

    def shows_key(self, action: str) -> bool:
        """Whether a key is told at the bottom: only what is known to do something now."""
        return self.can(action)

    def can(self, action: str) -> bool:
        """Whether an action would do something now. Screens refine it."""
        if action == "undo-send":
            return self.desk.takeable() is not None
        if action in ("complete", "complete-back"):
            return all(getattr(node, "completes", True) for node in self._focus_path())
        return True

    def helpers(self) -> Sequence[object]:
        """Objects that carry out actions for this screen."""
        return ()

    def word(self, action: Action) -> str:
        """What the footer calls an action now."""
        return action.label

    def _forward_event(self, event: events.Event) -> None:
        """Keys that wait do so at once: in the queue they would come out behind those pressed after them."""
        if isinstance(event, events.Key) and self.holding:
            self.take_key(event)
        else:
            super()._forward_event(event)

    def on_key(self, event: events.Key) -> None:
        self.take_key(event)

    def take_key(self, event: events.Key) -> None:
        """Do what a key means here, with those pressed before it; what is for nobody here goes on."""
        if self._held is not None:
            event.stop()
            event.prevent_default()
            self._held.append(event)
            return
        waited = bool(self.pending)
        press = self.pending.press(self.context, pressed(event.key, event.character))
        if press.taken:
            event.stop()
            event.prevent_default()
        if press.unknown:
            self.desk.say(f"{' '.join(map(key_glyph, press.unknown.split()))} means nothing here")
        if press.action is not None:
            self.perform(press.action, count=press.count)
        if waited or self.pending:
            self.update_bars()

    def perform(self, action: str, argument: str | None = None, count: int | None = None) -> None:
        """Carry out an action of the keymap, here or in the app."""
        known = self.desk.keymap.action(action)
        if known.runs:
            self.run_line(known.runs, count)
            return
        far = {"count": count} if known.countable and count is not None else {}
        if any(act(action, **far) for node in self._focus_path() if (act := getattr(node, "act", None))):
            return
        places = (self, *self.helpers(), self.everywhere(), self.app)
        method = next((found for place in places if (found := getattr(place, known.method, None))), None)
        if method is None:
            return
        if not self.can(action):
            if action != "back":
                self.desk.say(lacking(known))
            return
        told = {"argument": argument} if argument is not None else {}
        if known.repeatable and (argument is not None or known.argument == "none"):
            self.desk.remember(action, argument)
        typed = known.typed and argument is None
        if typed:
            self.hold_keys()
        result = method(**told, **far)
        if inspect.iscoroutine(result):
            (self.open_for_typing if typed else self.start)(result)
        self.update_bars()

    def run_line(self, line: str, count: int | None = None) -> None:
        """Carry out a line of the command line. Raises CommandError."""
        from desk.commandline import parse

        command = parse(line)
        self.perform(command.action, command.argument, count)

    def everywhere(self) -> object:
        """Carries out what works on every screen: the app knows it, for it knows screens that know this one."""
        if self._everywhere is None:
            self._everywhere = self.app.everywhere(self)  # type: ignore[attr-defined]
        return self._everywhere

    _everywhere: object | None = None

    # --- asking -------------------------------------------------------------------------------------------

    async def ask(
        self,
        title: str,
        value: str = "",
        judge: Judge | None = None,
        *,
        placeholder: str = "",
        complete: Complete | None = None,
    ) -> str | None:
        """One question at the bottom of the screen; None if it was not answered."""
        from screens.prompt import anything

        prompt = await self.prompt()
        return await prompt.ask(
            title, value, judge or anything, placeholder=placeholder, complete=complete, asked=self.release_keys
        )

    async def prompt(self) -> Prompt:
        """What asks; made when first needed."""
        from screens.prompt import Prompt

        prompts = self.query(Prompt)
        if prompts:
            return prompts.first()
        prompt = Prompt(self.inks)
        prompt.display = False
        await self.mount(prompt, before="#status")
        return prompt

    def hold_keys(self) -> None:
        """Keys pressed from now on wait for what is being opened: nobody's typing becomes commands."""
        if self._held is None:
            self._held = []

    def open_for_typing(self, work: Coroutine[Any, Any, None], *, group: str = "", alone: bool = False) -> None:
        """Run what opens something to type into, as `start` does; keys pressed meanwhile wait for it."""
        self.hold_keys()
        self._opening = work
        self.start(work, group=group, alone=alone).add_done_callback(lambda _: self._ended(work))

    def release_keys(self, *, drop: bool = False) -> None:
        """What was opened is there: it gets the keys that waited, or nobody does."""
        self._give(self.focused, drop=drop)

    def _give(self, widget: Widget | None, *, drop: bool = False) -> None:
        held, self._held = self._held, None
        if held and not drop and widget is not None:
            for key in held:
                widget._forward_event(events.Key(key.key, key.character))

    def push_over(self, screen: DeskScreen[Answer], closed: Callable[[Answer | None], None]) -> None:
        """Put a screen over this one that people type into at once: its `take_keys` says when it can."""
        self.hold_keys()
        screen.hold_keys()
        screen._behind = self
        self.app.push_screen(screen, closed)

    @property
    def holding(self) -> bool:
        """Whether keys wait for what is being opened."""
        return self._held is not None

    def take_keys(self, *, drop: bool = False) -> None:
        """The widget with the focus gets what was typed since the key that opened this screen, or nobody does."""
        behind, self._behind = self._behind, None
        if behind is not None:
            earlier, behind._held = behind._held, None
            self._held = [*(earlier or ()), *(self._held or ())]
        self.release_keys(drop=drop)

    def leave_keys(self, screen: DeskScreen[Any]) -> None:
        """Keys that wait here are for that screen, or wait there."""
        held, self._held = self._held, None
        for key in held or ():
            screen._forward_event(events.Key(key.key, key.character))

    @contextmanager
    def unread(self) -> Iterator[None]:
        """What has to be read first is on its way: keys pressed until it is there are no answer to it."""
        self.hold_keys()
        try:
            yield
        finally:
            self.release_keys(drop=True)

    # --- work ---------------------------------------------------------------------------------------------

    def start(self, work: Coroutine[Any, Any, None], *, group: str = "", alone: bool = False) -> asyncio.Task[None]:
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
        return task

    async def in_one_paint(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Do it while the screen stands still, so that what it begins with and what comes of it are one paint.

        For `PATIENCE_SECONDS`: whoever waits longer is shown how far it is.
        """
        task = asyncio.ensure_future(work)
        try:
            with self.app.batch_update():
                await asyncio.wait((task,), timeout=PATIENCE_SECONDS)
            self.check_idle()
            return await task
        finally:
            task.cancel()

    def paint(self) -> None:
        """Show now what changed: Textual paints at most every 17 ms, and this comes 5 ms after an echo."""
        self._on_timer_update()

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

    def _ended(self, work: Coroutine[Any, Any, None]) -> None:
        """It ended, or was given up before it began: keys that still wait for it are nobody's."""
        if self._opening in (work, None):
            self._opening = None
            self.release_keys(drop=True)

    async def absorb(self, dirty: Dirty) -> None:
        """Something changed on the server. Called at most ten times a second."""

    # --- bars ---------------------------------------------------------------------------------------------

    def update_bars(self) -> None:
        """Say again what the bars say, where it changed."""
        for bar in self._frame or self._framed():
            if isinstance(bar, StatusLine):
                bar.pending = str(self.pending)
            elif isinstance(bar, KeyLine):
                bar.begun = self.pending.keys
            bar.update()

    def _framed(self) -> Sequence[Bar]:
        """The lines around the screen. They are made with it, the keys last: with those there all are known."""
        found = [bar for bar in self.query(Bar) if isinstance(bar, TopBar | StatusLine | KeyLine)]
        if any(isinstance(bar, KeyLine) for bar in found):
            self._frame = found
        return found

    def key_line(self) -> KeyLine:
        return KeyLine(self.desk, self.inks, lambda: self.context, self.shows_key, self.word)

    def on_descendant_focus(self) -> None:
        self.pending.clear()
        self.call_later(self.update_bars)

    def do_back(self) -> None:
        if not self.desk.hush():
            self.dismiss()

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Close, once: keys pressed before it was gone still reach it, and must not close what lay behind."""
        if self not in self.app.screen_stack:
            return AwaitComplete()
        while self.app.screen is not self:
            self.app.pop_screen()
        return super().dismiss(result)


class Overlay(DeskScreen[Result], ModalScreen[Result]):
    """A screen that lies over another, which stays in sight behind it."""

    BLANK = False
