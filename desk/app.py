# ruff: noqa: E402 - the environment is read when Textual is imported
"""The Textual app: its modes, the connection to the server, and nothing a screen could do itself.

**How a key becomes paint, and what was in the way.** Textual paints on a timer of `TEXTUAL_FPS` ticks a second whose
phase a key cannot choose: at the default of 60 a key waits up to 16.7 ms for the tick after the one before. At 1,000
it waits at most one, and the timer still sleeps while nothing changes. Maxima of tens of milliseconds came from full
garbage collections over Textual's 200,000 start-up objects: they are frozen once the inbox stands, and collections
become rare. What is left is layout, which `screens.widgets` avoids by keeping its own scroll offset and its painted
lines. `TEXTUAL_FPS` is read when Textual is imported, hence its place above the imports.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TEXTUAL_FPS", "1000")
os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
gc.disable()

from textual import events
from textual.app import App
from textual.binding import Binding
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.filter import Monochrome, NoColor

from desk.client import Client
from desk.clock import Clock, SystemClock
from desk.keymap import Keymap, KeymapError, read_keymap
from desk.model import Conversation, Draft
from screens.base import DeskScreen
from screens.comfort import Comforts
from screens.desk import Desk, refusal
from screens.feed import Dirty
from screens.inbox import InboxScreen
from screens.terminal import DirectDriver
from screens.themes import ANSI, DARK, MONO, OURS, theme_name

gc.freeze()
gc.enable()

STYLES = Path(__file__).parent.parent / "desk.tcss"
NO_SERVER = 3
"""Exit code when no server answers and none can be started, as of every command (docs/cli.md)."""
READY = ("desk.commandline", "screens.deeds", "screens.reading", "screens.writing", "screens.prompt")
"""What most people need soon, loaded once the inbox stands."""
WARM_SECONDS = 0.3
"""How long after the inbox stands."""
ClientFactory = Callable[[], Client]
Revive = Callable[[], Awaitable[None]]


class DeskApp(App[None], inherit_bindings=False):
    """One terminal. `client_factory` makes a connection to the server, `revive` starts the server if it is gone."""

    CSS_PATH = STYLES
    BINDINGS = [Binding("ctrl+q", "quit", "Quit", show=False, priority=True)]  # noqa: RUF012
    ENABLE_COMMAND_PALETTE = False
    TITLE = "Desk"

    def __init__(
        self,
        client_factory: ClientFactory,
        *,
        keymap: Keymap | None = None,
        clock: Clock | None = None,
        revive: Revive | None = None,
        theme: str = "",
    ) -> None:
        """`theme`: what desk.toml asks for; the environment comes first."""
        super().__init__()
        for each in OURS:
            self.register_theme(each)
        self._uncoloured = self.no_color
        self._filters = [each for each in self._filters if not isinstance(each, Monochrome | NoColor)]
        self._filters.append(NoColor(enabled=False))
        self.set_reactive(App.theme, self.fitting_theme(theme))
        self._bleach()
        self.stylesheet.set_variables(self.get_css_variables())
        self._refresh_truecolor_filter(self.ansi_theme)
        self.desk = Desk(client_factory, keymap or Keymap(), clock or SystemClock(), revive)
        self.comforts = Comforts(self, self.desk)
        self.inbox = InboxScreen(self.desk)
        self._welcomed = False
        self.desk.changed = self._say
        self.desk.absorb = self._absorb

    def get_driver_class(self) -> type[Driver]:
        """Textual's choice, where that is the one for Linux and macOS with a way of writing that does not wait."""
        chosen = super().get_driver_class()
        return DirectDriver if chosen is LinuxDriver else chosen

    def fitting_theme(self, asked: str) -> str:
        """The theme to begin with: `DESK_THEME`, no colours with `NO_COLOR`, what is asked for, what can be shown."""
        for name in (os.environ.get("DESK_THEME", ""), MONO.name if self._uncoloured else "", asked):
            if theme_name(name) in self.available_themes:
                return theme_name(name)
        return ANSI.name if self.console.color_system in (None, "standard") else DARK.name

    def _bleach(self) -> None:
        """Nothing is coloured in the theme without colours, whatever a widget would do by itself."""
        self.no_color = self.theme == MONO.name
        for each in self._filters:
            if isinstance(each, NoColor):
                each.enabled = self.no_color

    def _watch_theme(self, theme_name: str) -> None:
        self._bleach()
        super()._watch_theme(theme_name)

    def on_load(self) -> None:
        """Before anything is laid out: ask for the first page, so that it comes while the screen is made."""
        self.inbox.expect(asyncio.create_task(self.desk.first_page()))

    def get_default_screen(self) -> InboxScreen:
        """The inbox is the first screen."""
        return self.inbox

    def on_ready(self) -> None:
        """Everything that lives as long as the terminal is in place: keep the collector away from it."""
        self.run_worker(self.desk.begin(), group="desk", exit_on_error=False)
        gc.enable()
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 50)
        self.set_timer(WARM_SECONDS, self._warm)

    async def _warm(self) -> None:
        """Have at hand what the first deeds need, so that the first is as quick as those after it."""
        for module in READY:
            await asyncio.to_thread(importlib.import_module, module)
        if self._running and self.inbox.is_attached:
            self.inbox.helpers()
            await self.inbox.prompt()
            gc.collect()
            gc.freeze()

    async def on_unmount(self) -> None:
        """Nothing is asked any more."""
        await self.desk.client.close()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            self.desk.feed.key_pressed()
        await super().on_event(event)

    def desk_screens(self) -> list[DeskScreen[object]]:
        return [screen for screen in self.screen_stack if isinstance(screen, DeskScreen)]

    def _say(self) -> None:
        if self._running and isinstance(self.screen, DeskScreen):
            self.screen.update_bars()

    async def _absorb(self, dirty: Dirty) -> None:
        self._welcome()
        for screen in self.desk_screens():
            await screen.absorb(dirty)
        await self.comforts.absorb(dirty)

    def _welcome(self) -> None:
        """An empty workspace begins with the ways to fill it; once in a run, and over nothing that somebody opened."""
        status = self.desk.status
        if self._welcomed or status is None or self.screen is not self.inbox:
            return
        self._welcomed = True
        if not status.conversations and not status.accounts:
            from screens.welcome import WelcomeScreen

            self.push_screen(WelcomeScreen(self.desk))

    def everywhere(self, screen: DeskScreen[Any]) -> object:
        """What carries out, for a screen, what works on all of them; imported when first needed."""
        from screens.everywhere import Everywhere

        return Everywhere(screen)

    # --- what works on every screen -----------------------------------------------------------------------

    def do_quit(self) -> None:
        self.exit()

    def do_refresh(self) -> None:
        self.desk.feed.everything()

    def do_ledger(self) -> None:
        from screens.listing import LedgerScreen

        self._to_list(LedgerScreen(self.desk))

    def do_outbox(self) -> None:
        from screens.listing import OutboxScreen

        self._to_list(OutboxScreen(self.desk))

    def do_drafts(self) -> None:
        from screens.listing import DraftsScreen

        self._to_list(DraftsScreen(self.desk))

    def do_answers(self) -> None:
        from screens.answers import AnswersScreen

        self._to_list(AnswersScreen(self.desk))

    def do_articles(self) -> None:
        from screens.articles import ArticlesScreen

        self._to_list(ArticlesScreen(self.desk))

    def do_visitors(self) -> None:
        from screens.visitors import VisitorsScreen

        self._to_list(VisitorsScreen(self.desk))

    def do_live(self) -> None:
        from screens.live import LiveScreen, take_up

        if self.screen is not self.inbox:
            self.pop_screen()
        self.push_screen(LiveScreen(self.desk), lambda found: take_up(self.inbox, found))

    async def do_import_answers(self, argument: str) -> None:
        from screens.answers import bring_in

        await bring_in(self.desk, argument)

    async def do_export_answers(self, argument: str) -> None:
        from screens.answers import take_out

        await take_out(self.desk, argument)

    def _to_list(self, screen: DeskScreen[Conversation | Draft | None]) -> None:
        def opened(found: Conversation | Draft | None) -> None:
            if isinstance(found, Draft):
                self.inbox.helpers()
                self.inbox.open_for_typing(self.inbox.writing.take_up(found))
            elif found is not None:
                self.inbox.show_conversation(found)
                self.inbox.release_keys()

        if self.screen is not self.inbox:
            self.pop_screen()
        self.push_screen(screen, opened)

    def do_connect(self) -> None:
        from screens.connect import ConnectScreen

        self.push_screen(ConnectScreen(self.desk), self._connected)

    def _connected(self, _: None) -> None:
        if not self._welcomed:
            self.run_worker(self._welcome_late(), group="welcome", exit_on_error=False)

    async def _welcome_late(self) -> None:
        """The form was opened before the server said that the workspace is empty, and perhaps it is not any more."""
        self.desk.status = await self.desk.client.status()
        self._welcome()


def run(workspace: Path | object, agent: str, *, socket: Path | None = None, theme: str = "") -> int:
    """Open the terminal on a workspace, starting its server if none runs. Returns the exit code.

    `theme`: what desk.toml asks for.
    """
    from desk.launch import LaunchError, ensure_server
    from desk.workspace import Workspace

    home = workspace if isinstance(workspace, Workspace) else Workspace(workspace)  # type: ignore[arg-type]
    keymap, refused = _keymap(home.settings)
    try:
        path = socket or ensure_server(home)
    except LaunchError as error:
        sys.stderr.write(f"desk: {error}\n")
        return NO_SERVER

    async def revive() -> None:
        if socket is None:
            await asyncio.to_thread(ensure_server, home)

    gc.disable()
    app = DeskApp(lambda: Client(path, agent), keymap=keymap, revive=revive, theme=theme)
    if refused:
        app.desk.say(refused, "bad")
    app.run()
    return app.return_code or 0


def _keymap(settings: Path) -> tuple[Keymap, str]:
    """The keys of a workspace; Desk's own, and why, if what `desk.toml` says of them cannot work."""
    try:
        return read_keymap(settings), ""
    except KeymapError as error:
        return Keymap(), refusal(error)
