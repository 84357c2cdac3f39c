"""A rep's own machine dials: by its softphone, or by a program of its desktop.

A terminal starts this for one call, as a process of its own that outlives it. The server says what is to be dialled,
once, and is told how it goes; while it is away the call goes on, and what there is to tell waits.

    python -m desk.phone SOCKET LOGIN REFERENCE
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from connectors.base import Account, ConnectorError, Permanent, SendError, Temporary
from connectors.dialing.base import Attempt, Call, Dialer, Factory
from desk.client import Client, ClientError, Refused, Unreachable
from desk.clock import SystemClock
from desk.model import Check
from desk.model.dialing import PhoneNews, PhoneOrder
from desk.plugins import DIALERS, PluginError, installed
from desk.settings import DialerSettings

WISH_SECONDS = 10.0
"""How long one question waits for an answer; asking is also how the server knows that we live."""
AGAIN_SECONDS = 0.5
FAREWELL_SECONDS = 60.0
"""How long to go on trying to tell the end."""


async def check(settings: DialerSettings) -> list[Check]:
    """Try a dialer of this machine, short of a call. Raises PluginError, ConnectorError."""
    made: Factory = installed(DIALERS, "dialer", settings.dialer)
    dialer = made.open(Account(name=settings.name, folder=settings.folder, options=settings.options), _nothing)
    try:
        return list(await dialer.check())
    finally:
        await dialer.close()


class Phone:
    """Makes one call."""

    def __init__(self, client: Client, reference: str) -> None:
        self._client = client
        self._reference = reference
        self._news: asyncio.Queue[PhoneNews] = asyncio.Queue()
        self._latest: PhoneNews | None = None
        """What was told last: a server that was away has forgotten it."""
        self._wanted = asyncio.Event()
        """The rep wants it to end."""

    async def make(self) -> None:
        """From the first question to the last word. Raises ClientError if there is nothing to dial for us."""
        order = await self._client.take_call(self._reference)
        telling = asyncio.create_task(self._tell())
        listening = asyncio.create_task(self._listen())
        try:
            await self._dial(order)
            with suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL_SECONDS):
                    await self._news.join()
        finally:
            telling.cancel()
            listening.cancel()
            await asyncio.gather(telling, listening, return_exceptions=True)

    async def _dial(self, order: PhoneOrder) -> None:
        account = Account(name=order.name, folder=order.folder, options=order.options)
        try:
            made: Factory = installed(DIALERS, "dialer", order.kind)
            dialer = made.open(account, _nothing)
        except (PluginError, ConnectorError) as error:
            self._lost(str(error), certain=True)
            return
        try:
            await self._follow(dialer, order)
        except (Temporary, Permanent) as error:
            self._lost(str(error), certain=True)
        except SendError as error:
            self._lost(str(error))
        except Exception as error:
            self._lost(f"dialling failed in an unexpected way ({type(error).__name__}); it may have rung")

    async def _follow(self, dialer: Dialer, order: PhoneOrder) -> None:
        attempt = Attempt(reference=order.reference, number=order.number, rep=order.rep, at=order.at)
        line = await dialer.dial(attempt)
        if not dialer.tells:
            step = line.latest
            self._say(PhoneNews(stage="dialling", at=step.at, words=step.words, tells=False))
            return
        ending = asyncio.create_task(self._end_when_wanted(line))
        try:
            async for step in line.progress():
                self._say(PhoneNews(stage=step.state, at=step.at, reason=step.reason, words=step.words))
        finally:
            ending.cancel()
            await dialer.close()

    async def _end_when_wanted(self, line: Call) -> None:
        await self._wanted.wait()
        while True:
            try:
                await line.hang_up()
            except SendError:
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                return

    def _lost(self, words: str, *, certain: bool = False) -> None:
        self._say(PhoneNews(stage="lost", at=SystemClock().now(), words=words, certain=certain))

    def _say(self, news: PhoneNews) -> None:
        self._latest = news
        self._news.put_nowait(news)

    # --- the server ---------------------------------------------------------------------------------------

    async def _tell(self) -> None:
        while True:
            news = await self._news.get()
            while True:
                try:
                    wish = await self._client.tell_call(self._reference, news)
                except Unreachable:
                    await asyncio.sleep(AGAIN_SECONDS)
                    continue
                except ClientError:
                    break
                if wish.hang_up:
                    self._wanted.set()
                break
            self._news.task_done()

    async def _listen(self) -> None:
        """Whoever says the outcome of a call wants it to end: then the server knows it no more."""
        while not self._wanted.is_set():
            try:
                if (await self._client.call_wish(self._reference, WISH_SECONDS)).hang_up:
                    self._wanted.set()
            except Refused:
                self._wanted.set()
            except ClientError:
                if self._latest is not None and self._news.empty():
                    self._news.put_nowait(self._latest)
                await asyncio.sleep(AGAIN_SECONDS)


def _nothing() -> str | None:
    """What dials here logs in nowhere."""
    return None


async def _main(socket: Path, login: str, reference: str) -> int:
    async with Client(socket, login) as client:
        try:
            await Phone(client, reference).make()
        except ClientError:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])))
