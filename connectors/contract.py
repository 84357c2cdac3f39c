"""The test kit every connector must pass, its own maker's too.

Write one class that plays the world outside, and one that hands it to the kit:

    from connectors.contract import ConnectorContract, World

    class PigeonWorld(World):
        def __init__(self, loft): ...
        # factory, account, secret, customer, deliver(), received(), interrupt(), restore()

    class TestPigeons(ConnectorContract):
        @contextmanager
        def world(self):
            with Loft() as loft:
                yield PigeonWorld(loft)

and run pytest on it. Each test asks for a world of its own: an account that nothing has happened to. Use the real thing
on loopback, not a stand-in. The kit needs no plugin; with `pytest.register_assert_rewrite("connectors.contract")` in a
`conftest.py`, failures show their values.
"""

from __future__ import annotations

import asyncio
import threading
import time
import unittest
from email import message_from_bytes
from typing import Any

from connectors.base import (
    Account,
    Connector,
    ConnectorError,
    Outgoing,
    Permanent,
    SendError,
    Temporary,
    Uncertain,
    Wire,
)
from connectors.trial import AT, PATIENCE, PROMPT, Contract, Stream, World, answer, mail, raises, streaming
from desk.model import Address

__all__ = ["ConnectorContract", "World"]


class ConnectorContract(Contract[World]):
    """Subclass as `Test…` and provide `world`."""

    # --- factory ------------------------------------------------------------------------------------------

    def test_the_factory_accepts_a_good_account(self) -> None:
        with self.world() as world:
            assert world.factory.name, "a factory has a name"
            assert world.factory.validate(world.account) == []

    def test_the_factory_says_what_is_wrong(self) -> None:
        with self.world() as world:
            for options in ({}, {"no such option": 1}, {**world.account.options, "no such option": 1}):
                problems = world.factory.validate(Account(name="bad", address="bad@example.test", options=options))
                assert problems, f"{options} should not be accepted"
                assert all(": " in problem for problem in problems), f"`option: what to do`, not {problems}"

    # --- in -----------------------------------------------------------------------------------------------

    def test_what_comes_is_yielded_unchanged(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            async with streaming(connector) as stream:
                await asyncio.to_thread(world.deliver, mail(1, world.customer))
                await stream.until_has(1)
            [event] = stream.events
            assert event.raw.endswith(b"This is question 1.\r\n")
            assert event.external_id, "events have ids"
            assert event.received_at is None or event.received_at > AT, "received_at is in milliseconds"

        self._with_opened(test)

    def test_what_came_while_away_is_caught_up(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            world.deliver(mail("before"))
            async with streaming(connector) as first:
                await first.until_has("before")
            for number in range(3):
                world.deliver(mail(number))
            async with streaming(connector, first.cursors) as second:
                await second.until_has(0, 1, 2)
            assert second.numbers == ["0", "1", "2"], "exactly what came meanwhile, in order"

        self._with_opened(test)

    def test_without_a_stored_cursor_everything_comes_again_under_the_same_ids(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            for number in range(3):
                world.deliver(mail(number))
            async with streaming(connector) as first:
                await first.until_has(0, 1, 2)
            other = world.factory.open(world.account, world.secret)
            async with streaming(other) as second:
                await second.until_has(0, 1, 2)
            await other.close()
            ids = [event.external_id for event in first.events]
            assert [event.external_id for event in second.events] == ids
            assert len(set(ids)) == 3, "ids are unique"

        self._with_opened(test)

    def test_many_come_in_bounded_batches_from_any_of_which_one_can_go_on(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            numbers = list(range(120))
            for number in numbers:
                world.deliver(mail(number))
            async with streaming(connector) as whole:
                await whole.until_has(*numbers)
            assert whole.numbers == [str(number) for number in numbers], "all, once, in order"
            assert max(len(batch.events) for batch in whole.batches) <= 100, "batches are bounded"
            part = next(batch for batch in whole.batches if batch.events)
            rest = [str(number) for number in numbers[len(part.events) :]]
            async with streaming(connector, {part.key: part.cursor}) as second:
                await second.until_has(*rest)
            assert second.numbers == rest

        self._with_opened(test)

    def test_a_broken_connection_mends_itself_and_loses_nothing(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            async with streaming(connector) as stream:
                await asyncio.to_thread(world.deliver, mail(1))
                await stream.until_has(1)
                await asyncio.to_thread(world.interrupt)
                await asyncio.to_thread(world.restore)
                await asyncio.to_thread(world.deliver, mail(2))
                await stream.until_has(1, 2)
            assert len({event.external_id for event in stream.events}) == 2, "what comes again has the same id"

        self._with_opened(test)

    def test_a_server_that_stays_away_is_reported_and_not_for_good(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            await asyncio.to_thread(world.interrupt)
            with raises(ConnectorError, "receive has to say that there is no server") as caught:
                await Stream(connector, {}).outcome()
            await asyncio.to_thread(world.restore)
            assert not caught.error.final, "a server may come back"
            assert str(caught.error)
            await asyncio.to_thread(world.deliver, mail(1))
            async with streaming(connector) as again:
                await again.until_has(1)

        self._with_opened(test)

    def test_stored_may_be_told_twice(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            world.deliver(mail(1))
            async with streaming(connector) as stream:
                await stream.until_has(1)
                for batch in stream.batches:
                    await connector.stored(batch)
                await asyncio.to_thread(world.deliver, mail(2))
                await stream.until_has(2)
            await connector.stored(stream.batches[-1])

        self._with_opened(test)

    def test_it_lets_go_at_once(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            before = _threads()
            world.deliver(mail(1))
            for how in ("cancel", "close"):
                stream = Stream(connector, {})
                await stream.until_has(1)
                began = time.monotonic()
                if how == "close":
                    await connector.close()
                await stream.end()
                assert time.monotonic() - began < PROMPT, f"{how} took too long"
                assert _threads() <= before, f"{how} left threads: {_threads() - before}"

        self._with_opened(test)

    # --- secrets ------------------------------------------------------------------------------------------

    def test_a_wrong_secret_is_final(self) -> None:
        self._refuses_secret("not the secret")

    def test_a_missing_secret_is_final(self) -> None:
        self._refuses_secret(None)

    def _refuses_secret(self, secret: str | None) -> None:
        async def test(world: World, _: Connector) -> None:
            if not world.factory.needs_secret:
                raise unittest.SkipTest("this channel has no secrets")
            connector = world.factory.open(world.account, lambda: secret)
            with raises(ConnectorError, "receive has to say that it was not let in") as caught:
                await Stream(connector, {}).outcome()
            assert caught.error.final, "trying again does not help"
            assert caught.error.hint, "it says what to do"
            checks = await connector.check()
            assert any(check.status == "failed" for check in checks)
            with raises(SendError, "nothing can be sent without the secret") as unsent:
                await connector.send(connector.prepare(answer(world)))
            assert not isinstance(unsent.error, Uncertain), "it is certain that nothing was sent"
            assert world.received() == []
            await connector.close()
            said = [f"{caught.error} {caught.error.hint} {unsent.error}"]
            said += [f"{check.message} {check.hint}" for check in checks]
            assert secret is None or not any(secret in words for words in said), "secrets are not repeated"

        self._with_opened(test)

    # --- out ----------------------------------------------------------------------------------------------

    def test_preparing_is_pure(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            outgoing = answer(world)
            wire = connector.prepare(outgoing)
            assert connector.prepare(outgoing) == wire, "the same message gives the same bytes"
            assert wire.recipients == (world.customer,)
            assert wire.rfc_message_id == outgoing.message.rfc_message_id
            assert wire.raw

        self._with_opened(test)

    def test_what_can_never_be_sent_is_refused_when_prepared(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            for bad in ("\r\n", "\n", "\r", "\0", "\x1b", "\x85", "\u2028"):
                evil = f"x{bad}Bcc: evil@example.test"
                for outgoing in (
                    answer(world, subject=evil),
                    answer(world, to=(Address(email=world.customer, name=evil),)),
                    answer(world, to=(Address(email=f"{evil}{world.customer}"),)),
                    answer(world, rfc_message_id=f"{evil}@example.test"),
                ):
                    _refused(connector, outgoing, f"{bad!r} must not reach a header")
            _refused(connector, answer(world, to=()), "a message needs a recipient")
            _refused(connector, answer(world, to=(Address(email="nobody"),)), "this is no address")

        self._with_opened(test)

    def test_hidden_recipients_stay_hidden(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            wire = connector.prepare(answer(world, bcc=(Address(email="hidden@example.test"),)))
            assert "hidden@example.test" in wire.recipients
            assert b"hidden@example.test" not in wire.raw

        self._with_opened(test)

    def test_what_is_sent_arrives_once(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            wire = connector.prepare(answer(world))
            receipt = await connector.send(wire)
            assert receipt.refused == {}
            await _arrives(world, wire, times=1)

        self._with_opened(test)

    def test_a_server_that_is_away_gets_it_later(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            wire = connector.prepare(answer(world))
            await asyncio.to_thread(world.interrupt)
            with raises(Temporary, "there is nobody to send it to") as caught:
                await connector.send(wire)
            await asyncio.to_thread(world.restore)
            assert str(caught.error), "it says why"
            await connector.send(wire)
            await _arrives(world, wire, times=1)

        self._with_opened(test)

    def test_a_break_before_the_last_word_is_uncertain(self) -> None:
        for when, times in (("before", 0), ("after", 1)):

            async def test(world: World, connector: Connector, when: Any = when, times: int = times) -> None:
                wire = connector.prepare(answer(world))
                world.break_sending(when)
                with raises(Uncertain, "nobody said that it was accepted") as caught:
                    await connector.send(wire)
                assert str(caught.error)
                await _arrives(world, wire, times=times)

            self._with_opened(test)

    def test_what_was_never_sent_is_not_known_as_sent(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            assert not await connector.was_sent("never.sent@example.test")
            await asyncio.to_thread(world.interrupt)
            assert await connector.was_sent("never.sent@example.test") is None, "nobody there to tell"
            await asyncio.to_thread(world.restore)

        self._with_opened(test)

    def test_a_copy_is_filed_once(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            if not world.factory.files_copies:
                raise unittest.SkipTest("this channel files no copies")
            wire = connector.prepare(answer(world))
            for _ in range(3):
                await connector.file_copy(wire)
            assert world.copies(wire.rfc_message_id) == 1
            assert await connector.was_sent(wire.rfc_message_id) is True
            await asyncio.to_thread(world.interrupt)
            with raises(Temporary, "there is nobody to take the copy"):
                await connector.file_copy(wire)
            await asyncio.to_thread(world.restore)

        self._with_opened(test)

    # --- check --------------------------------------------------------------------------------------------

    def test_a_check_of_a_good_account_finds_nothing_wrong(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            checks = await connector.check()
            assert checks
            assert [check for check in checks if check.status == "failed"] == []

        self._with_opened(test)

    def test_a_check_tells_and_never_raises(self) -> None:
        async def test(world: World, connector: Connector) -> None:
            await asyncio.to_thread(world.interrupt)
            failed = [check for check in await connector.check() if check.status == "failed"]
            assert failed
            assert all(check.what and check.message for check in failed)
            await asyncio.to_thread(world.restore)

        self._with_opened(test)


def _refused(connector: Connector, outgoing: Outgoing, why: str) -> None:
    with raises(Permanent, why) as caught:
        connector.prepare(outgoing)
    assert str(caught.error), "it says what to correct"


async def _arrives(world: World, wire: Wire, *, times: int) -> None:
    """Whether the message reached the customer as often as it should. One too many has two seconds to show up."""

    def count() -> int:
        wanted = f"<{wire.rfc_message_id}>"
        return sum(str(message_from_bytes(raw)["Message-ID"]).strip() == wanted for raw in world.received())

    deadline = time.monotonic() + PATIENCE
    while await asyncio.to_thread(count) < times:
        assert time.monotonic() < deadline, f"it did not arrive {times} times within {PATIENCE} s"
        await asyncio.sleep(0.02)
    assert await asyncio.to_thread(count) == times


def _threads() -> set[str]:
    """Names of the threads that run, but for the event loop's own workers."""
    return {thread.name for thread in threading.enumerate() if not thread.name.startswith("asyncio_")}
