"""Where conversations belong, as learned from those before: what there is to learn from, and what is done with it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from msgspec.structs import replace

from desk.clock import Clock
from desk.learning.model import Example, Lesson, Model
from desk.model import Guess
from desk.rules.planning import plan
from desk.service import inbox, planned
from desk.steps import SetQueue, Step, Tag
from desk.store.base import Arrival, Store

log = logging.getLogger(__name__)

WHO = "learning"
EXAMPLES_AT_MOST = 20_000
"""The newest: what was long ago was perhaps sorted otherwise."""
LEAST = 0.2
"""How likely a guess has to be to be told."""


def lesson(store: Store, clock: Clock, asked: float) -> Lesson:
    """What reps have sorted. What Desk sorted itself by what it learned is not learned from again."""
    found = store.routing.sorted(EXAMPLES_AT_MOST, apart_from=WHO)
    return Lesson(
        at=clock.now(),
        asked=asked,
        examples=[Example(subject=each.subject, body=each.body, queue=each.queue, tags=each.tags) for each in found],
    )


def classify(
    store: Store, clock: Clock, model: Model, arrivals: Sequence[Arrival], *, queues: bool, tags: bool
) -> None:
    """Put new conversations where they belong if that is sure enough, inside the caller's transaction.

    A queue that an account or a rule chose stays.
    """
    for arrival in arrivals:
        if arrival.first and arrival.kind == "message":
            try:
                with store.write():
                    _classify(store, clock, model, arrival, queues=queues, tags=tags)
            except Exception:
                log.exception("conversation %d could not be classified", arrival.conversation_id)


def _classify(store: Store, clock: Clock, model: Model, arrival: Arrival, *, queues: bool, tags: bool) -> None:
    conversation = inbox.get(store, arrival.conversation_id)
    if conversation.state in ("spam", "merged"):
        return
    subject, body = _text(store, conversation.id, conversation.subject, arrival.message_id)
    wanted = {"queue": queues and conversation.queue_id is None, "tag": tags}
    sure = [each for each in model.guesses(subject, body, least=LEAST) if wanted[each.kind] and model.counts(each)]
    todo: list[Step] = [SetQueue(each.name) if each.kind == "queue" else Tag(add=(each.name,)) for each in sure]
    made = plan(conversation, todo, {}, clock.now())
    because = "; ".join(in_words(model.explained(each, subject, body)) for each in sure)
    if planned.carry_out(store, clock, made, who=WHO, because=because):
        store.routing.note(WHO, conversation.id, clock.now())


def in_words(guess: Guess) -> str:
    """Such as `queue Returns 93 % (refund, broken)`."""
    why = f" ({', '.join(guess.because)})" if guess.because else ""
    return f"{guess.kind} {guess.name} {guess.sure:.0%}{why}".replace("%", " %")


def guesses(store: Store, model: Model, conversation_id: int) -> list[Guess]:
    """What a conversation may want, the likeliest first, and why; also what it has already."""
    conversation = inbox.get(store, conversation_id)
    first = store.messages.of_conversation(conversation_id, after=0, limit=1)
    subject, body = _text(store, conversation_id, conversation.subject, first[0].id if first else 0)
    found = [model.explained(each, subject, body) for each in model.guesses(subject, body, least=LEAST)]
    return [replace(each, counts=model.counts(each)) for each in found]


def _text(store: Store, conversation_id: int, subject: str, message_id: int) -> tuple[str, str]:
    message = store.messages.get(message_id)
    return subject, message.body[:2_000] if message else ""
