"""The test kit every dialer must pass, its own maker's too.

Write one class that plays the world outside, a phone that rings and whoever answers it, and one that hands it to the
kit:

    from connectors.dialing.contract import DialerContract, PhoneWorld

    class TestPigeons(DialerContract):
        @contextmanager
        def world(self):
            with Loft() as loft:
                yield PigeonPhones(loft)

and run pytest on it. Each test asks for a world in which nothing has happened yet. Use the real thing on loopback
where there is one.
"""

from __future__ import annotations

import asyncio
import time
import unittest
from typing import Any

from connectors.base import Account, Permanent, SendError, Temporary, Uncertain
from connectors.dialing.base import Attempt, Dialer, Progress, Reason
from connectors.dialing.trial import (
    ORDER,
    Manner,
    PhoneWorld,
    attempt,
    course,
    must_tell,
    silence,
    states_of,
    until,
    until_true,
)
from connectors.trial import PROMPT, Contract, raises, run

__all__ = ["DialerContract", "PhoneWorld"]


class DialerContract(Contract[PhoneWorld]):
    """Subclass as `Test…` and provide `world`."""

    # --- factory ------------------------------------------------------------------------------------------

    def test_the_factory_accepts_good_settings_and_says_what_is_wrong_with_others(self) -> None:
        with self.world() as world:
            assert world.factory.name, "a factory has a name"
            assert world.factory.validate(world.account) == []
            bad = Account(name="bad", options={**world.account.options, "no such option": 1})
            problems = world.factory.validate(bad)
            assert problems, "what does not exist is not accepted"
            assert all(": " in problem for problem in problems), f"`option: what to do`, not {problems}"

    # --- what is never dialled ------------------------------------------------------------------------------

    def test_only_international_numbers_are_dialled(self) -> None:
        async def test(world: PhoneWorld, dialer: Dialer) -> None:
            for number in (
                "",
                "+",
                "110",
                "01701234567",
                "00491701234567",
                "+0491701234567",
                "+49 170 1234567",
                "+49-170-1234567",
                "+49170123456789012",
                "+4917012345６7",
                "+491701234567\n",
                "+491701234567;reboot",
                "+491701234567@evil.example",
                "+491701234567&url=http://evil.example",
                "$(reboot)",
                "sip:customer@example.test",
            ):
                with raises(Permanent, f"{number!r} is no number") as caught:
                    await dialer.dial(Attempt(reference="bad", number=number))
                assert str(caught.error).isprintable(), "errors are harmless lines"
            for reference in ("", "a b", "../x", "a/b", "x" * 65, "ä"):
                with raises(Permanent, f"{reference!r} is no reference"):
                    await dialer.dial(Attempt(reference=reference, number=world.number))
            assert world.rang() == 0

        self._with_opened(test)

    # --- how calls go -------------------------------------------------------------------------------------

    def test_a_call_that_is_answered_until_they_hang_up(self) -> None:
        steps = self._course("answers and hangs up")
        assert steps[-1].reason == "reached"
        assert "answered" in states_of(steps)

    def test_a_busy_phone(self) -> None:
        assert self._course("busy")[-1].reason == "busy"

    def test_a_phone_that_cannot_be_reached(self) -> None:
        assert self._course("absent")[-1].reason == "unreachable"

    def test_a_number_that_is_not_in_use(self) -> None:
        assert self._course("wrong")[-1].reason in ("wrong-number", "unreachable")

    def _course(self, manner: Manner) -> list[Progress]:
        seen: list[Progress] = []

        async def test(world: PhoneWorld, dialer: Dialer) -> None:
            must_tell(dialer)
            world.customer(manner)
            call = await dialer.dial(attempt(world))
            seen.extend(await course(call))
            assert world.rang() == 1
            assert call.latest == seen[-1]
            assert await course(call) == seen, "who comes later is told the same"

        self._with_opened(test)
        states = states_of(seen)
        assert states == sorted(set(states), key=ORDER.index), "each state once, in order"
        assert (states[0], states[-1]) == ("dialling", "ended")
        assert [step.at for step in seen] == sorted(step.at for step in seen)
        assert all(step.words.isprintable() or not step.words for step in seen)
        assert [bool(step.reason) for step in seen] == [step.state == "ended" for step in seen]
        return seen

    def test_we_hang_up_a_call_that_was_answered(self) -> None:
        async def test(world: PhoneWorld, dialer: Dialer) -> None:
            must_tell(dialer)
            world.customer("answers")
            call = await dialer.dial(attempt(world))
            await until(call, "answered")
            await call.hang_up()
            assert (await course(call))[-1].reason == "reached"
            await call.hang_up()
            await silence(world)

        self._with_opened(test)

    def test_we_hang_up_while_it_rings(self) -> None:
        async def test(world: PhoneWorld, dialer: Dialer) -> None:
            must_tell(dialer)
            world.customer("rings")
            call = await dialer.dial(attempt(world))
            await until(call, "ringing")
            await call.hang_up()
            assert (await course(call))[-1].reason == "cancelled"
            await silence(world)

        self._with_opened(test)

    def test_nobody_answers_and_it_stops_ringing(self) -> None:
        with self.world() as world:

            async def test() -> None:
                dialer = world.factory.open(world.brief(), world.secret)
                must_tell(dialer)
                world.customer("rings")
                call = await dialer.dial(attempt(world))
                assert (await course(call))[-1].reason == "no-answer"
                await silence(world)
                await dialer.close()

            run(test())

    def test_one_call_after_the_other(self) -> None:
        async def test(world: PhoneWorld, dialer: Dialer) -> None:
            must_tell(dialer)
            manners: tuple[Manner, ...] = ("busy", "answers and hangs up", "busy")
            for number, manner in enumerate(manners):
                world.customer(manner)
                steps = await course(await dialer.dial(attempt(world, f"call-{number}")))
                assert steps[-1].reason == ("busy" if manner == "busy" else "reached")
            assert world.rang() == 3

        self._with_opened(test)

    # --- never twice --------------------------------------------------------------------------------------

    def test_the_same_reference_never_rings_twice(self) -> None:
        async def test(world: PhoneWorld, dialer: Dialer) -> None:
            world.customer("answers and hangs up")
            calls = await asyncio.gather(*(dialer.dial(attempt(world)) for _ in range(5)))
            if dialer.tells:
                for call in calls:
                    assert (await course(call))[-1].reason == "reached"
            again = await dialer.dial(attempt(world))
            assert again.latest == calls[0].latest
            await until_true(lambda: world.rang() > 0)
            assert world.rang() == 1

        self._with_opened(test)

    def test_a_reference_is_for_one_number(self) -> None:
        async def test(world: PhoneWorld, dialer: Dialer) -> None:
            world.customer("busy")
            await dialer.dial(attempt(world))
            with raises(Permanent, "that reference was for another number"):
                await dialer.dial(Attempt(reference=attempt(world).reference, number="+4930123456"))

        self._with_opened(test)

    def test_what_is_not_there_dials_nothing_and_may_be_tried_again(self) -> None:
        async def test(world: PhoneWorld, dialer: Dialer) -> None:
            must_tell(dialer)
            world.customer("busy")
            await asyncio.to_thread(world.interrupt)
            with raises(Temporary, "there is nothing to dial with") as caught:
                await dialer.dial(attempt(world))
            assert str(caught.error), "it says why"
            assert world.rang() == 0
            await asyncio.to_thread(world.restore)
            assert (await course(await dialer.dial(attempt(world))))[-1].reason == "busy"
            assert world.rang() == 1

        self._with_opened(test)

    def test_what_dies_while_it_rings_is_uncertain_and_not_dialled_again(self) -> None:
        async def test(world: PhoneWorld, dialer: Dialer) -> None:
            must_tell(dialer)
            world.customer("rings")
            call = await dialer.dial(attempt(world))
            await until(call, "ringing")
            await asyncio.to_thread(world.interrupt)
            with raises(Uncertain, "nobody knows whether they were reached") as caught:
                await course(call)
            assert str(caught.error), "it says why"
            await asyncio.to_thread(world.restore)
            with raises(Uncertain, "it stays uncertain"):
                await dialer.dial(attempt(world))
            assert world.rang() == 1
            await call.hang_up()

        self._with_opened(test)

    def test_what_dies_after_they_answered_has_reached_them(self) -> None:
        async def test(world: PhoneWorld, dialer: Dialer) -> None:
            must_tell(dialer)
            world.customer("answers")
            call = await dialer.dial(attempt(world))
            await until(call, "answered")
            await asyncio.to_thread(world.interrupt)
            last = (await course(call))[-1]
            assert (last.reason, bool(last.words)) == ("reached", True)
            await asyncio.to_thread(world.restore)

        self._with_opened(test)

    def test_a_break_before_the_last_word_is_never_dialled_again(self) -> None:
        for when, times in (("before", 0), ("after", 1)):

            async def test(world: PhoneWorld, dialer: Dialer, when: Any = when, times: int = times) -> None:
                world.customer("busy")
                world.break_dialling(when)
                outcome: Reason | SendError | None
                try:
                    outcome = (await course(await dialer.dial(attempt(world))))[-1].reason
                except SendError as error:
                    outcome = error
                if times:
                    assert outcome == "busy" or isinstance(outcome, Uncertain), "it did ring"
                else:
                    assert isinstance(outcome, SendError) or outcome == "failed", "it did not ring"
                assert world.rang() == times
                if isinstance(outcome, Uncertain):
                    with raises(Uncertain, "nobody said whether it rang"):
                        await dialer.dial(attempt(world))
                    assert world.rang() == times

            self._with_opened(test)

    def test_what_was_never_dialled_is_not_claimed_to_be(self) -> None:
        async def test(world: PhoneWorld, dialer: Dialer) -> None:
            assert await dialer.became_of(attempt(world, "never")) is None
            await asyncio.to_thread(world.interrupt)
            assert await dialer.became_of(attempt(world, "never")) is None, "nobody there to tell"
            await asyncio.to_thread(world.restore)

        self._with_opened(test)

    def test_another_dialer_sees_the_call_under_way(self) -> None:
        async def test(world: PhoneWorld, dialer: Dialer) -> None:
            must_tell(dialer)
            world.customer("rings")
            call = await dialer.dial(attempt(world))
            await until(call, "ringing")
            found = await dialer.became_of(attempt(world))
            assert found is not None
            assert found.state == "ringing"
            await call.hang_up()
            await course(call)

        self._with_opened(test)

    def test_it_lets_go_at_once(self) -> None:
        async def test(world: PhoneWorld, dialer: Dialer) -> None:
            before = asyncio.all_tasks()
            world.customer("rings")
            call = await dialer.dial(attempt(world))
            if dialer.tells:
                await until(call, "ringing")
            began = time.monotonic()
            await dialer.close()
            assert time.monotonic() - began < PROMPT, "closing took too long"
            assert asyncio.all_tasks() <= before, "tasks were left behind"
            with raises(Uncertain, "the call may go on"):
                await course(call)

        self._with_opened(test)

    # --- secrets and checks -------------------------------------------------------------------------------

    def test_without_the_right_secret_nothing_is_dialled(self) -> None:
        async def test(world: PhoneWorld, _: Dialer) -> None:
            if not world.factory.needs_secret:
                raise unittest.SkipTest("this dialer has no secrets")
            for secret in ("not the secret", None):
                dialer = world.factory.open(world.account, lambda secret=secret: secret)  # type: ignore[misc]
                with raises(Permanent, "it is not let in") as caught:
                    await dialer.dial(attempt(world))
                checks = await dialer.check()
                assert any(check.status == "failed" and check.hint for check in checks)
                said = " ".join([str(caught.error), *(f"{check.message} {check.hint}" for check in checks)])
                assert secret is None or secret not in said, "secrets are not repeated"
                await dialer.close()
            assert world.rang() == 0

        self._with_opened(test)

    def test_a_check_says_what_works_and_what_does_not(self) -> None:
        async def test(world: PhoneWorld, dialer: Dialer) -> None:
            checks = await dialer.check()
            assert checks
            assert {check.status for check in checks} == {"ok"}, f"{checks}"
            await asyncio.to_thread(world.interrupt)
            checks = await dialer.check()
            assert any(check.status == "failed" and check.message and check.hint for check in checks), f"{checks}"
            await asyncio.to_thread(world.restore)
            assert {check.status for check in await dialer.check()} == {"ok"}
            assert world.rang() == 0, "a check calls nobody"

        self._with_opened(test)
