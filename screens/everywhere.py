"""What can be done on every screen: finding actions, typing them, doing them again, going somewhere by its number."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from desk.commandline import Command
from screens.caring import Caring

if TYPE_CHECKING:
    from screens.inbox import InboxScreen


class Everywhere(Caring):
    """Carries out actions on behalf of any screen."""

    # --- finding ------------------------------------------------------------------------------------------

    def do_help(self, argument: str | None = None) -> None:
        from screens.sheet import KeySheet

        screen = self._screen
        screen.push_over(KeySheet(self._desk, screen.context, argument or ""), lambda _: None)

    def do_palette(self) -> None:
        from screens.palette import Palette

        screen = self._screen
        focused = screen.focused

        def chosen(action: str | None) -> None:
            if focused is not None and focused.is_attached:
                focused.focus(scroll_visible=False)
            if action is None:
                return
            if self._desk.keymap.action(action).required:
                self._line(action + " ")
            else:
                screen.perform(action)

        screen.push_over(Palette(self._desk, screen.context, screen.can), chosen)

    def do_command(self) -> None:
        self._line("")

    def _line(self, text: str) -> None:
        from screens.commandline import CommandLine

        screen = self._screen

        def told(command: Command | None) -> None:
            if command is not None:
                screen.perform(command.action, command.argument)

        screen.push_over(CommandLine(self._desk, screen.context, screen.can, text), told)

    # --- doing --------------------------------------------------------------------------------------------

    def do_repeat(self, count: int | None = None) -> None:
        last = self._desk.repeat
        if last is None:
            self._desk.say("there is nothing to do again yet")
        else:
            self._screen.perform(last.action, last.argument, count)

    def do_go_to(self, argument: str) -> None:
        self._screen.perform("top", count=max(int(argument), 1))

    def do_show(self, argument: str) -> None:
        self._screen.open_for_typing(self._show(int(argument)))

    async def _show(self, id: int) -> None:
        conversation = await self._desk.client.conversation(id)
        app, inbox = self._screen.app, self._inbox()
        while app.screen is not inbox:
            app.pop_screen()
        inbox.show_conversation(conversation)
        self._screen.leave_keys(inbox)

    def do_customers(self) -> None:
        """All customers, over the inbox."""
        app, inbox = self._screen.app, self._inbox()
        while app.screen is not inbox:
            app.pop_screen()
        inbox.trail.show_customers()

    def _inbox(self) -> InboxScreen:
        from screens.inbox import InboxScreen

        return next(screen for screen in self._screen.app.screen_stack if isinstance(screen, InboxScreen))

    def do_set(self, argument: str) -> None:
        from screens.settable import SETTABLE

        name, _, value = argument.partition(" ")
        settable = SETTABLE.get(name)
        if settable is None or value.strip() not in settable.values:
            known = "; ".join(f"{name} {' '.join(each.values)}" for name, each in SETTABLE.items())
            self._desk.say(f"there is no {argument}; what can be set: {known}", "bad")
            return
        settable.apply(self._screen.app, value.strip())
        self._desk.say(f"{name} {value.strip()}", "good")

    async def do_import(self, argument: str | None = None) -> None:
        from screens.importing import follow, judge_path
        from screens.keeping import files_and_folders

        answer = argument or await self._screen.ask(
            "import", "", judge_path, placeholder="path of an archive", complete=files_and_folders
        )
        if answer:
            path = Path(answer.strip()).expanduser()
            await follow(self._desk, await self._desk.client.start_import([path]), path.name)

    # --- what Desk promises, and does by itself -----------------------------------------------------------

    async def do_policies(self) -> None:
        from screens.picker import result_of
        from screens.policies import PoliciesScreen

        q = await result_of(self._screen.app, PoliciesScreen(self._desk))
        if q is not None:
            inbox = self._go_back()
            inbox.open_for_typing(inbox.viewing.narrow("all", q))

    async def do_rules(self) -> None:
        from screens.picker import result_of
        from screens.rules import RulesScreen

        found = await result_of(self._screen.app, RulesScreen(self._desk))
        if found is not None:
            inbox = self._go_back()
            inbox.viewing.list_these(found.title, found.conversations)
            inbox.release_keys()

    def _go_back(self) -> InboxScreen:
        """To the inbox, where the keys that were pressed meanwhile wait for what it goes on with."""
        app, inbox = self._screen.app, self._inbox()
        if self._screen is not inbox:
            inbox.hold_keys()
            self._screen.leave_keys(inbox)
        while app.screen is not inbox:
            app.pop_screen()
        return inbox

    # --- keys ---------------------------------------------------------------------------------------------

    def do_reload_keys(self) -> None:
        self._desk.reread_keys()
        self._screen.update_bars()
