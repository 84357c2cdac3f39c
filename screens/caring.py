"""What can be done on every screen about settings, accounts, and whether one is there."""

from __future__ import annotations

from typing import Any

from textual.app import App

from desk.client import ClientError, Refused
from desk.model import Availability
from desk.settings.places import join_path
from screens.base import DeskScreen
from screens.comfort import Comforts, comforts_of
from screens.themes import SHORT


class Caring:
    """Carries out actions on behalf of any screen."""

    def __init__(self, screen: DeskScreen[Any]) -> None:
        self._screen = screen
        self._desk = screen.desk

    @property
    def _app(self) -> App[Any]:
        return self._screen.app

    @property
    def _comforts(self) -> Comforts:
        return comforts_of(self._app)

    # --- screens ------------------------------------------------------------------------------------------

    def do_settings(self, argument: str | None = None) -> None:
        from screens.settings import SettingsScreen

        self._over(SettingsScreen(self._desk, argument or ""))

    def do_connections(self) -> None:
        from screens.connections import ConnectionsScreen

        self._over(ConnectionsScreen(self._desk))

    def _over(self, screen: DeskScreen[Any]) -> None:
        if type(self._screen) is type(screen):
            self._app.switch_screen(screen)
        else:
            self._app.push_screen(screen)

    # --- comfort ------------------------------------------------------------------------------------------

    def do_theme(self, argument: str | None = None) -> None:
        if argument is None:
            from screens.themepicker import ThemePicker

            def chosen(theme: str | None) -> None:
                if theme is not None:
                    self._screen.start(self._keep_theme(theme))

            self._screen.push_over(ThemePicker(self._desk), chosen)
        elif self._comforts.wear(argument.strip()):
            self._screen.start(self._keep_theme(argument.strip()))
        else:
            self._desk.say(f"there is no theme {argument}; Desk's own are {', '.join(SHORT)}", "bad")

    async def _keep_theme(self, theme: str) -> None:
        """Written down for this rep; a terminal whose server is away has it all the same."""
        try:
            me = self._desk.me or await self._desk.client.me()
            await self._desk.client.set_setting(join_path(("reps", me.login, "theme")), theme)
        except Refused as error:
            self._desk.say(f"theme {theme}, for this terminal only: {error.problem.message}", "bad")
        except ClientError:
            self._desk.say(f"theme {theme}, for this terminal only: the server did not answer", "bad")
        else:
            self._desk.say(f"theme {theme}; kept in desk.toml for {me.login}", "good")

    async def do_quiet(self, argument: str | None = None) -> None:
        comforts = self._comforts
        await comforts.be_quiet(not comforts.quiet if argument is None else argument == "on")

    # --- being there --------------------------------------------------------------------------------------

    async def do_available(self) -> None:
        await self._be("available", "")

    async def do_busy(self, argument: str | None = None) -> None:
        await self._be("busy", argument or "")

    async def do_away(self, argument: str | None = None) -> None:
        await self._be("away", argument or "")

    async def _be(self, state: Availability, reason: str) -> None:
        self._desk.take_availability(now := await self._desk.client.set_availability(state, reason))
        self._desk.say(f"you are {now.state}: {now.reason}" if now.reason else f"you are {now.state}", "good")

    # --- secrets ------------------------------------------------------------------------------------------

    async def do_provide_secret(self, argument: str | None = None) -> None:
        account = argument or getattr(self._screen, "account", "") or await self._waiting()
        if not account:
            self._screen.release_keys(drop=True)
            self._desk.say("no account waits for its password; :provide-secret NAME gives one anew")
            return
        prompt = await self._screen.prompt()
        secret = await prompt.ask(
            f"password of {account}",
            "",
            lambda text: ("goes into this machine's keyring, never into a file", bool(text)),
            secret=True,
            asked=self._screen.release_keys,
        )
        if secret:
            self._desk.say(f"trying {account}…")
            check = await self._desk.client.keep_secret(account, secret)
            self._desk.say(f"{account}: {check.message}", "good" if check.status == "ok" else "plain")

    async def _waiting(self) -> str:
        """The account that needs a secret; the first of them."""
        accounts = await self._desk.client.accounts()
        return next((each.name for each in accounts if each.state == "needs-secret"), "")
