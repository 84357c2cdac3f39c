"""What all dialers have in common: steps in order, each once, for everybody, in harmless words."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.base import Account, Permanent, SendError, Temporary, Uncertain
from connectors.dialing import numbers, reasons
from connectors.dialing.base import Attempt, CallState, Progress
from connectors.dialing.live import Dialing, LiveCall
from connectors.dialing.trial import course
from desk.clock import ManualClock

ATTEMPT = Attempt(reference="callback-1-1", number="+491701234567")
STATES: tuple[CallState, ...] = ("dialling", "ringing", "answered")


class Puppet(Dialing):
    """Does what it is told, and counts."""

    def __init__(self, outcome: BaseException | None = None) -> None:
        super().__init__(Account(name="puppet"), ManualClock())
        self.outcome = outcome
        self.placed = 0
        self.hung_up = 0

    async def place(self, call: LiveCall) -> None:
        self.placed += 1
        await asyncio.sleep(0)
        if self.outcome is not None:
            raise self.outcome
        call.tell("dialling")

    async def hang_up(self, call: LiveCall) -> None:
        self.hung_up += 1


@given(st.lists(st.sampled_from(STATES), max_size=12))
def test_whatever_is_told_steps_only_go_on(told: list[CallState]) -> None:
    async def test() -> None:
        call = LiveCall(Puppet(), ATTEMPT, ManualClock())
        for state in told:
            call.tell(state)
        call.end("busy")
        call.tell("answered")
        call.end("failed")
        steps = await course(call)
        order = [(*STATES, "ended").index(step.state) for step in steps]
        assert order == sorted(set(order))
        assert steps[-1].reason == ("reached" if "answered" in told else "busy")

    asyncio.run(test())


@given(st.text())
def test_words_from_outside_are_one_harmless_line(words: str) -> None:
    async def test() -> None:
        call = LiveCall(Puppet(), ATTEMPT, ManualClock())
        call.tell("dialling", words)
        call.end("failed", words)
        for step in await course(call):
            assert "\x1b" not in step.words
            assert "\n" not in step.words
            assert len(step.words) <= 300

    asyncio.run(test())


async def test_those_who_come_late_are_told_everything() -> None:
    call = LiveCall(Puppet(), ATTEMPT, ManualClock())
    early = asyncio.ensure_future(course(call))
    for state in STATES:
        call.tell(state)
        await asyncio.sleep(0)
    call.end("failed", "the other side hung up")
    assert await early == await course(call)
    assert [step.state for step in await early] == [*STATES, "ended"]


async def test_one_call_for_one_reference_even_at_once() -> None:
    dialer = Puppet()
    calls = await asyncio.gather(*(dialer.dial(ATTEMPT) for _ in range(20)))
    assert len({id(call) for call in calls}) == 1
    assert dialer.placed == 1


@pytest.mark.parametrize(("outcome", "times"), [(Temporary("busy line"), 2), (Permanent("no line"), 2)])
async def test_what_was_certainly_not_dialled_may_be_tried_again(outcome: SendError, times: int) -> None:
    dialer = Puppet(outcome)
    for _ in range(times):
        with pytest.raises(type(outcome)):
            await dialer.dial(ATTEMPT)
    assert dialer.placed == times


@pytest.mark.parametrize("outcome", [Uncertain("who knows"), RuntimeError("a bug"), KeyError("x")])
async def test_anything_else_is_uncertain_and_never_tried_again(outcome: Exception) -> None:
    dialer = Puppet(outcome)
    for _ in range(3):
        with pytest.raises(Uncertain):
            await dialer.dial(ATTEMPT)
    assert dialer.placed == 1


async def test_dialling_that_was_cancelled_is_uncertain() -> None:
    dialer = Puppet()
    dialling = asyncio.ensure_future(dialer.dial(ATTEMPT))
    await asyncio.sleep(0)
    dialling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dialling
    with pytest.raises(Uncertain):
        await dialer.dial(ATTEMPT)
    assert dialer.placed == 1


async def test_those_who_joined_a_failing_call_hear_of_it() -> None:
    dialer = Puppet(Temporary("no line"))
    first = asyncio.ensure_future(dialer.dial(ATTEMPT))
    await asyncio.sleep(0)
    joined = await dialer.dial(ATTEMPT)
    with pytest.raises(Temporary):
        await first
    with pytest.raises(Temporary):
        await course(joined)


async def test_a_lost_call_was_reached_if_it_was_answered() -> None:
    unanswered = LiveCall(Puppet(), ATTEMPT, ManualClock())
    unanswered.tell("ringing")
    unanswered.lose("gone")
    with pytest.raises(Uncertain, match="gone"):
        await course(unanswered)
    answered = LiveCall(Puppet(), ATTEMPT, ManualClock())
    answered.tell("answered")
    answered.lose("gone")
    assert (await course(answered))[-1] == Progress(
        state="ended", at=answered.latest.at, reason="reached", words="gone"
    )


async def test_a_call_whose_follower_dies_is_lost_and_not_waited_for() -> None:
    dialer = Puppet()
    call = await dialer.dial(ATTEMPT)

    async def die() -> None:
        raise KeyError("sid")

    dialer.spawn(die(), call)
    with pytest.raises(Uncertain, match="following the call failed"):
        await course(call)
    await dialer.close()


async def test_who_hangs_up_too_early_is_heard() -> None:
    dialer = Puppet()
    dialling = asyncio.ensure_future(dialer.dial(ATTEMPT))
    await asyncio.sleep(0)
    early = await dialer.dial(ATTEMPT)
    await early.hang_up()
    before = dialer.hung_up
    await dialling
    await asyncio.sleep(0)
    assert dialer.hung_up == before + 1
    await dialer.close()


async def test_what_rang_has_not_failed() -> None:
    call = LiveCall(Puppet(), ATTEMPT, ManualClock())
    call.tell("ringing")
    call.end("failed", "488 Not Acceptable Here")
    assert call.latest.reason == "no-answer"


async def test_who_hung_up_is_told_apart() -> None:
    ours = LiveCall(Puppet(), ATTEMPT, ManualClock())
    await ours.hang_up()
    ours.end("failed", "normal clearing")
    assert ours.latest.reason == "cancelled"
    theirs = LiveCall(Puppet(), ATTEMPT, ManualClock())
    await theirs.hang_up()
    theirs.end("busy")
    assert theirs.latest.reason == "busy", "what the network says of their phone is so, whoever hung up"


@pytest.mark.parametrize("number", ["+491701234567", "+15551234567", "+6561234567", "+999999999999999"])
def test_international_numbers(number: str) -> None:
    assert numbers.is_e164(number)
    assert numbers.tel_uri(number) == f"tel:{number}"
    assert numbers.sip_uri(number, "sip.example.com") == f"sip:{number}@sip.example.com;user=phone"


@given(st.text(alphabet=st.characters(), max_size=20))
def test_nothing_but_ascii_digits_gets_through(text: str) -> None:
    if numbers.is_e164(text):
        assert text.isascii()
        assert text[1:].isdigit()
        assert text[0] == "+"


@pytest.mark.parametrize(
    ("template", "good"),
    [
        ("sip:{number}@sip.example.com", True),
        ("sips:{number}@[2001:db8::1]:5061;transport=tls", True),
        ("sip:{number}@127.0.0.1:5060;transport=tcp;user=phone", True),
        ("{number}", False),
        ("sip:{number}@", False),
        ("sip:{number}@a b", False),
        ("sip:{number}@a\nquit", False),
        ("sip:{number}{number}@a", False),
        ("sip:customer@a", False),
    ],
)
def test_sip_templates(template: str, good: bool) -> None:
    assert numbers.is_sip_template(template) is good


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, "wrong-number"),
        (484, "wrong-number"),
        (604, "wrong-number"),
        (480, "unreachable"),
        (408, "unreachable"),
        (503, "unreachable"),
        (486, "busy"),
        (600, "busy"),
        (603, "no-answer"),
        (403, "failed"),
        (488, "failed"),
    ],
)
def test_sip_responses(status: int, reason: str) -> None:
    assert reasons.of_sip(status) == reason


@pytest.mark.parametrize(
    ("cause", "reason"), [(1, "wrong-number"), (17, "busy"), (19, "no-answer"), (20, "unreachable")]
)
def test_causes(cause: int, reason: str) -> None:
    assert reasons.of_q850(cause) == reason


def test_normal_clearing_says_nothing_of_their_phone() -> None:
    assert reasons.of_q850(16) is None
